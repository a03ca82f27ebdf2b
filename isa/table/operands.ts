/** Every kind of operand: its place in the word and the values it takes. */
import type { Operand, OperandClass, OperandName } from '../instruction.js';

/** Branch options that are not reserved: with hints in the "at" encoding of Power ISA 2.0 and later. */
const branchOptions = [0, 2, 4, 6, 7, 8, 10, 12, 14, 15, 16, 18, 20, 24, 25, 26, 27];

interface Range {
  readonly signed?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly number[];
}

function kind(
  name: OperandName,
  operandClass: OperandClass,
  lsb: number,
  width: number,
  range: Range = {},
): Operand {
  const signed = range.signed ?? false;
  const span = 1 << width;
  return {
    name,
    class: operandClass,
    lsb,
    width,
    signed,
    min: range.min ?? (signed ? -span / 2 : 0),
    max: range.max ?? (signed ? span / 2 - 1 : span - 1),
    ...(range.values === undefined ? {} : { values: range.values }),
    optional: false,
    base: false,
  };
}

const kinds: readonly Operand[] = [
  kind('rt', 'gpr', 21, 5),
  kind('rs', 'gpr', 21, 5),
  kind('ra', 'gpr', 16, 5),
  kind('ra0', 'gpr-or-zero', 16, 5),
  kind('ral', 'gpr', 16, 5),
  kind('ras', 'gpr', 16, 5),
  kind('ram', 'gpr-or-zero', 16, 5),
  kind('rb', 'gpr', 11, 5),
  kind('si', 'number', 0, 16, { signed: true }),
  kind('sis', 'number', 0, 16, { signed: true, max: 65535 }),
  kind('ui', 'number', 0, 16),
  kind('d', 'displacement', 0, 16, { signed: true }),
  kind('bf', 'cr-field', 23, 3),
  kind('bfa', 'cr-field', 18, 3),
  // The processor has 32 bits only: the bit that selects 64-bit compares must be 0.
  kind('l', 'number', 21, 1, { max: 0 }),
  kind('to', 'number', 21, 5),
  kind('sh', 'number', 11, 5),
  kind('mb', 'number', 6, 5),
  kind('me', 'number', 1, 5),
  kind('bo', 'number', 21, 5, { values: branchOptions }),
  kind('bi', 'cr-bit', 16, 5),
  kind('bt', 'cr-bit', 21, 5),
  kind('ba', 'cr-bit', 16, 5),
  kind('bb', 'cr-bit', 11, 5),
  kind('fxm', 'number', 12, 8),
  kind('fxm1', 'number', 12, 8, { values: [1, 2, 4, 8, 16, 32, 64, 128] }),
  kind('spr', 'spr', 11, 10),
  kind('li', 'branch', 2, 24, { signed: true, min: -0x2000000, max: 0x1fffffc }),
  kind('bd', 'branch', 2, 14, { signed: true, min: -0x8000, max: 0x7ffc }),
  kind('vrt', 'vector', 21, 5),
  kind('vra', 'vector', 16, 5),
  kind('vrb', 'vector', 11, 5),
  kind('cond', 'number', 0, 2),
  kind('imm5', 'number', 11, 5, { signed: true }),
  kind('ls', 'number', 21, 2),
  kind('cr', 'cr-field', 0, 3),
  kind('n', 'number', 0, 5),
  kind('width', 'number', 0, 5, { min: 1, max: 32 }),
  kind('p', 'number', 0, 5),
  // Wide enough for addi and addis; the base instruction checks the rest.
  kind('negated', 'number', 0, 17, { min: -65535, max: 32768 }),
  kind('boe', 'number', 0, 5, { values: branchOptions.filter((option) => (option & 1) === 0) }),
  kind('boh', 'number', 0, 5, { values: [24, 26] }),
];

const byName = new Map<string, Operand>(kinds.map((operand) => [operand.name, operand]));

/**
 * Reads a row's syntax, for example `rt, d(ra0)` or `vrt, vra[, cond]`, into operands in written order.
 * Throws RangeError for a name that does not exist: a mistake in the table itself.
 */
export function parseSyntax(syntax: string): Operand[] {
  return [...syntax.matchAll(/(\(?)(\[?,? ?)([a-z][a-z0-9]*)/g)].map(([, paren, lead, name]) => {
    const operand = byName.get(name!);
    if (operand === undefined) throw new RangeError(`no operand kind '${name}' in '${syntax}'`);
    return { ...operand, base: paren === '(', optional: lead!.startsWith('[') };
  });
}
