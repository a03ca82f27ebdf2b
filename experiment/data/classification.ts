/** Counting what a classifier got right, and small reference classifiers to compare with. */
import { exp } from '../../isa/numeric/elementary.js';

/** Features of one sample; all samples of a set have the same length. */
export type Features = ArrayLike<number>;

/** A trained classifier: the class 0..n-1 of a sample, or -1 when two classes tie. */
export type Classifier = (features: Features) => number;

/** What a test set says. Ties count as wrong and are counted apart. */
export interface Score {
  /** confusion[truth][answer], with a last column for ties. */
  readonly confusion: readonly (readonly number[])[];
  readonly accuracy: number;
  readonly ties: number;
  readonly n: number;
}

/** Scores answers (-1 is a tie) against the true classes. */
export function scoreAnswers(
  answers: ArrayLike<number>,
  truth: ArrayLike<number>,
  classes: number,
): Score {
  const confusion = Array.from({ length: classes }, () =>
    Array.from({ length: classes + 1 }, () => 0),
  );
  let right = 0;
  let ties = 0;
  for (let i = 0; i < truth.length; i++) {
    const answer = answers[i] ?? -1;
    const row = confusion[truth[i] ?? 0];
    const column = answer < 0 ? classes : answer;
    if (row) row[column] = (row[column] ?? 0) + 1;
    if (answer < 0) ties++;
    else if (answer === truth[i]) right++;
  }
  return { confusion, accuracy: right / truth.length, ties, n: truth.length };
}

/** The index of the only largest value, or -1 when the largest occurs more than once. */
export function uniqueMaximum(values: ArrayLike<number>): number {
  let best = -1;
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value > most) {
      most = value;
      best = i;
    } else if (value === most) best = -1;
  }
  return best;
}

function classMeans(
  samples: readonly Features[],
  labels: ArrayLike<number>,
  classes: number,
): Float64Array[] {
  const width = samples[0]?.length ?? 0;
  const means = Array.from({ length: classes }, () => new Float64Array(width));
  const counts = new Float64Array(classes);
  samples.forEach((sample, i) => {
    const label = labels[i] ?? 0;
    const mean = means[label];
    if (!mean) throw new RangeError(`label ${label} of sample ${i}, expected 0..${classes - 1}`);
    counts[label] = (counts[label] ?? 0) + 1;
    for (let k = 0; k < width; k++) mean[k] = (mean[k] ?? 0) + (sample[k] ?? 0);
  });
  means.forEach((mean, c) =>
    mean.forEach((sum, k) => (mean[k] = sum / Math.max(1, counts[c] ?? 0))),
  );
  return means;
}

/** Nearest class mean by Euclidean distance. */
export function trainNearestMean(
  samples: readonly Features[],
  labels: ArrayLike<number>,
  classes: number,
): Classifier {
  const means = classMeans(samples, labels, classes);
  return (features) =>
    uniqueMaximum(
      means.map(
        (mean) =>
          -mean.reduce((d, m, k) => d + (m - (features[k] ?? 0)) * (m - (features[k] ?? 0)), 0),
      ),
    );
}

/** Template matching: the class whose mean has the largest cosine with the sample; a linear read-out without bias. */
export function trainTemplate(
  samples: readonly Features[],
  labels: ArrayLike<number>,
  classes: number,
): Classifier {
  const means = classMeans(samples, labels, classes);
  const norms = means.map((mean) => Math.sqrt(mean.reduce((s, m) => s + m * m, 0)) || 1);
  return (features) =>
    uniqueMaximum(
      means.map(
        (mean, c) => mean.reduce((s, m, k) => s + m * (features[k] ?? 0), 0) / (norms[c] ?? 1),
      ),
    );
}

/** How `trainLogistic` learns. */
export interface LogisticOptions {
  /** Full-batch steps; 600 by default. */
  readonly steps?: number;
  /** Step length on standardised features; 1 by default. */
  readonly rate?: number;
  /** Quadratic penalty on the weights; 1e-3 by default. */
  readonly decay?: number;
}

/** Multinomial logistic regression by full-batch gradient descent on standardised features; deterministic. */
export function trainLogistic(
  samples: readonly Features[],
  labels: ArrayLike<number>,
  classes: number,
  { steps = 600, rate = 1, decay = 1e-3 }: LogisticOptions = {},
): Classifier {
  const width = samples[0]?.length ?? 0;
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (let k = 0; k < width; k++) {
    const values = samples.map((sample) => sample[k] ?? 0);
    const centre = values.reduce((s, v) => s + v, 0) / values.length;
    mean[k] = centre;
    scale[k] =
      1 /
      (Math.sqrt(values.reduce((s, v) => s + (v - centre) * (v - centre), 0) / values.length) || 1);
  }
  const standard = (features: Features): Float64Array =>
    Float64Array.from({ length: width }, (_, k) => ((features[k] ?? 0) - mean[k]!) * scale[k]!);
  const inputs = samples.map(standard);
  const weights = Array.from({ length: classes }, () => new Float64Array(width + 1));
  const logits = (x: Float64Array, out: Float64Array): Float64Array => {
    for (let c = 0; c < classes; c++) {
      const w = weights[c]!;
      let sum = w[width]!;
      for (let k = 0; k < width; k++) sum += x[k]! * w[k]!;
      out[c] = sum;
    }
    return out;
  };
  const gradients = weights.map((w) => new Float64Array(w.length));
  const p = new Float64Array(classes);
  for (let step = 0; step < steps; step++) {
    gradients.forEach((gradient, c) => {
      for (let k = 0; k < width; k++) gradient[k] = decay * weights[c]![k]!;
      gradient[width] = 0;
    });
    for (let i = 0; i < inputs.length; i++) {
      const x = inputs[i]!;
      softmax(logits(x, p));
      for (let c = 0; c < classes; c++) {
        const error = (p[c]! - (labels[i] === c ? 1 : 0)) / inputs.length;
        const gradient = gradients[c]!;
        for (let k = 0; k < width; k++) gradient[k]! += error * x[k]!;
        gradient[width]! += error;
      }
    }
    for (let c = 0; c < classes; c++)
      for (let k = 0; k <= width; k++) weights[c]![k]! -= rate * gradients[c]![k]!;
  }
  return (features) => uniqueMaximum(logits(standard(features), new Float64Array(classes)));
}

/** In place. */
function softmax(values: Float64Array): void {
  const top = values.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (let c = 0; c < values.length; c++) sum += values[c] = exp(values[c]! - top);
  for (let c = 0; c < values.length; c++) values[c]! /= sum;
}
