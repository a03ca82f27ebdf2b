/** The engine `precise`: float64, exact propagators between events, Runge-Kutta where there is no closed form. */
import type { EngineContext, EngineParts } from './parts.js';
import { Events } from './events.js';
import { Neurons } from './neurons.js';
import { Sensors } from './sensors.js';
import { Synapses } from './synapses.js';

export function makePreciseParts(context: EngineContext): EngineParts {
  const { settings, constants, pattern, parameters, circuits, noise, ideal } = context;
  const synapses = new Synapses(pattern);
  const neurons = new Neurons(parameters, noise, constants, ideal, circuits, context.fire);
  circuits.attach(neurons);
  const sensors = new Sensors(settings, pattern, constants, synapses, context.consume);
  const events = new Events(
    settings,
    constants,
    synapses,
    context.drivers,
    sensors,
    neurons,
    noise,
  );
  return { neurons, synapses, sensors, events };
}
