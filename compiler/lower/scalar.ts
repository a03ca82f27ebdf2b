/** Expressions without lanes: 32-bit integers that wrap, and reals in fixed point. */
import { type Expression, type Interval, hasLanes } from '../check/typed.js';
import type { Slot, Value } from '../ir/ir.js';
import { exactLog2 } from '../numeric/power.js';
import { divideScalars, scalarFunction } from '../numeric/scalar-functions.js';
import { type Scalar, signError } from '../numeric/scalar.js';
import { type Context, Undefined, impossible, slotOf } from './context.js';
import { lowerCondition } from './condition.js';
import { bindStatements } from './inline.js';
import { type IntOperation, wholeError } from './whole-error.js';
import { reduction } from './reduce.js';
import { columnValue } from './column.js';
import { branchTo } from './branch.js';
import { drawScalar, isEventful, lookupScalar, randomScalar } from './events.js';

const intLow = -0x80000000;
const intHigh = 0x7fffffff;

function intRange(interval: Interval): readonly [number, number] {
  const { lo, hi } = interval;
  return lo >= intLow && hi <= intHigh ? [Math.ceil(lo), Math.floor(hi)] : [intLow, intHigh];
}

/** An int expression without lanes. */
export const lowerInt = (context: Context, expression: Expression): Value =>
  lowerWhole(context, expression).value;

/** An int expression without lanes, with what it may be off. */
export function lowerWhole(context: Context, expression: Expression): Scalar {
  const { builder } = context;
  const [lo, hi] = intRange(expression.interval);
  const exact = (value: Value): Scalar => ({ value, frac: 0, error: 0 });
  const make = (operation: IntOperation, args: readonly Scalar[]): Scalar => {
    const values = args.map(({ value }) => value);
    const error = wholeError(operation, args, lo, hi);
    return { value: builder.value('scalar', operation, values, lo, hi), frac: 0, error };
  };
  switch (expression.kind) {
    case 'constant':
      return exact(builder.constant(expression.value | 0));
    case 'read': {
      const { symbol } = expression;
      if (symbol.kind === 'let' || symbol.kind === 'loop' || symbol.kind === 'table-argument') {
        const binding = context.bindings.get(symbol.id);
        if (binding?.kind === 'scalar') return binding.scalar;
        if (binding?.kind === 'variable')
          return { ...exact(getVariable(context, binding.variable)), error: binding.error };
        throw new Undefined(symbol.name);
      }
      return loadScalar(context, expression);
    }
    case 'observe':
      return observeScalar(context, expression);
    case 'negate':
      return make('neg', [lowerWhole(context, expression.operand)]);
    case 'arithmetic': {
      const left = lowerWhole(context, expression.left);
      const right = lowerWhole(context, expression.right);
      const names = {
        '+': 'add',
        '-': 'sub',
        '*': 'mul',
        '/': 'div',
        '%': 'mod',
        '^': 'xor',
      } as const;
      return make(names[expression.operator], [left, right]);
    }
    case 'call': {
      const realArgument = expression.arguments[0]?.type === 'real';
      if (realArgument) return lowerScalarCall(context, expression);
      const args = expression.arguments.map((argument) => lowerWhole(context, argument));
      const [a, b, c] = args;
      if (a === undefined) break;
      if (expression.callee === 'min' || expression.callee === 'max') {
        const { callee } = expression;
        return args.reduce((x, y) => make(callee, [x, y]));
      }
      // What stands between two steps has a range of its own.
      const wide = (operation: 'max' | 'neg', from: readonly Scalar[]): Scalar => {
        const values = from.map(({ value }) => value);
        const value = builder.value('scalar', operation, values, intLow, intHigh);
        return { ...exact(value), error: wholeError(operation, from, intLow, intHigh) };
      };
      if (expression.callee === 'clamp' && b && c) return make('min', [wide('max', [a, b]), c]);
      if (expression.callee === 'abs') return make('max', [a, wide('neg', [a])]);
      if (['floor', 'ceil', 'round'].includes(expression.callee)) return a;
      if (expression.callee === 'sign')
        return { ...exact(signOf(context, a.value)), error: signError(a) };
      break;
    }
    case 'choose': {
      if (isEventful(expression.then) || isEventful(expression.otherwise))
        return branchTo(context, expression);
      const condition = lowerCondition(context, expression.condition);
      logBranch(context, expression.condition, condition);
      return make('choose', [
        exact(condition),
        lowerWhole(context, expression.then),
        lowerWhole(context, expression.otherwise),
      ]);
    }
    case 'reduce':
      return reduction(context, expression);
    case 'stochastic':
      return stochasticScalar(context, expression.argument);
    case 'inline':
      bindStatements(context, expression.statements);
      return lowerWhole(context, expression.value);
    default:
  }
  throw impossible(`this integer expression (${expression.kind})`);
}

