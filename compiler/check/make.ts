/** Makers of typed expressions: they fold constants and compute domain and interval, and never report anything. */
import type { Span } from '../syntax/ast.js';
import { callBuiltin, compare, intArithmetic, realArithmetic } from './arithmetic.js';
import * as interval from './interval.js';
import type {
  Arithmetic,
  BuiltinName,
  Compare,
  Constant,
  Dimension,
  Domain,
  Expression,
  Interval,
  Logic,
  ValueType,
} from './typed.js';
import { joinDomains } from './typed.js';

/** A constant. Whole literals that do not fit 32 bits are real. */
export function constant(
  value: number,
  span: Span,
  as: {
    readonly type?: ValueType;
    readonly dimension?: Dimension;
    readonly literal?: boolean;
  } = {},
): Constant {
  const literal = (as.literal ?? false) && fits32(value);
  const type = as.literal ? (literal ? 'int' : 'real') : (as.type ?? 'real');
  const plain = value + 0;
  return {
    kind: 'constant',
    span,
    type,
    dimension: as.dimension ?? 0,
    domain: 'once',
    interval: interval.point(plain),
    value: plain,
    literal,
  };
}

export function fits32(value: number): boolean {
  return Number.isInteger(value) && value >= interval.int32.lo && value <= interval.int32.hi;
}

/** True for integer literals and consts made of them. */
export function isLiteral(expression: Expression): boolean {
  return expression.kind === 'constant' && expression.literal;
}

/** What every expression says of its value. */
export function valueFacts({ span, type, dimension, domain, interval }: Expression) {
  return { span, type, dimension, domain, interval };
}

export function domainOf(...parts: readonly Expression[]): Domain {
  return parts.reduce<Domain>((domain, part) => joinDomains(domain, part.domain), 'once');
}

export interface MadeArithmetic {
  readonly expression: Expression;
  /** The int result may leave 32 bits. */
  readonly overflows: boolean;
}

/** Types and dimensions have been checked by the caller; `dimension` is the result's. */
export function arithmetic(
  operator: Arithmetic['operator'],
  left: Expression,
  right: Expression,
  dimension: Dimension,
  span: Span,
): MadeArithmetic {
  const literals = isLiteral(left) && isLiteral(right);
  const ints = left.type === 'int' && right.type === 'int';
  const isInt = ints && !(operator === '/' && literals);
  if (left.kind === 'constant' && right.kind === 'constant') {
    const value =
      isInt && !literals
        ? intArithmetic(operator, left.value, right.value)
        : realArithmetic(operator, left.value, right.value);
    return {
      expression: constant(value, span, {
        type: isInt ? 'int' : 'real',
        dimension,
        literal: literals && isInt,
      }),
      overflows: false,
    };
  }
  const exact = isSquare(operator, left, right)
    ? interval.square(left.interval)
    : arithmeticInterval(operator, left.interval, right.interval, isInt);
  const overflows = isInt && !interval.within(exact, interval.int32);
  return {
    expression: {
      kind: 'arithmetic',
      operator,
      left,
      right,
      span,
      type: isInt ? 'int' : 'real',
      dimension,
      domain: domainOf(left, right),
      interval: overflows ? interval.int32 : exact,
    },
    overflows,
  };
}

/** x * x of one name: never negative. */
function isSquare(operator: Arithmetic['operator'], left: Expression, right: Expression): boolean {
  if (operator !== '*') return false;
  if (left.kind === 'read' && right.kind === 'read')
    return (
      left.symbol === right.symbol &&
      left.indices.length === 0 &&
      left.column === undefined &&
      right.column === undefined
    );
  return (
    left.kind === 'observe' &&
    right.kind === 'observe' &&
    left.observable === right.observable &&
    left.observable !== 'time' &&
    left.population === right.population &&
    left.column === undefined &&
    right.column === undefined
  );
}

function arithmeticInterval(
  operator: Arithmetic['operator'],
  a: Interval,
  b: Interval,
  isInt: boolean,
): Interval {
  switch (operator) {
    case '+':
      return interval.add(a, b);
    case '-':
      return interval.subtract(a, b);
    case '*':
      return interval.multiply(a, b);
    case '/': {
      const quotient = interval.divide(a, b);
      return isInt ? { lo: Math.floor(quotient.lo), hi: Math.ceil(quotient.hi) } : quotient;
    }
    case '%': {
      const largest = Math.max(Math.abs(b.lo), Math.abs(b.hi)) - 1;
      return { lo: 0, hi: a.lo >= 0 ? Math.min(largest, a.hi) : largest };
    }
    case '^': {
      if (a.lo < 0 || b.lo < 0) return interval.int32;
      let mask = 1;
      while (mask <= Math.max(a.hi, b.hi)) mask *= 2;
      return { lo: 0, hi: mask - 1 };
    }
  }
}

