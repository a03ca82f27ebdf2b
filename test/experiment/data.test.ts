import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  scoreAnswers,
  trainLogistic,
  trainNearestMean,
  trainTemplate,
  uniqueMaximum,
} from '../../experiment/data/classification.js';
import { activate, fitReceptors } from '../../experiment/data/receptors.js';
import { splitStratified } from '../../experiment/data/split.js';
import { comparePaired, summarise, wilsonInterval } from '../../experiment/data/statistics.js';
import { decodeCsv, encodeCsv, encodeMarkdown } from '../../experiment/output/csv.js';
import { Stream } from '../../isa/numeric/random.js';

const iris = decodeCsv(
  readFileSync(new URL('../../examples/iris/iris.csv', import.meta.url), 'utf8'),
);
const names = [...new Set(iris.rows.map((row) => row[4] ?? ''))];
const labels = iris.rows.map((row) => names.indexOf(row[4] ?? ''));
const samples = iris.rows.map((row) => row.slice(0, 4).map(Number));

test('tables survive CSV', () => {
  const cell = fc.string().filter((text) => text !== '');
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
      const back = decodeCsv(encodeCsv({ columns: ['a', 'b'], rows }));
      expect(back.rows).toEqual(rows.map((row) => row.map((text) => text)));
    }),
  );
  expect(() => encodeCsv({ columns: ['a'], rows: [[1, 2]] })).toThrow(RangeError);
  expect(encodeMarkdown({ columns: ['a', 'b'], rows: [[1, null]] })).toBe(
    '| a   | b   |\n| --- | --- |\n| 1   |     |\n',
  );
});

test('the Iris data are the version with sepal width mean 3.0573', () => {
  expect(samples.length).toBe(150);
  expect(summarise(samples.map((s) => s[1] ?? 0)).mean).toBeCloseTo(3.0573, 4);
});

test('a stratified split of 100 draws which class gives 34', () => {
  const larger = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    const { train, test: rest } = splitStratified(labels, 100, new Stream(seed, 'split'));
    const counts = [0, 1, 2].map((c) => train.filter((i) => labels[i] === c).length);
    expect([...counts].sort((a, b) => a - b)).toEqual([33, 33, 34]);
    expect(new Set([...train, ...rest]).size).toBe(150);
    larger.add(counts.indexOf(34));
  }
  expect(larger.size).toBe(3);
});

test('reference classifiers reach the known scores on Iris', () => {
  const scores = [trainNearestMean, trainTemplate, trainLogistic].map((train, which) => {
    const accuracies = [0, 1, 2, 3, 4].map((seed) => {
      const split = splitStratified(labels, 100, new Stream(seed, 'split'));
      const part = split.train.map((i) => samples[i] ?? []);
      const field = fitReceptors(part, 8, 1);
      const code = (i: number) =>
        which === 1 ? activate(field, samples[i] ?? []) : (samples[i] ?? []);
      const classify = train(
        split.train.map(code),
        split.train.map((i) => labels[i] ?? 0),
        3,
      );
      return scoreAnswers(
        split.test.map((i) => classify(code(i))),
        split.test.map((i) => labels[i] ?? 0),
        3,
      ).accuracy;
    });
    return summarise(accuracies).mean;
  });
  expect(scores[0]).toBeGreaterThan(0.88);
  expect(scores[1]).toBeGreaterThan(0.88);
  expect(scores[2]).toBeGreaterThan(0.93);
});

test('ties are nobody and count as wrong', () => {
  expect(uniqueMaximum([3, 5, 5])).toBe(-1);
  expect(uniqueMaximum([3, 5, 4])).toBe(1);
  const score = scoreAnswers([0, -1, 1], [0, 1, 2], 3);
  expect(score).toMatchObject({ accuracy: 1 / 3, ties: 1, n: 3 });
  expect(score.confusion).toEqual([
    [1, 0, 0, 0],
    [0, 0, 0, 1],
    [0, 1, 0, 0],
  ]);
});

test('a receptor answers most at its centre, and one spacing away by its width', () => {
  const field = fitReceptors([[0], [7]], 8, 1);
  const response = activate(field, [3]);
  expect(uniqueMaximum(response)).toBe(3);
  expect(response[2]).toBeCloseTo(0.60653, 5);
});

test('summaries use Student intervals', () => {
  expect(summarise([1, 2, 3, 4, 5])).toMatchObject({ n: 5, mean: 3 });
  expect(summarise([1, 2, 3, 4, 5]).high).toBeCloseTo(
    3 + (2.776 * Math.sqrt(2.5)) / Math.sqrt(5),
    9,
  );
  expect(comparePaired([1, 2], [0, 1]).mean).toBe(1);
  const { low, high } = wilsonInterval(45, 50);
  expect([low, high].map((v) => v.toFixed(3))).toEqual(['0.786', '0.957']);
});
