/**
 * Words that the core does not decode. There is no illegal-instruction interrupt: such a word passes through the
 * fixed-point unit and writes no general register, but the decoder's treatment of opcode 31 leaves traces.
 */
import type { Fields } from './instruction.js';
import type { Machine } from './machine.js';
import { recordCr0, setOverflow } from './table/flags.js';

/** Condition field 0 is overwritten: the Rc bit of an opcode-31 word. */
export function undecodedWritesCr0(word: number): boolean {
  return word >>> 26 === 31 && (word & 1) !== 0;
}

/** XER.OV and SO are overwritten: the OE position of an opcode-31 word, that is XO >= 512. */
export function undecodedWritesXer(word: number): boolean {
  return word >>> 26 === 31 && (word & 0x400) !== 0;
}

/**
 * What the core does with an undecoded word: flags of RA + RB where the word's bits ask for them, else nothing.
 * (The flags in CR0 are those of a sum that the core's source leaves open; we take the same one.)
 */
export function runUndecoded(m: Machine, f: Fields): void {
  const a = m.gpr[f.ra]!;
  const b = m.gpr[f.rb]!;
  const sum = (a + b) | 0;
  if (undecodedWritesXer(f.word)) setOverflow(m, ((a ^ sum) & (b ^ sum)) < 0);
  if (undecodedWritesCr0(f.word)) recordCr0(m, sum);
}
