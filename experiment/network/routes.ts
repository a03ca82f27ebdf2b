/** How events that arise on the chip - of neurons and of background sources - find their synapses. */
import { ExperimentError } from '../failure.js';
import type { Network } from './network.js';
import { mostRouted } from './neuron-places.js';
import type { Hemisphere, PlacedNeuron } from './neuron-places.js';
import { membersOf, neuronsOf } from './groups.js';
import type { Population } from './population.js';
import type { SpikeSources } from './spike-sources.js';
import { RowPlan } from './row-plan.js';
import type { Reach } from './row-plan.js';
import { RowShortage } from './short-rows.js';
import { generatorSettings } from './sources.js';
import type { GeneratorSettings } from './sources.js';

/** Labels and ways of neuron events. */
export interface Routing {
  /** Low 8 label bits of a neuron's events. */
  readonly addressOf: ReadonlyMap<PlacedNeuron, number>;
  /** Whether event output 0..7 reaches its bus on the top and on the bottom half. */
  readonly toSynapses: readonly (readonly [boolean, boolean])[];
  /** Bits of a label, and their value, that let an event onto the buses; the others only go to the host. */
  readonly busFilter: { readonly mask: number; readonly target: number };
}

/** A background generator of the chip and what it serves. */
export interface PlacedGenerator {
  readonly sources: SpikeSources;
  /** 0..3 top buses, 4..7 bottom buses. */
  readonly generator: number;
  readonly settings: GeneratorSettings;
  readonly seed: number;
  /** 14-bit label of its first source; source `first + i` has label + i. */
  readonly label: number;
  readonly first: number;
  readonly count: number;
  /** Its events go to the host too; of two with equal trains only one. */
  readonly isRecorded: boolean;
}

/** The word of a generator that holds its label, and chance and mask of its settings. */
export function generatorShape(label: number, { chance, mask }: GeneratorSettings): number {
  return ((label << 16) | (chance << 8) | mask) >>> 0;
}

/** A routed network: what the placement of synapses starts from. */
export interface Routed {
  readonly routing: Routing;
  readonly generators: readonly PlacedGenerator[];
  readonly plans: readonly [RowPlan, RowPlan];
  /** Where the events of a source can arrive on a half, by `sourceKey`. */
  readonly reachOf: (hemisphere: Hemisphere, source: SourceKey) => Reach;
  readonly hasAlternatives: boolean;
}

/** A source by what carries it, as text: names are unique in a network. */
export type SourceKey = string;

export function sourceKey(group: { readonly name: string }, index: number): SourceKey {
  return `${index} ${group.name}`;
}

/** Default low 8 label bits: unique among the neurons that share an event output. */
export function plainAddress(hemisphere: number, column: number): number {
  return (hemisphere << 5) | (column & 31);
}

/** Bits 7 and 6 of a label: 0 for neurons whose events go to synapses. */
const filterMask = 0xc0;
const unrouted = 0x40;
const mostSources = 32;
/** Bit 11 tells events of generators from those of neurons where the host records them; buses do not see it. */
export const backgroundMark = 0x800;

/**
 * @param attempt 0 prefers background sources in the upper zone, 1 in the lower; 2 merges the zones
 * @returns undefined if this attempt is no different from an earlier one
 */
export function routeNetwork(
  network: Network,
  neurons: ReadonlyMap<Population, readonly PlacedNeuron[]>,
  attempt: 0 | 1 | 2,
): Routed | undefined {
  const targets = targetHalves(network, neurons);
  const routedNeurons = new Map<PlacedNeuron, { key: SourceKey; halves: Set<Hemisphere> }>();
  for (const [population, list] of neurons)
    list.forEach((neuron, index) => {
      const key = sourceKey(population, index);
      const halves = targets.get(key);
      if (halves) routedNeurons.set(neuron, { key, halves });
    });
  const backgrounds = network.sources.filter(({ cell }) => cell?.kind === 'background');
  const onChip = routedNeurons.size > 0 || backgrounds.length > 0;
  if (attempt > 0 && !onChip) return undefined;
  const merged = attempt === 2;
  const backgroundZone = attempt === 1 ? 0 : 1;
  const plans = ([0, 1] as const).map((half) => {
    const shared: [boolean, boolean] = [false, false];
    for (const [{ output }, { halves }] of routedNeurons)
      if (halves.has(half)) shared[output >> 2] = true;
    if (backgrounds.some((sources) => halvesOf(targets, sources).has(half)))
      shared[backgroundZone] = true;
    return new RowPlan({ shared, merged: merged && (shared[0] || shared[1]) });
  }) as [RowPlan, RowPlan];

  const addressOf = new Map<PlacedNeuron, number>();
  const takenAddresses = new Set<number>();
  const toSynapses = Array.from({ length: 8 }, (): [boolean, boolean] => [false, false]);
  for (const [neuron, { key, halves }] of routedNeurons) {
    const output = toSynapses[neuron.output];
    if (output) for (const half of halves) output[half] = true;
    addressOf.set(neuron, labelNeuron(neuron, key, plans, takenAddresses));
  }
  for (const list of neurons.values())
    for (const neuron of list)
      if (!addressOf.has(neuron)) {
        const plain = plainAddress(neuron.hemisphere, neuron.column);
        const isShared = toSynapses[neuron.output]?.some(Boolean) === true;
        addressOf.set(neuron, isShared ? unrouted | plain : plain);
      }

  const reach = new Map<string, Reach>();
  for (const [{ output }, { key }] of routedNeurons)
    for (const half of [0, 1]) reach.set(`${half} ${key}`, { bus: output & 3, zone: output >> 2 });
  const generators = placeGenerators(backgrounds, targets, plans, backgroundZone, reach);
  return {
    routing: { addressOf, toSynapses, busFilter: { mask: filterMask, target: 0 } },
    generators,
    plans,
    reachOf: (half, key) => reach.get(`${half} ${key}`) ?? {},
    hasAlternatives: onChip,
  };
}

