/** Lane values brought to the places of what they are assigned to. */
import { type Atom, type Linear } from '../numeric/linear.js';
import { powerOfTwo } from '../numeric/power.js';
import type { Context } from './context.js';

/** A value before and after it saturates. */
export interface Fitted {
  /** With `frac` places, or as many as 16 bits hold if those are fewer. */
  readonly exact: Atom;
  /** With `frac` places, in lo..hi. */
  readonly stored: Atom;
}

/** Places a value and saturates it in the codes lo..hi of `frac` places. */
export function fitted(
  { sums, builder }: Context,
  linear: Linear,
  frac: number,
  lo: number,
  hi: number,
): Fitted {
  const exact = sums.placed(linear, frac);
  // If the value may exceed 16 bits at full resolution it has fewer places: saturate there, then widen.
  const missing = frac - exact.frac;
  const unit = powerOfTwo(-missing);
  const stored = sums.clamped(exact, Math.ceil(lo * unit), Math.floor(hi * unit));
  if (missing <= 0) return { exact, stored };
  const factor = powerOfTwo(missing);
  const { value, error } = stored;
  const wide = builder.value('half', 'shl', [value], value.lo * factor, value.hi * factor, {
    numbers: [missing],
  });
  return { exact, stored: { value: wide, frac, error } };
}
