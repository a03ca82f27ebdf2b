/**
 * Extended mnemonics: other names for base instructions with some operands fixed or rearranged. One row serves
 * the assembler (left to right) and, where `printed`, the disassembler (right to left).
 *
 * A row is `name | operands | base | base operands`. A base operand is a sum of numbers and of operands of the
 * extended form, each with an optional factor: `31-n`, `4*cr+2`, `rs`.
 */
import type { Instruction, Operand } from '../instruction.js';
import { variants } from './define.js';
import { findInstruction } from './index.js';
import { parseSyntax } from './operands.js';

/** constant + sum of factor * operand. */
export interface Sum {
  readonly constant: number;
  readonly parts: readonly { readonly operand: number; readonly factor: number }[];
}

export interface ExtendedMnemonic {
  readonly mnemonic: string;
  readonly syntax: string;
  readonly operands: readonly Operand[];
  readonly base: Instruction;
  /** One per operand of the base instruction, in terms of positions in `operands`. */
  readonly sums: readonly Sum[];
  /** The disassembler prefers this form to the base form and to later rows of the same base. */
  readonly printed: boolean;
}

function parseSum(text: string, operands: readonly Operand[]): Sum {
  let constant = 0;
  const parts: { operand: number; factor: number }[] = [];
  for (const [, sign, factor, atom] of text.matchAll(/([+-]?)(?:(\d+)\*)?([a-z][a-z0-9]*|\d+)/g)) {
    const signed = sign === '-' ? -1 : 1;
    if (/^\d/.test(atom!)) {
      constant += signed * Number(atom);
      continue;
    }
    const operand = operands.findIndex(({ name }) => name === atom);
    if (operand < 0) throw new RangeError(`no operand '${atom}' for '${text}'`);
    parts.push({ operand, factor: signed * Number(factor ?? 1) });
  }
  return { constant, parts };
}

/** Rows as text to data; `[o][.]` in the name stands for the same in the base. */
function rows(printed: boolean, text: string): ExtendedMnemonic[] {
  return text
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [name = '', syntax = '', base = '', expressions = ''] = line
        .split('|')
        .map((column) => column.trim());
      const bases = variants(base);
      return variants(name).map(({ mnemonic }, k) => {
        const instruction = findInstruction(bases[k]!.mnemonic);
        if (instruction === undefined) throw new RangeError(`no base instruction for '${line}'`);
        const operands = parseSyntax(syntax);
        const sums = expressions === '' ? [] : expressions.split(',');
        return {
          mnemonic,
          syntax,
          operands,
          base: instruction,
          sums: sums.map((sum) => parseSum(sum.trim(), operands)),
          printed,
        };
      });
    });
}

const printedNames = rows(
  true,
  `
  li         | rt, si         | addi      | rt, 0, si
  lis        | rt, sis        | addis     | rt, 0, sis
  nop        |                | ori       | 0, 0, 0
  xnop       |                | xori      | 0, 0, 0
  mr[.]      | ra, rs         | or[.]     | ra, rs, rs
  not[.]     | ra, rs         | nor[.]    | ra, rs, rs
  rotlwi[.]  | ra, rs, n      | rlwinm[.] | ra, rs, n, 0, 31
  clrlwi[.]  | ra, rs, n      | rlwinm[.] | ra, rs, 0, n, 31
  rotlw[.]   | ra, rs, rb     | rlwnm[.]  | ra, rs, rb, 0, 31
  cmpwi      | [cr, ]ra, si   | cmpi      | cr, 0, ra, si
  cmplwi     | [cr, ]ra, ui   | cmpli     | cr, 0, ra, ui
  cmpw       | [cr, ]ra, rb   | cmp       | cr, 0, ra, rb
  cmplw      | [cr, ]ra, rb   | cmpl      | cr, 0, ra, rb
  crset      | bt             | creqv     | bt, bt, bt
  crclr      | bt             | crxor     | bt, bt, bt
  crmove     | bt, ba         | cror      | bt, ba, ba
  crnot      | bt, ba         | crnor     | bt, ba, ba
  mtcr       | rs             | mtcrf     | 255, rs
  hwsync     |                | sync      | 0
  lwsync     |                | sync      | 1
  ptesync    |                | sync      | 2
  trap       |                | tw        | 31, 0, 0
  blr[l]     |                | bclr[l]   | 20, 0
  bctr[l]    |                | bcctr[l]  | 20, 0
  mftb       | rt             | mfspr     | rt, 268
  mftbu      | rt             | mfspr     | rt, 269
  mttbl      | rs             | mtspr     | 284, rs
  mttbu      | rs             | mtspr     | 285, rs
  `,
);

