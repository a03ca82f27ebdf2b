/** Code of the scalar core: values in registers while there is room, each with a word of memory behind it. */
import { low, symbol } from '../../isa/object-builder.js';
import type { Operation, Relation, Value } from '../ir/ir.js';
import { exactLog2 } from '../numeric/power.js';
import type { CodeList } from './code.js';
import type { Memory } from './memory.js';
import { canSubtract, isEquality } from './straight.js';

/** Registers for values: the run-time keeps nothing in them over a handler. r26..r31 belong to row loops. */
export const scalarPool = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
] as const;

/** Register for addresses and constants that live for one or two instructions. */
export const scratch = 25;

interface Held {
  readonly value: Value;
  /** The word in memory is up to date. */
  stored: boolean;
  used: number;
}

export class Scalars {
  private readonly held = new Map<number, Held>();
  private clock = 0;
  private pool: readonly number[] = scalarPool;
  /** Registers that the instruction under construction needs. */
  private readonly pinned = new Set<number>();
  /** Registers that hold row, and so on: value ids to registers outside the pool. */
  readonly fixed = new Map<number, number>();

  constructor(
    private readonly code: CodeList,
    private readonly memory: Memory,
    private readonly usesLeft: (value: Value) => boolean,
  ) {}

  /** Loads a 32-bit constant. */
  constant(register: number, value: number): void {
    const signed = value | 0;
    if (signed >= -0x8000 && signed < 0x8000) this.code.emit('li', register, signed);
    else {
      this.code.emit('lis', register, signed >>> 16);
      if ((signed & 0xffff) !== 0) this.code.emit('ori', register, register, signed & 0xffff);
    }
  }

  /** A register that holds `value`; it stays valid until the next `done`. */
  get(value: Value): number {
    const fixed = this.fixed.get(value.id);
    if (fixed !== undefined) return fixed;
    for (const [register, held] of this.held)
      if (held.value.id === value.id) {
        held.used = ++this.clock;
        this.pinned.add(register);
        return register;
      }
    const register = this.take();
    if (value.operation === 'const') this.constant(register, value.numbers[0] ?? 0);
    else this.code.emit('lwz', register, low(this.memory.scalar(value)), 0);
    this.hold(register, value, true);
    return register;
  }

  private hold(register: number, value: Value, stored: boolean): void {
    this.held.set(register, { value, stored, used: ++this.clock });
    this.pinned.add(register);
  }

  /** A free register of the pool. */
  take(): number {
    let oldest: number | undefined;
    for (const register of this.pool) {
      if (this.pinned.has(register)) continue;
      const held = this.held.get(register);
      if (held === undefined) {
        this.pinned.add(register);
        return register;
      }
      if (oldest === undefined || held.used < (this.held.get(oldest)?.used ?? 0)) oldest = register;
    }
    if (oldest === undefined) throw new Error('an instruction needs too many scalar registers');
    this.spill(oldest);
    this.held.delete(oldest);
    this.pinned.add(oldest);
    return oldest;
  }

  private spill(register: number): void {
    const held = this.held.get(register);
    if (held === undefined || held.stored) return;
    if (held.value.operation !== 'const' && this.usesLeft(held.value))
      this.code.emit('stw', register, low(this.memory.scalar(held.value)), 0);
    held.stored = true;
  }

  /** Says that `register` (from `take`) now holds `value`. */
  define(register: number, value: Value): void {
    for (const [other, held] of this.held)
      if (held.value.id === value.id && other !== register) this.held.delete(other);
    this.hold(register, value, false);
  }

  /** The instruction under construction is written: registers may be reused. */
  done(): void {
    this.pinned.clear();
  }

  /** Brings memory up to date and forgets registers: where control flow joins or a routine is called. */
  flush(): void {
    for (const register of this.held.keys()) this.spill(register);
    this.held.clear();
    this.pinned.clear();
  }

  /** In `fill`, which begins and ends without values in registers, only these registers are used. */
  within<T>(pool: readonly number[], fill: () => T): T {
    this.pool = pool;
    const result = fill();
    this.held.clear();
    this.pinned.clear();
    this.pool = scalarPool;
    return result;
  }

