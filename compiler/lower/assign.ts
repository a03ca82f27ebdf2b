/** Assignments: weights and labels round to whole numbers, states to their step; all saturate where ranges end. */
import { type Assign, type Expression, hasLanes } from '../check/typed.js';
import { type StochasticChange, stochasticChange } from '../check/stochastic.js';
import type { AssignLog, Slot, Target, Value } from '../ir/ir.js';
import {
  type Atom,
  type Linear,
  type Term,
  addLinear,
  linearAtom,
  linearConstant,
  scaleLinear,
} from '../numeric/linear.js';
import { powerOfTwo } from '../numeric/power.js';
import { type Context, Undefined, isKeyOf, slotKey, slotOf } from './context.js';
import { fitted } from './fit.js';
import { lowerLane, withRandomByte } from './lane.js';
import { arrayIndex, lowerInt, lowerScalar, rowElement } from './scalar.js';

export function lowerAssign(context: Context, statement: Assign): void {
  const { target } = statement;
  if (target.kind === 'weight' || target.kind === 'label') return assignWhole(context, statement);
  const { symbol } = target;
  if (symbol.kind === 'let') {
    const binding = context.bindings.get(symbol.id);
    if (binding?.kind !== 'variable') throw new Undefined(symbol.name);
    const { variable } = binding;
    if (variable.space === 'half') {
      const place = { kind: 'variable', variable } as const;
      return storeLanes(context, statement, place, variable.frac, 0, variable.lo, variable.hi);
    }
    return storeScalar(context, statement, { kind: 'variable', variable }, variable);
  }
  const slot = slotOf(context, symbol.id);
  const index = arrayIndex(context, symbol.sizes, target.indices);
  if (hasLanes(symbol.domain)) return assignLaneState(context, statement, slot, index);
  const element = symbol.domain === 'row' ? rowElement(context, slot, index) : index;
  const place: Target = { kind: 'slot', slot, ...(element && { index: element }) };
  const { minCode, maxCode } = slot.format;
  storeScalar(context, statement, place, { frac: slot.frac, lo: minCode, hi: maxCode });
}

function storeScalar(
  context: Context,
  statement: Assign,
  target: Target,
  format: { readonly frac: number; readonly lo: number; readonly hi: number },
): void {
  const { math, builder } = context;
  const isInt = statement.target.kind === 'symbol' && statement.target.symbol.type === 'int';
  if (isInt) {
    const value = lowerInt(context, statement.value);
    builder.push({
      kind: 'store',
      target,
      value,
      log: { ...logOf(statement, 0, 0), before: value, raw: false, beforeFrac: 0, beforeOffset: 0 },
    });
    return;
  }
  const exact = lowerScalar(context, statement.value);
  const stored = math.saturated(exact, format.frac, format.lo, format.hi);
  const placedError = exact.error + (exact.frac > format.frac ? powerOfTwo(-format.frac - 1) : 0);
  builder.push({
    kind: 'store',
    target,
    value: stored.value,
    log: {
      ...logOf(statement, format.frac, 0),
      before: exact.value,
      raw: false,
      beforeFrac: exact.frac,
      beforeOffset: 0,
    },
  });
  note(context, statement, placedError, format.frac, 4, 'none');
}

function logOf(
  statement: Assign,
  frac: number,
  bias: number,
): Pick<AssignLog, 'statement' | 'frac' | 'bias'> {
  return { statement: statement.id, frac, bias };
}

function note(
  context: Context,
  statement: Assign,
  bound: number,
  frac: number,
  bytes: number,
  rounds: 'nearest' | 'stochastic' | 'none',
): void {
  const { target } = statement;
  const old = context.notes.get(statement.id);
  context.notes.set(statement.id, {
    statement: statement.id,
    span: statement.span,
    target: target.kind === 'weight' ? 'w' : target.kind === 'label' ? 'label' : target.symbol.name,
    frac,
    bytes,
    bound: Math.max(bound, old?.bound ?? 0),
    rounds,
  });
}

