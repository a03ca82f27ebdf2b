/** Sums and differences of lanes by plain 16-bit additions, which are exact. */
import type { Value } from '../ir/ir.js';
import { halfMost } from './halves.js';
import type { Atom, Linear } from './linear.js';
import { binaryPlaces, exactLog2, powerOfTwo } from './power.js';
import { PreciseProducts } from './precise.js';

export abstract class ExactSums extends PreciseProducts {
  /** Sums and differences of whole multiples, if 16 bits hold every partial sum. */
  protected exactSum(linear: Linear): Atom | undefined {
    let frac = 0;
    for (const { x, y, coefficient, factor } of linear.terms) {
      if (y !== undefined || coefficient !== undefined || x?.low) return undefined;
      const places = binaryPlaces(factor, 15);
      if (places === undefined) return undefined;
      const isUnit = x === undefined || Math.abs(factor) === 1;
      if (!isUnit && exactLog2(factor) === undefined) return undefined;
      frac = Math.max(
        frac,
        (x?.frac ?? 0) + (x === undefined ? places : -(exactLog2(factor) ?? 0)),
      );
    }
    const lanes = linear.terms.filter((term) => term.x !== undefined);
    if (lanes.length === 0) return undefined;
    // Positive terms first, so that no negation is needed.
    const ordered = [...lanes].sort((a, b) => b.factor - a.factor || 0);
    let sum: Value | undefined;
    let constant = 0;
    for (const term of linear.terms) if (term.x === undefined) constant += term.factor;
    let pending = constant * powerOfTwo(frac);
    if (!Number.isInteger(pending) || Math.abs(pending) > halfMost) return undefined;
    let error = 0;
    const fits = (lo: number, hi: number): boolean => lo >= -halfMost - 1 && hi <= halfMost;
    const planned: { atom: Atom; by: number; negative: boolean }[] = [];
    // First only the arithmetic, so that nothing is emitted if it does not fit.
    let lo = 0;
    let hi = 0;
    let first = true;
    for (const term of ordered) {
      if (term.x === undefined) continue;
      const by = frac - term.x.frac + (exactLog2(term.factor) ?? 0);
      if (by < 0) return undefined;
      const scale = powerOfTwo(by);
      const negative = term.factor < 0;
      const l = term.x.value.lo * scale;
      const h = term.x.value.hi * scale;
      if (!fits(l, h)) return undefined;
      if (first && (negative || pending !== 0)) {
        lo = pending;
        hi = pending;
      }
      first = false;
      lo += negative ? -h : l;
      hi += negative ? -l : h;
      if (!fits(lo, hi)) return undefined;
      error += term.x.error * Math.abs(term.factor);
      planned.push({ atom: term.x, by, negative });
    }
    for (const { atom, by, negative } of planned) {
      const low = this.exactLow(atom);
      const value = this.shifted(low, by).value;
      if (sum === undefined && !negative && pending === 0) {
        sum = value;
        continue;
      }
      if (sum === undefined) sum = this.builder.splatNumber(pending);
      pending = 0;
      sum = negative
        ? this.builder.value('half', 'sub', [sum, value], sum.lo - value.hi, sum.hi - value.lo)
        : this.builder.value('half', 'add', [sum, value], sum.lo + value.lo, sum.hi + value.hi);
    }
    return sum && { value: sum, frac, error };
  }
}
