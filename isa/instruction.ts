/**
 * The form of one instruction of the plasticity processor: what a row of `isa/table/` says, and what
 * encoder, decoder, assembler, disassembler, pipeline model and manual read from it.
 */
import type { Machine } from './machine.js';

/** Instruction formats (Power ISA names; FXV is the vector extension's own). */
export type Form = 'I' | 'B' | 'D' | 'X' | 'XO' | 'XL' | 'XFX' | 'M' | 'FXV';

/** Chapter of the instruction set, used to order the manual and to pick tests. */
export type Group =
  | 'arithmetic'
  | 'compare'
  | 'trap'
  | 'logical'
  | 'rotate'
  | 'load'
  | 'store'
  | 'branch'
  | 'condition'
  | 'system'
  | 'vector arithmetic'
  | 'vector accumulator'
  | 'vector permute'
  | 'vector memory';

/**
 * How the pipeline treats an instruction. Latencies and rules belong to the emulator's pipeline model;
 * the class is the only thing it needs to know of an instruction besides `reads` and `writes`.
 *
 * - `simple`: fixed point, compare, condition register, moves to and from special registers (latency 1)
 * - `multiply` (latency 4, pipelined), `divide` (nothing issues until it ends)
 * - `load`, `load-update` (issues twice), `load-multiple` (issues once per register); `store...` likewise
 * - `branch`, `return` (rfi and its kin: a branch that also writes the MSR)
 * - `trap`, `move-to-msr`, `sync`, `wait`: wait for an empty pipeline, each in its own way
 * - `io`: the I/O bus, absent in the published configuration
 * - `madd`, `vector-compare`, `permute`, `vector-load`, `vector-store`, `bus-in`, `bus-out`: the units
 *   behind the vector queue
 */
export type Timing =
  | 'simple'
  | 'multiply'
  | 'divide'
  | 'load'
  | 'load-update'
  | 'load-multiple'
  | 'store'
  | 'store-update'
  | 'store-multiple'
  | 'branch'
  | 'return'
  | 'trap'
  | 'move-to-msr'
  | 'sync'
  | 'wait'
  | 'io'
  | 'madd'
  | 'vector-compare'
  | 'permute'
  | 'vector-load'
  | 'vector-store'
  | 'bus-in'
  | 'bus-out';

/**
 * Something an instruction reads or writes, in terms of its operands.
 *
 * - `rt rs ra rb`: that general register; `ra0`: register ra unless its number is 0 (then the value 0);
 *   `rt..31`, `rs..31`: that register and all above it
 * - `cr`: all eight condition fields; `cr0`; `cr.bf cr.bfa`: the field named by that operand;
 *   `cr.bi cr.bt cr.ba cr.bb`: the field that holds that bit; `cr.fxm`: the fields of the mask
 * - `xer ctr lr msr spr`; `spr` is the register named by the operand
 * - `memory`, `bus` (parallel bus), `io`
 * - `vrt vra vrb acc vcr`; `vrt?`, `vcr?`: only when the condition operand is not 0
 */
export type Resource =
  | 'rt'
  | 'rs'
  | 'ra'
  | 'ra0'
  | 'rb'
  | 'rt..31'
  | 'rs..31'
  | 'cr'
  | 'cr0'
  | 'cr.bf'
  | 'cr.bfa'
  | 'cr.bi'
  | 'cr.bt'
  | 'cr.ba'
  | 'cr.bb'
  | 'cr.fxm'
  | 'xer'
  | 'ctr'
  | 'lr'
  | 'msr'
  | 'spr'
  | 'memory'
  | 'bus'
  | 'io'
  | 'vrt'
  | 'vra'
  | 'vrb'
  | 'acc'
  | 'vcr'
  | 'vrt?'
  | 'vcr?';

/** What kind of thing an operand names; decides how it is written in assembly text. */
export type OperandClass =
  | 'gpr' // rN
  | 'gpr-or-zero' // rN, but 0 means the value zero and is printed as 0
  | 'vector' // N
  | 'cr-field' // crN
  | 'cr-bit' // lt, 4*cr3+eq
  | 'number'
  | 'displacement' // signed byte offset in front of a register in parentheses
  | 'branch' // byte distance from the instruction, or byte address when aa = 1
  | 'spr';

