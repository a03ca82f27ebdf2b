/** Turns the rows that people write into instructions: expands variants, computes masks, reads use lists. */
import type { Form, Group, Instruction, Resource, Run, Timing } from '../instruction.js';
import { parseSyntax } from './operands.js';

/** Where an instruction's fixed bits are. */
export interface Encoding {
  readonly form: Form;
  readonly opcd: number;
  readonly xo?: number;
  readonly one?: 0 | 1;
}

/** A row of the table as it is written. */
export interface Row extends Encoding {
  /** Mnemonic with its variants: `[o]` overflow enable, `[.]` record, `[l]` link, `[a]` absolute. */
  readonly name: string;
  readonly syntax: string;
  /** `written <- read`, names of Resource; what the variants add (cr0, xer, lr) is not repeated here. */
  readonly use: string;
  readonly timing?: Timing;
  readonly text: string;
  readonly run: Run;
}

export const d = (opcd: number): Encoding => ({ form: 'D', opcd });
export const m = (opcd: number): Encoding => ({ form: 'M', opcd });
export const i = (opcd: number): Encoding => ({ form: 'I', opcd });
export const b = (opcd: number): Encoding => ({ form: 'B', opcd });
export const x = (xo: number): Encoding => ({ form: 'X', opcd: 31, xo });
export const xo = (number: number): Encoding => ({ form: 'XO', opcd: 31, xo: number });
export const xl = (number: number): Encoding => ({ form: 'XL', opcd: 19, xo: number });
export const xfx = (number: number, one?: 0 | 1): Encoding =>
  one === undefined
    ? { form: 'XFX', opcd: 31, xo: number }
    : { form: 'XFX', opcd: 31, xo: number, one };
export const fxv = (number: number): Encoding => ({ form: 'FXV', opcd: 4, xo: number });

type Flag = 'oe' | 'rc' | 'lk' | 'aa';

const flagOfLetter: Readonly<Record<string, Flag>> = { o: 'oe', '.': 'rc', l: 'lk', a: 'aa' };

/** Which bit of the word each flag is. */
const bitOfFlag: Readonly<Record<Flag, number>> = { oe: 10, rc: 0, lk: 0, aa: 1 };

export interface Variant {
  readonly mnemonic: string;
  readonly flags: Partial<Record<Flag, 0 | 1>>;
}

/** `add[o][.]` -> add, add., addo, addo. with the flags of each. */
export function variants(name: string): Variant[] {
  let found: Variant[] = [{ mnemonic: name.replace(/\[.*/, ''), flags: {} }];
  for (const [, letter] of name.matchAll(/\[(.)\]/g)) {
    const flag = flagOfLetter[letter!];
    if (flag === undefined) throw new RangeError(`no variant '[${letter}]' in '${name}'`);
    found = found.flatMap(({ mnemonic, flags }) => [
      { mnemonic, flags: { ...flags, [flag]: 0 } },
      { mnemonic: mnemonic + letter, flags: { ...flags, [flag]: 1 } },
    ]);
  }
  return found;
}

const resources = new Set<string>(
  `rt rs ra ra0 rb rt..31 rs..31 cr cr0 cr.bf cr.bfa cr.bi cr.bt cr.ba cr.bb cr.fxm xer ctr lr msr spr
  memory bus io vrt vra vrb acc vcr vrt? vcr?`.split(/\s+/),
);

function isResource(name: string): name is Resource {
  return resources.has(name);
}

function resourceList(names: string): Resource[] {
  return names.split(' ').flatMap((name) => {
    if (name === '') return [];
    if (!isResource(name)) throw new RangeError(`no resource '${name}'`);
    return [name];
  });
}

/** Bits that tell an instruction from others, and their values. */
function pattern(encoding: Encoding, flags: Variant['flags']): { mask: number; match: number } {
  let mask = 0x3f << 26;
  let match = encoding.opcd << 26;
  const xoField = { XO: [10, 1], X: [10, 1], XL: [10, 1], XFX: [10, 1], FXV: [9, 2] } as const;
  if (encoding.xo !== undefined && encoding.form in xoField) {
    const [width, lsb] = xoField[encoding.form as keyof typeof xoField];
    mask |= ((1 << width) - 1) << lsb;
    match |= encoding.xo << lsb;
  }
  if (encoding.one !== undefined) {
    mask |= 1 << 20;
    match |= encoding.one << 20;
  }
  for (const [flag, value] of Object.entries(flags)) {
    mask |= 1 << bitOfFlag[flag as Flag];
    match |= value << bitOfFlag[flag as Flag];
  }
  return { mask, match };
}

/** All instructions of one chapter; their `index` counts from 0 and is renumbered by the whole table. */
export function define(group: Group, rows: readonly Row[]): Instruction[] {
  return rows.flatMap((row) => {
    const { name, use, timing = 'simple', form, opcd, xo: extended, one, syntax, text, run } = row;
    const [written = '', read = ''] = use.split(/ ?<- ?/);
    return variants(name).map(({ mnemonic, flags }) => {
      const reads = resourceList(read);
      const writes = resourceList(written);
      if (flags.oe === 1) writes.push('xer');
      if (flags.rc === 1) writes.push('cr0');
      if (flags.lk === 1) writes.push('lr');
      // CR0 takes a copy of SO; an overflow variant keeps the old SO.
      if (flags.rc === 1 || flags.oe === 1) reads.push('xer');
      return {
        index: 0,
        mnemonic,
        group,
        form,
        opcd,
        ...(extended === undefined ? {} : { xo: extended }),
        ...(one === undefined ? {} : { one }),
        ...flags,
        ...pattern(row, flags),
        operands: parseSyntax(syntax),
        syntax,
        reads: [...new Set(reads)],
        writes: [...new Set(writes)],
        timing,
        text,
        run,
      };
    });
  });
}
