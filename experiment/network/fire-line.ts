/** The fire line of a neuron of several circuits: one fires, the others follow. */
import type { FieldName } from '../../isa/registers/registers.js';
import type { Morphology } from './morphology.js';
import type { PlacedNeuron } from './neuron-places.js';

/**
 * Circuits of the compartment that fires are reset together, and their columns see its spikes: circuit 0 drives the fire
 * line, the others follow it.
 */
export function fireLine(
  circuits: PlacedNeuron['circuits'],
  index: number,
  morphology: Morphology | undefined,
): { readonly [F in FieldName<'NeuronBackendConfig'>]?: number } {
  const compartment = (k: number): string | undefined => morphology?.circuits[k]?.compartment;
  const line = circuits.flatMap(({ neuron }, k) =>
    compartment(k) === compartment(0) ? [neuron] : [],
  );
  const own = circuits[index]?.neuron ?? 0;
  if (line.length < 2 || !line.includes(own)) return {};
  const isBefore = own < (circuits[0]?.neuron ?? 0);
  const hasNext = line.includes(own + 1);
  return {
    en_neuron_master: Number(index === 0),
    en_neuron_slave: Number(index !== 0),
    connect_fire_bottom: Number(line.includes(own ^ 256)),
    connect_fire_to_right: Number(hasNext && !isBefore),
    connect_fire_from_right: Number(hasNext && isBefore),
  };
}
