"""Neuron and synapse models in Brian 2, in the units of the chip (pF, uS, mV, nA, us taken as bare numbers of ms, mV, ...).

Prints one JSON object: for each case its parameters and the spike times or samples that Brian 2 gives. Times are us of
hardware (written as ms, in which Brian 2 counts as well), potentials mV. Everything is integrated by a method of order four
or exactly; inputs and resets with a step of 0.004 us, which is the clock of the chip's digital side.

usage: python3 reference.py > ../../golden/brian.json      (Debian: apt-get install python3-brian)
"""
import json

import brian2 as b2
from brian2 import ms, mV

b2.prefs.codegen.target = "numpy"
STEP = 0.004
SAMPLE = 0.5


def spikes_in():
    """Input times (us): a fixed irregular train."""
    times, at, state = [], 5.0, 12345
    while at < 190:
        times.append(round(at * 50) / 50)
        state = (1103515245 * state + 12345) % 2**31
        at += 0.4 + 6.0 * (state / 2**31) ** 2
    return times


TRAIN = spikes_in()

LIF = """
dv/dt = ((el - v) + drive * (s * factor - r * opposite)) / tau_m : 1 (unless refractory)
ds/dt = -s / tau_s : 1
dr/dt = -r / tau_i : 1
factor = 1 + conducts * ((e_rev - v) / (e_rev - el) - 1) : 1
opposite = 1 + conducts_too * ((i_rev - v) / (i_rev - el) - 1) : 1
tau_m : second
tau_s : second
tau_i : second
drive : 1
inhibition : 1
conducts : 1
conducts_too : 1
e_rev : 1
i_rev : 1
"""


def run_inputs(points, duration=200):
    """Leaky neurons with an exciting and an inhibiting exponential input; conductance-based where a reversal is given."""
    b2.start_scope()
    b2.defaultclock.dt = STEP * ms
    space = {name: points[0][1][name] for name in ["el", "v_th", "v_r"]}
    group = b2.NeuronGroup(
        len(points),
        LIF,
        threshold="v >= v_th",
        reset="v = v_r",
        refractory=points[0][1]["t_ref"] * ms,
        method="rk4",
        namespace=space,
    )
    for name in ["tau_m", "tau_s", "tau_i"]:
        setattr(group, name, [p[name] for _, p in points] * ms)
    for name in ["drive", "inhibition"]:
        setattr(group, name, [p[name] for _, p in points])
    for name, switch, far in [("e_rev", "conducts", 1e6), ("i_rev", "conducts_too", -1e6)]:
        setattr(group, name, [p.get(name, far) for _, p in points])
        setattr(group, switch, [float(name in p) for _, p in points])
    group.v = points[0][1]["el"]
    source = b2.SpikeGeneratorGroup(1, [0] * len(TRAIN), TRAIN * ms)
    synapse = b2.Synapses(source, group, on_pre="s_post += 1; r_post += inhibition_post")
    synapse.connect()
    spikes = b2.SpikeMonitor(group)
    state = b2.StateMonitor(group, ["v"], record=True, dt=SAMPLE * ms)
    b2.Network(group, source, synapse, spikes, state).run(duration * ms)
    trains = spikes.spike_trains()
    return [
        {
            "name": name,
            "parameters": p,
            "train": TRAIN,
            "spikes": [round(float(t / ms), 4) for t in trains[k]],
            "sample": SAMPLE,
            "v": [round(float(v), 4) for v in state.v[k]],
        }
        for k, (name, p) in enumerate(points)
    ]


UNITS = [b2.pF, b2.nS, mV, mV, mV, b2.nS, ms, b2.pA, mV, b2.pA]


PATTERNS = {
    "tonic": [200, 10, -70, -50, 2, 2, 30, 0, -58, 500],
    "adaptation": [200, 12, -70, -50, 2, 2, 300, 60, -58, 500],
    "initial burst": [130, 18, -58, -50, 2, 4, 150, 120, -50, 400],
    "regular bursting": [200, 10, -58, -50, 2, 2, 120, 100, -46, 210],
    "delayed accelerating": [200, 12, -70, -50, 2, -10, 300, 0, -58, 300],
    "delayed regular bursting": [100, 10, -65, -50, 2, -10, 90, 30, -47, 110],
    "transient": [100, 10, -65, -50, 2, 10, 90, 100, -47, 180],
    "irregular": [100, 12, -60, -50, 2, -11, 130, 30, -48, 160],
}


