/** Expressions over lanes: symbolic sums of products, atoms where the hardware gives codes, masks for conditions. */
import { type Expression, hasLanes } from '../check/typed.js';
import type { Operation, Value } from '../ir/ir.js';
import {
  type Atom,
  type Linear,
  addLinear,
  linearAtom,
  linearConstant,
  linearScalar,
  multiplyByScalar,
  scaleLinear,
  takeOut,
} from '../numeric/linear.js';
import { powerOfTwo } from '../numeric/power.js';
import { signError } from '../numeric/scalar.js';
import { laneFunction } from '../numeric/lane-functions.js';
import { UndefinedFunction } from '../numeric/scalar-functions.js';
import { type Context, Undefined, impossible, slotKey, slotOf } from './context.js';
import { insideInterval, laneQuotient } from './divide.js';
import { bindStatements } from './inline.js';
import { laneIntegers } from './integers.js';
import { overRows } from './reduce.js';
import { laneChoose } from './mask.js';
import { lookupLane } from './table.js';
import { arrayIndex, getVariable, lowerScalar } from './scalar.js';

/** A real or int expression over lanes (one without lanes becomes the same number in all). */
export function lowerLane(context: Context, expression: Expression): Linear {
  if (expression.kind === 'constant') return linearConstant(expression.value);
  if (!hasLanes(expression.domain)) return linearScalar(lowerScalar(context, expression));
  switch (expression.kind) {
    case 'read':
      return readLane(context, expression);
    case 'observe':
      return observeLane(context, expression);
    case 'negate':
      return scaleLinear(lowerLane(context, expression.operand), -1);
    case 'arithmetic':
      return laneArithmetic(context, expression);
    case 'call':
      return laneCall(context, expression);
    case 'choose':
      return laneChoose(context, expression);
    case 'draw':
      return drawLane(context, expression.distribution);
    case 'stochastic': {
      const atom = context.sums.whole(
        withRandomByte(context, lowerLane(context, expression.argument)),
      );
      return linearAtom({ ...atom, error: wholeError(atom.error) });
    }
    case 'reduce':
      return overRows(context, expression);
    case 'lookup':
      return lookupLane(context, expression);
    case 'inline':
      bindStatements(context, expression.statements);
      return lowerLane(context, expression.value);
    default:
      throw impossible(`this expression in lanes (${expression.kind})`);
  }
}

/**
 * The sum whose floor is `stochastic` of it: e rounded to 1/256 and then raised by k/256 has the same whole part as
 * e + 1/512 + k/256, because k/256 is a multiple of 1/256.
 */
export function withRandomByte(context: Context, linear: Linear): Linear {
  const byte = randomByte(context);
  return addLinear(linear, linearAtom({ value: byte, frac: 8, error: 0 }, 0.5 + 1 / 512));
}

function randomByte(context: Context): Value {
  return context.builder.value('byte', 'random-byte', [], -128, 127, {}, true);
}

function drawLane(context: Context, distribution: 'uniform' | 'normal'): Linear {
  if (distribution === 'uniform')
    return linearAtom({ value: randomByte(context), frac: 8, error: 0 }, 0.5);
  // Twelve bytes k/256 less 6: the codes are k - 128, so the sum of the codes alone is off by 0 exactly.
  const { builder } = context;
  let sum: Value | undefined;
  for (let i = 0; i < 12; i++) {
    const byte = randomByte(context);
    const wide = builder.value('half', 'widen-signed', [byte], -128, 127);
    sum = sum ? builder.value('half', 'add', [sum, wide], sum.lo - 128, sum.hi + 127) : wide;
  }
  if (sum === undefined) return linearConstant(0);
  return linearAtom({ value: sum, frac: 8, error: 0 });
}

