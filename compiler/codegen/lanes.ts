/**
 * Vector code on demand: a value is computed for one half of one parity when something needs it, and only once while
 * its register lasts. Halves are numbered q = 2 * parity + (0 left, 1 right); bytes and masks of columns by parity.
 */
import type { Relation, Value } from '../ir/ir.js';
import type { CodeList, VirtualRegister } from './code.js';
import { drawsOf, firstDraw, isDrawSum } from './inspect.js';
import type { Maker } from './lane-scopes.js';
import { LaneSums } from './lane-sums.js';
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

export class Lanes extends LaneSums {
  constructor(
    code: CodeList,
    readonly scalars: Scalars,
    memory: Memory,
    readonly sources: LaneSources,
  ) {
    super(code, memory);
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
    return this.shared(key, value.depth, ({ code, scalars }) =>
      code.grouped(() => {
        const register = scalars.get(value);
        scalars.done();
        return code.make(key, 'fxvsplath', register);
      }),
    );
  }

  /** A byte value of one parity. */
  byte(value: Value, parity: number): VirtualRegister {
    const key = `v${value.id}.${parity}`;
    const [a] = value.args;
    if (value.operation === 'partner' && a) return this.byte(a, parity ^ 1);
    const found = this.find(key);
    if (found) return found;
    this.want(key, value.depth, (lanes) => lanes.byte(value, parity), false);
    const { code } = this;
    let register: VirtualRegister;
    if (value.operation === 'flip' && a)
      register = code.make(key, 'fxvaddbm', this.byte(a, parity), this.splat(-128, 8));
    else register = this.sources.loadByte(value, parity);
    return this.remember(key, register);
  }

  /** A half value (or a mask as a half that is positive where it holds). */
  half(value: Value, q: number): VirtualRegister {
    if (value.operation === 'splat' && value.args[0]) return this.splatScalar(value.args[0]);
    const [a] = value.args;
    if (value.operation === 'partner' && a) return this.half(a, q ^ 2);
    const key = `v${value.id}.${q}`;
    const found = this.find(key);
    if (found) return found;
    this.want(key, value.depth, (lanes) => lanes.half(value, q), false);
    const register =
      value.space === 'mask' ? this.makeMask(value, q) : this.makeHalf(value, q, key);
    return this.remember(key, register);
  }

  /**
   * A half of a sum of draws. The bytes of a parity are summed in the byte accumulators, so that each is needed only for a
   * moment; the sums' upper and lower bytes make both halves.
   */
  private drawSum(value: Value, q: number, key: string): VirtualRegister {
    const { code } = this;
    const parity = q >> 1;
    const sumKey = `draws${value.id}.${parity}`;
    let upper = this.find(`${sumKey}u`);
    let lower = this.find(`${sumKey}l`);
    if (upper === undefined || lower === undefined) {
      const zero = this.splat(0, 8);
      drawsOf(value).forEach((draw, i) => {
        code.emit(i === 0 ? 'fxvmtacb' : 'fxvaddactacbm', this.byte(draw, parity));
      });
      upper = this.remember(`${sumKey}u`, code.make(`${sumKey}u`, 'fxvaddacbfs', zero));
      lower = this.remember(`${sumKey}l`, code.make(`${sumKey}l`, 'fxvaddacbm', zero));
    }
    return code.make(key, unpack(q), upper, lower, 0);
  }

  private makeHalf(value: Value, q: number, key: string): VirtualRegister {
    const { code } = this;
    const [a, b, c] = value.args;
    const two = (mnemonic: string): VirtualRegister => {
      if (!a || !b) throw new Error(`${value.operation} needs two operands`);
      return code.make(key, mnemonic, this.half(a, q), this.half(b, q));
    };
    if (value.operation === 'add' && isDrawSum(value)) return this.drawSum(value, q, key);
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
      case 'dot-low':
        return this.lowOfDot(value, q, key);
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

  /** A half made of what does not differ from row to row, under a key of its own. */
  hoisted(key: string, depth: number, make: Maker): VirtualRegister {
    const found = this.find(key);
    if (found) return found;
    this.want(key, depth, (lanes) => lanes.hoisted(key, depth, make), false);
    return this.remember(key, make(this));
  }

  /** Whether a half has been computed already. */
  holds(value: Value, q: number): boolean {
    return this.find(`v${value.id}.${q}`) !== undefined;
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

const unpack = (q: number): string => ((q & 1) === 0 ? 'fxvupckbl' : 'fxvupckbr');

const conditions: { readonly [R in Relation]: Condition } = {
  '>': { code: greater, inverted: false },
  '<': { code: less, inverted: false },
  '==': { code: equal, inverted: false },
  '<=': { code: greater, inverted: true },
  '>=': { code: less, inverted: true },
  '!=': { code: equal, inverted: true },
};
