/**
 * Vector code on demand: a value is computed for one half of one parity when something needs it, and only once while
 * its register lasts. Halves are numbered q = 2 * parity + (0 left, 1 right); bytes and masks of columns by parity.
 */
import type { DotTerm, Relation, Value } from '../ir/ir.js';
import { powerOfTwo } from '../numeric/power.js';
import type { CodeList, VirtualRegister } from './code.js';
import { firstDraw, isDrawSum } from './inspect.js';
import { LaneScopes, type Maker } from './lane-scopes.js';
import type { Memory } from './memory.js';
import { type Scalars, scratch } from './scalars.js';

/** What belongs to the place: hardware addresses and the registers of the row loop. */
export interface LaneSources {
  /** Emits the read of a byte-wide observable or state for one parity. */
  loadByte(value: Value, parity: number): VirtualRegister;
  /** Emits the read of a 16-bit state for one half. */
  loadHalf(value: Value, q: number): VirtualRegister;
  /** A random byte as the generator gives it. */
  rawRandom(value: Value, parity: number): VirtualRegister;
}

export const greater = 1;
export const less = 2;
export const equal = 3;

/** A condition in the condition register: masked lanes are those where it holds, or the others if `inverted`. */
interface Condition {
  readonly code: number;
  readonly inverted: boolean;
}

export class Lanes extends LaneScopes {
  constructor(
    code: CodeList,
    readonly scalars: Scalars,
    memory: Memory,
    readonly sources: LaneSources,
    given: ReadonlySet<string>,
  ) {
    super(code, memory, given);
  }

  protected override lanes(): Lanes {
    return this;
  }

  /** Every half (or byte) of a vector holds the code `value`. */
  splat(value: number, width: 8 | 16 = 16): VirtualRegister {
    const key = `#${width}:${value}`;
    return this.shared(key, 0, ({ code, scalars }) => {
      scalars.constant(scratch, value);
      return code.make(key, width === 16 ? 'fxvsplath' : 'fxvsplatb', scratch);
    });
  }

  get zero(): VirtualRegister {
    return this.splat(0);
  }

  /** A scalar value in every half. */
  splatScalar(value: Value): VirtualRegister {
    if (value.operation === 'const') return this.splat(value.numbers[0] ?? 0);
    const key = `splat${value.id}`;
    return this.shared(key, value.depth, ({ code, scalars }) => {
      const register = scalars.get(value);
      scalars.done();
      return code.make(key, 'fxvsplath', register);
    });
  }

  /** A byte value of one parity. */
  byte(value: Value, parity: number): VirtualRegister {
    const key = `v${value.id}.${parity}`;
    const [a] = value.args;
    if (value.operation === 'partner' && a) return this.byte(a, parity ^ 1);
    const found = this.find(key) ?? this.reload(key);
    if (found) return found;
    this.want(key, value.depth, (lanes) => lanes.byte(value, parity), false);
    const { code } = this;
    let register: VirtualRegister;
    if (value.operation === 'flip' && a)
      register = code.make(key, 'fxvaddbm', this.byte(a, parity), this.splat(-128, 8));
    else register = this.sources.loadByte(value, parity);
    return this.keep(key, register);
  }

  /** A half value (or a mask as a half that is positive where it holds). */
  half(value: Value, q: number): VirtualRegister {
    if (value.operation === 'splat' && value.args[0]) return this.splatScalar(value.args[0]);
    const [a] = value.args;
    if (value.operation === 'partner' && a) return this.half(a, q ^ 2);
    const key = `v${value.id}.${q}`;
    const found = this.find(key) ?? this.reload(key);
    if (found) return found;
    this.want(key, value.depth, (lanes) => lanes.half(value, q), false);
    const register =
      value.space === 'mask' ? this.makeMask(value, q) : this.makeHalf(value, q, key);
    const kept = this.keep(key, register);
    const other = `v${value.id}.${q ^ 1}`;
    // Sums of draws for both halves at once: each random byte is needed only for a moment.
    if (isDrawSum(value) && !this.find(other)) this.keep(other, this.makeHalf(value, q ^ 1, other));
    return kept;
  }

  private makeHalf(value: Value, q: number, key: string): VirtualRegister {
    const { code } = this;
    const [a, b, c] = value.args;
    const two = (mnemonic: string): VirtualRegister => {
      if (!a || !b) throw new Error(`${value.operation} needs two operands`);
      return code.make(key, mnemonic, this.half(a, q), this.half(b, q));
    };
    switch (value.operation) {
      case 'add':
        return two('fxvaddhm');
      case 'sub':
        return two('fxvsubhm');
      case 'mul':
      case 'mul-wrap':
        return two('fxvmulhm');
      case 'neg':
        if (a) return code.make(key, 'fxvsubhm', this.zero, this.half(a, q));
        break;
      case 'shl':
        if (a) return code.make(key, 'fxvshh', this.half(a, q), value.numbers[0] ?? 0);
        break;
      case 'asr':
        if (a) return this.shiftRight(this.half(a, q), value.numbers[0] ?? 0, key);
        break;
      case 'widen-high':
        if (a) return code.make(key, unpack(q), this.byte(a, q >> 1), this.zero, 0);
        break;
      case 'widen-unsigned':
        if (a) return code.make(key, unpack(q), this.zero, this.byte(a, q >> 1), 0);
        break;
      case 'widen-signed':
        // The byte in the upper half, then an arithmetic shift by 8: a * 2^8 * 2^7 * 2 / 2^16.
        if (a) {
          const wide = code.make(key, unpack(q), this.byte(a, q >> 1), this.zero, 0);
          return code.make(key, 'fxvmulhfs', wide, this.splat(128));
        }
        break;
      case 'dot':
        return this.finishDot(value, q, key);
      case 'clamp':
        if (a) return this.clamp(value, a, q, key);
        break;
      case 'min':
      case 'max':
        if (a && b) {
          const x = this.half(a, q);
          const y = this.half(b, q);
          const difference = code.make(`${key}d`, 'fxvsubhfs', x, y);
          code.emit('fxvcmph', difference);
          // sel takes the second operand where the condition holds.
          return code.make(key, 'fxvsel', x, y, value.operation === 'min' ? greater : less);
        }
        break;
      case 'choose':
        if (a && b && c) {
          // What draws first is computed first, whatever this costs in registers.
          if (firstDraw(a) < Math.min(firstDraw(b), firstDraw(c))) this.half(a, q);
          const x = this.half(b, q);
          const y = this.half(c, q);
          const condition = this.condition(a, q);
          return condition.inverted
            ? code.make(key, 'fxvsel', x, y, condition.code)
            : code.make(key, 'fxvsel', y, x, condition.code);
        }
        break;
      default:
        return this.sources.loadHalf(value, q);
    }
    throw new Error(`no vector code for ${value.operation}`);
  }

