/** A rule file learns Fisher's Iris flowers on an emulated chip: training by teacher, then answers without it. */
import {
  defineExperiment,
  judgeActivity,
  scoreAnswers,
  trainLogistic,
  trainNearestMean,
  trainTemplate,
} from 'plastic';
import type { Lab, Score } from 'plastic';
import { buildClassifier, testFlowers, trainEpoch } from './classifier.js';
import type { Answers, Classifier, ClassifierOptions, Epoch } from './classifier.js';
import { countInputs, flowerSpikes, makeTask, schedule } from './flowers.js';
import type { Task } from './flowers.js';
import { trainByHost } from './host-rule.js';
import { addArrays, addHeadline, addLearningCurve, addPictures } from './report.js';
import type { Arm } from './report.js';
import parameters from './parameters.json' with { type: 'json' };

const settings = {
  ...parameters,
  /** Also run the ablations: plasticity off, labels shuffled, the rule in real numbers on the host. */
  ablations: true,
};
type IrisLab = Lab<typeof settings>;

function classifierOptions(lab: IrisLab, plastic: boolean): ClassifierOptions {
  const { a, b, receptors, teacherRows, inhibitionRows } = lab.settings;
  return {
    receptors,
    teacherRows,
    inhibitionRows,
    ...(plastic ? { rule: lab.rule('iris.plast', { parameters: { a, b } }) } : {}),
  };
}

/** Trains with the rule on the processor, stops it, and tests. */
async function learn(
  lab: IrisLab,
  task: Task,
  labels: readonly number[],
  progress: (share: number) => void,
  detailed = false,
): Promise<Arm> {
  const classifier = buildClassifier(lab, classifierOptions(lab, true));
  const { store, ramp } = lab.settings;
  const simulation = await lab.start(classifier.network, {
    sensors: { store, ramp },
    ...(detailed ? { record: { population: classifier.neurons, neuron: 1 } } : {}),
  });
  const epochs: Epoch[] = [];
  for (let epoch = 0; epoch < lab.settings.epochs; epoch++) {
    epochs.push(await trainEpoch(lab, task, classifier, simulation, epoch, labels));
    if (detailed) noteWeights(lab, classifier, epochs);
    progress((epoch + 1) / (lab.settings.epochs + 1));
  }
  await simulation.stopRule();
  const log = await simulation.readRuleLog();
  const answers = await testFlowers(
    lab,
    task,
    classifier,
    simulation,
    task.split.test,
    'test',
    detailed,
  );
  progress(1);
  return { classifier, epochs, answers, log };
}

/** Keeps what is there after every epoch, so that an interrupted run loses nothing. */
function noteWeights(lab: IrisLab, classifier: Classifier, epochs: readonly Epoch[]): void {
  const snapshots = [classifier.startWeights, ...epochs.map(({ weights }) => weights)];
  const shape = [snapshots.length, classifier.receptors.size, 3];
  const all = new Uint8Array(snapshots.length * classifier.startWeights.length);
  snapshots.forEach((weights, k) => all.set(weights, k * weights.length));
  const times = Float64Array.from([0, ...epochs.map(({ piece }) => piece.to)]);
  lab.results.addArray(
    'weights',
    'learned',
    all,
    '6-bit weight; snapshot x receptor x neuron',
    shape,
  );
  lab.results.addArray('weights', 'learned_times', times, 's of experiment time');
}

/** Tests fixed weights without any rule: the ablations, and the learning curve. */
async function testWeights(
  lab: IrisLab,
  task: Task,
  weights: readonly ArrayLike<number>[],
): Promise<Answers[]> {
  const { store, ramp } = lab.settings;
  const classifier = buildClassifier(lab, classifierOptions(lab, false), weights[0]);
  const simulation = await lab.start(classifier.network, {
    sensors: { store, ramp },
    plastic: false,
  });
  const answers: Answers[] = [];
  for (const set of weights) {
    await simulation.run(schedule.period, {
      before: (writer) => simulation.writeWeights(writer, classifier.plastic, set),
    });
    answers.push(await testFlowers(lab, task, classifier, simulation, task.split.test, 'test'));
  }
  return answers;
}

