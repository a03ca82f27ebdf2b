/**
 * Basic blocks: straight pieces of code, translated once into a flat list of steps that `block-runner.ts` executes
 * without decoding anything. The commonest instructions have steps of their own, everything else calls the function
 * of the instruction table, which is the definition; a test compares the two for every instruction.
 */
import type { Fields, Instruction } from '../../isa/instruction.js';
import { CTR, LR } from '../../isa/special-registers.js';
import { compileBlock, type CompiledBlock } from './block-compiler.js';
import { Ending, Step } from './block-runner.js';
import { Kind, type Operation } from './operation.js';

/** Most instructions in a block; the model of the fetch stage looks back as many. */
export const MAX_BLOCK = 16;

/** Executions after which a block is made a function. */
const PATIENCE = 100;

/** Whether an operation may be in a block: nothing but registers and the own memory decides what it does. */
export function isBlockOperation(op: Operation): boolean {
  switch (op.kind) {
    case Kind.plain:
    case Kind.compare:
    case Kind.nop:
    case Kind.load:
    case Kind.store:
    case Kind.loadUpdate:
    case Kind.storeUpdate:
    case Kind.loadMultiple:
    case Kind.storeMultiple:
    case Kind.divide:
      return true;
    case Kind.fixed:
      return op.isPlain;
    case Kind.branch:
      return !op.isReturn;
    default:
      return false;
  }
}

/** One basic block. */
export class Block {
  /** The block as a function, once that is worth while. */
  compiled: CompiledBlock | null = null;
  /** The blocks behind it and at its branch's target, once they were looked up. */
  following: Block | null = null;
  taken: Block | null = null;
  /** Its operations without effect, once the memory of timing needed them. */
  silent: readonly Operation[] | null = null;
  /** How often it is still interpreted before that. */
  patience = PATIENCE;
  /** Number of instructions, the branch included. */
  readonly length: number;
  readonly code: Int32Array;
  /** The instruction to which a step belongs, by step. */
  readonly instructionOf: Uint8Array;
  readonly ending: Ending = Ending.none;
  /** For an ending by a branch: its operation and address. */
  readonly branch: Operation | null = null;
  readonly branchAddress: number;
  readonly target: number = 0;
  readonly mask: number = 0;
  readonly wanted: number = 0;
  /** Address behind the block. */
  readonly next: number;
  /** How many no-operations are in it, and a bit for each of them. */
  readonly nops: number;
  readonly nopBits: number;

  constructor(
    readonly address: number,
    readonly operations: readonly Operation[],
  ) {
    this.length = operations.length;
    this.next = (address + 4 * this.length) | 0;
    this.branchAddress = (this.next - 4) | 0;
    const steps = new Steps();
    let nops = 0;
    let nopBits = 0;
    operations.forEach((op, k) => {
      if (op.kind === Kind.branch) return;
      if (op.kind === Kind.nop) {
        nopBits |= 1 << k;
        nops++;
      } else translate(steps, op, k);
    });
    this.nops = nops;
    this.nopBits = nopBits;
    this.code = Int32Array.from(steps.code);
    this.instructionOf = Uint8Array.from(steps.instructionOf);
    const last = operations.at(-1);
    if (last?.kind !== Kind.branch) return;
    this.branch = last;
    this.ending = Ending.table;
    const { bo, bi, bd, li } = last.fields;
    const mnemonic = last.instruction?.mnemonic;
    this.target = (this.branchAddress + (mnemonic === 'bc' ? bd : li)) | 0;
    if (mnemonic === 'b') this.ending = Ending.always;
    else if (mnemonic === 'bl') this.ending = Ending.call;
    else if (mnemonic === 'bclr' && (bo & 20) === 20) this.ending = Ending.returnToLink;
    else if (mnemonic === 'bc' && (bo & 20) === 20) this.ending = Ending.always;
    else if (mnemonic === 'bc' && (bo & 20) === 4) {
      this.ending = Ending.condition;
      this.mask = 1 << (31 - bi);
      this.wanted = (bo & 8) !== 0 ? this.mask : 0;
    } else if (mnemonic === 'bc' && (bo & 20) === 16) {
      this.ending = Ending.countDown;
      this.wanted = (bo & 2) !== 0 ? 1 : 0;
    }
  }

