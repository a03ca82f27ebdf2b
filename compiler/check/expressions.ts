/** Expressions: names, types, dimensions and domains. Every function answers undefined once it has reported. */
import type { BinaryNode, ExpressionNode, NumberNode, Span } from '../syntax/ast.js';
import { checkCall } from './calls.js';
import { describeDimension, describeType, subject } from './describe.js';
import { checkDivisor } from './division.js';
import * as make from './make.js';
import { checkIndex, checkMember, checkName } from './names.js';
import type { Place } from './place.js';
import type { Dimension, Expression, Interval } from './typed.js';

/** Decimal places by which a unit moves a number of microseconds (or megahertz), and its dimension. */
const units: { readonly [unit: string]: readonly [shift: number, dimension: Dimension] } = {
  ns: [-3, 1],
  us: [0, 1],
  ms: [3, 1],
  s: [6, 1],
  Hz: [-6, -1],
  kHz: [-3, -1],
  MHz: [0, -1],
};

export function checkExpression(node: ExpressionNode, place: Place): Expression | undefined {
  switch (node.kind) {
    case 'number':
      return checkNumber(node);
    case 'name':
      return checkName(node, [], node.span, place);
    case 'member':
      return checkMember(node, [], node.span, place);
    case 'index':
      return checkIndex(node, place);
    case 'call':
      return checkCall(node, place);
    case 'group':
      return checkExpression(node.inner, place);
    case 'unary': {
      const operand = checkExpression(node.operand, place);
      if (!operand) return undefined;
      if (node.operator === 'not')
        return isCondition(operand, place) ? make.not(operand, node.span) : undefined;
      return isNumber(operand, place) ? make.negate(operand, node.span) : undefined;
    }
    case 'binary':
      return checkBinary(node, place);
    case 'choose': {
      const condition = checkCondition(node.condition, place);
      const then = checkExpression(node.then, place);
      const otherwise = checkExpression(node.otherwise, place);
      if (!condition || !then || !otherwise) return undefined;
      if ((then.type === 'bool') !== (otherwise.type === 'bool')) {
        isNumber(then, place);
        isNumber(otherwise, place);
        return undefined;
      }
      if (!sameDimension(then, otherwise, 'chosen between', node.span, place)) return undefined;
      return make.choose(condition, then, otherwise, node.span);
    }
  }
}

/** An expression that must be a number (not a condition). */
export function checkNumeric(node: ExpressionNode, place: Place): Expression | undefined {
  const expression = checkExpression(node, place);
  return expression && isNumber(expression, place) ? expression : undefined;
}

/** An expression that must be a condition. */
export function checkCondition(node: ExpressionNode, place: Place): Expression | undefined {
  const expression = checkExpression(node, place);
  return expression && isCondition(expression, place) ? expression : undefined;
}

/** An expression that must be an int (or a whole constant), of any dimension. */
export function checkInt(
  node: ExpressionNode,
  place: Place,
  purpose: string,
): Expression | undefined {
  const expression = checkNumeric(node, place);
  if (!expression) return undefined;
  if (expression.type === 'int') return expression;
  if (expression.kind === 'constant' && make.fits32(expression.value)) {
    return make.constant(expression.value, expression.span, {
      type: 'int',
      dimension: expression.dimension,
    });
  }
  place.run.accept('E0203', node.span, { purpose });
  return undefined;
}

/** An expression that must be a duration. */
export function checkDuration(
  node: ExpressionNode,
  place: Place,
  purpose: string,
): Expression | undefined {
  const expression = checkNumeric(node, place);
  if (!expression) return undefined;
  if (expression.dimension === 1) return expression;
  const literal = node.kind === 'number' && node.unit === undefined;
  place.run.accept(
    'E0202',
    node.span,
    { purpose, found: describeDimension(expression.dimension), text: subject(place, node.span) },
    literal ? { repair: { span: { ...node.span, start: node.span.end }, text: ' us' } } : {},
  );
  return undefined;
}

export function isNumber(expression: Expression, place: Place): boolean {
  if (expression.type !== 'bool') return true;
  place.run.accept('E0204', expression.span, { found: 'a condition', expected: 'a number' });
  return false;
}

function isCondition(expression: Expression, place: Place): boolean {
  if (expression.type === 'bool') return true;
  place.run.accept('E0204', expression.span, { found: 'a number', expected: 'a condition' });
  return false;
}

function isZero(expression: Expression): boolean {
  return expression.kind === 'constant' && expression.literal && expression.value === 0;
}

