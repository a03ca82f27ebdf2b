/** Who is connected to whom: connectors turn two sizes into synapses. Random ones draw from a named stream. */
import type { Stream } from '../../isa/numeric/random.js';
import { ExperimentError } from '../failure.js';

/** One synapse of a projection; a weight beyond 63 is spread over several rows. */
export interface Connection {
  readonly source: number;
  readonly target: number;
  readonly weight: number;
}

/** Turns sizes into connections. */
export type Connector = (sources: number, targets: number) => readonly Connection[];

/** A weight, or a weight for each pair. */
export type Weight = number | ((source: number, target: number) => number);

const weightOf = (weight: Weight, source: number, target: number): number =>
  typeof weight === 'number' ? weight : weight(source, target);

/** Every source to every target. */
export function allToAll(weight: Weight = 0): Connector {
  return (sources, targets) =>
    Array.from({ length: sources * targets }, (_, k) => {
      const source = Math.floor(k / targets);
      const target = k % targets;
      return { source, target, weight: weightOf(weight, source, target) };
    });
}

/** Source i to target i. */
export function oneToOne(weight: Weight = 0): Connector {
  return (sources, targets) =>
    Array.from({ length: Math.min(sources, targets) }, (_, i) => ({
      source: i,
      target: i,
      weight: weightOf(weight, i, i),
    }));
}

/** Source i to every target but i: lateral connections, or a teacher that silences the others. */
export function allButOne(weight: Weight = 0): Connector {
  return (sources, targets) =>
    allToAll(weight)(sources, targets).filter(({ source, target }) => source !== target);
}

/** Exactly these synapses. */
export function fromList(connections: readonly Connection[]): Connector {
  return () => connections;
}

/** One row of weights per source; an entry `null` or `undefined` is no synapse, 0 is one of weight 0. */
export function fromArray(weights: readonly (readonly (number | null | undefined)[])[]): Connector {
  return (sources, targets) => {
    const wide = weights.find((row) => row.length !== targets);
    if (weights.length !== sources || wide)
      throw new ExperimentError(
        `the array has ${weights.length} x ${wide?.length ?? weights[0]?.length ?? 0} entries`,
        'connector fromArray',
        `This projection has ${sources} sources and ${targets} targets: one row for each source.`,
      );
    return weights.flatMap((row, source) =>
      row.flatMap((weight, target) =>
        typeof weight === 'number' ? [{ source, target, weight }] : [],
      ),
    );
  };
}

/** Each pair with a probability 0..1. @param stream where to draw from, for example `lab.stream('init', 'wiring')` */
export function fixedProbability(
  probability: number,
  stream: Stream,
  weight: Weight = 0,
): Connector {
  if (!(probability >= 0 && probability <= 1))
    throw new ExperimentError(
      `the probability is ${probability}`,
      'connector fixedProbability',
      'Probabilities lie in 0..1.',
    );
  return (sources, targets) =>
    allToAll(weight)(sources, targets).filter(() => stream.uniform() < probability);
}

/** Every target gets synapses from `count` different sources, drawn at random. */
export function fixedNumberPre(count: number, stream: Stream, weight: Weight = 0): Connector {
  return (sources, targets) => {
    checkNumber('fixedNumberPre', count, sources, 'sources');
    const drawn = Array.from({ length: targets }, () => drawSome(sources, count, stream));
    return allToAll(weight)(sources, targets).filter(
      ({ source, target }) => drawn[target]?.has(source) === true,
    );
  };
}

/** Every source gets synapses to `count` different targets, drawn at random. */
export function fixedNumberPost(count: number, stream: Stream, weight: Weight = 0): Connector {
  return (sources, targets) => {
    checkNumber('fixedNumberPost', count, targets, 'targets');
    const drawn = Array.from({ length: sources }, () => drawSome(targets, count, stream));
    return allToAll(weight)(sources, targets).filter(
      ({ source, target }) => drawn[source]?.has(target) === true,
    );
  };
}

/** `count` different whole numbers below `size`. */
export function drawSome(size: number, count: number, stream: Stream): Set<number> {
  const all = stream.shuffle(Array.from({ length: size }, (_, i) => i));
  return new Set(all.slice(0, count));
}

function checkNumber(connector: string, count: number, size: number, what: string): void {
  if (!Number.isInteger(count) || count < 0 || count > size)
    throw new ExperimentError(
      `${count} ${what} are to be drawn`,
      `connector ${connector}`,
      `There are ${size} ${what}.`,
    );
}
