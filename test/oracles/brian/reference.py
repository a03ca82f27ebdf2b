"""Neuron and synapse models in Brian 2, in the units of the chip (pF, uS, mV, nA, us taken as bare numbers of ms, mV, ...).

Prints one JSON object: for each case its parameters and the spike times or samples that Brian 2 gives. Times are us of
hardware (written as ms, in which Brian 2 counts as well), potentials mV. Everything is integrated by a method of order four
or exactly with a step of 0.02 us.

usage: python3 reference.py > ../../golden/brian.json      (Debian: apt-get install python3-brian)
"""
import json

import brian2 as b2
from brian2 import ms, mV

b2.prefs.codegen.target = "numpy"
STEP = 0.02
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
dv/dt = ((el - v) + drive * s * factor) / tau_m : 1 (unless refractory)
ds/dt = -s / tau_s : 1
factor = {factor} : 1
"""


def run_input(name, factor, p, duration=200):
    """Leaky neuron with one exponential input; conductance-based where the factor depends on v."""
    b2.start_scope()
    b2.defaultclock.dt = STEP * ms
    space = {**{k: v for k, v in p.items()}, "tau_m": p["tau_m"] * ms, "tau_s": p["tau_s"] * ms}
    group = b2.NeuronGroup(
        1,
        LIF.format(factor=factor),
        threshold="v >= v_th",
        reset="v = v_r",
        refractory=p["t_ref"] * ms,
        method="rk4",
        namespace=space,
    )
    group.v = p["el"]
    source = b2.SpikeGeneratorGroup(1, [0] * len(TRAIN), TRAIN * ms)
    synapse = b2.Synapses(source, group, on_pre="s += weight", namespace=space)
    synapse.connect()
    spikes = b2.SpikeMonitor(group)
    state = b2.StateMonitor(group, ["v"], record=0, dt=SAMPLE * ms)
    b2.Network(group, source, synapse, spikes, state).run(duration * ms)
    return {
        "name": name,
        "parameters": p,
        "train": TRAIN,
        "spikes": [round(float(t / ms), 4) for t in spikes.t],
        "sample": SAMPLE,
        "v": [round(float(v), 4) for v in state.v[0]],
    }


UNITS = [b2.pF, b2.nS, mV, mV, mV, b2.nS, ms, b2.pA, mV, b2.pA]


def run_adex(pattern, values, duration=75):
    """Adaptive exponential neuron of a published pattern (biological units: pF, nS, mV, ms, pA)."""
    b2.start_scope()
    # Smaller, lest the upswing run away within a step.
    b2.defaultclock.dt = 0.002 * ms
    space = dict(
        zip(
            ["C", "gl", "el", "vt", "slope", "a", "tau_w", "b", "vr", "I"],
            [x * unit for x, unit in zip(values, UNITS)],
        )
    )
    group = b2.NeuronGroup(
        1,
        """dv/dt = (gl * (el - v) + gl * slope * exp((v - vt) / slope) - w + I) / C : volt
           dw/dt = (a * (v - el) - w) / tau_w : amp""",
        threshold="v > -30*mV",
        reset="v = vr; w += b",
        method="rk4",
        namespace=space,
    )
    group.v = values[2] * mV
    spikes = b2.SpikeMonitor(group)
    b2.Network(group, spikes).run(duration * ms)
    return {"pattern": pattern, "params": values, "duration": duration,
            "spikes": [round(float(t / ms), 4) for t in spikes.t]}


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




def point(leak_code, tau_code, **more):
    """Operating point of the chip's tests from its codes, by the laws of the analog core (2.4 pF, small line capacitance)."""
    g = 2.53e-3 * leak_code
    return dict(el=420.125, v_th=622.625, v_r=375.625, t_ref=1.984, weight=1.0, tau_m=2.4 / g,
                tau_s=503 / tau_code, drive=40 / g, leak_code=leak_code, tau_code=tau_code, **more)


CASES = {
    "brian": b2.__version__,
    "current": [run_input("current", "1", point(95, 50)), run_input("short", "1", point(190, 250))],
    "conductance": [
        run_input("conductance", "(e_rev - v) / (e_rev - el)", point(95, 50, e_rev=993.75)),
    ],
    "adex": [
        run_adex("tonic", [200, 10, -70, -50, 2, 2, 30, 0, -58, 500]),
        run_adex("adaptation", [200, 12, -70, -50, 2, 2, 300, 60, -58, 500]),
    ],
    "tsodyks_markram": [run_tsodyks_markram(0.2, 16.0), run_tsodyks_markram(0.5, 64.0)],
}
print(json.dumps(CASES))
