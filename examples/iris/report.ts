/** What a run of the Iris experiment shows: numbers, arrays, pictures. */
import {
  addRuleLog,
  cadcCounts,
  drawConfusion,
  drawCurves,
  drawDrive,
  drawMembranes,
  drawRaster,
  drawWeightChange,
  drawWeightHistory,
  expectedDrive,
  lif,
  madcVolts,
  operatingPoints,
} from 'plastic';
import type { Lab, RuleLog, SpikeTrains } from 'plastic';
import type { Answers, Classifier, Epoch } from './classifier.js';
import { flowerSpikes, receptorRates, schedule } from './flowers.js';
import type { Task } from './flowers.js';

/** What one trained classifier leaves behind. */
export interface Arm {
  readonly classifier: Classifier;
  readonly epochs: readonly Epoch[];
  readonly answers: Answers;
  readonly log: RuleLog | undefined;
}

/** Accuracy, ties and what the rule's run-time counted. */
export function addHeadline(lab: Lab, { answers, log }: Arm, names: readonly string[]): void {
  const { score } = answers;
  lab.results.addValue('test accuracy', score.accuracy);
  lab.results.addValue('ties', score.ties);
  const spikes = answers.counts.map((row) => Math.max(...row)).sort((a, b) => a - b);
  lab.results.addValue('median spikes of the winner', spikes[Math.floor(spikes.length / 2)] ?? 0);
  lab.results.addTable('confusion', 'Confusion matrix', {
    columns: ['true class', ...names, 'tie'],
    rows: score.confusion.map((row, i) => [names[i] ?? '', ...row]),
  });
  addRuleLog(lab.results, log);
}

/** Everything that was recorded, with units. */
export function addArrays(lab: Lab, task: Task, { classifier, epochs, answers }: Arm): void {
  const { results } = lab;
  const spikes = answers.piece.spikes.get(classifier.neurons);
  results.addSpikes(
    'test_output',
    { times: spikes?.times ?? [], indices: spikes?.neurons ?? [] },
    'neuron',
  );
  const sent = flowerSpikes(lab, task, classifier.receptors, task.split.test, answers.from, 'test');
  results.addSpikes('test_input', sent, 'receptor');
  const trained = epochs.map(({ piece }) => piece.spikes.get(classifier.neurons));
  results.addSpikes(
    'training_output',
    {
      times: trained.flatMap((trains) => Array.from(trains?.times ?? [])),
      indices: trained.flatMap((trains) => Array.from(trains?.neurons ?? [])),
    },
    'neuron',
  );
  results.addArray(
    'spikes',
    'test_begin',
    Float64Array.from(task.split.test, (_, k) => answers.from + k * schedule.period),
    's, begin of each test flower',
  );
  results.addArray(
    'records',
    'test_flower',
    Uint8Array.from(task.split.test),
    'row of iris.csv, from 0',
  );
  results.addArray(
    'records',
    'test_class',
    Uint8Array.from(task.split.test, (i) => task.flowers.labels[i] ?? 0),
    'species 0..2',
  );
  results.addArray(
    'records',
    'train_flower',
    Uint8Array.from(task.split.train),
    'row of iris.csv, from 0',
  );
  results.addArray(
    'records',
    'test_counts',
    Uint16Array.from(answers.counts.flat()),
    'output spikes; flower x neuron',
    [answers.counts.length, 3],
  );
  const { membrane } = answers.piece;
  if (membrane) {
    results.addArray('records', 'membrane_times', membrane.times, 's of experiment time');
    results.addArray(
      'records',
      'membrane_code',
      membrane.codes,
      'MADC code of neuron 1 during the test',
    );
  }
  lab.results.addTable('test', 'Every test flower', {
    columns: [
      'flower',
      'true_class',
      'answer',
      ...task.flowers.names.map((name) => `spikes_${name}`),
    ],
    rows: task.split.test.map((flower, k) => [
      flower,
      task.flowers.names[task.flowers.labels[flower] ?? 0] ?? '',
      task.flowers.names[answers.answers[k] ?? -1] ?? 'tie',
      ...(answers.counts[k] ?? []),
    ]),
  });
}

/** All pictures of the trained classifier. */
export function addPictures(lab: Lab, task: Task, arm: Arm): void {
  const { classifier, epochs, answers } = arm;
  const { results } = lab;
  const { names } = task.flowers;
  results.addPicture(
    'confusion',
    'Answers to unseen flowers',
    'Rows: true species. Columns: the neuron that fired most; a tie counts as wrong.',
    drawConfusion('Test flowers', names, answers.score.confusion),
  );
  const shown = 8;
  const window = { from: answers.from, to: answers.from + shown * schedule.period };
  const sent = flowerSpikes(lab, task, classifier.receptors, task.split.test, answers.from, 'test');
  const out = answers.piece.spikes.get(classifier.neurons);
  results.addPicture(
    'raster',
    'Spikes and rates during the test',
    `The first ${shown} test flowers: receptors (8 for each of four measurements) below, the three output neurons above. No teacher, plasticity stopped.`,
    drawRaster({
      title: 'Test: input and output spikes',
      ...window,
      groups: [
        {
          name: 'receptors',
          size: classifier.receptors.size,
          times: sent.times,
          rows: sent.indices,
        },
        ...names.map((name, neuron) => ({ name, size: 1, ...spikesOf(out, neuron) })),
      ],
      spans: Array.from({ length: shown }, (_, k) => ({
        from: answers.from + k * schedule.period,
        to: answers.from + k * schedule.period + schedule.stimulus,
        name: 'flower shown',
      })),
    }),
  );
  addMembrane(lab, task, arm);
  const shape = { rows: classifier.receptors.size, columns: 3 };
  const last = epochs[epochs.length - 1]?.weights ?? classifier.startWeights;
  results.addPicture(
    'weights',
    'Weights before and after',
    'Each column is a neuron, each row a receptor: the learned weights are templates of the species.',
    drawWeightChange(
      'Learned weights',
      { ...shape, values: classifier.startWeights },
      { ...shape, values: last },
    ),
  );
  results.addPicture(
    'weight-history',
    'Weights over time',
    'Distribution of all plastic weights after each epoch.',
    drawWeightHistory('Distribution of weights', {
      times: [0, ...epochs.map(({ piece }) => piece.to)],
      snapshots: [classifier.startWeights, ...epochs.map(({ weights }) => weights)],
    }),
  );
  addDrive(lab, task, last);
}

