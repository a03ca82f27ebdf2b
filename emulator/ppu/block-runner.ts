/** Executes basic blocks (`block.ts`): one switch over the steps, nothing about time. */
import type { Machine } from '../../isa/machine.js';
import type { Block } from './block.js';
import type { PpuMemory } from './memory.js';
import type { Operation } from './operation.js';

/** Numbers per step: `code | d << 8 | a << 16 | b << 24`, then an immediate, then a mask. */
export const STEP = 3;

/** What a step does with registers d, a, b, the immediate i and the mask m. */
export const enum Step {
  /** The function of the table of operation i. */
  table,
  add,
  addImmediate,
  loadImmediate,
  subtractFrom,
  negate,
  multiply,
  multiplyImmediate,
  and,
  andImmediate,
  or,
  orImmediate,
  move,
  xor,
  xorImmediate,
  nor,
  andComplement,
  /** a rotated left by i, and m. */
  rotate,
  insert,
  shiftLeft,
  shiftRight,
  /** a >> i; sets CA. */
  shiftAlgebraic,
  extendByte,
  extendHalf,
  countZeros,
  /** CR0 from register a. */
  record,
  /** Condition field at bit position d, the others kept by m. */
  compare,
  compareImmediate,
  compareUnsigned,
  compareUnsignedImmediate,
  moveFromLink,
  moveToLink,
  moveFromCount,
  moveToCount,
  loadWord,
  loadWordIndexed,
  loadHalf,
  loadHalfIndexed,
  loadAlgebraic,
  loadAlgebraicIndexed,
  loadByte,
  loadByteIndexed,
  storeWord,
  storeWordIndexed,
  storeHalf,
  storeHalfIndexed,
  storeByte,
  storeByteIndexed,
  /**
   * Checks the address of the next step's access: registers a (if bit 0 of d) and b (if bit 1), i; m holds the bits
   * that must be 0, and above bit 2 the length in bytes.
   */
  guard,
  /** Keeps r0 for a splat that does not wait for its new content. */
  keepR0,
}

/** How a block ends. */
export const enum Ending {
  /** Goes on behind the last instruction. */
  none,
  always,
  /** Taken if the bits `mask` of CR are `wanted`. */
  condition,
  /** Decrements CTR; taken at zero if `wanted` is 1, else if not zero. */
  countDown,
  call,
  returnToLink,
  /** The function of the table. */
  table,
}

/** How `run` ended when the whole block has been executed: on behind it; at its branch's target; at `next`. */
export const ON = -1;
export const TAKEN = -2;
export const ELSEWHERE = -3;

// Address bits that must be 0 for an access of a step: inside the window of the own memory, well aligned.
const OUTSIDE = ~0x3fff_ffff;
const OUTSIDE_HALF = OUTSIDE | 1;
const OUTSIDE_WORD = OUTSIDE | 3;
const SIGN = 1 << 31;

export class BlockRunner {
  /** Where execution goes on after `ELSEWHERE`. */
  next = 0;
  /** r0 as it was before the last instruction whose result a splat does not wait for. */
  earlierR0 = 0;

  // What compiled blocks use, too.
  readonly gpr: Int32Array;
  readonly words: Int32Array;
  readonly halves: Uint16Array;
  readonly bytes: Uint8Array;
  readonly wrap: number;

  constructor(
    readonly machine: Machine,
    memory: PpuMemory,
    /** By word: not 0 if it is part of a block and must not be overwritten here. */
    readonly covered: Uint8Array,
  ) {
    this.gpr = machine.gpr;
    ({ words: this.words, halves: this.halves, bytes: this.bytes } = memory);
    this.wrap = memory.size - 1;
  }

  /**
   * Executes a block. Returns how it ended, or the number of the instruction in front of which it stopped because
   * its access goes outside, is not well aligned or would change code.
   */
  run(block: Block): number {
    if (--block.patience === 0) block.compile();
    return this.interpret(block);
  }

