/** The engine `fast`: float32 on the 0.1 us grid, by SIMD kernels. */
import type { EngineContext, EngineParts } from '../engine.js';
import { Neurons } from '../neurons.js';
import { FastEvents } from './events.js';
import { Machine } from './machine.js';
import { FastNeurons } from './neurons.js';
import { FastSensors } from './sensors.js';
import { FastSynapses } from './synapses.js';

export function makeFastParts(context: EngineContext): EngineParts {
  const { settings, constants, pattern, parameters, circuits, noise, ideal, fire } = context;
  const machine = new Machine();
  const synapses = new FastSynapses(machine, pattern);
  const precise = new Neurons(parameters, noise, constants, ideal, circuits, fire);
  circuits.attach(precise);
  const neurons = new FastNeurons(
    machine,
    parameters,
    noise,
    constants,
    ideal,
    circuits,
    precise,
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