/** The spikes of one neuron, as the only row of a group. */
function spikesOf(
  trains: SpikeTrains | undefined,
  neuron: number,
): { times: number[]; rows: number[] } {
  const times = Array.from(trains?.times ?? []).filter((_, i) => trains?.neurons[i] === neuron);
  return { times, rows: times.map(() => 0) };
}

function addMembrane(lab: Lab, task: Task, { answers, classifier }: Arm): void {
  const { membrane } = answers.piece;
  if (!membrane) return;
  const to = answers.from + 4 * schedule.period;
  const keep = Array.from(membrane.times.keys()).filter(
    (i) => (membrane.times[i] ?? 0) >= answers.from && (membrane.times[i] ?? 0) < to,
  );
  const spikes = answers.piece.spikes.get(classifier.neurons);
  const own = Array.from(spikes?.times ?? []).filter((t, i) => spikes?.neurons[i] === 1 && t < to);
  lab.results.addPicture(
    'membrane',
    'Membrane of one output neuron',
    `Neuron "${task.flowers.names[1] ?? ''}" while the first four test flowers are shown, recorded by the fast converter. Ticks on top: its spikes.`,
    drawMembranes({
      title: 'Membrane during the test',
      quantity: 'membrane (CADC counts)',
      traces: [
        {
          name: 'neuron 1',
          times: keep.map((i) => (membrane.times[i] ?? 0) - answers.from),
          values: keep.map((i) => cadcCounts(madcVolts(membrane.codes[i] ?? 0))),
          spikes: own.map((t) => t - answers.from),
        },
      ],
      levels: [
        { name: 'leak', value: 80 },
        { name: 'reset', value: 70 },
        { name: 'threshold', value: 125 },
      ],
    }),
  );
}

/** Drive of each neuron by the flowers of its own species, and by the others. */
function addDrive(lab: Lab, task: Task, weights: ArrayLike<number>): void {
  const { nominal } = lif(operatingPoints.A);
  const drives = task.flowers.names.flatMap((name, neuron) =>
    [true, false].map((own) => {
      const flowers = task.split.train.filter((i) => (task.flowers.labels[i] === neuron) === own);
      const each = flowers.map((flower) =>
        expectedDrive(
          nominal,
          Array.from(receptorRates(task, flower), (rate, source) => ({
            rate,
            weight: weights[source * 3 + neuron] ?? 0,
            sign: 1 as const,
          })),
        ),
      );
      const mean = each.reduce((sum, drive) => sum + drive.mean, 0) / each.length;
      const sd = each.reduce((sum, drive) => sum + drive.sd, 0) / each.length;
      return { name: own ? name : 'others', mean: cadcCounts(mean), sd: sd / 4.5e-3 };
    }),
  );
  lab.results.addTable('drive', 'Drive budget in CADC counts: leak 80, threshold 125', {
    columns: ['neuron', 'flowers', 'mean', 'sd'],
    rows: drives.map(({ name, mean, sd }, i) => [
      task.flowers.names[Math.floor(i / 2)] ?? '',
      name === 'others' ? 'others' : 'own',
      mean,
      sd,
    ]),
  });
  lab.results.addPicture(
    'drive',
    'Drive budget',
    "Expected membrane without threshold (mean and SD) when flowers of the neuron's own species are shown, and when the others are.",
    drawDrive({ title: 'Drive after training', drives, leak: 80, threshold: 125 }),
  );
}

/** Accuracy after each epoch. */
export function addLearningCurve(lab: Lab, curve: readonly Answers[]): void {
  const x = curve.map((_, epoch) => epoch);
  lab.results.addPicture(
    'learning-curve',
    'Learning curve',
    'Accuracy on the unseen flowers with the weights of every epoch, tested apart on a chip without a rule.',
    drawCurves({
      title: 'Learning curve',
      xLabel: 'epoch',
      yLabel: 'test accuracy',
      curves: [
        { name: 'accuracy', x, y: curve.map(({ score }) => score.accuracy) },
        { name: 'share of ties', x, y: curve.map(({ score }) => score.ties / score.n) },
      ],
      yDomain: [0, 1],
      levels: [{ name: 'chance', value: 1 / 3 }],
    }),
  );
  lab.results.addTable('learning-curve', 'Learning curve', {
    columns: ['epoch', 'accuracy', 'ties'],
    rows: curve.map(({ score }, epoch) => [epoch, score.accuracy, score.ties]),
  });
}
