"""The network of bench/load.ts in Brian 2: 512 leaky neurons, 256 inputs, all to all, with or without plasticity traces.

Biological time: 1 ms here is 1 us of the chip; the step of 0.1 ms is the chip's 0.1 us. Weights and input spikes come from
files; several loads follow each other, each from rest and over `length` steps, so that one program has to be built. Brian's own
settings stay as they are (compiler options, double precision), but that only two compilers run at once.

usage: python3 brian.py SETTINGS.json      then `run [FILE]` or `quit` on lines of standard input

Answers are lines of JSON. First {"compile": s}, when everything is built; then for each run {"loads": [{"processor": s, "wall":
s, "spikes": n}, ..], "causal": mean, "acausal": mean}. Times are those of the loop over steps alone: building, set-up and
results on disk are not in them. The sums are those of all loads. With FILE the spikes go there: 32-bit indices of neurons, then
32-bit numbers of steps since the first load began.

sources: "given", the spikes of the files, or "poisson", drawn within the run.
traces: "none"; "synapse": two traces per synapse, integrated at events, as in Brian's manual; "group": the same window by
traces of neurons and inputs, the leanest form found.
"""
import json
import sys
import tempfile
import time

import brian2 as b2
import numpy as np
from brian2 import ms

settings = json.load(open(sys.argv[1]))
p = settings["parameters"]
STEP = 0.1
compiled = settings["target"] == "cpp_standalone"
if compiled:
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.prefs.devices.cpp_standalone.extra_make_args_unix = ["-j2"]
else:
    b2.prefs.codegen.target = "numpy"
b2.seed(1)
b2.defaultclock.dt = STEP * ms

neurons = b2.NeuronGroup(
    512,
    """dv/dt = -v / tau_m + drive * s : 1 (unless refractory)
       ds/dt = -s / tau_syn : 1"""
    + ("\ndx/dt = -x / tau : 1\nlast : second" if settings["traces"] == "group" else ""),
    threshold="v >= threshold",
    reset="v = reset_v + reset_per_event * s"
    + ("\nx = 1\nlast = t" if settings["traces"] == "group" else ""),
    refractory=p["refractory"] * ms,
    method="exact",
    namespace={
        "tau_m": p["tauM"] * ms,
        "tau_syn": p["tauSyn"] * ms,
        "drive": p["drive"] / ms,
        "threshold": p["threshold"],
        "reset_v": p["reset"],
        "reset_per_event": p["resetPerEvent"],
        "tau": p["sensorTau"] * ms,
    },
)
LENGTH = settings["length"]
LOADS = settings["loads"]
rows = [np.fromfile(load["rows"], dtype=np.int32) for load in LOADS]
steps = [np.fromfile(load["steps"], dtype=np.int32) for load in LOADS]
# Synapses are in the order of inputs, then of neurons; the files in that of hemispheres, inputs, columns.
weights = [
    np.fromfile(load["weights"], dtype=np.uint8).reshape(2, 256, 256).transpose(1, 0, 2).ravel() / 63 for load in LOADS
]
if settings["sources"] == "given":
    within = [s < LENGTH for s in steps]
    source = b2.SpikeGeneratorGroup(
        256,
        np.concatenate([r[w] for r, w in zip(rows, within)]),
        np.concatenate([s[w] + k * LENGTH for k, (s, w) in enumerate(zip(steps, within))]) * STEP * ms,
        sorted=True,
    )
else:
    source = b2.PoissonGroup(256, rates=np.zeros(256) * b2.Hz)
groups = [neurons, source]
constants = {"A": p["sensorAmplitude"], "tau": p["sensorTau"] * ms}
if settings["traces"] == "synapse":
    # A pulse reads and consumes the other side's waiting trace and starts one of its own.
    synapses = b2.Synapses(
        source,
        neurons,
        """w : 1
           causal : 1
           acausal : 1
           dpre/dt = -pre / tau : 1 (event-driven)
           dpost/dt = -post / tau : 1 (event-driven)""",
        on_pre="""s_post += w
                  pre = 1
                  acausal += A * post
                  post = 0""",
        on_post="""post = 1
                   causal += A * pre
                   pre = 0""",
        namespace=constants,
    )
