/** Values of expressions: a number, the address of a symbol plus a number, or the distance between two places. */
import type { AddressPart } from '../object-builder.js';
import { partOf } from '../relocation.js';
import type { BinaryOperator, Expression, UnaryOperator } from './expression.js';
import { StatementError } from './problem.js';

/** A place in a section of this source. */
export interface SectionPlace {
  readonly section: string;
  readonly offset: number;
}

/** `plus + constant - minus`. */
export interface Value {
  readonly constant: number;
  /** Name of a symbol, known or not, or of a section; its place if it is in this source. */
  readonly plus?: Base;
  readonly minus?: Base;
  /** Only 16 bits of it are meant. */
  readonly part?: AddressPart;
}

export interface Base {
  readonly name: string;
  readonly place?: SectionPlace;
}

/** What names mean while an expression is evaluated. */
export interface Scope {
  /** Place of the statement: the value of `.`. */
  readonly here: SectionPlace;
  /** Value of a name, or undefined if it has none yet. */
  lookup(name: string): Value | undefined;
  /** Value of `1f` or `2b`, or undefined if there is no such label yet. */
  local(number: number, isForward: boolean): Value | undefined;
}

/**
 * Thrown when a name in the expression has no value (yet). No Error: every reference to a later label throws one, and
 * taking a stack trace for each would be a sixth of the assembler's time.
 */
export class UnknownName {
  constructor(readonly symbol: string) {}
}

/**
 * The value of an expression.
 * @throws UnknownName for a name without value
 * @throws StatementError for what cannot be computed
 */
export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'number':
      return { constant: expression.value };
    case 'here': {
      const { here } = scope;
      return { constant: here.offset, plus: { name: here.section, place: { ...here, offset: 0 } } };
    }
    case 'name': {
      const value = scope.lookup(expression.name);
      if (value === undefined) throw new UnknownName(expression.name);
      return value;
    }
    case 'local': {
      const value = scope.local(expression.number, expression.isForward);
      if (value === undefined) {
        throw new UnknownName(`${expression.number}${expression.isForward ? 'f' : 'b'}`);
      }
      return value;
    }
    case 'part': {
      const value = evaluate(expression.of, scope);
      if (value.part !== undefined) {
        throw new StatementError('part-of-part', 'a half of a half of an address does not exist');
      }
      return { ...value, part: expression.part };
    }
    case 'unary':
      return applyUnary(expression.operator, evaluate(expression.of, scope));
    case 'binary':
      return applyBinary(
        expression.operator,
        evaluate(expression.left, scope),
        evaluate(expression.right, scope),
      );
  }
}

/** The plain number a value is, or undefined for an address. @l, @h, @ha of a number give an unsigned number. */
export function asNumber(value: Value): number | undefined {
  if (value.plus !== undefined || value.minus !== undefined) return undefined;
  return value.part === undefined ? value.constant : partOf(value.constant, value.part);
}

function numberOf(value: Value, what: string): number {
  const number = asNumber(value);
  if (number === undefined) {
    throw new StatementError('address-arithmetic', `${what} needs numbers, not addresses`, {
      repair: 'the difference of two labels in one section is a number',
    });
  }
  return number;
}

function applyUnary(operator: UnaryOperator, value: Value): Value {
  if (operator === '+') return value;
  if (operator === '-' && value.plus !== undefined && value.minus !== undefined && !value.part) {
    return { constant: -value.constant, plus: value.minus, minus: value.plus };
  }
  const number = numberOf(value, `'${operator}'`);
  switch (operator) {
    case '-':
      return { constant: -number };
    case '~':
      return { constant: -number - 1 };
    case '!':
      return { constant: number === 0 ? 1 : 0 };
  }
}