  /** Computes a scalar whose operation is plain arithmetic; false if it is none. */
  compute(value: Value): boolean {
    const { code } = this;
    const [a, b, c] = value.args;
    const simple = binary[value.operation];
    if (simple && a && b) {
      const ra = this.get(a);
      const rb = this.get(b);
      const rt = this.take();
      code.emit(simple.mnemonic, rt, ...(simple.swapped ? [rb, ra] : [ra, rb]));
      this.define(rt, value);
      return true;
    }
    switch (value.operation) {
      case 'const':
        return true;
      case 'neg':
        if (a) this.unary('neg', value, a);
        return true;
      case 'leading':
        if (a) this.unary('cntlzw', value, a);
        return true;
      case 'not':
        if (a) {
          const ra = this.get(a);
          const rt = this.take();
          code.emit('xori', rt, ra, 1);
          this.define(rt, value);
        }
        return true;
      case 'shift':
        if (a) this.shift(value, a, value.numbers[0] ?? 0, true);
        return true;
      case 'floorshift':
        if (a) this.shift(value, a, -(value.numbers[0] ?? 0), false);
        return true;
      case 'mulshift':
        if (a && b) this.multiplyShift(value, a, b, value.numbers[0] ?? 0);
        return true;
      case 'div':
      case 'mod':
        if (a && b) this.divide(value, a, b);
        return true;
      case 'min':
      case 'max':
        if (a && b && canSubtract(a, b)) this.pick(value, a, b);
        else if (a && b) {
          const ra = this.get(a);
          const rb = this.get(b);
          const rt = this.take();
          const end = code.newLabel('pick');
          code.emit('cmpw', ra, rb);
          code.emit('mr', rt, ra);
          code.emit(value.operation === 'min' ? 'ble' : 'bge', symbol(end));
          code.emit('mr', rt, rb);
          code.label(end);
          this.define(rt, value);
        }
        return true;
      case 'compare':
        if (a && b) this.compare(value, a, b);
        return true;
      case 'choose':
        if (a && b && c) {
          const rc = this.get(a);
          const rThen = this.get(b);
          const rElse = this.get(c);
          const rt = this.take();
          // Minus the condition is a mask.
          code.emit('neg', scratch, rc);
          code.emit('and', rt, rThen, scratch);
          code.emit('andc', scratch, rElse, scratch);
          code.emit('or', rt, rt, scratch);
          this.define(rt, value);
        }
        return true;
      default:
        return false;
    }
  }

  private unary(mnemonic: string, value: Value, a: Value): void {
    const ra = this.get(a);
    const rt = this.take();
    this.code.emit(mnemonic, rt, ra);
    this.define(rt, value);
  }

  /** a * 2^by, or divided with rounding (half up) or rounding down. */
  private shift(value: Value, a: Value, by: number, rounds: boolean): void {
    const { code } = this;
    const ra = this.get(a);
    const rt = this.take();
    if (by >= 0) {
      if (by > 31) code.emit('li', rt, 0);
      else if (by === 0) code.emit('mr', rt, ra);
      else code.emit('rlwinm', rt, ra, by, 0, 31 - by);
    } else {
      const down = -by;
      if (!rounds) code.emit('srawi', rt, ra, Math.min(31, down));
      else if (down > 31) code.emit('li', rt, 0);
      else if (down === 1) {
        // The bit shifted out is the rounding: (a >> 1) + (a & 1).
        code.emit('rlwinm', scratch, ra, 0, 31, 31);
        code.emit('srawi', rt, ra, 1);
        code.emit('add', rt, rt, scratch);
      } else {
        code.emit('srawi', rt, ra, down - 1);
        code.emit('addi', rt, rt, 1);
        code.emit('srawi', rt, rt, 1);
      }
    }
    this.define(rt, value);
  }

  /** floor((a * b + 2^(shift-1)) / 2^shift) of the 64-bit product. */
  private multiplyShift(value: Value, a: Value, b: Value, shift: number): void {
    const { code } = this;
    const ra = this.get(a);
    const rb = this.get(b);
    const lo = this.take();
    const hi = this.take();
    code.emit('mullw', lo, ra, rb);
    code.emit('mulhw', hi, ra, rb);
    const half = shift - 1;
    if (half < 32) {
      this.constant(scratch, half === 31 ? -0x80000000 : 1 << half);
      code.emit('addc', lo, lo, scratch);
      code.emit('addze', hi, hi);
    } else {
      this.constant(scratch, 1 << (half - 32));
      code.emit('add', hi, hi, scratch);
    }
    if (shift >= 32) {
      if (shift > 32) code.emit('srawi', lo, hi, Math.min(31, shift - 32));
      else code.emit('mr', lo, hi);
    } else {
      code.emit('rlwinm', lo, lo, 32 - shift, shift, 31);
      code.emit('rlwinm', hi, hi, 32 - shift, 0, shift - 1);
      code.emit('or', lo, lo, hi);
    }
    this.define(lo, value);
  }

