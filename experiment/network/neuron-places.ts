/** Which circuits of the chip the neurons of a network take. */
import { neuronAt, placeOfNeuron } from '../../isa/registers/coordinates.js';
import { ExperimentError } from '../failure.js';
import { oneCircuit } from './morphology.js';
import type { Network } from './network.js';
import { membersOf } from './groups.js';
import { alignedNeurons, partnersOf } from './partners.js';
import type { Population } from './population.js';

export type Hemisphere = 0 | 1;

/** A circuit of a neuron. */
export interface PlacedCircuit {
  /** Atomic neuron 0..511. */
  readonly neuron: number;
  readonly hemisphere: Hemisphere;
  readonly column: number;
  readonly compartment: string;
}

/** Where a neuron lies. `hemisphere` and `column` are those of the circuit that fires. */
export interface PlacedNeuron {
  readonly circuits: readonly PlacedCircuit[];
  readonly hemisphere: Hemisphere;
  readonly column: number;
  /** Event output 0..7, which is the crossbar input. */
  readonly output: number;
}

/** How populations are spread over the halves of the chip where they do not say it themselves. */
export type HalfPolicy = 'fill' | 'alternate';

const columnCount = 256;
const halfColumns = 128;

/** Columns 0, 2, 4, .. first: a rule that finds only even columns used works on one half of each vector pair. */
const plainOrder = Array.from({ length: columnCount }, (_, i) =>
  i < 128 ? 2 * i : 2 * (i - 128) + 1,
);

/**
 * Neurons whose events go to synapses are spread over the event outputs, since each output reaches one of four buses;
 * the west half first (or the east half), even columns first.
 */
const [spreadOrder, eastFirst] = [
  [0, 4],
  [4, 0],
].map((halves) =>
  halves.flatMap((firstOutput) =>
    Array.from({ length: 128 }, (_, i) => {
      const k = i >> 2;
      return 32 * (firstOutput + (i & 3)) + (k < 16 ? 2 * k : 2 * (k - 16) + 1);
    }),
  ),
) as [number[], number[]];

/** Most neurons of one event output whose events can go to synapses: labels 1..63. */
export const mostRouted = 63;

/** Populations from which synapses start. */
export function sourcePopulations(network: Network): Set<Population> {
  const found = new Set<Population>();
  for (const { source } of network.projections)
    for (const { group } of membersOf(source)) if (group.kind === 'population') found.add(group);
  return found;
}

/**
 * Finds circuits for all neurons.
 * @param unusable atomic neurons that must not be used
 * @throws ExperimentError saying how many circuits are missing
 */
export function placeNeurons(
  network: Network,
  policy: HalfPolicy,
  unusable: ReadonlySet<number> = new Set(),
): Map<Population, readonly PlacedNeuron[]> {
  const taken = new Uint8Array(512);
  for (const neuron of unusable) taken[neuron] = 1;
  const sources = sourcePopulations(network);
  const places = new Map<Population, readonly PlacedNeuron[]>();
  const partners = partnersOf(network);
  /** Neurons of each event output whose events go to synapses. */
  const routed = new Array<number>(8).fill(0);
  // Those which must lie on one half choose before those which may lie on either; those which follow others come last.
  const rank = (p: Population): number =>
    (partners.has(p) ? 2 : 0) + (p.hemisphere === undefined ? 1 : 0);
  const ordered = [...network.populations].sort((a, b) => rank(a) - rank(b));
  ordered.forEach((population, index) => {
    const led = places.get(partners.get(population) ?? population);
    const aligned = led && alignedNeurons(population, led, taken);
    if (aligned) {
      mark(taken, aligned);
      places.set(population, aligned);
      return;
    }
    const isSource = sources.has(population);
    const order = isSource ? spreadOrder : plainOrder;
    const first: Hemisphere = policy === 'alternate' && index % 2 === 1 ? 1 : 0;
    const halves: readonly Hemisphere[] =
      population.hemisphere === undefined ? [first, first === 0 ? 1 : 0] : [population.hemisphere];
    let found = takeOnHalves(population, halves, order, taken);
    // The outputs of the west half may have as many sources as they can tell apart.
    if (isSource && isCrowded(routed, found)) {
      const other = takeOnHalves(population, halves, eastFirst, taken);
      if (other.length === found.length && !isCrowded(routed, other)) found = other;
    }
    if (isSource) for (const { output } of found) routed[output] = (routed[output] ?? 0) + 1;
    if (found.length < population.size)
      throw tooManyNeurons(network, population, population.size - found.length, unusable.size);
    mark(taken, found);
    places.set(population, found);
  });
  return new Map(network.populations.map((p) => [p, places.get(p) ?? []]));
}

