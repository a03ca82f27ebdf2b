import { expect, test } from 'vitest';
import { editDistance, nearest } from '../../../compiler/syntax/near.js';

test.each([
  ['', 'abc', 3],
  ['casual', 'causal', 1],
  ['kitten', 'sitting', 3],
  ['eta', 'eta', 0],
])('from %s to %s it takes %i steps', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

test('the nearest name is within a third of the length, or none', () => {
  expect(nearest('etta_plus', ['eta_plus', 'eta_minus'])).toBe('eta_plus');
  expect(nearest('Rate', ['rate', 'v'])).toBe('rate');
  expect(nearest('b', ['w', 'v'])).toBeUndefined();
  expect(nearest('zebra', ['rate', 'v'])).toBeUndefined();
});