/** Names of operands as they stand in a row's `syntax`. */
export type OperandName =
  | 'rt'
  | 'rs'
  | 'ra'
  | 'ra0'
  | 'ral' // base of a load with update: not 0, not rt
  | 'ras' // base of a store with update: not 0
  | 'ram' // base of a load multiple: below rt
  | 'rb'
  | 'si'
  | 'sis' // 16 bits, signed or unsigned (addis)
  | 'ui'
  | 'd'
  | 'bf'
  | 'bfa'
  | 'l'
  | 'to'
  | 'sh'
  | 'mb'
  | 'me'
  | 'bo'
  | 'bi'
  | 'bt'
  | 'ba'
  | 'bb'
  | 'fxm'
  | 'fxm1' // exactly one bit
  | 'spr'
  | 'li'
  | 'bd'
  | 'vrt'
  | 'vra'
  | 'vrb'
  | 'cond'
  | 'imm5'
  | 'ls' // kind of sync
  // The rest occurs in extended mnemonics only, and is not stored in the word as it is written.
  | 'cr' // condition field of a branch or compare, may be left out
  | 'n' // amount of a shift or rotation
  | 'width' // number of bits in a field
  | 'p' // position of a bit
  | 'negated' // immediate of a subtraction
  | 'boe' // branch option without its hint
  | 'boh'; // the same of a branch that a hint selects

/** One operand of an instruction: where it sits in the word and which values it takes. */
export interface Operand {
  readonly name: OperandName;
  readonly class: OperandClass;
  /** Position of the least significant bit and number of bits in the word. */
  readonly lsb: number;
  readonly width: number;
  /** The value in the word is two's complement. */
  readonly signed: boolean;
  /** Inclusive range of values a programmer may write (for `li` and `bd` in bytes, multiples of 4). */
  readonly min: number;
  readonly max: number;
  /** The only values allowed, where a range does not say it. */
  readonly values?: readonly number[];
  /** The operand may be left out and is then 0. Only ever one, the first or the last. */
  readonly optional: boolean;
  /** The operand is written in parentheses behind the displacement before it. */
  readonly base: boolean;
}

/**
 * The decoded operands of one word. Every field is extracted from every word, whatever the instruction,
 * so that the record has one shape; aliases (rs = rt = bo = to = bt, sh = rb ...) are stored, not computed.
 */
export class Fields {
  rt = 0;
  ra = 0;
  rb = 0;
  /** Bits 15:0, sign-extended; also the displacement d. */
  si = 0;
  /** Bits 15:0, zero-extended. */
  ui = 0;
  /** Record bit (Rc), also LK of branches. */
  rc = 0;
  /** Overflow-enable bit of XO forms. */
  oe = 0;
  sh = 0;
  /** MASK(MB, ME) as a 32-bit pattern. */
  mask = 0;
  bo = 0;
  bi = 0;
  /** Byte displacement of I and B forms, sign-extended. */
  li = 0;
  bd = 0;
  aa = 0;
  bf = 0;
  bfa = 0;
  rs = 0;
  to = 0;
  bt = 0;
  ba = 0;
  bb = 0;
  mb = 0;
  me = 0;
  /** 8-bit field mask; 0x80 is CR0. */
  fxm = 0;
  /** The same with every bit widened to 4: the bits of CR that are selected. */
  crMask = 0;
  spr = 0;
  /** Condition of vector instructions; size code of pack and unpack. */
  cond = 0;
  /** The rb field as a signed number, -16..15. */
  imm5 = 0;
  word = 0;
}

/** Performs the instruction on the machine. Never allocates, never throws. */
export type Run = (machine: Machine, fields: Fields) => void;

/** One instruction: everything that is known about it. */
export interface Instruction {
  /** Position in the table, 0..235: a dense operation number for predecoding engines. */
  readonly index: number;
  readonly mnemonic: string;
  readonly group: Group;
  readonly form: Form;
  /** Primary opcode, bits 31:26 of the word. */
  readonly opcd: number;
  /** Extended opcode; at bit 1 (X, XL, XFX 10 bits, XO 9 bits) or bit 2 (FXV, 9 bits). */
  readonly xo?: number;
  readonly oe?: 0 | 1;
  readonly rc?: 0 | 1;
  readonly lk?: 0 | 1;
  readonly aa?: 0 | 1;
  /** Bit 20 of the word, which tells mtocrf and mfocrf from mtcrf and mfcr. */
  readonly one?: 0 | 1;
  /** A word w is this instruction when (w & mask) === match (both as int32). Other bits are operands or ignored. */
  readonly mask: number;
  readonly match: number;
  /** Operands in the order in which they are written; `d(ra)` is two operands, d and then the register. */
  readonly operands: readonly Operand[];
  /** Operands as written in the manual, for example `rt, d(ra)`. */
  readonly syntax: string;
  readonly reads: readonly Resource[];
  readonly writes: readonly Resource[];
  readonly timing: Timing;
  /** One line for the manual. */
  readonly text: string;
  readonly run: Run;
}

/** A word that is an instruction, with its operands. */
export interface Decoded {
  readonly instruction: Instruction;
  readonly fields: Fields;
}
