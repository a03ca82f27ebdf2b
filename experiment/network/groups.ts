/** What projections start from and end on, member by member. */
import type { Assembly, PopulationView } from './views.js';
import type { Population } from './population.js';
import type { SourceView, SpikeSources } from './spike-sources.js';

/** What synapses can start from. */
export type SourceGroup = SpikeSources | SourceView | Population | PopulationView | Assembly;
/** What synapses can end on; an assembly must consist of neurons. */
export type TargetGroup = Population | PopulationView | Assembly;

/** A source by what carries it: a population's neuron or a spike train. */
export interface SourceMember {
  readonly group: SpikeSources | Population;
  readonly index: number;
}

/** Members of a source group in order. */
export function membersOf(group: SourceGroup): SourceMember[] {
  switch (group.kind) {
    case 'sources':
    case 'population':
      return Array.from({ length: group.size }, (_, index) => ({ group, index }));
    case 'view':
    case 'source view':
      return group.indices.map((index) => ({ group: group.parent, index }));
    case 'assembly':
      return group.parts.flatMap(membersOf);
  }
}

/** Neurons of a target group in order. */
export function neuronsOf(group: TargetGroup): { population: Population; index: number }[] {
  return membersOf(group).flatMap(({ group: population, index }) =>
    population.kind === 'population' ? [{ population, index }] : [],
  );
}
