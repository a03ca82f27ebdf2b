/** Dividing labelled samples into training and test parts. */
import type { Stream } from '../../isa/numeric/random.js';

/** Indices of the samples in each part. */
export interface Split {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/**
 * A stratified split: every class gives `floor(size / classes)` samples to training, and the classes that give one more
 * when `size` does not divide evenly are drawn. Uses nothing of the samples but their labels.
 * @param size samples in the training part
 * @throws RangeError when a class has too few samples
 */
export function splitStratified(labels: ArrayLike<number>, size: number, stream: Stream): Split {
  const byClass = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? 0;
    byClass.set(label, [...(byClass.get(label) ?? []), i]);
  }
  const classes = [...byClass.keys()].sort((a, b) => a - b);
  const larger = new Set(stream.shuffle([...classes]).slice(0, size % classes.length));
  const train: number[] = [];
  const test: number[] = [];
  for (const label of classes) {
    const members = stream.shuffle([...(byClass.get(label) ?? [])]);
    const share = Math.floor(size / classes.length) + (larger.has(label) ? 1 : 0);
    if (share > members.length)
      throw new RangeError(`class ${label} has ${members.length} samples, training needs ${share}`);
    train.push(...members.slice(0, share));
    test.push(...members.slice(share));
  }
  return { train, test };
}