/** A bound beyond this many steps of a weight or a label draws a warning. */
const mostWeightError = 1 / 4;

interface WholeValue {
  /** Rounded to whole numbers (or multiples of a power of two, see `Accumulator.whole`). */
  readonly code: Atom;
  readonly bound: number;
  readonly log: Pick<AssignLog, 'before' | 'raw' | 'beforeFrac' | 'beforeOffset' | 'plus'>;
}

/** What a weight or a label is to become, before it saturates. */
function wholeValue(
  context: Context,
  { value }: Assign,
  draws: StochasticChange | undefined,
  least: number,
): WholeValue {
  const { sums, builder, math } = context;
  if (draws) {
    const rest: Linear = draws.rest ? lowerLane(context, draws.rest) : linearConstant(0);
    const inner = withRandomByte(context, lowerLane(context, draws.argument));
    const change = scaleLinear(inner, draws.sign);
    const sum = sums.sum(addLinear(rest, change), 1);
    if (sum.frac < 16) return coarseSum(context, rest, change);
    // rest - floor(x) is the largest whole number not above rest - x + 1 - one unit of the sum.
    const most = powerOfTwo(sum.frac) - 1;
    const code = sums.dot(sum, sum.frac, draws.sign < 0 ? most : 0);
    const log = { before: code, raw: true, beforeFrac: sum.frac, beforeOffset: 0 };
    return { code: { value: code, frac: 0, error: sum.error }, bound: sum.error, log };
  }
  const linear = lowerLane(context, value);
  if (linear.terms.every((term) => term.x === undefined)) {
    const scalar = sums.scalar(linear);
    const code = builder.splat(math.clampCodes(math.round(scalar), least, 63).value);
    return {
      code: { value: code, frac: 0, error: 0 },
      bound: scalar.error,
      log: { before: scalar.value, raw: false, beforeFrac: scalar.frac, beforeOffset: 0 },
    };
  }
  const sum = sums.sum(linear, 1);
  if (sum.frac < 16) {
    const isOld = (term: Term): boolean =>
      term.x?.value.operation === 'weight' && term.factor === 1 && !term.y && !term.coefficient;
    const old = { terms: linear.terms.filter(isOld) };
    const change = { terms: linear.terms.filter((term) => !isOld(term)) };
    return coarseSum(context, old, addLinear(change, linearConstant(0.5)));
  }
  return {
    code: { value: sums.dot(sum, sum.frac, powerOfTwo(sum.frac - 1)), frac: 0, error: sum.error },
    bound: sum.error,
    log: {
      before: sums.dot(sum, sum.frac, powerOfTwo(sum.frac - 1)),
      raw: true,
      beforeFrac: sum.frac,
      beforeOffset: 0,
    },
  };
}

/**
 * `rest` plus a change that exceeds 16 bits: the change in coarser units, and no more of it than makes a difference
 * after saturation.
 */
function coarseSum(context: Context, rest: Linear, change: Linear): WholeValue {
  const { sums } = context;
  const coarse = sums.whole(change);
  const limited = sums.wholeWithin(coarse, -256, 256);
  const code = sums.half(addLinear(rest, linearAtom({ ...limited, error: 0 })));
  const plus = rest.terms[0]?.x?.value;
  return {
    code,
    bound: coarse.error,
    log: {
      before: coarse.value,
      raw: false,
      beforeFrac: coarse.frac,
      beforeOffset: 0,
      ...(plus && { plus }),
    },
  };
}