const acceptedNames = rows(
  false,
  `
  subi         | rt, ra0, negated | addi       | rt, ra0, -negated
  subis        | rt, ra0, negated | addis      | rt, ra0, -negated
  subic        | rt, ra, negated  | addic      | rt, ra, -negated
  subic.       | rt, ra, negated  | addic.     | rt, ra, -negated
  la           | rt, d(ra0)       | addi       | rt, ra0, d
  sub[o][.]    | rt, ra, rb       | subf[o][.] | rt, rb, ra
  subc[o][.]   | rt, ra, rb       | subfc[o][.] | rt, rb, ra
  slwi[.]      | ra, rs, n        | rlwinm[.]  | ra, rs, n, 0, 31-n
  srwi[.]      | ra, rs, n        | rlwinm[.]  | ra, rs, 32-n, n, 31
  clrrwi[.]    | ra, rs, n        | rlwinm[.]  | ra, rs, 0, 0, 31-n
  rotrwi[.]    | ra, rs, n        | rlwinm[.]  | ra, rs, 32-n, 0, 31
  extlwi[.]    | ra, rs, width, p | rlwinm[.]  | ra, rs, p, 0, width-1
  extrwi[.]    | ra, rs, width, p | rlwinm[.]  | ra, rs, p+width, 32-width, 31
  inslwi[.]    | ra, rs, width, p | rlwimi[.]  | ra, rs, 32-p, p, p+width-1
  insrwi[.]    | ra, rs, width, p | rlwimi[.]  | ra, rs, 32-p-width, p, p+width-1
  clrlslwi[.]  | ra, rs, p, n     | rlwinm[.]  | ra, rs, n, p-n, 31-n
  `,
);

/** Special registers with moves of their own; only the first list is printed. */
const namedSprs = (names: Readonly<Record<string, number>>): string =>
  Object.entries(names)
    .map(([name, number]) => `mf${name}|rt|mfspr|rt, ${number}\nmt${name}|rs|mtspr|${number}, rs`)
    .join('\n');

const sprNames = [
  ...rows(true, namedSprs({ xer: 1, lr: 8, ctr: 9, dec: 22, srr0: 26, srr1: 27 })),
  ...rows(
    false,
    namedSprs({
      csrr0: 58,
      csrr1: 59,
      dear: 61,
      esr: 62,
      tsr: 336,
      tcr: 340,
      mcsrr0: 570,
      mcsrr1: 571,
    }),
  ),
];

/** Trap conditions as values of TO. */
function trapNames(conditions: Readonly<Record<string, number>>): string {
  return Object.entries(conditions)
    .map(([name, to]) => `tw${name}|ra, rb|tw|${to}, ra, rb\ntw${name}i|ra, si|twi|${to}, ra, si`)
    .join('\n');
}

const traps = [
  ...rows(
    true,
    trapNames({
      lgt: 1,
      llt: 2,
      eq: 4,
      lge: 5,
      lle: 6,
      gt: 8,
      ge: 12,
      lt: 16,
      le: 20,
      ne: 24,
      u: 31,
    }),
  ),
  ...rows(false, trapNames({ lnl: 5, lng: 6, nl: 12, ng: 20 })),
];

/** Where a conditional branch goes: name, base instruction, its last operand. */
const targets = [
  { suffix: '', base: 'bc', distance: true },
  { suffix: 'l', base: 'bcl', distance: true },
  { suffix: 'a', base: 'bca', distance: true },
  { suffix: 'la', base: 'bcla', distance: true },
  { suffix: 'lr', base: 'bclr', distance: false },
  { suffix: 'lrl', base: 'bclrl', distance: false },
  { suffix: 'ctr', base: 'bcctr', distance: false },
  { suffix: 'ctrl', base: 'bcctrl', distance: false },
] as const;

/** A hint adds these bits ("at") to an option that tests a condition, or to one that counts only. */
const hints = [
  { sign: '', test: 0, count: 0 },
  { sign: '-', test: 2, count: 8 },
  { sign: '+', test: 3, count: 9 },
] as const;

const TRUE = 12;
const FALSE = 4;

/** Conditions: bit of the field, option, and whether it is the name that is printed. */
const conditions = [
  { name: 'lt', bit: 0, option: TRUE, printed: true },
  { name: 'gt', bit: 1, option: TRUE, printed: true },
  { name: 'eq', bit: 2, option: TRUE, printed: true },
  { name: 'so', bit: 3, option: TRUE, printed: true },
  { name: 'ge', bit: 0, option: FALSE, printed: true },
  { name: 'le', bit: 1, option: FALSE, printed: true },
  { name: 'ne', bit: 2, option: FALSE, printed: true },
  { name: 'ns', bit: 3, option: FALSE, printed: true },
  { name: 'nl', bit: 0, option: FALSE, printed: false },
  { name: 'ng', bit: 1, option: FALSE, printed: false },
  { name: 'un', bit: 3, option: TRUE, printed: false },
  { name: 'nu', bit: 3, option: FALSE, printed: false },
] as const;