  /** Euclidean quotient and remainder; division by 0 gives 0 and the dividend. */
  private divide(value: Value, a: Value, b: Value): void {
    const { code } = this;
    const ra = this.get(a);
    const rb = this.get(b);
    const quotient = this.take();
    const rest = this.take();
    const isMod = value.operation === 'mod';
    const power = b.operation === 'const' ? exactLog2(b.numbers[0] ?? 0) : undefined;
    if (power !== undefined && (b.numbers[0] ?? 0) > 0) {
      if (isMod) code.emit('rlwinm', rest, ra, 0, 32 - Math.max(power, 1), 31);
      if (isMod && power === 0) code.emit('li', rest, 0);
      if (!isMod) code.emit('srawi', quotient, ra, power);
      this.define(isMod ? rest : quotient, value);
      return;
    }
    const positive = code.newLabel('positive');
    const end = code.newLabel('divided');
    const zero = code.newLabel('zero');
    const canBeZero = b.lo <= 0 && b.hi >= 0;
    if (canBeZero) {
      code.emit('li', quotient, 0);
      code.emit('mr', rest, ra);
      code.emit('cmpwi', rb, 0);
      code.emit('beq', symbol(zero));
    }
    code.emit('divw', quotient, ra, rb);
    code.emit('mullw', rest, quotient, rb);
    code.emit('subf', rest, rest, ra);
    code.emit('cmpwi', rest, 0);
    code.emit('bge', symbol(end));
    // A negative remainder moves by |b|, the quotient by one towards it.
    code.emit('cmpwi', rb, 0);
    code.emit('bgt', symbol(positive));
    code.emit('addi', quotient, quotient, 1);
    code.emit('subf', rest, rb, rest);
    code.emit('b', symbol(end));
    code.label(positive);
    code.emit('addi', quotient, quotient, -1);
    code.emit('add', rest, rest, rb);
    code.label(end);
    code.label(zero);
    this.define(isMod ? rest : quotient, value);
  }

  /** The lesser or greater of two: b + (a - b) where that is wanted, b elsewhere. */
  private pick(value: Value, a: Value, b: Value): void {
    const { code } = this;
    const ra = this.get(a);
    const rb = this.get(b);
    const rt = this.take();
    code.emit('subf', rt, rb, ra);
    code.emit('rlwinm', scratch, rt, 1, 31, 31);
    // All ones where the first is to be taken.
    if (value.operation === 'min') code.emit('neg', scratch, scratch);
    else code.emit('addi', scratch, scratch, -1);
    code.emit('and', rt, rt, scratch);
    code.emit('add', rt, rt, rb);
    this.define(rt, value);
  }

  /** Without branches: the sign of a difference, or the zeros above one. */
  private compareStraight(value: Value, a: Value, b: Value): void {
    const { code } = this;
    const ra = this.get(a);
    const rb = this.get(b);
    const rt = this.take();
    const relation = value.relation as Relation;
    if (relation === '==' || relation === '!=') {
      code.emit('xor', rt, ra, rb);
      code.emit('cntlzw', rt, rt);
      code.emit('rlwinm', rt, rt, 27, 5, 31);
    } else {
      const isLess = relation === '<' || relation === '>=';
      code.emit('subf', rt, ...(isLess ? [rb, ra] : [ra, rb]));
      code.emit('rlwinm', rt, rt, 1, 31, 31);
    }
    if (relation === '!=' || relation === '<=' || relation === '>=') code.emit('xori', rt, rt, 1);
    this.define(rt, value);
  }

  private compare(value: Value, a: Value, b: Value): void {
    if (isEquality(value) || canSubtract(a, b)) return this.compareStraight(value, a, b);
    const { code } = this;
    const ra = this.get(a);
    const rb = this.get(b);
    const rt = this.take();
    const end = code.newLabel('compared');
    code.emit('cmpw', ra, rb);
    code.emit('li', rt, 1);
    code.emit(branches[value.relation as Relation], symbol(end));
    code.emit('li', rt, 0);
    code.label(end);
    this.define(rt, value);
  }
}

const branches: { readonly [R in Relation]: string } = {
  '==': 'beq',
  '!=': 'bne',
  '<': 'blt',
  '<=': 'ble',
  '>': 'bgt',
  '>=': 'bge',
};

const binary: Partial<Record<Operation, { mnemonic: string; swapped?: boolean }>> = {
  add: { mnemonic: 'add' },
  sub: { mnemonic: 'subf', swapped: true },
  mul: { mnemonic: 'mullw' },
  xor: { mnemonic: 'xor' },
  and: { mnemonic: 'and' },
  or: { mnemonic: 'or' },
  mulhigh: { mnemonic: 'mulhw' },
  'shift-up': { mnemonic: 'slw' },
  'shift-down': { mnemonic: 'sraw' },
};
