/** Statements in real arithmetic. */
import { roundHalfUp } from '../check/arithmetic.js';
import { stochasticChange } from '../check/stochastic.js';
import {
  hasLanes,
  recordGroups,
  type Assign,
  type Place,
  type Record,
  type Statement,
  type ValueRange,
} from '../check/typed.js';
import type { Execution, Value } from './machine.js';
import { conditionOf, elementIndex, map, masked, scalarOf, valueOf } from './values.js';

export function runStatements(statements: readonly Statement[], run: Execution): void {
  for (const statement of statements) runStatement(statement, run);
}

function runStatement(statement: Statement, run: Execution): void {
  switch (statement.kind) {
    case 'let': {
      const { symbol } = statement;
      const value = valueOf(statement.value, run);
      // A let that is assigned under a mask later needs its lanes from the start.
      const wide = symbol.mutable && hasLanes(symbol.domain) && typeof value === 'number';
      const lanes = wide ? new Float64Array(run.geometry.columns).fill(value) : value;
      run.lets.set(symbol.id, symbol.range ? saturate(lanes, symbol.range) : lanes);
      return;
    }
    case 'assign':
      return assign(statement, run);
    case 'if': {
      const taken = conditionOf(statement.condition, run);
      if (!hasLanes(statement.condition.domain)) {
        return runStatements(taken[0] ? statement.then : statement.otherwise, run);
      }
      const outer = run.mask;
      run.mask = masked(outer, taken, 1);
      runStatements(statement.then, run);
      run.mask = masked(outer, taken, 0);
      runStatements(statement.otherwise, run);
      run.mask = outer;
      return;
    }
    case 'for': {
      const from = scalarOf(statement.from, run);
      const to = scalarOf(statement.to, run);
      for (let i = from; i < to; i++) {
        run.lets.set(statement.variable.id, i);
        runStatements(statement.body, run);
      }
      return;
    }
    case 'each': {
      const rowsAreNew = statement.axis !== 'neuron' && run.row < 0;
      if (rowsAreNew) run.forRows(() => runStatements(statement.body, run));
      else runStatements(statement.body, run);
      return;
    }
    case 'reset':
      return;
    case 'record':
      return record(statement, run);
    case 'emit': {
      const row = scalarOf(statement.row, run);
      const label = scalarOf(statement.label, run);
      run.emitted.push({ row, label, after: scalarOf(statement.after, run) });
      return;
    }
  }
}

function saturate(value: Value, { lo, top }: ValueRange): Value {
  return map([value], ([x = NaN]) => Math.min(Math.max(x, lo), top));
}

function record(statement: Record, run: Execution): void {
  for (const { swept, values: group } of recordGroups(statement.values, run.row >= 0)) {
    const all = (): void => {
      for (const { name, value, domain } of group) {
        const recorded = valueOf(value, run);
        const lanes = hasLanes(domain) ? run.geometry.columns : 1;
        const values =
          typeof recorded === 'number' ? new Float64Array(lanes).fill(recorded) : recorded.slice();
        run.records.push({ name, row: run.row, values });
      }
    };
    if (swept) run.forRows(all);
    else all();
  }
}

function assign(statement: Assign, run: Execution): void {
  const { target } = statement;
  const width = hasLanes(statement.domain) ? run.geometry.columns : 1;
  const { before, whole } = newValue(statement, run, width);
  const held = current(target, run, width);
  const { mask } = run;
  const own = new Float64Array(width);
  for (let lane = 0; lane < width; lane++) {
    const kept = held[lane] ?? 0;
    if (mask && !mask[lane]) before[lane] = kept;
    own[lane] = mask && !mask[lane] ? kept : stored(target, whole[lane] ?? 0, run);
  }
  store(target, run.assign(statement.id, before, own), run);
}

/** What is assigned, before the rounding that belongs to the assignment; a draw that rounds it is carried out in `whole`. */
function newValue(
  { target, value }: Assign,
  run: Execution,
  width: number,
): { readonly before: Float64Array; readonly whole: Float64Array } {
  const lanes = (found: Value): Float64Array =>
    typeof found === 'number' ? new Float64Array(width).fill(found) : found.slice();
  const draws = target.kind === 'symbol' ? undefined : stochasticChange(value);
  if (draws === undefined) {
    const before = lanes(valueOf(value, run));
    return { before, whole: before.slice() };
  }
  const rest = lanes(draws.rest ? valueOf(draws.rest, run) : 0);
  const argument = valueOf(draws.argument, run);
  const bytes = run.laneBytes();
  // e rounded to 1/256 and raised by k/256 has the whole part of e + (k + 1/2) / 256.
  const raised = lanes(
    map([argument, Float64Array.from(bytes)], ([e = NaN, k = NaN]) => e + (k + 0.5) / 256),
  );
  return {
    before: rest.map((x, lane) => x + draws.sign * (raised[lane] ?? NaN)),
    whole: rest.map((x, lane) => x + draws.sign * Math.floor(raised[lane] ?? NaN)),
  };
}

/** Rounding and saturation of one value at its place. */
function stored(target: Place, value: number, run: Execution): number {
  if (target.kind === 'weight')
    return Math.min(Math.max(roundHalfUp(value), run.signedWeights ? -63 : 0), 63);
  if (target.kind === 'label') return Math.min(Math.max(roundHalfUp(value), 0), 63);
  const { range } = target.symbol;
  return range ? Math.min(Math.max(value, range.lo), range.top) : value | 0;
}

function current(target: Place, run: Execution, width: number): Float64Array {
  const first = run.row * width;
  if (target.kind === 'weight')
    return Float64Array.from(run.state.weights.subarray(first, first + width));
  if (target.kind === 'label')
    return Float64Array.from(run.state.labels.subarray(first, first + width));
  const { symbol } = target;
  if (symbol.kind === 'let') {
    const value = run.lets.get(symbol.id) ?? 0;
    return typeof value === 'number' ? new Float64Array(width).fill(value) : value;
  }
  const { values, base, stride } = run.storage(symbol);
  const offset = base + elementIndex(symbol.sizes, target.indices, run);
  return Float64Array.from({ length: width }, (_, lane) => values[offset + lane * stride] ?? 0);
}

function store(target: Place, lanes: Float64Array, run: Execution): void {
  const first = run.row * lanes.length;
  if (target.kind === 'weight') return run.state.weights.set(lanes, first);
  if (target.kind === 'label') return run.state.labels.set(lanes, first);
  const { symbol } = target;
  if (symbol.kind === 'let') {
    run.lets.set(symbol.id, hasLanes(symbol.domain) ? lanes.slice() : (lanes[0] ?? 0));
    return;
  }
  const { values, base, stride } = run.storage(symbol);
  const offset = base + elementIndex(symbol.sizes, target.indices, run);
  lanes.forEach((value, lane) => {
    values[offset + lane * stride] = value;
  });
}