function assignWhole(context: Context, statement: Assign): void {
  const { sums, builder, rule } = context;
  const isWeightTarget = statement.target.kind === 'weight';
  const kind = isWeightTarget ? 'weight' : 'label';
  const least = isWeightTarget && rule.signedWeights ? -63 : 0;
  const name = isWeightTarget ? 'w ' : 'label ';
  const draws = stochasticChange(statement.value);
  const { code, bound, log } = wholeValue(context, statement, draws, least);
  let stored = sums.wholeWithin(code, least, 63);
  const { mask } = context;
  if (mask) {
    const old = lowerLane(context, oldValue(statement));
    const [atom] = sums.together(old, old);
    const value = builder.value(
      'half',
      'choose',
      [mask, stored.value, atom.value],
      Math.min(stored.value.lo, atom.value.lo),
      Math.max(stored.value.hi, atom.value.hi),
    );
    stored = { ...stored, value };
  }
  builder.push({
    kind: 'store',
    target: { kind },
    value: stored.value,
    ...(mask ? { mask } : {}),
    log: { ...logOf(statement, 0, 0), ...log },
  });
  context.cache.set(name, { atom: stored, offset: 0 });
  if (bound > mostWeightError) {
    const target = isWeightTarget ? 'w' : 'label';
    context.accept('W0701', statement.span, { target, bound: Number(bound.toPrecision(3)) });
  }
  note(context, statement, bound, 0, 1, draws ? 'stochastic' : 'nearest');
}

/** The target of an assignment as an expression that reads it. */
function oldValue(statement: Assign): Expression {
  const { target } = statement;
  const base = {
    span: target.span,
    type: 'real',
    dimension: 0,
    domain: 'synapse',
    interval: { lo: 0, hi: 63 },
  } as const;
  if (target.kind === 'symbol') {
    const { symbol } = target;
    return { ...base, kind: 'read', symbol, indices: target.indices, domain: symbol.domain };
  }
  return { ...base, kind: 'observe', observable: target.kind === 'weight' ? 'w' : 'label' };
}

function assignLaneState(
  context: Context,
  statement: Assign,
  slot: Slot,
  index: Value | undefined,
): void {
  const target = { kind: 'slot', slot, ...(index && { index }) } as const;
  const { minCode, maxCode } = slot.format;
  storeLanes(context, statement, target, slot.frac, slot.bias, minCode, maxCode);
}

function storeLanes(
  context: Context,
  statement: Assign,
  target: Extract<Target, { kind: 'slot' | 'variable' }>,
  frac: number,
  bias: number,
  lo: number,
  hi: number,
): void {
  const { sums, builder, mask } = context;
  const offset = bias * powerOfTwo(-frac);
  const linear = addLinear(lowerLane(context, statement.value), linearConstant(-offset));
  const { exact, stored: fresh } = fitted(context, linear, frac, lo, hi);
  let stored = fresh;
  if (mask) {
    const old = sums.placed(
      addLinear(lowerLane(context, oldValue(statement)), linearConstant(-offset)),
      frac,
    );
    const value = builder.value(
      'half',
      'choose',
      [mask, stored.value, old.value],
      Math.min(stored.value.lo, old.value.lo),
      Math.max(stored.value.hi, old.value.hi),
    );
    stored = { ...stored, value };
  }
  builder.push({
    kind: 'store',
    target,
    value: stored.value,
    ...(mask ? { mask } : {}),
    log: {
      ...logOf(statement, frac, bias),
      before: exact.value,
      raw: false,
      beforeFrac: exact.frac,
      beforeOffset: offset,
    },
  });
  if (target.kind === 'slot') {
    const { id } = target.slot.symbol;
    const key = slotKey(id, target.index);
    // Any element may have been written.
    if (key === undefined)
      for (const known of [...context.cache.keys()])
        if (isKeyOf(known, id)) context.cache.delete(known);
    if (key !== undefined) context.cache.set(key, { atom: { ...stored, error: 0 }, offset });
  } else
    context.cache.set(`let ${target.variable.id}`, { atom: { ...stored, error: 0 }, offset: 0 });
  const bytes = target.kind === 'slot' ? target.slot.format.bytes : 2;
  note(context, statement, exact.error, frac, bytes, 'none');
}
