/** The engine `fast`: float32 on the 0.1 us grid, by SIMD kernels. */
import type { EngineContext, EngineParts } from '../engine.js';
import type { SharedState } from '../neuron-state.js';
import { Neurons } from '../neurons.js';
import { NEURONS } from '../core.js';
import * as at from './layout.js';
import { FastEvents } from './events.js';
import { Machine } from './machine.js';
import { FastNeurons } from './neurons.js';
import { FastSensors } from './sensors.js';
import { FastSynapses } from './synapses.js';

/** What both engines keep of neurons stands where the kernels reach it. */
const sharedState = (machine: Machine): SharedState => ({
  phase: machine.bytes(at.PHASE, NEURONS),
  phaseEnd: machine.doubles(at.PHASE_END, NEURONS),
  refractoryEnd: machine.doubles(at.HOLD_OFF_END, NEURONS),
  spikes: new Uint32Array(machine.buffer, at.SPIKES, NEURONS),
  threshold: machine.doubles(at.GOAL, NEURONS),
});

export function makeFastParts(context: EngineContext): EngineParts {
  const { settings, constants, pattern, parameters, circuits, noise, ideal, fire } = context;
  const machine = new Machine();
  const synapses = new FastSynapses(machine, pattern);
  const precise = new Neurons(
    parameters,
    noise,
    constants,
    ideal,
    circuits,
    fire,
    sharedState(machine),
  );
  circuits.attach(precise);
  const neurons = new FastNeurons(
    machine,
    parameters,
    noise,
    constants,
    ideal,
    circuits,
    precise,
    settings,
    fire,
  );
  const sensors = new FastSensors(machine, settings, pattern, constants, synapses, context.consume);
  const events = new FastEvents(
    machine,
    settings,
    constants,
    synapses,
    context.drivers,
    sensors,
    neurons,
    precise,
    noise,
    ideal,
  );
  return { neurons, synapses, sensors, events };
}