/** Reports unless both have one dimension; a literal 0 has any. */
export function sameDimension(
  a: Expression,
  b: Expression,
  verb: string,
  span: Span,
  place: Place,
): boolean {
  if (a.dimension === b.dimension || isZero(a) || isZero(b)) return true;
  place.run.accept(
    'E0201',
    span,
    { left: describeDimension(a.dimension), right: describeDimension(b.dimension), verb },
    {
      secondary: [
        { span: a.span, text: `this is ${describeDimension(a.dimension)}` },
        { span: b.span, text: `this is ${describeDimension(b.dimension)}` },
      ],
    },
  );
  return false;
}

function checkNumber(node: NumberNode): Expression {
  const whole = !node.text.includes('.') && !/[eE]/.test(node.text);
  if (!node.unit) return make.constant(node.value, node.span, { literal: whole });
  const [shift, dimension] = units[node.unit] ?? [0, 0];
  const [mantissa = '', exponent = '0'] = node.text.split(/[eE]/);
  const value = Number(`${mantissa}e${Number(exponent) + shift}`);
  return make.constant(value, node.span, { literal: Number.isInteger(value), dimension });
}

function checkBinary(node: BinaryNode, place: Place): Expression | undefined {
  const { operator, span } = node;
  const left = checkExpression(node.left, place);
  const right = checkExpression(node.right, place);
  if (!left || !right) return undefined;
  switch (operator) {
    case 'and':
    case 'or': {
      const fine = [left, right].map((side) => isCondition(side, place)).every(Boolean);
      return fine ? make.logic(operator, left, right, span) : undefined;
    }
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=': {
      if (left.type === 'bool' && left.kind === 'compare') {
        place.run.accept('E0208', span, { first: subject(place, left.span) });
        return undefined;
      }
      const fine = [left, right].map((side) => isNumber(side, place)).every(Boolean);
      if (!fine || !sameDimension(left, right, 'compared', span, place)) return undefined;
      return make.comparison(operator, left, right, span);
    }
    default:
      return checkArithmetic(operator, left, right, span, place);
  }
}

/** Checks and makes `left operator right`; also used for compound assignments. */
export function checkArithmetic(
  operator: '+' | '-' | '*' | '/' | '%' | '^',
  left: Expression,
  right: Expression,
  span: Span,
  place: Place,
): Expression | undefined {
  const { accept } = place.run;
  if (![left, right].map((side) => isNumber(side, place)).every(Boolean)) return undefined;
  let dimension: number = left.dimension;
  if (operator === '*') dimension = left.dimension + right.dimension;
  else if (operator === '/') dimension = left.dimension - right.dimension;
  else if (isZero(left)) dimension = right.dimension;
  if (operator === '*' || operator === '/') {
    if (!isDimension(dimension)) {
      accept('E0201', span, {
        left: describeDimension(left.dimension),
        right: describeDimension(right.dimension),
        verb: operator === '*' ? 'multiplied' : 'divided',
      });
      return undefined;
    }
  } else if (!sameDimension(left, right, operator === '-' ? 'subtracted' : 'added', span, place)) {
    return undefined;
  }
  if (operator === '%' || operator === '^') {
    const wrong = [left, right].filter((side) => side.type !== 'int');
    const [first] = wrong;
    if (first) {
      accept('E0205', first.span, { operator, found: describeType(first) });
      return undefined;
    }
  }
  if ((operator === '/' || operator === '%') && !checkDivisor(right, operator, place))
    return undefined;
  if (!isDimension(dimension)) return undefined;
  const made = make.arithmetic(operator, left, right, dimension, span);
  if (operator !== '^' && operator !== '%') {
    if (made.expression.type === 'real')
      for (const side of [left, right]) warnOfQuotient(side, place);
  }
  if (made.overflows && !counts(operator, left, right)) {
    accept('W0207', span, { low: extreme(left, right, operator), operator });
  }
  return made.expression;
}

function isDimension(power: number): power is Dimension {
  return power >= -1 && power <= 1;
}

/** Counters and clocks may wrap after years; only sums of two large numbers and products are worth a warning. */
function counts(operator: string, left: Expression, right: Expression): boolean {
  const small = (side: Expression): boolean =>
    Math.max(Math.abs(side.interval.lo), Math.abs(side.interval.hi)) <= 65536;
  const clocks = left.dimension !== 0 && right.dimension !== 0;
  return (operator === '+' || operator === '-') && (clocks || small(left) || small(right));
}

function extreme(left: Expression, right: Expression, operator: string): string {
  const show = ({ lo, hi }: Interval): string => `${lo}..${hi}`;
  return `${show(left.interval)} ${operator} ${show(right.interval)}`;
}

/** Warns if `part`, which goes into something real, is an int quotient: its fraction is lost, perhaps unawares. */
export function warnOfQuotient(part: Expression, place: Place): void {
  if (part.kind !== 'arithmetic' || part.operator !== '/' || part.type !== 'int') return;
  place.run.accept('W0206', part.span, { text: subject(place, part.span) });
}
