/** Sums of products in the accumulator: their constant parts, roundings, and limits by saturation. */
import type { DotTerm, Value } from '../ir/ir.js';
import { powerOfTwo } from '../numeric/power.js';
import type { CodeList, VirtualRegister } from './code.js';
import { LaneScopes } from './lane-scopes.js';
import { type Scalars, scratch } from './scalars.js';

export abstract class LaneSums extends LaneScopes {
  abstract half(value: Value, q: number): VirtualRegister;
  abstract splat(value: number, width?: 8 | 16): VirtualRegister;
  abstract get zero(): VirtualRegister;

  /** floor(x / 2^by): a product with 2^(15 - by), whose upper half is the doubled product's. */
  protected shiftRight(x: VirtualRegister, by: number, key: string): VirtualRegister {
    if (by === 0) return x;
    if (by > 15) return this.shiftRight(this.shiftRight(x, 15, key), by - 15, key);
    return this.code.make(key, 'fxvmulhfs', x, this.splat(powerOfTwo(15 - by)));
  }

  /**
   * Accumulates the terms and adds `extra * 2^16`; leaves the upper half, saturated. With `apart` the constant part is
   * accumulated first, for when it and `extra` together exceed a register.
   */
  private accumulate(
    value: Value,
    q: number,
    extra: number,
    key: string,
    apart = false,
  ): VirtualRegister {
    const { code } = this;
    const terms = (value.terms ?? []).filter((term) => term.b !== 0);
    const operands = terms.map((term: DotTerm): [VirtualRegister, VirtualRegister] => [
      this.half(term.a, q),
      typeof term.b === 'number' ? this.splat(term.b) : this.half(term.b, q),
    ]);
    const { high, low: lowPart } = this.constantParts(value, apart ? 0 : extra);
    if (apart) code.emit('fxvmtachf', high);
    else if (operands.length === 0) code.emit('fxvmtach', this.zero);
    operands.forEach(([x, y], index) => {
      code.emit(index === 0 && !apart ? 'fxvmultachm' : 'fxvmatachm', x, y);
    });
    if (lowPart) code.emit('fxvaddactachm', lowPart);
    return code.make(key, 'fxvaddachfs', apart ? this.splat(extra) : high);
  }

  /** Puts a dot with its constant part into the accumulator; it must fit. */
  private fill(dot: Value, q: number, first?: VirtualRegister): void {
    const { code } = this;
    const operands = (dot.terms ?? []).map((term: DotTerm): [VirtualRegister, VirtualRegister] => [
      this.half(term.a, q),
      typeof term.b === 'number' ? this.splat(term.b) : this.half(term.b, q),
    ]);
    if (first) code.emit('fxvmtachf', first);
    else if (operands.length === 0) code.emit('fxvmtach', this.zero);
    operands.forEach(([x, y], index) => {
      code.emit(index === 0 && !first ? 'fxvmultachm' : 'fxvmatachm', x, y);
    });
  }

  /** The sum of a dot, rounding included: its upper and its lower half. */
  wholeSum(dot: Value, q: number, key: string): readonly [VirtualRegister, VirtualRegister] {
    const { code } = this;
    const { high, low: lowPart } = this.constantParts(dot, 0);
    const zero = this.zero;
    this.fill(dot, q, high);
    if (lowPart) code.emit('fxvaddactachm', lowPart);
    return [code.make(key, 'fxvaddachfs', zero), code.make(`${key}l`, 'fxvaddachm', zero)];
  }

  /** The upper half of a dot, rounding included, after `steps` were added to it, saturating each time. */
  steppedSum(dot: Value, q: number, steps: readonly number[], key: string): VirtualRegister {
    const { code } = this;
    const [round = 0] = dot.numbers;
    const [step = 0, ...more] = steps;
    const { addend } = dot;
    const highest = Math.ceil((round + (addend?.hi ?? 0)) / 0x10000) + 1 + step;
    const lowest = Math.floor((round + (addend?.lo ?? 0)) / 0x10000) - 1 + step;
    const isApart = highest > 0x7fff || lowest < -0x8000;
    const { high, low: lowPart } = this.constantParts(dot, isApart ? 0 : step);
    const later = (isApart ? steps : more).map((each) => this.splat(each));
    const all = isApart ? later : [high, ...later];
    this.fill(dot, q, isApart ? high : undefined);
    if (lowPart) code.emit('fxvaddactachm', lowPart);
    for (const each of all.slice(0, -1)) code.emit('fxvaddactachf', each);
    return code.make(key, 'fxvaddachfs', all.at(-1) ?? this.zero);
  }