function signOf(context: Context, a: Value): Value {
  const { builder } = context;
  const zero = builder.constant(0);
  const above = builder.value('scalar', 'compare', [a, zero], 0, 1, { relation: '>' });
  const below = builder.value('scalar', 'compare', [a, zero], 0, 1, { relation: '<' });
  return builder.value('scalar', 'sub', [above, below], -1, 1);
}

export function getVariable(
  context: Context,
  variable: {
    id: number;
    name: string;
    space: 'scalar' | 'half';
    frac: number;
    lo: number;
    hi: number;
  },
): Value {
  return context.builder.value(
    variable.space,
    'get',
    [],
    variable.lo,
    variable.hi,
    { variable },
    true,
  );
}

/** Tells the evaluators' log how a scalar condition came out. */
export function logBranch(context: Context, expression: Expression, condition: Value): void {
  if (expression.kind === 'constant') return;
  context.builder.push({ kind: 'log-branch', span: expression.span, condition });
}

function loadScalar(context: Context, expression: Expression & { kind: 'read' }): Scalar {
  const { symbol } = expression;
  if (symbol.kind !== 'param' && symbol.kind !== 'input' && symbol.kind !== 'state')
    throw new Undefined(symbol.name);
  const slot = slotOf(context, symbol.id);
  if (hasLanes(symbol.domain)) {
    if (expression.column === undefined || expression.column === 'partner')
      throw impossible(`${symbol.name} outside lanes`);
    return columnValue(context, expression, expression.column.at);
  }
  const off = { error: 0 };
  const index = arrayIndex(context, symbol.sizes, expression.indices, off);
  const element = symbol.domain === 'row' ? rowElement(context, slot, index) : index;
  const { minCode, maxCode } = slot.format;
  const { builder } = context;
  // An int holds no more than what is ever assigned to it.
  const [lo, hi] = symbol.type === 'int' ? intRange(symbol.interval) : [minCode, maxCode];
  const args = element ? [element] : [];
  const value = builder.value('scalar', 'load', args, lo, hi, { slot });
  // An index that may be another may name any element.
  const error = off.error === 0 ? 0 : (hi - lo) * slot.format.step;
  return { value, frac: slot.frac, error };
}

/** Number of an element of a value per row: that of the row's first one, and on. */
export function rowElement(context: Context, slot: Slot, index: Value | undefined): Value {
  const { builder } = context;
  const row = rowIndex(context);
  const { elements } = slot;
  if (index === undefined) return row;
  const size = builder.constant(elements);
  const first = builder.value('scalar', 'mul', [row, size], 0, 255 * elements);
  return builder.value('scalar', 'add', [first, index], 0, 256 * elements - 1);
}

function rowIndex(context: Context): Value {
  return context.builder.value('scalar', 'row', [], 0, 255, {}, true);
}

/** The element number of an array access, kept inside the array by the checker or by wrapping to its size. */
export function arrayIndex(
  context: Context,
  sizes: readonly number[],
  indices: readonly Expression[],
  off: { error: number } = { error: 0 },
): Value | undefined {
  if (indices.length === 0) return undefined;
  const { builder } = context;
  let flat: Value | undefined;
  let count = 1;
  indices.forEach((expression, position) => {
    const size = sizes[position] ?? 1;
    const whole = lowerWhole(context, expression);
    off.error += whole.error;
    let index = whole.value;
    if (index.lo < 0 || index.hi >= size) {
      index = builder.value(
        'scalar',
        'max',
        [index, builder.constant(0)],
        Math.max(0, index.lo),
        Math.max(0, index.hi),
      );
      index = builder.value(
        'scalar',
        'min',
        [index, builder.constant(size - 1)],
        Math.min(size - 1, index.lo),
        size - 1,
      );
    }
    count *= size;
    if (flat === undefined) flat = index;
    else if (flat.operation === 'const' && index.operation === 'const')
      flat = builder.constant((flat.numbers[0] ?? 0) * size + (index.numbers[0] ?? 0));
    else {
      const scaled = builder.value('scalar', 'mul', [flat, builder.constant(size)], 0, count);
      flat = builder.value('scalar', 'add', [scaled, index], 0, count - 1);
    }
  });
  return flat;
}

function observeScalar(context: Context, expression: Expression & { kind: 'observe' }): Scalar {
  const { builder } = context;
  if (expression.column !== undefined && expression.column !== 'partner')
    return columnValue(context, expression, expression.column.at);
  switch (expression.observable) {
    case 'row':
      return { value: rowIndex(context), frac: 0, error: 0 };
    case 'time':
      return {
        value: builder.value('scalar', 'time', [], 0, intHigh, {}, true),
        frac: 0,
        error: 0,
      };
    default:
      throw impossible(`${expression.observable} outside lanes`);
  }
}

