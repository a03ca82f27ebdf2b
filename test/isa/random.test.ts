import { describe, expect, test } from 'vitest';
import {
  Stream,
  normalAt,
  philoxBlock,
  streamKey,
  truncatedNormalAt,
  uniformAt,
  wordAt,
} from '../../isa/numeric/random.js';

describe('a stream is a pure function of seed, name and position', () => {
  test('the same seed and name give the same numbers, another name or seed others', () => {
    const draw = (seed: number, name: string) => {
      const stream = new Stream(seed, name);
      return Array.from({ length: 8 }, () => stream.word());
    };
    expect(draw(7, 'a')).toEqual(draw(7, 'a'));
    expect(draw(7, 'a')).not.toEqual(draw(7, 'b'));
    expect(draw(7, 'a')).not.toEqual(draw(8, 'a'));
    expect(draw(7, 'a')).not.toEqual(draw(7 + 2 ** 32, 'a'));
  });

  test('the numbers are those of every other machine', () => {
    const key = streamKey(1, 'reference');
    expect([0, 1, 2, 3].map((i) => wordAt(key, i))).toMatchInlineSnapshot(`
      [
        467400000,
        1977948762,
        3335187440,
        3476695761,
      ]
    `);
    expect([normalAt(key, 0), uniformAt(key, 5, 6, 7), truncatedNormalAt(key, 9, 1)])
      .toMatchInlineSnapshot(`
      [
        0.5473767201385202,
        0.3069771544667883,
        -0.13842770452340425,
      ]
    `);
  });

  test('a value at an index does not depend on what was drawn before', () => {
    const key = streamKey(3, 'order');
    const forwards = [0, 1, 2].map((i) => normalAt(key, i));
    const backwards = [2, 1, 0].map((i) => normalAt(key, i)).reverse();
    expect(forwards).toEqual(backwards);
  });

  test('a seed that is not a whole number is refused', () => {
    expect(() => streamKey(0.5, 'x')).toThrow(RangeError);
  });
});

test('the generator gives the known answers of its authors', () => {
  const ones = 0xffffffff;
  const block = (a: number, b: number, counter: [number, number, number, number]) =>
    philoxBlock({ a, b }, counter).map((word) => word.toString(16).padStart(8, '0'));
  expect(block(0, 0, [0, 0, 0, 0])).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']);
  expect(block(ones, ones, [ones, ones, ones, ones])).toEqual([
    '408f276d',
    '41c83b0e',
    'a20bc7c6',
    '6d5451fd',
  ]);
  expect(block(0xa4093822, 0x299f31d0, [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344])).toEqual([
    'd16cfe09',
    '94fdcceb',
    '5001e420',
    '24126ea1',
  ]);
});

describe('the distributions are the named ones', () => {
  const n = 100_000;
  test('uniform: mean 1/2, variance 1/12, never 1', () => {
    const stream = new Stream(1, 'uniform');
    let sum = 0;
    let squares = 0;
    let top = 0;
    for (let i = 0; i < n; i++) {
      const u = stream.uniform();
      sum += u;
      squares += u * u;
      top = Math.max(top, u);
    }
    expect(sum / n).toBeCloseTo(0.5, 2);
    expect(squares / n - (sum / n) ** 2).toBeCloseTo(1 / 12, 2);
    expect(top).toBeLessThan(1);
  });

  test('normal: mean 0, SD 1, kurtosis 3, in order and by index', () => {
    const stream = new Stream(1, 'normal');
    const key = streamKey(1, 'normal by index');
    for (const draw of [
      () => stream.normal(),
      (
        (i) => () =>
          normalAt(key, i++)
      )(0),
    ]) {
      let m1 = 0;
      let m2 = 0;
      let m4 = 0;
      for (let i = 0; i < n; i++) {
        const x = draw();
        m1 += x / n;
        m2 += (x * x) / n;
        m4 += (x * x * x * x) / n;
      }
      expect(Math.abs(m1)).toBeLessThan(0.015);
      expect(Math.abs(m2 - 1)).toBeLessThan(0.02);
      expect(Math.abs(m4 - 3)).toBeLessThan(0.15);
    }
  });

  test('poisson: mean and variance equal the parameter, also above 50', () => {
    const stream = new Stream(2, 'poisson');
    for (const mean of [0.3, 4, 120]) {
      let sum = 0;
      let squares = 0;
      const draws = 20_000;
      for (let i = 0; i < draws; i++) {
        const k = stream.poisson(mean);
        sum += k;
        squares += k * k;
      }
      const average = sum / draws;
      expect(Math.abs(average / mean - 1)).toBeLessThan(0.03);
      expect(Math.abs((squares / draws - average * average) / mean - 1)).toBeLessThan(0.06);
    }
  });

  test('integers are uniform and a shuffle is a permutation', () => {
    const stream = new Stream(4, 'integers');
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[stream.integer(7)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
    expect(stream.shuffle([...Array(50).keys()]).sort((a, b) => a - b)).toEqual([
      ...Array(50).keys(),
    ]);
  });
});