  private interpret(block: Block): number {
    const { machine: m, covered } = this;
    const { gpr, words, halves, bytes, wrap } = this;
    const { code } = block;
    let cr = m.cr;
    let i = 0;
    stopped: {
      for (; i < code.length; i += STEP) {
        const head = code[i]!;
        const d = (head >>> 8) & 31;
        const a = (head >>> 16) & 31;
        switch (head & 255) {
          case Step.table: {
            const op = block.operations[code[i + 1]!]!;
            m.cr = cr;
            op.run(m, op.fields);
            cr = m.cr;
            break;
          }
          case Step.add:
            gpr[d] = (gpr[a]! + gpr[head >>> 24]!) | 0;
            break;
          case Step.addImmediate:
            gpr[d] = (gpr[a]! + code[i + 1]!) | 0;
            break;
          case Step.loadImmediate:
            gpr[d] = code[i + 1]!;
            break;
          case Step.subtractFrom:
            gpr[d] = (gpr[head >>> 24]! - gpr[a]!) | 0;
            break;
          case Step.negate:
            gpr[d] = -gpr[a]! | 0;
            break;
          case Step.multiply:
            gpr[d] = Math.imul(gpr[a]!, gpr[head >>> 24]!);
            break;
          case Step.multiplyImmediate:
            gpr[d] = Math.imul(gpr[a]!, code[i + 1]!);
            break;
          case Step.and:
            gpr[d] = gpr[a]! & gpr[head >>> 24]!;
            break;
          case Step.andImmediate:
            gpr[d] = gpr[a]! & code[i + 1]!;
            break;
          case Step.or:
            gpr[d] = gpr[a]! | gpr[head >>> 24]!;
            break;
          case Step.orImmediate:
            gpr[d] = gpr[a]! | code[i + 1]!;
            break;
          case Step.move:
            gpr[d] = gpr[a]!;
            break;
          case Step.xor:
            gpr[d] = gpr[a]! ^ gpr[head >>> 24]!;
            break;
          case Step.xorImmediate:
            gpr[d] = gpr[a]! ^ code[i + 1]!;
            break;
          case Step.nor:
            gpr[d] = ~(gpr[a]! | gpr[head >>> 24]!);
            break;
          case Step.andComplement:
            gpr[d] = gpr[a]! & ~gpr[head >>> 24]!;
            break;
          case Step.rotate: {
            const x = gpr[a]!;
            const n = code[i + 1]!;
            gpr[d] = ((x << n) | (x >>> (32 - n))) & code[i + 2]!;
            break;
          }
          case Step.insert: {
            const x = gpr[a]!;
            const n = code[i + 1]!;
            const mask = code[i + 2]!;
            gpr[d] = (((x << n) | (x >>> (32 - n))) & mask) | (gpr[d]! & ~mask);
            break;
          }
          case Step.shiftLeft:
            gpr[d] = gpr[a]! << gpr[head >>> 24]!;
            break;
          case Step.shiftRight:
            gpr[d] = gpr[a]! >>> gpr[head >>> 24]!;
            break;
          case Step.shiftAlgebraic: {
            const x = gpr[a]!;
            const n = code[i + 1]!;
            const shifted = x >> n;
            m.ca = x < 0 && shifted << n !== x ? 1 : 0;
            gpr[d] = shifted;
            break;
          }
          case Step.extendByte:
            gpr[d] = (gpr[a]! << 24) >> 24;
            break;
          case Step.extendHalf:
            gpr[d] = (gpr[a]! << 16) >> 16;
            break;
          case Step.countZeros:
            gpr[d] = Math.clz32(gpr[a]!);
            break;
          case Step.record: {
            const x = gpr[a]!;
            cr = (cr & 0x0fff_ffff) | (((x < 0 ? 8 : x > 0 ? 4 : 2) | m.so) << 28);
            break;
          }
          case Step.compare: {
            const x = gpr[a]!;
            const y = gpr[head >>> 24]!;
            cr = (cr & code[i + 2]!) | (((x < y ? 8 : x > y ? 4 : 2) | m.so) << d);
            break;
          }
          case Step.compareImmediate: {
            const x = gpr[a]!;
            const y = code[i + 1]!;
            cr = (cr & code[i + 2]!) | (((x < y ? 8 : x > y ? 4 : 2) | m.so) << d);
            break;
          }
          case Step.compareUnsigned: {
            const x = gpr[a]! ^ SIGN;
            const y = gpr[head >>> 24]! ^ SIGN;
            cr = (cr & code[i + 2]!) | (((x < y ? 8 : x > y ? 4 : 2) | m.so) << d);
            break;
          }
          case Step.compareUnsignedImmediate: {
            const x = gpr[a]! ^ SIGN;
            const y = code[i + 1]! ^ SIGN;
            cr = (cr & code[i + 2]!) | (((x < y ? 8 : x > y ? 4 : 2) | m.so) << d);
            break;
          }
          case Step.moveFromLink:
            gpr[d] = m.lr;
            break;
          case Step.moveToLink:
            m.lr = gpr[a]!;
            break;
          case Step.moveFromCount:
            gpr[d] = m.ctr;
            break;
          case Step.moveToCount:
            m.ctr = gpr[a]!;
            break;
          case Step.loadWord: {
            const at = (gpr[a]! + code[i + 1]!) | 0;
            if ((at & OUTSIDE_WORD) !== 0) break stopped;
            gpr[d] = words[(at & wrap) >>> 2]!;
            break;
          }
          case Step.loadWordIndexed: {
            const at = (gpr[a]! + gpr[head >>> 24]!) | 0;
            if ((at & OUTSIDE_WORD) !== 0) break stopped;
            gpr[d] = words[(at & wrap) >>> 2]!;
            break;
          }
          case Step.loadHalf: {
            const at = (gpr[a]! + code[i + 1]!) | 0;
            if ((at & OUTSIDE_HALF) !== 0) break stopped;
            gpr[d] = halves[((at & wrap) >>> 1) ^ 1]!;
            break;
          }
          case Step.loadHalfIndexed: {
            const at = (gpr[a]! + gpr[head >>> 24]!) | 0;
            if ((at & OUTSIDE_HALF) !== 0) break stopped;
            gpr[d] = halves[((at & wrap) >>> 1) ^ 1]!;
            break;
          }
          case Step.loadAlgebraic: {
            const at = (gpr[a]! + code[i + 1]!) | 0;
            if ((at & OUTSIDE_HALF) !== 0) break stopped;
            gpr[d] = (halves[((at & wrap) >>> 1) ^ 1]! << 16) >> 16;
            break;
          }
          case Step.loadAlgebraicIndexed: {
            const at = (gpr[a]! + gpr[head >>> 24]!) | 0;
            if ((at & OUTSIDE_HALF) !== 0) break stopped;
            gpr[d] = (halves[((at & wrap) >>> 1) ^ 1]! << 16) >> 16;
            break;
          }
          case Step.loadByte: {
            const at = (gpr[a]! + code[i + 1]!) | 0;
            if ((at & OUTSIDE) !== 0) break stopped;
            gpr[d] = bytes[(at & wrap) ^ 3]!;
            break;
          }
          case Step.loadByteIndexed: {
            const at = (gpr[a]! + gpr[head >>> 24]!) | 0;
            if ((at & OUTSIDE) !== 0) break stopped;
            gpr[d] = bytes[(at & wrap) ^ 3]!;
            break;
          }
          case Step.storeWord: {
            const at = (gpr[a]! + code[i + 1]!) | 0;
            const word = (at & wrap) >>> 2;
            if ((at & OUTSIDE_WORD) !== 0 || covered[word] !== 0) break stopped;
            words[word] = gpr[d]!;
            break;
          }
          case Step.storeWordIndexed: {
            const at = (gpr[a]! + gpr[head >>> 24]!) | 0;
            const word = (at & wrap) >>> 2;
            if ((at & OUTSIDE_WORD) !== 0 || covered[word] !== 0) break stopped;
            words[word] = gpr[d]!;
            break;
          }
          case Step.storeHalf: {
            const at = (gpr[a]! + code[i + 1]!) | 0;
            const half = (at & wrap) >>> 1;
            if ((at & OUTSIDE_HALF) !== 0 || covered[half >>> 1] !== 0) break stopped;
            halves[half ^ 1] = gpr[d]!;
            break;
          }
          case Step.storeHalfIndexed: {
            const at = (gpr[a]! + gpr[head >>> 24]!) | 0;
            const half = (at & wrap) >>> 1;
            if ((at & OUTSIDE_HALF) !== 0 || covered[half >>> 1] !== 0) break stopped;
            halves[half ^ 1] = gpr[d]!;
            break;
          }
          case Step.storeByte: {
            const at = (gpr[a]! + code[i + 1]!) | 0;
            const byte = at & wrap;
            if ((at & OUTSIDE) !== 0 || covered[byte >>> 2] !== 0) break stopped;
            bytes[byte ^ 3] = gpr[d]!;
            break;
          }
          case Step.storeByteIndexed: {
            const at = (gpr[a]! + gpr[head >>> 24]!) | 0;
            const byte = at & wrap;
            if ((at & OUTSIDE) !== 0 || covered[byte >>> 2] !== 0) break stopped;
            bytes[byte ^ 3] = gpr[d]!;
            break;
          }
          case Step.guard:
            if (!this.mayAccess(head, code[i + 1]!, code[i + 2]!)) break stopped;
            break;
          default:
            this.earlierR0 = gpr[0]!;
            break;
        }
      }
      m.cr = cr;
      return this.leave(block);
    }
    m.cr = cr;
    return block.instructionOf[i / STEP]!;
  }

