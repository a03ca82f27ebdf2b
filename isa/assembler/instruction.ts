/** One instruction of a source: operands are matched with the instruction table, evaluated and encoded. */
import { encode, EncodeError, operandsOf, syntaxOf } from '../encode.js';
import type { Operand as OperandKind } from '../instruction.js';
import type { Operand } from '../object-builder.js';
import { isAbsoluteBranch } from '../reference.js';
import { atPiece, span, type Assembly } from './assembly.js';
import type { Expression } from './expression.js';
import { StatementError } from './problem.js';
import { splitOperands, type Piece } from './statement.js';
import { asNumber, evaluate, type Scope, type SectionPlace, type Value } from './value.js';

/** An operand as written, with the kind that the instruction has at this position. */
interface Written {
  readonly tree: Expression;
  readonly kind: OperandKind | undefined;
  readonly piece: Piece;
  readonly scope: Scope;
}

/** Assembles one instruction; false if there is none of that name. */
export function assembleInstruction(assembly: Assembly, name: Piece, rest: Piece): boolean {
  const mnemonic = name.text.toLowerCase();
  const kinds = operandsOf(mnemonic);
  if (kinds === undefined) return false;
  const here = assembly.here();
  const written = matchOperands(assembly, mnemonic, kinds, splitOperands(rest));
  assembly.nowOrLater(rest, 4, () => {
    const values = written.map((operand) => valueOf(assembly, mnemonic, operand, here));
    const complete = kinds.at(-1)?.name === 'me' ? withMaskBorders(values, written) : values;
    encodeValues(assembly, mnemonic, complete, written, kinds);
  });
  return true;
}

/** How many operands are left out at the front. */
function skippedCount(kinds: readonly OperandKind[], written: number): number {
  return kinds[0]?.optional === true && written < kinds.length ? 1 : 0;
}

function matchOperands(
  assembly: Assembly,
  mnemonic: string,
  kinds: readonly OperandKind[],
  pieces: readonly Piece[],
): Written[] {
  const trees = pieces.map((piece) => ({ piece, tree: assembly.parse(piece) }));
  const count = trees.reduce((total, { tree }) => total + (tree.base === undefined ? 1 : 2), 0);
  const skipped = skippedCount(kinds, count);
  const written: Written[] = [];
  const add = (tree: Expression, piece: Piece): void => {
    const kind = kinds[written.length + skipped];
    const names = kind === undefined || kind.class === 'branch' ? 'number' : kind.class;
    written.push({ tree, kind, piece, scope: assembly.symbols.scope(assembly.here(), names) });
  };
  for (const { piece, tree } of trees) {
    const isMemory = kinds[written.length + skipped]?.class === 'displacement';
    if (isMemory !== (tree.base !== undefined)) {
      throw new StatementError(
        'operand-form',
        isMemory
          ? `'${piece.text}' lacks its base register`
          : `'${piece.text}' is a memory operand`,
        { ...span(piece), expected: `${mnemonic} ${syntaxOf(mnemonic) ?? ''}`.trim() },
      );
    }
    add(tree.value, piece);
    if (tree.base !== undefined) add(tree.base, piece);
  }
  return written;
}

/** Rotates take their mask as first and last bit, or as one number whose ones are in one run (compilers do that). */
function withMaskBorders(
  values: readonly Operand[],
  written: readonly Written[],
): readonly Operand[] {
  const mask = values[3];
  const piece = written[3]?.piece;
  if (values.length !== 4 || typeof mask !== 'number' || piece === undefined) return values;
  const bits = mask >>> 0;
  // Bit 0 is the most significant. A run that goes round the end is the complement of one that does not.
  const isWrapped = (bits & 0x80000001) === (0x80000001 | 0) && bits !== 0xffffffff;
  const run = isWrapped ? ~bits : bits;
  const first = Math.clz32(run);
  const last = Math.clz32(run & -run);
  const isOneRun = run !== 0 && ((run >>> (31 - last)) & ((run >>> (31 - last)) + 1)) === 0;
  if (!isOneRun || mask < -0x80000000 || mask > 0xffffffff) {
    throw new StatementError('mask', 'the ones of the mask are not in one run', {
      ...span(piece),
      expected: 'a mask such as 0xff0 or 0xf000000f, or first bit, last bit',
    });
  }
  const borders = isWrapped ? [last + 1, first - 1] : [first, last];
  return [...values.slice(0, 3), ...borders];
}

function valueOf(
  assembly: Assembly,
  mnemonic: string,
  { tree, kind, piece, scope }: Written,
  here: SectionPlace,
): Operand {
  let value: Value;
  try {
    value = evaluate(tree, scope);
  } catch (error) {
    throw atPiece(error, piece);
  }
  const isBranch = kind?.class === 'branch';
  const isRelative = isBranch && !isAbsoluteBranch(mnemonic);
  const number = asNumber(value);
  if (number !== undefined) {
    if (isRelative) return { symbol: '', addend: number };
    // A half of a number is a bit pattern: in a signed field it is written as a signed number.
    const isSigned = kind?.signed === true && kind.max < 0x8000;
    return value.part !== undefined && isSigned ? (number << 16) >> 16 : number;
  }
  const place = value.plus?.place;
  const isFixed = value.plus !== undefined && !assembly.builder.isWeak(value.plus.name);
  if (isRelative && isFixed && place?.section === here.section && value.minus === undefined) {
    return place.offset + value.constant - here.offset;
  }
  return assembly.reference(value, piece, here);
}

function encodeValues(
  assembly: Assembly,
  mnemonic: string,
  values: readonly Operand[],
  written: readonly Written[],
  kinds: readonly OperandKind[],
): void {
  try {
    if (values.every((value) => typeof value === 'number')) {
      assembly.builder.instructionWord(encode(mnemonic, values));
    } else {
      assembly.builder.emit(mnemonic, ...values);
    }
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    const { problem } = error;
    if (problem.kind !== 'operand-range') throw new StatementError(problem.kind, error.message);
    const skipped = skippedCount(kinds, values.length);
    const piece = written[problem.position - skipped]?.piece;
    const found = `${problem.value} does not fit operand ${problem.operand} of ${mnemonic}`;
    throw new StatementError('operand-range', found, {
      ...(piece === undefined ? {} : span(piece)),
      expected: problem.allowed,
      ...rangeRepair(problem.operand, problem.value),
    });
  }
}

function rangeRepair(operand: string, value: number): { repair?: string } {
  if (operand === 'bd') return { repair: 'branch with the opposite condition around a b' };
  if (!['si', 'sis', 'ui', 'd'].includes(operand) || Math.abs(value) < 0x8000) return {};
  return {
    repair: 'take halves of it: lis with @ha and addi with @l, or lis with @h and ori with @l',
  };
}