function readLane(context: Context, expression: Expression & { kind: 'read' }): Linear {
  const { symbol } = expression;
  if (symbol.kind === 'let' || symbol.kind === 'loop' || symbol.kind === 'table-argument') {
    const binding = context.bindings.get(symbol.id);
    if (binding?.kind === 'linear') return binding.linear;
    if (binding?.kind === 'scalar') return linearScalar(binding.scalar);
    if (binding?.kind === 'variable') {
      const { variable, error } = binding;
      if (variable.space === 'scalar')
        return linearScalar({
          value: getVariable(context, variable),
          frac: variable.frac,
          error,
        });
      const { atom } = cached(context, `let ${variable.id}`, () => ({
        atom: { value: getVariable(context, variable), frac: variable.frac, error },
        offset: 0,
      }));
      return linearAtom(atom);
    }
    throw new Undefined(symbol.name);
  }
  if (expression.column !== undefined && expression.column !== 'partner')
    return linearScalar(lowerScalar(context, { ...expression, domain: 'once' } as Expression));
  const slot = slotOf(context, symbol.id);
  const index = arrayIndex(context, symbol.sizes, expression.indices);
  const { atom, offset } = cached(context, slotKey(symbol.id, index), () => {
    const { minCode, maxCode, bytes } = slot.format;
    const known = index?.operation === 'const';
    const value = context.builder.value(
      bytes === 1 ? 'byte' : 'half',
      'load-lanes',
      index && !known ? [index] : [],
      minCode,
      maxCode,
      known ? { slot, numbers: index.numbers } : { slot },
      symbol.domain === 'synapse',
    );
    return {
      atom: { value, frac: slot.frac, error: 0 },
      offset: slot.bias * powerOfTwo(-slot.frac),
    };
  });
  return expression.column === 'partner'
    ? partner(context, atom, offset)
    : linearAtom(atom, offset);
}

function partner(context: Context, atom: Atom, offset: number): Linear {
  const value = context.builder.value(
    atom.value.space,
    'partner',
    [atom.value],
    atom.value.lo,
    atom.value.hi,
  );
  return linearAtom({ ...atom, value }, offset);
}

function cached(
  context: Context,
  key: string | undefined,
  make: () => { atom: Atom; offset: number },
): { atom: Atom; offset: number } {
  if (key === undefined) return make();
  const found = context.cache.get(key);
  if (found) return found;
  const made = make();
  context.cache.set(key, made);
  return made;
}

function observeLane(context: Context, expression: Expression & { kind: 'observe' }): Linear {
  const { builder } = context;
  if (expression.column !== undefined && expression.column !== 'partner')
    return linearScalar(lowerScalar(context, { ...expression, domain: 'once' } as Expression));
  const { observable } = expression;
  if (observable === 'neuron') {
    const value = builder.value('half', 'neuron', [], 0, 511);
    return linearAtom({ value, frac: 0, error: 0 });
  }
  const signed = observable === 'w' && context.rule.signedWeights;
  const [lo, hi, offset] = signed ? [-63, 63, 0] : (laneObservables[observable] ?? []);
  if (lo === undefined || hi === undefined || offset === undefined)
    throw impossible(`${observable} in lanes`);
  const perRow = observable !== 'rate' && observable !== 'v';
  const { population } = expression;
  const found = cached(context, `${observable} ${population ?? ''}`, () => {
    const operation = (observable === 'w' ? 'weight' : observable.replace('_', '-')) as Operation;
    const extra = population === undefined ? {} : { population };
    const value = builder.value('byte', operation, [], lo, hi, extra, perRow ? true : 'first');
    return { atom: { value, frac: 0, error: 0 }, offset };
  });
  return expression.column === 'partner'
    ? partner(context, found.atom, found.offset)
    : linearAtom(found.atom, found.offset);
}

/** Codes and what is to be added to them: bytes are signed, most observables are not. */
const laneObservables: { readonly [name: string]: readonly [number, number, number] } = {
  w: [0, 63, 0],
  label: [0, 63, 0],
  causal: [-128, 127, 64],
  acausal: [-128, 127, 64],
  causal_code: [-128, 127, 128],
  acausal_code: [-128, 127, 128],
  rate: [-128, 127, 128],
  v: [-128, 127, 128],
};

function laneArithmetic(context: Context, expression: Expression & { kind: 'arithmetic' }): Linear {
  const { left, right } = expression;
  switch (expression.operator) {
    case '+':
      return addLinear(lowerLane(context, left), lowerLane(context, right));
    case '-':
      return addLinear(lowerLane(context, left), scaleLinear(lowerLane(context, right), -1));
    case '*':
      return multiply(context, left, right);
    case '/':
      return expression.type === 'int'
        ? laneIntegers(context, expression)
        : laneQuotient(context, expression);
    case '%':
    case '^':
      return laneIntegers(context, expression);
  }
}

function multiply(context: Context, left: Expression, right: Expression): Linear {
  const { math } = context;
  if (left.kind === 'constant') return scaleLinear(lowerLane(context, right), left.value);
  if (right.kind === 'constant') return scaleLinear(lowerLane(context, left), right.value);
  if (!hasLanes(left.domain))
    return multiplyByScalar(math, lowerLane(context, right), lowerScalar(context, left));
  if (!hasLanes(right.domain))
    return multiplyByScalar(math, lowerLane(context, left), lowerScalar(context, right));
  return productOf(context, lowerLane(context, left), lowerLane(context, right));
}

