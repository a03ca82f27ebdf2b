/** Ints made of inexact numbers. */
import { type Scalar, magnitudeOf } from '../numeric/scalar.js';

export type IntOperation =
  'add' | 'sub' | 'mul' | 'div' | 'mod' | 'xor' | 'min' | 'max' | 'neg' | 'choose';

/** How far an int may be off that is made of others which may: whole parts of inexact numbers may be the next ones. */
export function wholeError(
  operation: IntOperation,
  args: readonly Scalar[],
  lo: number,
  hi: number,
): number {
  if (args.every(({ error }) => error === 0)) return 0;
  const [a, b] = args;
  const errors = args.map(({ error }) => error);
  switch (operation) {
    case 'add':
    case 'sub':
      return errors.reduce((sum, error) => sum + error);
    case 'neg':
    case 'min':
    case 'max':
    case 'choose':
      return errors.reduce((most, error) => Math.max(most, error));
    case 'mul':
      if (a && b) return magnitudeOf(a) * b.error + magnitudeOf(b) * a.error + a.error * b.error;
      return hi - lo;
    default:
      return hi - lo;
  }
}