  /** Makes a function of it if that is possible. */
  compile(): void {
    this.compiled = compileBlock(this) ?? null;
  }

  /** How many of the first `count` instructions are no-operations. */
  nopsBefore(count: number): number {
    let nops = 0;
    for (let k = 0; k < count; k++) nops += (this.nopBits >> k) & 1;
    return nops;
  }
}

class Steps {
  readonly code: number[] = [];
  readonly instructionOf: number[] = [];
  instruction = 0;
  operation: Operation | undefined = undefined;

  put(step: Step, d = 0, a = 0, b = 0, immediate = 0, mask = 0): void {
    this.code.push(step | (d << 8) | (a << 16) | (b << 24), immediate, mask);
    this.instructionOf.push(this.instruction);
  }
}

function translate(steps: Steps, op: Operation, k: number): void {
  steps.instruction = k;
  if (op.kind >= Kind.load && op.kind <= Kind.storeMultiple) translateAccess(steps, op);
  else {
    // As the issue stage does it; see `earlierR0` there.
    if (op.destination === 0 && op.kind !== Kind.plain) steps.put(Step.keepR0);
    const { instruction, fields } = op;
    if (instruction === undefined || !translateSimple(steps, instruction, fields))
      steps.put(Step.table, 0, 0, 0, k);
  }
}

// ---------------------------------------------------------------- registers only

const rtFromAB: Readonly<Record<string, Step>> = {
  add: Step.add,
  subf: Step.subtractFrom,
  mullw: Step.multiply,
};

const raFromSB: Readonly<Record<string, Step>> = {
  and: Step.and,
  or: Step.or,
  xor: Step.xor,
  nor: Step.nor,
  andc: Step.andComplement,
  slw: Step.shiftLeft,
  srw: Step.shiftRight,
  extsb: Step.extendByte,
  extsh: Step.extendHalf,
  cntlzw: Step.countZeros,
};

const raFromImmediate: Readonly<Record<string, readonly [step: Step, shift: number]>> = {
  ori: [Step.orImmediate, 0],
  oris: [Step.orImmediate, 16],
  xori: [Step.xorImmediate, 0],
  xoris: [Step.xorImmediate, 16],
  'andi.': [Step.andImmediate, 0],
  'andis.': [Step.andImmediate, 16],
};

const comparisons: Readonly<Record<string, Step>> = {
  cmp: Step.compare,
  cmpi: Step.compareImmediate,
  cmpl: Step.compareUnsigned,
  cmpli: Step.compareUnsignedImmediate,
};

/** Translates an instruction without access to memory; false if the table has to do it. */
function translateSimple(steps: Steps, instruction: Instruction, f: Fields): boolean {
  const { mnemonic, oe } = instruction;
  if (oe === 1) return false;
  const recorded = mnemonic.endsWith('.');
  const name = recorded ? mnemonic.slice(0, -1) : mnemonic;
  const target = plainResult(steps, name, mnemonic, f);
  if (target < 0) return false;
  if (recorded) steps.put(Step.record, 0, target);
  return true;
}

