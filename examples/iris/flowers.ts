/** Fisher's measurements as spikes: the table, its coding by receptors, and the schedule of one flower. */
import {
  activate,
  decodeCsv,
  fitReceptors,
  joinStimuli,
  poissonSpikes,
  regularSpikes,
  splitStratified,
} from 'plastic';
import type { Lab, ReceptorField, Split, SpikeSources, Stimulus } from 'plastic';

/** Four measurements in cm per flower, and its species 0..2. */
export interface Flowers {
  readonly samples: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly names: readonly string[];
}

/** Reads the table: four columns of numbers, then the name of the species. */
export function readFlowers(text: string): Flowers {
  const { rows } = decodeCsv(text);
  const names = [...new Set(rows.map((row) => row[4] ?? ''))];
  return {
    samples: rows.map((row) => row.slice(0, 4).map(Number)),
    labels: rows.map((row) => names.indexOf(row[4] ?? '')),
    names,
  };
}

/** One flower takes this long, s: the stimulus, then a pause in which the rule works on the silent chip. */
export const schedule = { stimulus: 200e-6, period: 400e-6, teacherInterval: 10e-6 } as const;

/** A split with receptors laid over the training part. */
export interface Task {
  readonly flowers: Flowers;
  readonly split: Split;
  readonly field: ReceptorField;
  /** Highest rate of a receptor, Hz. */
  readonly rate: number;
}

/** The task of one seed: 100 flowers to learn, 50 never seen before. */
export function makeTask(lab: Lab, sigma: number, receptors: number, rate: number): Task {
  const flowers = readFlowers(lab.readText('iris.csv'));
  const drawn = splitStratified(flowers.labels, 100, lab.stream('split'));
  const split = { ...drawn, test: lab.stream('split', 'test order').shuffle([...drawn.test]) };
  const field = fitReceptors(
    split.train.map((i) => flowers.samples[i] ?? []),
    receptors,
    sigma,
  );
  return { flowers, split, field, rate };
}

/** Mean rates of all receptors for one flower, Hz. */
export function receptorRates({ flowers, field, rate }: Task, flower: number): Float64Array {
  return activate(field, flowers.samples[flower] ?? []).map((activation) => activation * rate);
}

/** Spikes of a sequence of flowers from time `from` on, one every `schedule.period`. */
export function flowerSpikes(
  lab: Lab,
  task: Task,
  sources: SpikeSources,
  sequence: readonly number[],
  from: number,
  path: string,
): Stimulus {
  const stream = lab.stream('stimulus', path);
  return joinStimuli(
    sources,
    sequence.map((flower, k) => {
      const begin = from + k * schedule.period;
      return poissonSpikes(
        sources,
        receptorRates(task, flower),
        { from: begin, to: begin + schedule.stimulus },
        stream,
      );
    }),
  );
}

/** Teacher events for a sequence of classes: one every 10 us while the flower is shown. */
export function teacherSpikes(
  sources: SpikeSources,
  classes: readonly number[],
  from: number,
): Stimulus {
  return joinStimuli(
    sources,
    classes.map((label, k) => {
      const begin = from + k * schedule.period;
      return regularSpikes(sources, label, schedule.teacherInterval, {
        from: begin,
        to: begin + schedule.stimulus,
      });
    }),
  );
}

/** Counts of the sent spikes per flower and source: what a linear read-out of the same input would see. */
export function countInputs(
  stimulus: Stimulus,
  flowers: number,
  size: number,
  from: number,
): Float64Array[] {
  const counts = Array.from({ length: flowers }, () => new Float64Array(size));
  for (let i = 0; i < stimulus.times.length; i++) {
    const flower = Math.floor(((stimulus.times[i] ?? 0) - from) / schedule.period);
    const source = stimulus.indices[i] ?? 0;
    const row = counts[flower];
    if (row) row[source] = (row[source] ?? 0) + 1;
  }
  return counts;
}
