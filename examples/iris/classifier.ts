/** The spiking classifier: three neurons, plastic rows from the receptors, a teacher; and how it is trained and tested. */
import {
  Network,
  allButOne,
  allToAll,
  lif,
  oneToOne,
  operatingPoints,
  scoreAnswers,
  uniqueMaximum,
} from 'plastic';
import type {
  Lab,
  Piece,
  Population,
  Projection,
  RuleAttachment,
  Score,
  Simulation,
  SpikeSources,
} from 'plastic';
import { flowerSpikes, schedule, teacherSpikes } from './flowers.js';
import type { Task } from './flowers.js';

/** How the network is built; frozen in parameters.json. */
export interface ClassifierOptions {
  readonly receptors: number;
  readonly teacherRows: number;
  readonly inhibitionRows: number;
  readonly rule?: RuleAttachment;
}

/** A built network with the parts an experiment talks about. */
export interface Classifier {
  readonly network: Network;
  readonly receptors: SpikeSources;
  readonly teacher: SpikeSources;
  readonly neurons: Population;
  readonly plastic: Projection;
  readonly startWeights: Uint8Array;
}

/** Start weights N(20, 4), rounded: the same draw for every arm of one seed. */
export function drawStartWeights(lab: Lab, count: number): Uint8Array {
  const stream = lab.stream('init');
  return Uint8Array.from({ length: count }, () =>
    Math.min(63, Math.max(0, Math.round(20 + 4 * stream.normal()))),
  );
}

/** Three neurons at operating point A, all receptors to all of them, and a teacher that drives one and silences two. */
export function buildClassifier(
  lab: Lab,
  options: ClassifierOptions,
  weights?: ArrayLike<number>,
): Classifier {
  const network = new Network();
  const neurons = network.addPopulation('species', 3, lif(operatingPoints.A));
  const receptors = network.addSources('receptors', 4 * options.receptors);
  const teacher = network.addSources('teacher', 3);
  const startWeights = Uint8Array.from(weights ?? drawStartWeights(lab, receptors.size * 3));
  const plastic = network.project(
    receptors,
    neurons,
    allToAll((source, target) => startWeights[source * 3 + target] ?? 0),
    { name: 'learned', ...(options.rule ? { rule: options.rule } : {}) },
  );
  network.project(teacher, neurons, oneToOne(63 * options.teacherRows), { name: 'teacher' });
  network.project(teacher, neurons, allButOne(63 * options.inhibitionRows), {
    name: 'silence',
    receptor: 'inhibitory',
  });
  return { network, receptors, teacher, neurons, plastic, startWeights };
}

/** What is known after one epoch of training. */
export interface Epoch {
  readonly piece: Piece;
  readonly weights: Uint8Array;
}

/** Shows the training flowers once in a shuffled order, with teacher; one playback program. */
export async function trainEpoch(
  lab: Lab,
  task: Task,
  classifier: Classifier,
  simulation: Simulation,
  epoch: number,
  labels: readonly number[],
): Promise<Epoch> {
  const order = lab.stream('stimulus', `order ${epoch}`).shuffle([...task.split.train]);
  const from = simulation.now;
  const piece = await simulation.run(order.length * schedule.period, {
    stimuli: [
      flowerSpikes(lab, task, classifier.receptors, order, from, `train ${epoch}`),
      teacherSpikes(
        classifier.teacher,
        order.map((flower) => labels[flower] ?? 0),
        from,
      ),
    ],
    weights: [classifier.plastic],
  });
  return { piece, weights: piece.weights.get(classifier.plastic) ?? new Uint8Array(0) };
}

/** Answers of the chip to flowers it is shown without teacher. */
export interface Answers {
  readonly score: Score;
  readonly answers: readonly number[];
  /** Output spikes per flower and neuron. */
  readonly counts: readonly (readonly number[])[];
  readonly piece: Piece;
  readonly from: number;
}

/** Shows flowers without teacher and takes the neuron with most spikes as the answer. Plasticity must have ended. */
export async function testFlowers(
  lab: Lab,
  task: Task,
  classifier: Classifier,
  simulation: Simulation,
  flowers: readonly number[],
  path: string,
  membrane = false,
): Promise<Answers> {
  const from = simulation.now;
  const piece = await simulation.run(flowers.length * schedule.period, {
    stimuli: [flowerSpikes(lab, task, classifier.receptors, flowers, from, path)],
    membrane,
  });
  const spikes = piece.spikes.get(classifier.neurons);
  const counts = countAnswers(spikes?.times ?? [], spikes?.neurons ?? [], flowers.length, from);
  const answers = counts.map(uniqueMaximum);
  const truth = flowers.map((flower) => task.flowers.labels[flower] ?? 0);
  return { score: scoreAnswers(answers, truth, 3), answers, counts, piece, from };
}

/** Output spikes per flower and neuron from recorded spikes. */
export function countAnswers(
  times: ArrayLike<number>,
  neurons: ArrayLike<number>,
  flowers: number,
  from: number,
): number[][] {
  const counts = Array.from({ length: flowers }, () => [0, 0, 0]);
  for (let i = 0; i < times.length; i++) {
    const row = counts[Math.floor(((times[i] ?? 0) - from) / schedule.period)];
    const neuron = neurons[i] ?? 0;
    if (row) row[neuron] = (row[neuron] ?? 0) + 1;
  }
  return counts;
}
