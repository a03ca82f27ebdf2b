/** Constants that are made again instead of kept: the number survives, whatever it looks like. */
import { describe, expect, test } from 'vitest';
import { symbol } from '../../../isa/object-builder.js';
import { scratch } from '../../../compiler/codegen/scalars.js';
import {
  give,
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

describe('where a constant is made again, the lines that first made it', () => {
  const after = (...following: ReturnType<typeof instruction>[]): string[] => {
    const target = register('constant');
    const lines = [
      instruction('lis', scratch, 1),
      instruction('ori', scratch, scratch, 2),
      { ...instruction('fxvsplath', target, scratch), target },
      ...following,
    ];
    const recipe = recipesOf(lines).get(target.number);
    return give(lines, target.number, recipe, 'constant', register).map((line) =>
      line.kind === 'instruction' ? line.mnemonic : line.kind,
    );
  };

  test('go when another number follows', () =>
    expect(after(instruction('li', scratch, 3))).toEqual(['li']));

  test('stay when something reads the number, or may', () => {
    const kept = ['lis', 'ori'];
    const reader = instruction('stw', scratch, 0, 1);
    expect(after(reader)).toEqual([...kept, 'stw']);
    expect(after(instruction('ori', scratch, scratch, 3))).toEqual([...kept, 'ori']);
    expect(after(instruction('bl', symbol('somewhere')))).toEqual([...kept, 'bl']);
    expect(after()).toEqual(kept);
  });
});