  /** floor(x / 2^by): a product with 2^(15 - by), whose upper half is the doubled product's. */
  private shiftRight(x: VirtualRegister, by: number, key: string): VirtualRegister {
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

  /** A half made of what does not differ from row to row, under a key of its own. */
  hoisted(key: string, depth: number, make: Maker): VirtualRegister {
    const found = this.find(key) ?? this.reload(key);
    if (found) return found;
    this.want(key, depth, (lanes) => lanes.hoisted(key, depth, make), false);
    return this.keep(key, make(this));
  }

  /** Whether a half has been computed already. */
  holds(value: Value, q: number): boolean {
    return this.find(`v${value.id}.${q}`) !== undefined;
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
    const lowPart = this.shared(`${key}.low`, addend.depth, ({ code, scalars }) => {
      sumInto(scalars, code, addend, round);
      return code.make(`${key}.low`, 'fxvsplath', scratch);
    });
    const highKey = `${key}.high+${extra}`;
    const high = this.shared(highKey, addend.depth, ({ code, scalars }) => {
      sumInto(scalars, code, addend, round + 0x8000);
      // 0x8000 more, because the lower half is signed.
      code.emit('srawi', scratch, scratch, 16);
      if (extra !== 0) code.emit('addi', scratch, scratch, extra);
      return code.make(highKey, 'fxvsplath', scratch);
    });
    return { high, low: lowPart };
  }

  private finishDot(value: Value, q: number, key: string): VirtualRegister {
    const [, shift = 16] = value.numbers;
    const upper = this.accumulate(value, q, 0, key);
    return this.shiftRight(upper, shift - 16, key);
  }

  private clamp(value: Value, a: Value, q: number, key: string): VirtualRegister {
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

  /** Brings a mask into the condition register. */
  condition(mask: Value, q: number): Condition {
    const [a] = mask.args;
    const isKnown = this.find(`v${mask.id}.${q}`) !== undefined;
    if (!isKnown && mask.operation === 'compare' && a) {
      this.code.emit('fxvcmph', this.half(a, q));
      return conditions[mask.relation as Relation];
    }
    if (!isKnown && mask.operation === 'not' && a) {
      const inner = this.condition(a, q);
      return { ...inner, inverted: !inner.inverted };
    }
    this.code.emit('fxvcmph', this.half(mask, q));
    return { code: greater, inverted: false };
  }

  private makeMask(mask: Value, q: number): VirtualRegister {
    const { code } = this;
    const key = `v${mask.id}.${q}`;
    const [a, b] = mask.args;
    if ((mask.operation === 'and' || mask.operation === 'or') && a && b) {
      const x = this.half(a, q);
      const y = this.half(b, q);
      if (mask.operation === 'and') return code.make(key, 'fxvmulhm', x, y);
      // 1 where either holds: 1 + 1 would still be positive, but products of masks must stay small.
      const both = code.make(key, 'fxvaddhm', x, y);
      code.emit('fxvcmph', both);
      return code.make(key, 'fxvsel', this.zero, this.splat(1), greater);
    }
    const condition = this.condition(mask, q);
    return condition.inverted
      ? code.make(key, 'fxvsel', this.splat(1), this.zero, condition.code)
      : code.make(key, 'fxvsel', this.zero, this.splat(1), condition.code);
  }

  /** Both halves of a parity as bytes: the low byte of each. */
  pack(value: Value, parity: number): VirtualRegister {
    const left = this.half(value, 2 * parity);
    const right = this.half(value, 2 * parity + 1);
    return this.code.make(`p${value.id}.${parity}`, 'fxvpckbl', left, right, 0);
  }
}

/** Leaves addend + constant in the scratch register. */
function sumInto(scalars: Scalars, code: CodeList, addend: Value, constant: number): void {
  const register = scalars.get(addend);
  scalars.constant(scratch, constant);
  code.emit('add', scratch, register, scratch);
  scalars.done();
}

const unpack = (q: number): string => ((q & 1) === 0 ? 'fxvupckbl' : 'fxvupckbr');

const conditions: { readonly [R in Relation]: Condition } = {
  '>': { code: greater, inverted: false },
  '<': { code: less, inverted: false },
  '==': { code: equal, inverted: false },
  '<=': { code: greater, inverted: true },
  '>=': { code: less, inverted: true },
  '!=': { code: equal, inverted: true },
};