  /** What `Step.guard` asks. */
  mayAccess(head: number, displacement: number, m: number): boolean {
    const { gpr } = this;
    const x = (head & 0x100) !== 0 ? gpr[(head >>> 16) & 31]! : 0;
    const y = (head & 0x200) !== 0 ? gpr[head >>> 24]! : 0;
    const at = (x + y + displacement) | 0;
    const last = at + (m >>> 2) - 1;
    if ((at & (OUTSIDE | (m & 3))) !== 0 || (last & OUTSIDE) !== 0) return false;
    if ((head & 0x400) === 0) return true;
    const wrap = this.words.length - 1;
    for (let word = at >>> 2; word <= last >>> 2; word++) {
      if (this.covered[word & wrap] !== 0) return false;
    }
    return true;
  }

  /** Performs the ending of a block. */
  private leave(block: Block): number {
    const { machine: m } = this;
    switch (block.ending) {
      case Ending.condition:
        return (m.cr & block.mask) === block.wanted ? TAKEN : ON;
      case Ending.countDown:
        m.ctr = (m.ctr - 1) | 0;
        return (m.ctr === 0 ? 1 : 0) === block.wanted ? TAKEN : ON;
      case Ending.always:
        return TAKEN;
      case Ending.call:
        m.lr = block.next;
        return TAKEN;
      case Ending.returnToLink:
        this.next = m.lr & ~3;
        return ELSEWHERE;
      case Ending.table:
        return this.branch(block.branch!, block.branchAddress);
      default:
        return ON;
    }
  }

  /** Performs a branch by the table. */
  branch(op: Operation, address: number): number {
    const { machine: m } = this;
    m.pc = address;
    // No address is odd.
    m.nextPc = 1;
    op.run(m, op.fields);
    if (m.nextPc === 1) return ON;
    this.next = m.nextPc & ~3;
    return ELSEWHERE;
  }
}