/** Branches that count and test a bit; no hint exists for them. */
const countingTests = [
  { name: 'bdnzt', option: 8 },
  { name: 'bdnzf', option: 0 },
  { name: 'bdzt', option: 10 },
  { name: 'bdzf', option: 2 },
] as const;

function branchNames(): ExtendedMnemonic[] {
  return targets.flatMap(({ suffix, base, distance }) => {
    const bd = distance ? ', bd' : '';
    const counts = !suffix.startsWith('ctr');
    const generic = distance ? 'boh' : 'boe';
    return [
      ...hints.flatMap(({ sign, test, count }) => [
        ...conditions.flatMap(({ name, bit, option, printed }) =>
          rows(
            printed,
            `b${name}${suffix}${sign}|[cr${distance ? ', ]bd' : ']'}|${base}|${option + test}, 4*cr+${bit}${bd}`,
          ),
        ),
        ...rows(false, `bt${suffix}${sign}|bi${bd}|${base}|${TRUE + test}, bi${bd}`),
        ...rows(false, `bf${suffix}${sign}|bi${bd}|${base}|${FALSE + test}, bi${bd}`),
        ...(counts
          ? [
              ...rows(
                true,
                `bdnz${suffix}${sign}|${bd.slice(2)}|${base}|${16 + count}, 0${bd}
                 bdz${suffix}${sign}|${bd.slice(2)}|${base}|${18 + count}, 0${bd}`,
              ),
            ]
          : []),
      ]),
      ...(counts
        ? countingTests.flatMap(({ name, option }) =>
            rows(true, `${name}${suffix}|bi${bd}|${base}|${option}, bi${bd}`),
          )
        : []),
      // Options without a name of their own show their hint in the mnemonic.
      ...rows(
        true,
        `${base}-|${generic}, bi${bd}|${base}|${generic}, bi${bd}
         ${base}+|boh, bi${bd}|${base}|boh+1, bi${bd}`,
      ),
    ];
  });
}

/** All extended mnemonics. */
export const extendedMnemonics: readonly ExtendedMnemonic[] = [
  ...printedNames,
  ...acceptedNames,
  ...sprNames,
  ...traps,
  ...branchNames(),
];

const byMnemonic = new Map(extendedMnemonics.map((row) => [row.mnemonic, row]));

/** The extended mnemonic of that name, or undefined. */
export function findExtended(mnemonic: string): ExtendedMnemonic | undefined {
  return byMnemonic.get(mnemonic);
}

const printedByBase = new Map<Instruction, ExtendedMnemonic[]>();
for (const row of extendedMnemonics) {
  if (row.printed) printedByBase.set(row.base, [...(printedByBase.get(row.base) ?? []), row]);
}

/** Rows that the disassembler may print for a base instruction, in order of preference. */
export function printedFormsOf(base: Instruction): readonly ExtendedMnemonic[] {
  return printedByBase.get(base) ?? [];
}

/** Operands of the base instruction for those of the extended form. A rotation by 32 is one by 0. */
export function toBaseOperands(form: ExtendedMnemonic, values: readonly number[]): number[] {
  return form.sums.map(({ constant, parts }, k) => {
    let sum = constant;
    for (const { operand, factor } of parts) sum += factor * (values[operand] ?? 0);
    return sum === 32 && form.base.operands[k]?.name === 'sh' ? 0 : sum;
  });
}

/** Operands of the extended form that give these base operands; undefined if none do. */
export function fromBaseOperands(
  form: ExtendedMnemonic,
  baseValues: readonly number[],
): number[] | undefined {
  const values: (number | undefined)[] = form.operands.map(() => undefined);
  for (const [k, { constant, parts }] of form.sums.entries()) {
    let rest = baseValues[k]! - constant;
    let open: { operand: number; factor: number } | undefined;
    for (const part of parts) {
      const value = values[part.operand];
      if (value !== undefined) rest -= part.factor * value;
      else if (open === undefined) open = part;
      else return undefined;
    }
    if (open !== undefined) values[open.operand] = rest / open.factor;
    else if (rest !== 0) return undefined;
  }
  return values.every((value) => value !== undefined) ? values : undefined;
}
