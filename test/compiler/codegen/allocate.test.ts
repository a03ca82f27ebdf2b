/** Register allocation: what a register held when it was written is what is read, turn after turn. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate } from '../../../compiler/codegen/allocate.js';
import {
  CodeList,
  type Line,
  type VirtualRegister,
  isVirtual,
} from '../../../compiler/codegen/code.js';

/** Executes lines with registers named by `place`: every write makes a new token, every read is noted. */
function trace(lines: readonly Line[], place: (register: VirtualRegister) => number): number[] {
  const held = new Map<number, number>();
  const reads: number[] = [];
  let token = 0;
  const begin = lines.findIndex(({ kind }) => kind === 'loop');
  const end = lines.findIndex(({ kind }) => kind === 'loop-end');
  const go = (from: number, to: number): void => {
    for (const line of lines.slice(from, to)) {
      if (line.kind !== 'instruction') continue;
      line.operands.forEach((operand, i) => {
        if (isVirtual(operand) && !(i === 0 && line.target))
          reads.push(held.get(place(operand)) ?? -1);
      });
      if (line.target) held.set(place(line.target), token++);
    }
  };
  go(0, begin);
  for (let turn = 0; turn < 3; turn++) go(begin, end);
  go(end, lines.length);
  return reads;
}

/** Code with constants from before a loop, values that its end makes for its next turn, and values of one turn. */
const programs = fc
  .record({
    constants: fc.integer({ min: 0, max: 10 }),
    carried: fc.integer({ min: 0, max: 8 }),
    steps: fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 40 }),
    overlaps: fc.boolean(),
  })
  .map(({ constants, carried, steps, overlaps }) => {
    const code = new CodeList('t');
    const fixed = Array.from({ length: constants }, (_, i) => code.make(`#${i}`, 'fxvsplath', 3));
    const ahead = Array.from({ length: carried }, (_, i) => code.make(`c${i}`, 'fxvinx', 0, 3));
    code.lines.push({ kind: 'loop', id: 0, turns: 'rows', overlaps });
    const values = [...fixed, ...ahead];
    steps.forEach(([a, b], i) => {
      const x = values[a % Math.max(1, values.length)];
      const y = values[b % Math.max(1, values.length)];
      const made =
        x && y ? code.make(`t${i}`, 'fxvaddhm', x, y) : code.make(`t${i}`, 'fxvsplath', 3);
      values.push(made);
    });
    for (const register of ahead) code.emit('fxvinx', register, 0, 3);
    code.lines.push({ kind: 'loop-end', id: 0 });
    return code.lines;
  });

test.each([false, true])('registers never lose what is still read (tight: %s)', (tight) => {
  fc.assert(
    fc.property(programs, (lines) => {
      const result = allocate(lines, tight);
      fc.pre('registers' in result);
      if (!('registers' in result)) return;
      const places = [...result.registers.values()];
      expect(places.every((place) => place >= 0 && place < 32)).toBe(true);
      const real = trace(lines, ({ number }) => result.registers.get(number) ?? -1);
      expect(real).toEqual(trace(lines, ({ number }) => number));
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('values that do not fit are named', () => {
  const code = new CodeList('t');
  const all = Array.from({ length: 33 }, (_, i) => code.make(`v${i}`, 'fxvsplath', 3));
  for (const register of all) code.emit('fxvcmph', register);
  const result = allocate(code.lines);
  expect('alive' in result ? result.alive.length : 0).toBe(33);
});
