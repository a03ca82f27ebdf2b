/** Second populations of rules: whom they follow, and columns at one distance from those of the neurons they belong to. */
import { neuronAt, placeOfNeuron } from '../../isa/registers/coordinates.js';
import { ExperimentError, unknownName } from '../failure.js';
import type { Network } from './network.js';
import type { Hemisphere, PlacedNeuron } from './neuron-places.js';
import { neuronsOf } from './groups.js';
import type { Population } from './population.js';
import type { Projection } from './projection.js';

/** Where the second population of a rule lies beside the columns of its block. */
export interface PlacedPartner {
  /** The neuron with the index of the block's column c stands at column c + shift. */
  readonly shift: number;
  readonly hemisphere: Hemisphere;
}

/** The target population of each rule that binds another population, by that other one. */
export function partnersOf(network: Network): Map<Population, Population> {
  const found = new Map<Population, Population>();
  for (const { rule, target } of network.projections) {
    const [first] = neuronsOf(target);
    for (const partner of Object.values(rule?.neurons ?? {}))
      if (first && first.population !== partner) found.set(partner, first.population);
  }
  return found;
}

/**
 * Free circuits for a population at one distance from the neurons it follows: on their half if that has room, since
 * membranes can be read there only.
 */
export function alignedNeurons(
  population: Population,
  led: readonly PlacedNeuron[],
  taken: Uint8Array,
): PlacedNeuron[] | undefined {
  const half = led[0]?.hemisphere;
  const isPlain = (population.settings.morphology?.circuits.length ?? 1) === 1;
  if (half === undefined || !isPlain || population.size > led.length) return undefined;
  if (led.some(({ hemisphere }) => hemisphere !== half)) return undefined;
  const columns = led.slice(0, population.size).map(({ column }) => column);
  const halves: readonly Hemisphere[] = [half, half === 0 ? 1 : 0];
  for (const hemisphere of halves) {
    if (population.hemisphere !== undefined && population.hemisphere !== hemisphere) continue;
    for (let distance = 0; distance < 256; distance++)
      for (const shift of distance === 0 ? [0] : [distance, -distance]) {
        const isFree = columns.every(
          (c) => c + shift >= 0 && c + shift < 256 && taken[neuronAt(hemisphere, c + shift)] === 0,
        );
        if (isFree) return columns.map((c) => atColumn(hemisphere, c + shift));
      }
  }
  return undefined;
}

function atColumn(hemisphere: Hemisphere, column: number): PlacedNeuron {
  const neuron = neuronAt(hemisphere, column);
  const { eventOutput } = placeOfNeuron(neuron);
  const circuits = [{ neuron, hemisphere, column, compartment: 'soma' }];
  return { circuits, hemisphere, column, output: eventOutput };
}

/**
 * Where the population called `name` in a projection's rule lies.
 * @throws ExperimentError if none is bound to the name, or its neurons do not stand beside those of the projection
 */
export function placedPartner(
  { rule, target, name: projection }: Projection,
  name: string,
  neurons: ReadonlyMap<Population, readonly PlacedNeuron[]>,
): PlacedPartner {
  const bound = rule?.neurons ?? {};
  const place = `projection "${projection}"`;
  const other = Object.keys(bound).find((key) => key !== name);
  if (other !== undefined) throw unknownName('population of the rule', other, [name], place);
  const partner = bound[name];
  if (!partner)
    throw new ExperimentError(
      `the rule reads a second population "${name}", and none is bound to that name`,
      place,
      `Give one: lab.rule(file, { neurons: { ${name}: population } }).`,
    );
  const own = neuronsOf(target).map(({ population, index }) => neurons.get(population)?.[index]);
  const theirs = neurons.get(partner);
  if (!theirs)
    throw new ExperimentError(
      `the population "${partner.name}" bound to "${name}" belongs to another network`,
      place,
      'Bind a population of the same network.',
    );
  const at = theirs[0];
  const shift = (at?.column ?? 0) - (own[0]?.column ?? 0);
  const isAligned = theirs.every(
    ({ column, hemisphere }, i) =>
      column - (own[i]?.column ?? NaN) === shift && hemisphere === at?.hemisphere,
  );
  if (!at || !isAligned)
    throw new ExperimentError(
      `the neurons of "${partner.name}" do not stand at one distance from those they belong to`,
      place,
      'Let the projection end in one population on one half, and bind one of at most as many single-circuit neurons.',
    );
  return { shift, hemisphere: at.hemisphere };
}