export function negate(operand: Expression, span: Span): Expression {
  const { type, dimension } = operand;
  if (operand.kind === 'constant') {
    return constant(0 - operand.value, span, { type, dimension, literal: operand.literal });
  }
  const bounds = interval.negate(operand.interval);
  const wraps = type === 'int' && !interval.within(bounds, interval.int32);
  return {
    kind: 'negate',
    operand,
    span,
    type,
    dimension,
    domain: operand.domain,
    interval: wraps ? interval.int32 : bounds,
  };
}

export function not(operand: Expression, span: Span): Expression {
  if (operand.kind === 'constant') return constant(1 - operand.value, span, { type: 'bool' });
  return { ...condition(span, operand.domain), kind: 'not', operand };
}

export function comparison(
  operator: Compare['operator'],
  left: Expression,
  right: Expression,
  span: Span,
): Expression {
  if (left.kind === 'constant' && right.kind === 'constant') {
    return constant(compare(operator, left.value, right.value) ? 1 : 0, span, { type: 'bool' });
  }
  return { ...condition(span, domainOf(left, right)), kind: 'compare', operator, left, right };
}

export function logic(
  operator: Logic['operator'],
  left: Expression,
  right: Expression,
  span: Span,
): Expression {
  if (left.kind === 'constant' && right.kind === 'constant') {
    const value = operator === 'and' ? left.value * right.value : Math.max(left.value, right.value);
    return constant(value, span, { type: 'bool' });
  }
  return { ...condition(span, domainOf(left, right)), kind: 'logic', operator, left, right };
}

function condition(span: Span, domain: Domain) {
  return { span, type: 'bool' as const, dimension: 0 as const, domain, interval: interval.truth };
}

/** Both sides have one dimension; int only if both are int. */
export function choose(
  test: Expression,
  then: Expression,
  otherwise: Expression,
  span: Span,
): Expression {
  const type = then.type === otherwise.type ? then.type : 'real';
  if (test.kind === 'constant') {
    const taken = test.value ? then : otherwise;
    if (taken.kind !== 'constant') return { ...taken, type };
    return taken.type === type
      ? taken
      : constant(taken.value, span, { type, dimension: taken.dimension });
  }
  return {
    kind: 'choose',
    condition: test,
    then,
    otherwise,
    span,
    type,
    dimension: then.dimension,
    domain: domainOf(test, then, otherwise),
    interval: interval.hull(then.interval, otherwise.interval),
  };
}

/** An element-wise function; the number of arguments has been checked. */
export function call(
  callee: BuiltinName,
  args: readonly Expression[],
  type: 'int' | 'real',
  dimension: Dimension,
  span: Span,
): Expression {
  const values = args.map((arg) => (arg.kind === 'constant' ? arg.value : undefined));
  if (values.every((value) => value !== undefined)) {
    const value = callBuiltin(callee, values);
    const literal = type === 'int' && args.every(isLiteral);
    return constant(value, span, {
      type: type === 'int' && !fits32(value) ? 'real' : type,
      dimension,
      literal,
    });
  }
  return {
    kind: 'call',
    callee,
    arguments: args,
    span,
    type,
    dimension,
    domain: domainOf(...args),
    interval: callInterval(
      callee,
      args.map((arg) => arg.interval),
    ),
  };
}

function callInterval(callee: BuiltinName, args: readonly Interval[]): Interval {
  const x = args[0] ?? interval.everything;
  const rising = (f: BuiltinName, a = x): Interval =>
    interval.mapRising(a, (end) => callBuiltin(f, [end]));
  switch (callee) {
    case 'abs':
      return interval.absolute(x);
    case 'min':
    case 'max':
      return {
        lo: callBuiltin(
          callee,
          args.map((a) => a.lo),
        ),
        hi: callBuiltin(
          callee,
          args.map((a) => a.hi),
        ),
      };
    case 'clamp':
      return {
        lo: callBuiltin('clamp', [x.lo, args[1]?.lo ?? x.lo, args[2]?.lo ?? x.hi]),
        hi: callBuiltin('clamp', [x.hi, args[1]?.hi ?? x.lo, args[2]?.hi ?? x.hi]),
      };
    case 'sin':
    case 'cos':
      return { lo: -1, hi: 1 };
    case 'sign':
    case 'floor':
    case 'ceil':
    case 'round':
    case 'tanh':
    case 'exp':
      return rising(callee);
    case 'sqrt':
      return rising(callee, { lo: Math.max(0, x.lo), hi: Math.max(0, x.hi) });
    case 'log':
      return x.lo > 0
        ? rising(callee)
        : { lo: -Infinity, hi: x.hi > 0 ? callBuiltin('log', [x.hi]) : Infinity };
  }
}