  /** The constant part of a dot, rounding included, as upper half and signed lower half. */
  private constantParts(
    value: Value,
    extra: number,
  ): { readonly high: VirtualRegister; readonly low?: VirtualRegister } {
    const [round = 0] = value.numbers;
    const { addend } = value;
    if (addend === undefined || addend.operation === 'const') {
      const total = round + (addend?.numbers[0] ?? 0);
      const high = Math.floor((total + 0x8000) / 0x10000);
      const rest = total - high * 0x10000;
      return rest === 0
        ? { high: this.splat(high + extra) }
        : { high: this.splat(high + extra), low: this.splat(rest) };
    }
    const key = `parts${addend.id}+${round}`;
    const lowPart = this.shared(`${key}.low`, addend.depth, ({ code, scalars }) =>
      code.grouped(() => {
        sumInto(scalars, code, addend, round);
        return code.make(`${key}.low`, 'fxvsplath', scratch);
      }),
    );
    const highKey = `${key}.high+${extra}`;
    const high = this.shared(highKey, addend.depth, ({ code, scalars }) =>
      code.grouped(() => {
        sumInto(scalars, code, addend, round + 0x8000);
        // 0x8000 more, because the lower half is signed. The splat takes the low half of the word.
        code.emit('rlwinm', scratch, scratch, 16, 16, 31);
        if (extra !== 0) code.emit('addi', scratch, scratch, extra);
        return code.make(highKey, 'fxvsplath', scratch);
      }),
    );
    return { high, low: lowPart };
  }

  protected finishDot(value: Value, q: number, key: string): VirtualRegister {
    const [, shift = 16] = value.numbers;
    const upper = this.accumulate(value, q, 0, key);
    return this.shiftRight(upper, shift - 16, key);
  }

  /** The lower half of a dot's sum. */
  protected lowOfDot(value: Value, q: number, key: string): VirtualRegister {
    const { code } = this;
    const { low } = this.constantParts(value, 0);
    this.fill(value, q);
    return code.make(key, 'fxvaddachm', low ?? this.zero);
  }

  protected clamp(value: Value, a: Value, q: number, key: string): VirtualRegister {
    const [lo = 0, hi = 0] = value.numbers;
    const isShared = this.find(`v${a.id}.${q}`) !== undefined;
    if (a.operation === 'dot' && !isShared) {
      const fused = this.clampedDot(a, lo, hi, q, key);
      if (fused) return fused;
    }
    return this.saturate(this.half(a, q), a, lo, hi, key);
  }

  /** max(lo, min(hi, x)) by sums that saturate. */
  private saturate(
    x: VirtualRegister,
    range: { readonly lo: number; readonly hi: number },
    lo: number,
    hi: number,
    key: string,
  ): VirtualRegister {
    const { code } = this;
    let register = x;
    if (range.hi > hi) {
      const room = this.splat(0x7fff - hi);
      register = code.make(key, 'fxvaddhfs', register, room);
      register = code.make(key, 'fxvsubhm', register, room);
    }
    if (range.lo < lo) register = this.raise(register, lo + 0x8000, lo, key);
    return register;
  }

  /** Subtracts `amount` (0..131070) so that it saturates at -32768, then puts `lo` there. */
  private raise(x: VirtualRegister, amount: number, lo: number, key: string): VirtualRegister {
    const { code } = this;
    let register = x;
    let left = amount;
    while (left > 0) {
      const step = Math.min(left, 0x7fff);
      register = code.make(key, 'fxvsubhfs', register, this.splat(step));
      left -= step;
    }
    const back = lo + 0x8000;
    return code.make(key, 'fxvaddhm', register, this.splat(back > 0x7fff ? back - 0x10000 : back));
  }

  /**
   * A clamp of a dot at the places of its upper half, before the last shift: the upper limit saturates in the
   * accumulator itself, by an offset that puts it at the top.
   */
  private clampedDot(
    dot: Value,
    lo: number,
    hi: number,
    q: number,
    key: string,
  ): VirtualRegister | undefined {
    const [round = 0, shift = 16] = dot.numbers;
    const by = shift - 16;
    const top = (hi + 1) * powerOfTwo(by) - 1;
    const bottom = lo * powerOfTwo(by);
    const offset = 0x7fff - top;
    const { addend } = dot;
    const highest = Math.ceil((round + (addend?.hi ?? 0)) / 0x10000) + 1 + offset;
    const lowest = Math.floor((round + (addend?.lo ?? 0)) / 0x10000) - 1 + offset;
    if (offset < 0 || offset > 0x7fff) return undefined;
    const apart = highest > 0x7fff || lowest < -0x8000;
    const upper = this.accumulate(dot, q, offset, key, apart);
    const clamped = this.raise(upper, offset + bottom + 0x8000, bottom, key);
    if (by === 0) return clamped;
    if (lo >= 0) return this.code.make(key, 'fxvshh', clamped, -by);
    return this.shiftRight(clamped, by, key);
  }
}

/** Leaves addend + constant in the scratch register. */
function sumInto(scalars: Scalars, code: CodeList, addend: Value, constant: number): void {
  const register = scalars.get(addend);
  scalars.constant(scratch, constant);
  code.emit('add', scratch, register, scratch);
  scalars.done();
}