/** Puts the step of an instruction's result; the register that holds it, 32 if none, -1 if it has no step. */
function plainResult(steps: Steps, name: string, mnemonic: string, f: Fields): number {
  const { rt, ra, rb, rs, si, ui } = f;
  const arithmetic = rtFromAB[name];
  if (arithmetic !== undefined) return result(steps, arithmetic, rt, ra, rb);
  const logical = raFromSB[name];
  if (logical !== undefined) {
    if (logical === Step.or && rs === rb) return result(steps, Step.move, ra, rs);
    return result(steps, logical, ra, rs, rb);
  }
  const immediate = raFromImmediate[mnemonic];
  if (immediate !== undefined) return result(steps, immediate[0], ra, rs, 0, ui << immediate[1]);
  const comparison = comparisons[name];
  if (comparison !== undefined) {
    const position = 28 - 4 * f.bf;
    const value = name === 'cmpli' ? ui : si;
    steps.put(comparison, position, ra, name.endsWith('i') ? 0 : rb, value, ~(15 << position));
    return 32;
  }
  switch (name) {
    case 'addi':
    case 'addis': {
      const value = name === 'addi' ? si : si << 16;
      if (ra === 0) return result(steps, Step.loadImmediate, rt, 0, 0, value);
      return result(steps, Step.addImmediate, rt, ra, 0, value);
    }
    case 'neg':
      return result(steps, Step.negate, rt, ra);
    case 'mulli':
      return result(steps, Step.multiplyImmediate, rt, ra, 0, si);
    case 'rlwinm':
      return result(steps, Step.rotate, ra, rs, 0, f.sh, f.mask);
    case 'rlwimi':
      return result(steps, Step.insert, ra, rs, 0, f.sh, f.mask);
    case 'srawi':
      return result(steps, Step.shiftAlgebraic, ra, rs, 0, f.sh);
    case 'mfspr':
      if (f.spr === LR) return result(steps, Step.moveFromLink, rt, 0);
      return f.spr === CTR ? result(steps, Step.moveFromCount, rt, 0) : -1;
    case 'mtspr':
      if (f.spr !== LR && f.spr !== CTR) return -1;
      steps.put(f.spr === LR ? Step.moveToLink : Step.moveToCount, 0, rs);
      return 32;
    default:
      return -1;
  }
}

function result(steps: Steps, step: Step, d: number, a: number, b = 0, i = 0, m = 0): number {
  steps.put(step, d, a, b, i, m);
  return d;
}

// ---------------------------------------------------------------- memory

/** Step of the form with displacement (the indexed one follows it) and length in bytes. */
const accesses: Readonly<Record<string, readonly [step: Step, length: number]>> = {
  lwz: [Step.loadWord, 4],
  lhz: [Step.loadHalf, 2],
  lha: [Step.loadAlgebraic, 2],
  lbz: [Step.loadByte, 1],
  stw: [Step.storeWord, 4],
  sth: [Step.storeHalf, 2],
  stb: [Step.storeByte, 1],
};

function translateAccess(steps: Steps, op: Operation): void {
  const { fields: f, kind } = op;
  const { mnemonic = '', form } = op.instruction ?? {};
  const isIndexed = form === 'X';
  const isUpdate = kind === Kind.loadUpdate || kind === Kind.storeUpdate;
  const isLoad = kind === Kind.load || kind === Kind.loadUpdate;
  const isMultiple = kind === Kind.loadMultiple || kind === Kind.storeMultiple;
  const isWrite = kind === Kind.store || kind === Kind.storeUpdate || kind === Kind.storeMultiple;
  const [step, width] = accesses[mnemonic.replace(/^(l..|st.)u?x?$/, '$1')] ?? [Step.table, 4];
  const keepsR0 = f.rt === 0 && (isLoad || isUpdate || kind === Kind.loadMultiple);
  const isOdd =
    step === Step.table ||
    keepsR0 ||
    (f.ra === 0 && !isUpdate) ||
    (isUpdate && isLoad && (f.ra === f.rt || (isIndexed && f.rb === f.rt)));
  const displacement = isIndexed ? 0 : f.si;
  if (isOdd) {
    const length = isMultiple ? 4 * (32 - f.rt) : width;
    const used = (f.ra !== 0 || isUpdate ? 1 : 0) | (isIndexed ? 2 : 0);
    const flags = used | (isWrite ? 4 : 0);
    steps.put(Step.guard, flags, f.ra, f.rb, displacement, (length << 2) | (width - 1));
    if (keepsR0) steps.put(Step.keepR0);
    steps.put(Step.table, 0, 0, 0, steps.instruction);
    return;
  }
  if (isIndexed) steps.put(step + 1, f.rt, f.ra, f.rb);
  else steps.put(step, f.rt, f.ra, 0, displacement);
  if (!isUpdate) return;
  if (isIndexed) steps.put(Step.add, f.ra, f.ra, f.rb);
  else steps.put(Step.addImmediate, f.ra, f.ra, 0, displacement);
}