elif settings["traces"] == "group":
    # Inputs repeat the generator's spikes one step later, so that they can carry a trace. A trace waits at a synapse if its
    # side has pulsed later than the other; groups are updated after the synapses, so `last` is the pulse before.
    relay = b2.NeuronGroup(
        256,
        "dx/dt = -x / tau : 1\nlast : second\nfires : 1",
        threshold="fires > 0",
        reset="fires -= 1\nx = 1\nlast = t",
        method="exact",
        namespace=constants,
    )
    wires = b2.Synapses(source, relay, on_pre="fires_post += 1")
    wires.connect(j="i")
    synapses = b2.Synapses(
        relay,
        neurons,
        """w : 1
           causal : 1
           acausal : 1""",
        on_pre="""s_post += w
                  acausal += A * x_post * int(last_post > last_pre)""",
        on_post="causal += A * x_pre * int(last_pre > last_post)",
        namespace=constants,
    )
    groups += [relay, wires]
else:
    synapses = b2.Synapses(source, neurons, "w : 1", on_pre="s_post += w")
synapses.connect()
spikes = b2.SpikeMonitor(neurons)
network = b2.Network(*groups, synapses, spikes)


def prepare(k):
    """Weights of a load, and rest."""
    synapses.w = weights[k]
    neurons.v = 0
    neurons.s = 0
    if settings["sources"] == "poisson":
        # kHz of the hardware are Hz of biology.
        source.rates = np.full(256, LOADS[k]["rate"]) * b2.Hz


def tell(**answer):
    print(json.dumps(answer), flush=True)


def finish(command, costs):
    index = np.asarray(spikes.i[:], dtype=np.int32)
    number = np.round(np.asarray(spikes.t[:] / ms) / STEP).astype(np.int32)
    if len(command) > 1:
        np.concatenate([index, number]).tofile(command[1])
    counts = np.bincount(number // LENGTH, minlength=len(LOADS))
    loads = [{"processor": p, "wall": w, "spikes": int(n)} for (p, w), n in zip(costs, counts)]
    sums = {} if settings["traces"] == "none" else {
        name: float(np.mean(getattr(synapses, name)[:])) for name in ["causal", "acausal"]
    }
    tell(loads=loads, **sums)


def commands():
    for line in sys.stdin:
        if line.split()[0] == "quit":
            return
        yield line.split()


def serve_compiled():
    device = b2.device
    b2.prefs.codegen.cpp.headers += ["<chrono>", "<ctime>", "<fstream>", "<iomanip>"]
    clock = "(double)std::clock() / CLOCKS_PER_SEC"
    wall = "std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count()"
    for k in range(len(LOADS)):
        prepare(k)
        device.insert_code("main", f"double _p{k} = {clock}, _w{k} = {wall};")
        network.run(LENGTH * STEP * ms)
        device.insert_code("main", f"_p{k} = {clock} - _p{k}; _w{k} = {wall} - _w{k};")
    values = ' << " " << '.join(f'_p{k} << " " << _w{k}' for k in range(len(LOADS)))
    device.insert_code("main", f'std::ofstream("costs.txt") << std::setprecision(12) << {values};')
    folder = tempfile.mkdtemp(dir=settings["folder"])
    began = time.perf_counter()
    device.build(directory=folder, compile=True, run=False, debug=False)
    tell(compile=time.perf_counter() - began)
    for command in commands():
        device.run(folder, with_output=False, run_args=[])
        costs = np.loadtxt(folder + "/costs.txt").reshape(-1, 2).tolist()
        finish(command, costs)


def serve_numpy():
    network.store()
    tell(compile=0)
    for command in commands():
        network.restore()
        costs = []
        for k in range(len(LOADS)):
            prepare(k)
            # Called before the first and after the last step.
            marks = []
            mark = lambda *_: marks.append((time.process_time(), time.perf_counter()))
            network.run(LENGTH * STEP * ms, report=mark, report_period=1e9 * b2.second)
            costs.append([b - a for a, b in zip(marks[0], marks[-1])])
        finish(command, costs)


serve_compiled() if compiled else serve_numpy()