/** On which halves the synapses of each source lie. */
function targetHalves(
  network: Network,
  neurons: ReadonlyMap<Population, readonly PlacedNeuron[]>,
): Map<SourceKey, Set<Hemisphere>> {
  const halves = new Map<SourceKey, Set<Hemisphere>>();
  for (const { source, target, connections } of network.projections) {
    const members = membersOf(source).map(({ group, index }) => sourceKey(group, index));
    const halfOf = neuronsOf(target).map(
      ({ population, index }) => neurons.get(population)?.[index]?.hemisphere ?? 0,
    );
    for (const { source: s, target: t } of connections) {
      const key = members[s] ?? '';
      let own = halves.get(key);
      if (!own) halves.set(key, (own = new Set()));
      own.add(halfOf[t] ?? 0);
    }
  }
  return halves;
}

function halvesOf(
  targets: ReadonlyMap<SourceKey, ReadonlySet<Hemisphere>>,
  sources: SpikeSources,
): Set<Hemisphere> {
  const halves = new Set<Hemisphere>();
  for (let i = 0; i < sources.size; i++)
    for (const half of targets.get(sourceKey(sources, i)) ?? []) halves.add(half);
  return halves;
}

/**
 * One label for a neuron, free on both halves: the events of an output go to all halves to which any of its neurons has
 * synapses, and to the host.
 */
function labelNeuron(
  neuron: PlacedNeuron,
  key: SourceKey,
  plans: readonly [RowPlan, RowPlan],
  takenAddresses: Set<number>,
): number {
  const domains = plans.flatMap((plan) => {
    const domain = plan.domainOfBus(neuron.output & 3, neuron.output >> 2);
    return domain.startsWith('bus') ? [{ plan, domain }] : [];
  });
  for (let label = 1; label < 64; label++) {
    const address = (neuron.output << 8) | label;
    if (takenAddresses.has(address)) continue;
    if (!domains.every(({ plan, domain }) => plan.isLabelFree(domain, label))) continue;
    takenAddresses.add(address);
    for (const { plan, domain } of domains) plan.setLabel(domain, key, label);
    return label;
  }
  throw new RowShortage(
    new ExperimentError(
      `event output ${neuron.output} has more than ${mostRouted} neurons whose events go to synapses`,
      `neuron ${key}`,
      `Each of the 8 event outputs tells ${mostRouted} such neurons apart, ${8 * mostRouted} on the chip: let fewer neurons be sources of projections, or put their populations on different halves.`,
    ),
  );
}

/** Generators that all background sources need if all of them go to one half. */
function neededGenerators(backgrounds: readonly SpikeSources[]): number {
  return backgrounds.reduce((sum, { size }) => sum + Math.ceil(size / mostSources), 0);
}

/** Gives background sources their generators: as few as they need, one per bus and half. */
function placeGenerators(
  backgrounds: readonly SpikeSources[],
  targets: ReadonlyMap<SourceKey, ReadonlySet<Hemisphere>>,
  plans: readonly [RowPlan, RowPlan],
  zone: number,
  reach: Map<string, Reach>,
): PlacedGenerator[] {
  const generators: PlacedGenerator[] = [];
  const taken = new Set<number>();
  for (const sources of backgrounds) {
    const { cell } = sources;
    if (cell?.kind !== 'background') continue;
    const halves = [...halvesOf(targets, sources)].sort((a, b) => a - b);
    // Parts of one size on different buses; equal on both halves, so that both hear the same trains.
    const parts = Math.ceil(sources.size / mostSources);
    const size = Math.ceil(sources.size / parts);
    for (let part = 0; part < parts; part++) {
      const first = part * size;
      const count = Math.min(size, sources.size - first);
      const settings = generatorSettings(sources.name, count, cell);
      const bus = [0, 1, 2, 3].find((b) => halves.every((half) => !taken.has(4 * half + b)));
      if (bus === undefined)
        throw new ExperimentError(
          `${neededGenerators(backgrounds)} background generators are needed`,
          `background sources "${sources.name}"`,
          `Each half of the chip has four generators of up to ${mostSources} sources; these ${sources.size} sources need ${parts}: ${Math.max(1, neededGenerators(backgrounds) - 4)} too many. Use fewer sources, or trains from the host.`,
        );
      for (const half of halves) {
        const plan = plans[half];
        const domain = plan.domainOfBus(bus, zone);
        const block = plan.labelBlock(domain, settings.labels);
        if (block === undefined)
          throw new ExperimentError(
            `${settings.labels} neighbouring labels are not free on bus ${bus}`,
            `background sources "${sources.name}"`,
            'Use fewer sources, or trains from the host.',
          );
        for (let i = 0; i < settings.labels; i++) {
          const key = i < count ? sourceKey(sources, first + i) : `unused ${i} of ${sources.name}`;
          plan.setLabel(domain, key, block + i);
          if (i < count) reach.set(`${half} ${key}`, { bus, zone });
        }
        const rowSelect = plan.selectionOf(64 * zone + bus).rowSelect;
        taken.add(4 * half + bus);
        generators.push({
          sources,
          generator: 4 * half + bus,
          settings,
          seed: (cell.seed + part) >>> 0,
          label: backgroundMark | (rowSelect << 6) | block,
          first,
          count,
          isRecorded: cell.record === true && half === halves[0],
        });
      }
    }
  }
  return generators;
}