function applyBinary(operator: BinaryOperator, left: Value, right: Value): Value {
  if (left.part !== undefined && left.plus !== undefined) return refuseParts(operator);
  if (right.part !== undefined && right.plus !== undefined) return refuseParts(operator);
  switch (operator) {
    case '+':
      return sum(left, right.plus, right.minus, numericPart(right), operator);
    case '-':
      return sum(left, right.minus, right.plus, -numericPart(right), operator);
    case '==':
    case '!=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { constant: compare(operator, difference(left, right)) };
    default:
      return {
        constant: arithmetic(
          operator,
          numberOf(left, `'${operator}'`),
          numberOf(right, `'${operator}'`),
        ),
      };
  }
}

function refuseParts(operator: string): never {
  throw new StatementError(
    'part-arithmetic',
    `'${operator}' cannot be applied to a half of an address`,
    {
      repair: 'write the part last: symbol+4@ha',
    },
  );
}

function numericPart(value: Value): number {
  return value.part === undefined ? value.constant : partOf(value.constant, value.part);
}

/** left + plus - minus + constant, with equal or same-section bases cancelled. */
function sum(
  left: Value,
  plus: Base | undefined,
  minus: Base | undefined,
  constant: number,
  operator: string,
): Value {
  let total = numericPart(left) + constant;
  let plusses = [left.plus, plus].filter((base) => base !== undefined);
  const minuses: Base[] = [];
  for (const base of [left.minus, minus]) {
    if (base === undefined) continue;
    const partner = plusses.find(
      (other) =>
        (base.place !== undefined && base.place.section === other.place?.section) ||
        (base.place === undefined && other.place === undefined && base.name === other.name),
    );
    if (partner === undefined) {
      minuses.push(base);
      continue;
    }
    total += (partner.place?.offset ?? 0) - (base.place?.offset ?? 0);
    plusses = plusses.filter((other) => other !== partner);
  }
  if (plusses.length > 1 || minuses.length > 1 || (minuses.length === 1 && plusses.length === 0)) {
    throw new StatementError('address-arithmetic', `'${operator}' cannot join these addresses`, {
      expected: 'symbol + number, symbol - symbol of one section, or symbol - .',
    });
  }
  const [positive] = plusses;
  const [negative] = minuses;
  return {
    constant: checked(total),
    ...(positive === undefined ? {} : { plus: positive }),
    ...(negative === undefined ? {} : { minus: negative }),
  };
}

function difference(left: Value, right: Value): number {
  return numberOf(sum(left, right.minus, right.plus, -numericPart(right), '-'), 'a comparison');
}

/** As in GNU as, true is -1. */
function compare(operator: BinaryOperator, difference: number): number {
  switch (operator) {
    case '==':
      return difference === 0 ? -1 : 0;
    case '<':
      return difference < 0 ? -1 : 0;
    case '<=':
      return difference <= 0 ? -1 : 0;
    case '>':
      return difference > 0 ? -1 : 0;
    case '>=':
      return difference >= 0 ? -1 : 0;
    default:
      return difference !== 0 ? -1 : 0;
  }
}

function checked(value: number): number {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  throw new StatementError('overflow', 'the value of the expression is too large', {
    expected: 'a value of at most 53 bits',
  });
}

/** Integer arithmetic on 64 bits, two's complement; division truncates towards zero. */
function arithmetic(operator: BinaryOperator, left: number, right: number): number {
  const a = BigInt(left);
  const b = BigInt(right);
  if ((operator === '/' || operator === '%') && right === 0) {
    throw new StatementError('division-by-zero', 'division by zero');
  }
  if ((operator === '<<' || operator === '>>') && (right < 0 || right > 63)) {
    throw new StatementError('shift-range', `shift by ${right}`, { expected: 'a shift by 0..63' });
  }
  const wide = (): bigint => {
    switch (operator) {
      case '*':
        return a * b;
      case '/':
        return a / b;
      case '%':
        return a % b;
      case '<<':
        return a << b;
      case '>>':
        return a >> b;
      case '|':
        return a | b;
      case '&':
        return a & b;
      case '^':
        return a ^ b;
      case '&&':
        return left !== 0 && right !== 0 ? 1n : 0n;
      default:
        return left !== 0 || right !== 0 ? 1n : 0n;
    }
  };
  return checked(Number(wide()));
}