/** A real (or int) expression without lanes. */
export function lowerScalar(context: Context, expression: Expression): Scalar {
  const { math } = context;
  if (expression.type === 'int' && expression.kind !== 'constant')
    return lowerWhole(context, expression);
  switch (expression.kind) {
    case 'constant':
      return math.constant(expression.value);
    case 'read': {
      const { symbol } = expression;
      if (symbol.kind === 'let' || symbol.kind === 'loop' || symbol.kind === 'table-argument') {
        const binding = context.bindings.get(symbol.id);
        if (binding?.kind === 'scalar') return binding.scalar;
        if (binding?.kind === 'variable')
          return {
            value: getVariable(context, binding.variable),
            frac: binding.variable.frac,
            error: binding.error,
          };
        throw new Undefined(symbol.name);
      }
      return loadScalar(context, expression);
    }
    case 'observe':
      return observeScalar(context, expression);
    case 'negate':
      return math.negate(lowerScalar(context, expression.operand));
    case 'arithmetic':
      return lowerArithmetic(context, expression);
    case 'call':
      return lowerScalarCall(context, expression);
    case 'choose': {
      if (isEventful(expression.then) || isEventful(expression.otherwise))
        return branchTo(context, expression);
      const condition = lowerCondition(context, expression.condition);
      logBranch(context, expression.condition, condition);
      return math.choose(
        condition,
        lowerScalar(context, expression.then),
        lowerScalar(context, expression.otherwise),
      );
    }
    case 'draw':
      return drawScalar(context, expression);
    case 'lookup':
      return lookupScalar(context, expression);
    case 'reduce':
      return reduction(context, expression);
    case 'inline':
      bindStatements(context, expression.statements);
      return lowerScalar(context, expression.value);
    default:
      throw impossible(`this expression (${expression.kind})`);
  }
}

/** A whole number: the argument rounded to 1/256, raised by a random byte and rounded down. */
function stochasticScalar(context: Context, argument: Expression): Scalar {
  const { math } = context;
  const exact = lowerScalar(context, argument);
  // Rounding to 1/256 is part of the meaning.
  const sum = { ...math.withPlaces(exact, 8), error: exact.error };
  return math.floor(math.add(sum, { value: randomScalar(context, 8), frac: 8, error: 0 }));
}

function lowerArithmetic(
  context: Context,
  expression: Expression & { kind: 'arithmetic' },
): Scalar {
  const { math } = context;
  const { left, right } = expression;
  switch (expression.operator) {
    case '+':
      return math.add(lowerScalar(context, left), lowerScalar(context, right));
    case '-':
      return math.subtract(lowerScalar(context, left), lowerScalar(context, right));
    case '*':
      if (right.kind === 'constant') return math.scale(lowerScalar(context, left), right.value);
      if (left.kind === 'constant') return math.scale(lowerScalar(context, right), left.value);
      return math.multiply(lowerScalar(context, left), lowerScalar(context, right));
    case '/':
      return divide(context, expression);
    default:
      throw impossible(`'${expression.operator}' of reals`);
  }
}

function divide(context: Context, expression: Expression & { kind: 'arithmetic' }): Scalar {
  const { math } = context;
  const { left, right } = expression;
  const numerator = lowerScalar(context, left);
  if (right.kind === 'constant') {
    const power = exactLog2(right.value);
    if (power !== undefined || right.value !== 0) return math.scale(numerator, 1 / right.value);
  }
  return divideScalars(math, numerator, lowerScalar(context, right));
}

function lowerScalarCall(context: Context, expression: Expression & { kind: 'call' }): Scalar {
  const { math } = context;
  const args = expression.arguments.map((argument) => lowerScalar(context, argument));
  const [a, b, c] = args;
  if (a !== undefined)
    switch (expression.callee) {
      case 'min':
        return args.reduce((x, y) => math.least(x, y));
      case 'max':
        return args.reduce((x, y) => math.most(x, y));
      case 'clamp':
        if (b && c) return math.least(math.most(a, b), c);
        break;
      case 'abs':
        return math.absolute(a);
      case 'floor':
        return math.floor(a);
      case 'ceil':
        return math.negate(math.floor(math.negate(a)));
      case 'round':
        return math.round(a);
      case 'sign':
        return { value: signOf(context, a.value), frac: 0, error: signError(a) };
      default:
        return scalarFunction(math, expression.callee, a);
    }
  throw impossible(`${expression.callee}() without an argument`);
}