/** Neurons on the first half that takes all, else on both; `taken` stays as it is. */
function takeOnHalves(
  population: Population,
  halves: readonly Hemisphere[],
  order: readonly number[],
  taken: Uint8Array,
): PlacedNeuron[] {
  for (const half of halves) {
    const whole = takeNeurons(population, population.size, half, order, taken);
    if (whole.length === population.size) return whole;
  }
  const left = taken.slice();
  return halves.reduce<PlacedNeuron[]>((found, half) => {
    const part = takeNeurons(population, population.size - found.length, half, order, left);
    mark(left, part);
    return [...found, ...part];
  }, []);
}

/** True if an event output would have more sources than it can tell apart. */
function isCrowded(routed: readonly number[], neurons: readonly PlacedNeuron[]): boolean {
  const counts = [...routed];
  for (const { output } of neurons) counts[output] = (counts[output] ?? 0) + 1;
  return counts.some((count) => count > mostRouted);
}

function mark(taken: Uint8Array, neurons: readonly PlacedNeuron[]): void {
  for (const { circuits } of neurons) for (const { neuron } of circuits) taken[neuron] = 1;
}

/** Up to `count` neurons on one half. */
function takeNeurons(
  population: Population,
  count: number,
  half: Hemisphere,
  order: readonly number[],
  taken: Uint8Array,
): PlacedNeuron[] {
  const { circuits } = population.settings.morphology ?? oneCircuit;
  const columns = circuits.length === 1 ? order : Array.from({ length: columnCount }, (_, i) => i);
  const free = taken.slice();
  const found: PlacedNeuron[] = [];
  for (const first of columns) {
    if (found.length === count) break;
    const own = circuits.map(({ column, row, compartment }): PlacedCircuit => {
      const hemisphere = (half ^ row) as Hemisphere;
      return {
        neuron: neuronAt(hemisphere, first + column),
        hemisphere,
        column: first + column,
        compartment,
      };
    });
    const fits = own.every(
      ({ neuron, column }) =>
        column < columnCount &&
        Math.floor(column / halfColumns) === Math.floor(first / halfColumns) &&
        free[neuron] === 0,
    );
    if (!fits) continue;
    for (const { neuron } of own) free[neuron] = 1;
    const { eventOutput } = placeOfNeuron(neuronAt(half, first));
    found.push({ circuits: own, hemisphere: half, column: first, output: eventOutput });
  }
  return found;
}

function tooManyNeurons(
  network: Network,
  population: Population,
  missing: number,
  unusable: number,
): ExperimentError {
  const width = population.settings.morphology?.circuits.length ?? 1;
  const neurons = network.populations.reduce((sum, { size }) => sum + size, 0);
  const circuits = network.populations.reduce(
    (sum, { size, settings }) => sum + size * (settings.morphology?.circuits.length ?? 1),
    0,
  );
  const half = population.hemisphere;
  const room =
    half === undefined
      ? 'The chip has 512 circuits in two halves of 256 columns'
      : `The ${half === 0 ? 'top' : 'bottom'} half has 256 columns`;
  const lost = unusable > 0 ? ` of which ${unusable} are unusable on this chip` : '';
  return new ExperimentError(
    `the network has ${neurons} neurons of ${circuits} circuits; ${missing} of this population find no place`,
    `population "${population.name}"`,
    `${room}${lost}: take ${missing} neurons${width > 1 ? ` of ${width} circuits` : ''} away, or let the network run in parts (see runPartitioned).`,
  );
}
