/** Lane by lane, a positive code times a power of two that brings it near the top of its half. */
import { type Enumerated, type Enumeration } from './enumerated.js';
import { floorLog2, powerOfTwo } from './power.js';

/** One doubling by 2^by that was made where `small` holds. */
export interface NormalStep {
  readonly by: number;
  readonly small: Enumerated;
}

export interface Normalised {
  /** c * 2^before * 2^(sum of the steps taken), at least 2^(15 - last step) and below 2^15. */
  readonly n: Enumerated;
  readonly before: number;
  readonly steps: readonly NormalStep[];
  /** The largest sum of steps, at least what any code takes. */
  readonly most: number;
}

/** Brings positive codes near 2^15 in the given steps, largest first. */
export function normalised(
  e: Enumeration,
  c: Enumerated,
  sizes: readonly number[] = [8, 4, 2, 1],
): Normalised {
  const last = sizes.at(-1) ?? 1;
  const room = 14 - floorLog2(e.size(c));
  const before = room - (room % last);
  let n = e.shiftLeft(c, before);
  const needed = 15 - last - floorLog2(n.codes.reduce((a, b) => Math.min(a, b), 0x7fff));
  const steps: NormalStep[] = [];
  for (const by of sizes) {
    if (by - last > needed || needed <= 0) continue;
    const small = e.compare(e.subtract(n, e.constant(powerOfTwo(15 - by))), '<');
    n = e.multiply(n, e.choose(small, e.constant(powerOfTwo(by)), e.constant(1)));
    steps.push({ by, small });
  }
  return { n, before, steps, most: steps.reduce((sum, { by }) => sum + by, 0) };
}
