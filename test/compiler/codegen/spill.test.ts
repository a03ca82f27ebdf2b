/** Constants that are made again instead of kept: the number survives, whatever it looks like. */
import { describe, expect, test } from 'vitest';
import { scratch } from '../../../compiler/codegen/scalars.js';
import {
  instruction,
  newRegisters,
  recipesOf,
  remake,
  spillScratch,
} from '../../../compiler/codegen/spill.js';

const register = newRegisters();

describe('a constant made again', () => {
  test.each([0, 12, spillScratch, scratch, 31, -25])('keeps its value %i', (value) => {
    const target = register('constant');
    const made = register('again');
    const lines = [
      instruction('li', scratch, value),
      { ...instruction('fxvsplath', target, scratch), target },
    ];
    const recipe = recipesOf(lines).get(target.number) ?? [];
    expect(remake(recipe, made).map(({ mnemonic, operands }) => [mnemonic, ...operands])).toEqual([
      ['li', spillScratch, value],
      ['fxvsplath', made, spillScratch],
    ]);
  });

  test('keeps both halves of a long number', () => {
    const target = register('constant');
    const made = register('again');
    const lines = [
      instruction('lis', scratch, scratch),
      instruction('ori', scratch, scratch, scratch),
      { ...instruction('fxvsplath', target, scratch), target },
    ];
    const recipe = recipesOf(lines).get(target.number) ?? [];
    expect(remake(recipe, made).map(({ operands }) => operands)).toEqual([
      [spillScratch, scratch],
      [spillScratch, spillScratch, scratch],
      [made, spillScratch],
    ]);
  });
});
