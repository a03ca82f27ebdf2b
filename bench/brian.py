"""The network of bench/chip.ts in Brian 2: 512 leaky neurons, 256 Poisson inputs, all to all, with or without plasticity traces.

Biological time: 1 ms here is 1 us of the chip; the step of 0.1 ms is the chip's 0.1 us. Prints one JSON object: processor
seconds per biological second and spikes per neuron and second.

usage: python3 brian.py numpy|cpp_standalone RATE_HZ MEAN_WEIGHT SECONDS [traces]
"""
import json
import sys
import tempfile
import time

import brian2 as b2
from brian2 import Hz, ms, second

target, rate, weight, seconds, *rest = sys.argv[1:]
traces = rest == ["traces"]
if target == "cpp_standalone":
    b2.set_device("cpp_standalone", build_on_run=False)
else:
    b2.prefs.codegen.target = "numpy"
b2.prefs.codegen.cpp.extra_compile_args_gcc = ["-w", "-O3", "-ffast-math", "-march=native"]
b2.seed(1)
b2.defaultclock.dt = 0.1 * ms

# Potentials relative to leak in mV; a full-weight event drives 40 nA / 2.4 pF.
neurons = b2.NeuronGroup(
    512,
    """dv/dt = -v / (10.0 * ms) + 16.67 * s / ms : 1 (unless refractory)
       ds/dt = -s / (10.06 * ms) : 1""",
    threshold="v >= 202.5",
    reset="v = -52.5",
    refractory=2 * ms,
    method="exact",
)
inputs = b2.PoissonGroup(256, rates=float(rate) * Hz)
if traces:
    synapses = b2.Synapses(
        inputs,
        neurons,
        """w : 1
           causal : 1
           acausal : 1
           dpre/dt = -pre / (10 * ms) : 1 (event-driven)
           dpost/dt = -post / (10 * ms) : 1 (event-driven)""",
        on_pre="""s_post += w
                  pre = 1
                  acausal += 0.5 * post
                  post = 0""",
        on_post="""post = 1
                   causal += 0.5 * pre
                   pre = 0""",
    )
else:
    synapses = b2.Synapses(inputs, neurons, "w : 1", on_pre="s_post += w")
synapses.connect()
synapses.w = f"clip({float(weight)} * (1 + 0.3 * randn()), 0, 63) / 63"
spikes = b2.SpikeMonitor(neurons)
network = b2.Network(neurons, inputs, synapses, spikes)
duration = float(seconds) * second
if target == "cpp_standalone":
    network.run(duration)
    b2.device.build(directory=tempfile.mkdtemp(), compile=True, run=True, debug=False)
    # Measured inside the program that was built.
    used = b2.device._last_run_time
else:
    network.run(10 * ms)
    before = time.process_time()
    network.run(duration)
    used = time.process_time() - before
print(json.dumps({"cost": used / float(seconds), "rate": spikes.num_spikes / 512 / float(seconds)}))