/** The product of two lane sums: shared coefficients stay outside, the rest becomes one atom on each side. */
export function productOf(context: Context, left: Linear, right: Linear): Linear {
  const { math, sums } = context;
  const a = takeOut(left);
  const b = takeOut(right);
  const factor = a.factor * b.factor;
  const coefficient =
    a.coefficient && b.coefficient
      ? math.multiply(a.coefficient, b.coefficient)
      : (a.coefficient ?? b.coefficient);
  // What changes least often is multiplied first, and narrow codes before wide ones: most products are then exact.
  const factors = [...factorsOf(context, a.rest), ...factorsOf(context, b.rest)];
  const cost = ({ value }: Atom): number => value.depth * 0x20000 + value.hi - value.lo;
  factors.sort((x, y) => cost(x) - cost(y));
  while (factors.length > 2) {
    const [x, y, ...others] = factors;
    if (!x || !y) break;
    factors.splice(0, factors.length, sums.product(x, y), ...others);
    factors.sort((p, q) => cost(p) - cost(q));
  }
  const [x, y] = factors;
  if (!x || !y) throw new Error('a product without factors');
  return { terms: [{ factor, x, y, ...(coefficient ? { coefficient } : {}) }] };
}

/** One factor of a product, or the two of a product that has not been formed. */
function factorsOf({ sums }: Context, rest: Linear): Atom[] {
  const [only] = rest.terms;
  if (rest.terms.length === 1 && only?.x && only.y && only.factor === 1 && !only.coefficient)
    return [only.x, only.y];
  return [sums.factor(rest)];
}

function laneCall(context: Context, expression: Expression & { kind: 'call' }): Linear {
  const { sums, builder } = context;
  const [first, second, third] = expression.arguments;
  if (first === undefined) throw impossible(expression.callee);
  const a = lowerLane(context, first);
  const extreme = (
    operation: 'min' | 'max',
    left: Linear,
    right: Linear,
    least = -Infinity,
  ): Linear => {
    const [x, y] = sums.together(left, right);
    const pick = operation === 'min' ? Math.min : Math.max;
    const value = builder.value(
      'half',
      operation,
      [x.value, y.value],
      Math.max(least, pick(x.value.lo, y.value.lo)),
      pick(x.value.hi, y.value.hi),
    );
    return linearAtom({ value, frac: x.frac, error: Math.max(x.error, y.error) });
  };
  switch (expression.callee) {
    case 'min':
    case 'max': {
      const { callee } = expression;
      return expression.arguments
        .slice(1)
        .reduce((sum, argument) => extreme(callee, sum, lowerLane(context, argument)), a);
    }
    case 'clamp':
      if (sums.precise && second?.kind === 'constant' && third?.kind === 'constant') {
        const isWide = a.terms.some((term) => term.x !== undefined) && second.value <= third.value;
        const narrow = isWide ? sums.saturated(a, second.value, third.value) : undefined;
        if (narrow) return linearAtom(narrow);
      }
      if (second && third)
        return extreme(
          'min',
          extreme('max', a, lowerLane(context, second)),
          lowerLane(context, third),
        );
      break;
    case 'abs':
      // The larger of a number and its opposite is never negative.
      return extreme('max', a, scaleLinear(a, -1), 0);
    case 'floor':
      return wholePart(context, a, 0);
    case 'round':
      return wholePart(context, a, 0.5);
    case 'ceil':
      return scaleLinear(wholePart(context, scaleLinear(a, -1), 0), -1);
    case 'sign': {
      const x = sums.half(a);
      const above = builder.value('mask', 'compare', [x.value], 0, 1, { relation: '>' });
      const below = builder.value('mask', 'compare', [x.value], 0, 1, { relation: '<' });
      const inner = builder.value(
        'half',
        'choose',
        [below, builder.splatNumber(-1), builder.splatNumber(0)],
        -1,
        0,
      );
      const value = builder.value('half', 'choose', [above, builder.splatNumber(1), inner], -1, 1);
      return linearAtom({ value, frac: 0, error: signError(x) });
    }
    default: {
      const argument = insideInterval(sums, sums.half(a), first.interval);
      const found = laneFunction(builder, expression.callee, argument);
      if (found === undefined)
        throw new UndefinedFunction(`${expression.callee} of a number that may be 0`);
      return linearAtom(found);
    }
  }
  throw impossible(expression.callee);
}

/** floor(a + add). */
function wholePart(context: Context, a: Linear, add: number): Linear {
  const atom = context.sums.whole(addLinear(a, linearConstant(add)));
  return linearAtom({ ...atom, error: wholeError(atom.error) });
}

/** How far whole parts of two numbers that close can differ. */
const wholeError = (error: number): number => Math.ceil(error);