def run_adex(duration=200):
    """Adaptive exponential neurons of the published patterns (biological units: pF, nS, mV, ms, pA)."""
    b2.start_scope()
    # Smaller, lest the upswing run away within a step.
    b2.defaultclock.dt = 0.002 * ms
    group = b2.NeuronGroup(
        len(PATTERNS),
        """dv/dt = (gl * (el - v) + gl * slope * exp((v - vt) / slope) - w + I) / C : volt
           dw/dt = (a * (v - el) - w) / tau_w : amp
           C : farad
           gl : siemens
           el : volt
           vt : volt
           slope : volt
           a : siemens
           tau_w : second
           b : amp
           vr : volt
           I : amp""",
        threshold="v > -30*mV",
        reset="v = vr; w += b",
        method="rk4",
    )
    names = ["C", "gl", "el", "vt", "slope", "a", "tau_w", "b", "vr", "I"]
    for column, (name, unit) in enumerate(zip(names, UNITS)):
        setattr(group, name, [values[column] for values in PATTERNS.values()] * unit)
    group.v = group.el
    spikes = b2.SpikeMonitor(group)
    b2.Network(group, spikes).run(duration * ms)
    trains = spikes.spike_trains()
    return [
        {"pattern": name, "params": values, "duration": duration,
         "spikes": [round(float(t / ms), 4) for t in trains[k]]}
        for k, (name, values) in enumerate(PATTERNS.items())
    ]


def run_tsodyks_markram(u, tau_rec):
    """Resources just after each event of the train: R <- R - U R at an event, recovery to 1 with tau_rec."""
    b2.start_scope()
    b2.defaultclock.dt = STEP * ms
    group = b2.NeuronGroup(1, "s : 1")
    source = b2.SpikeGeneratorGroup(1, [0] * len(TRAIN), TRAIN * ms)
    space = {"U": u, "tau_rec": tau_rec * ms}
    synapse = b2.Synapses(
        source,
        group,
        "dR/dt = (1 - R) / tau_rec : 1 (event-driven)",
        on_pre="R -= U * R",
        namespace=space,
    )
    synapse.connect()
    synapse.R = 1
    state = b2.StateMonitor(synapse, ["R"], record=0)
    b2.Network(group, source, synapse, state).run(200 * ms)
    after = []
    for t in TRAIN:
        after.append(round(float(state.R[0][int(round(t / STEP)) + 1]), 6))
    return {"U": u, "tau_rec": tau_rec, "train": TRAIN, "after": after}


def point(leak_code, tau_code, inhibitory_weight=0, **more):
    """Operating point of the chip's tests from its codes, by the laws of the analog core (2.4 pF, small line capacitances)."""
    g = 2.53e-3 * leak_code
    return dict(el=420.125, v_th=622.625, v_r=375.625, t_ref=1.984, inhibition=inhibitory_weight / 63,
                tau_m=2.4 / g, tau_s=503 / tau_code, tau_i=470 / 47, drive=40 / g, leak_code=leak_code,
                tau_code=tau_code, inhibitory_weight=inhibitory_weight, **more)


INPUTS = run_inputs([
    ("current", point(95, 50)),
    ("short", point(60, 100)),
    ("inhibited", point(95, 50, 12)),
    ("conductance", point(95, 50, e_rev=993.75)),
    ("both conductances", point(95, 50, 6, e_rev=993.75, i_rev=300.0)),
])

CASES = {
    "brian": b2.__version__,
    "current": INPUTS[:3],
    "conductance": INPUTS[3:],
    "adex": run_adex(),
    "tsodyks_markram": [run_tsodyks_markram(0.2, 16.0), run_tsodyks_markram(0.5, 64.0)],
}
print(json.dumps(CASES))