/** Reference classifiers on the same split: on the measurements, and on the spikes the chip was sent. */
function referenceScores(lab: IrisLab, task: Task, arm: Arm): { name: string; score: Score }[] {
  const { train, test } = task.split;
  const { samples, labels } = task.flowers;
  const truth = test.map((i) => labels[i] ?? 0);
  const trainLabels = train.map((i) => labels[i] ?? 0);
  const size = arm.classifier.receptors.size;
  const spikesOf = (flowers: readonly number[], path: string): Float64Array[] =>
    countInputs(
      flowerSpikes(lab, task, arm.classifier.receptors, flowers, 0, path),
      flowers.length,
      size,
      0,
    );
  const order = lab.stream('stimulus', 'order 0').shuffle([...train]);
  const template = trainTemplate(
    spikesOf(order, 'train 0'),
    order.map((i) => labels[i] ?? 0),
    3,
  );
  const sample = (i: number): readonly number[] => samples[i] ?? [];
  const mean = trainNearestMean(train.map(sample), trainLabels, 3);
  const logistic = trainLogistic(train.map(sample), trainLabels, 3);
  return [
    {
      name: 'nearest mean',
      score: scoreAnswers(
        test.map((i) => mean(sample(i))),
        truth,
        3,
      ),
    },
    {
      name: 'template on input spikes',
      score: scoreAnswers(spikesOf(test, 'test').map(template), truth, 3),
    },
    {
      name: 'logistic regression',
      score: scoreAnswers(
        test.map((i) => logistic(sample(i))),
        truth,
        3,
      ),
    },
  ];
}

export default defineExperiment({
  name: 'iris',
  title: 'Iris flowers learned by a plasticity rule on the chip',
  settings,
  quick: { epochs: 3, ablations: false },
  async run(lab) {
    const { sigma, receptors, rate, epochs, ablations, a, b, store, ramp } = lab.settings;
    const task = makeTask(lab, sigma, receptors, rate);
    const { labels, names } = task.flowers;
    const shares = ablations ? [0, 0.3, 0.36, 0.62, 1] : [0, 0.75, 1, 1, 1];
    const part = (index: number, what: string) => (share: number) =>
      lab.progress(
        (shares[index] ?? 0) + share * ((shares[index + 1] ?? 1) - (shares[index] ?? 0)),
        what,
      );

    const main = await learn(lab, task, labels, part(0, 'learning'), true);
    const tested = main.answers.piece;
    const output = tested.spikes.get(main.classifier.neurons);
    if (output)
      lab.results.warn(
        judgeActivity(main.classifier.neurons, output, tested.to - tested.from).warning,
      );
    addArrays(lab, task, main);
    addPictures(lab, task, main);
    const rows: { name: string; score: Score }[] = [
      { name: 'rule on the processor', score: main.answers.score },
    ];
    addHeadline(lab, main, names);

    const curve = await testWeights(lab, task, [
      main.classifier.startWeights,
      ...main.epochs.map(({ weights }) => weights),
    ]);
    addLearningCurve(lab, curve);
    part(1, 'learning curve')(1);
    if (ablations) {
      const untrained = curve[0];
      if (untrained) rows.push({ name: 'plasticity off', score: untrained.score });
      const shuffled = shuffleLabels(lab, task);
      const other = await learn(lab, task, shuffled, part(2, 'labels shuffled'));
      rows.push({
        name: 'labels shuffled',
        score: scoreAnswers(
          other.answers.answers,
          task.split.test.map((i) => labels[i] ?? 0),
          3,
        ),
      });
      const host = buildClassifier(lab, classifierOptions(lab, false));
      const simulation = await lab.start(host.network, {
        sensors: { store, ramp },
        plastic: false,
      });
      await trainByHost(
        lab,
        task,
        host,
        simulation,
        { epochs, a, b },
        part(3, 'same rule in real numbers'),
      );
      rows.push({
        name: 'same rule, real numbers on the host',
        score: (await testFlowers(lab, task, host, simulation, task.split.test, 'test')).score,
      });
    }
    rows.push(...referenceScores(lab, task, main));
    lab.results.addTable('scores', 'Scores on the same test flowers', {
      columns: ['method', 'accuracy', 'ties', 'flowers'],
      rows: [
        ...rows.map(({ name, score }) => [name, score.accuracy, score.ties / score.n, score.n]),
        ['chance', 1 / 3, 0, task.split.test.length],
      ],
    });
    for (const { name, score } of rows.slice(1))
      lab.results.addValue(`accuracy, ${name}`, score.accuracy);
    for (const { name, score } of rows.slice(1))
      if (score.ties > 0) lab.results.addValue(`share of ties, ${name}`, score.ties / score.n);
  },
});

/** The training labels in a random order; the test flowers keep theirs. */
function shuffleLabels(lab: IrisLab, task: Task): number[] {
  const labels = [...task.flowers.labels];
  const drawn = lab
    .stream('split', 'shuffled labels')
    .shuffle(task.split.train.map((i) => labels[i] ?? 0));
  task.split.train.forEach((flower, k) => (labels[flower] = drawn[k] ?? 0));
  return labels;
}
