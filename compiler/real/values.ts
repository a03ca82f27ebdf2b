/** Expressions in real arithmetic (float64), lane by lane. */
import { callBuiltin, compare, intArithmetic, realArithmetic } from '../check/arithmetic.js';
import { lookUp } from '../check/evaluate.js';
import {
  hasLanes,
  type Choose,
  type ColumnIndex,
  type Expression,
  type Observe,
  type Read,
  type Reduce,
} from '../check/typed.js';
import { runStatements } from './statements.js';
import type { Execution, Value } from './machine.js';

/** The value of `e` at the current place of `run`. */
export function valueOf(e: Expression, run: Execution): Value {
  switch (e.kind) {
    case 'constant':
      return e.value;
    case 'read':
      return readSymbol(e, run);
    case 'observe':
      return observe(e, run);
    case 'negate':
      return map(
        [valueOf(e.operand, run)],
        e.type === 'int' ? ([a]) => (0 - at(a)) | 0 : ([a]) => 0 - at(a),
      );
    case 'not':
      return map([valueOf(e.operand, run)], ([a]) => 1 - at(a));
    case 'arithmetic': {
      const apply = e.type === 'int' ? intArithmetic : realArithmetic;
      const { operator } = e;
      return map([valueOf(e.left, run), valueOf(e.right, run)], ([a, b]) =>
        apply(operator, at(a), at(b)),
      );
    }
    case 'compare': {
      const { operator } = e;
      return map([valueOf(e.left, run), valueOf(e.right, run)], ([a, b]) =>
        Number(compare(operator, at(a), at(b))),
      );
    }
    case 'logic': {
      const both = [valueOf(e.left, run), valueOf(e.right, run)];
      return map(
        both,
        e.operator === 'and' ? ([a, b]) => at(a) * at(b) : ([a, b]) => Math.max(at(a), at(b)),
      );
    }
    case 'choose':
      return chooseValue(e, run);
    case 'call': {
      const { callee } = e;
      return map(
        e.arguments.map((argument) => valueOf(argument, run)),
        (args) => callBuiltin(callee, args),
      );
    }
    case 'lookup': {
      const { table } = e;
      return map(
        e.arguments.map((argument) => valueOf(argument, run)),
        (args) => lookUp(table, args),
      );
    }
    case 'reduce':
      return reduce(e, run);
    case 'draw': {
      const draws = e.distribution === 'uniform' ? 1 : 12;
      const shift = e.distribution === 'uniform' ? 0 : 6;
      let sum: Value = 0;
      for (let i = 0; i < draws; i++) {
        const next: Value = hasLanes(e.domain)
          ? Float64Array.from(run.laneBytes(), (k) => k / 256)
          : run.scalarRandom() / 65536;
        sum = map([sum, next], ([a, b]) => at(a) + at(b));
      }
      return shift === 0 ? sum : map([sum], ([a]) => at(a) - shift);
    }
    case 'stochastic': {
      const argument = valueOf(e.argument, run);
      const k: Value = hasLanes(e.domain)
        ? Float64Array.from(run.laneBytes())
        : run.scalarRandom() >> 8;
      return map([argument, k], ([x, byte]) =>
        Math.floor((Math.floor(at(x) * 256 + 0.5) + at(byte)) / 256),
      );
    }
    case 'inline':
      runStatements(e.statements, run);
      return valueOf(e.value, run);
  }
}

function at(value: number | undefined): number {
  return value ?? NaN;
}

/** Applies `f` to numbers, or lane by lane as soon as one operand has lanes. */
export function map(operands: readonly Value[], f: (values: readonly number[]) => number): Value {
  const lanes = operands.find((operand) => typeof operand !== 'number');
  if (typeof lanes !== 'object') return f(operands as readonly number[]);
  const result = new Float64Array(lanes.length);
  const values = operands.map(() => 0);
  for (let lane = 0; lane < result.length; lane++) {
    operands.forEach((operand, i) => {
      values[i] = typeof operand === 'number' ? operand : at(operand[lane]);
    });
    result[lane] = f(values);
  }
  return result;
}

/** A single number; throws if the value has lanes (which the checker excludes). */
export function scalarOf(e: Expression, run: Execution): number {
  const value = valueOf(e, run);
  if (typeof value !== 'number')
    throw new TypeError('a value with lanes where a single one is needed');
  return value;
}

/** The outcome of a condition as the log has it: one element, or one for each lane. */
export function conditionOf(condition: Expression, run: Execution): Uint8Array {
  const value = valueOf(condition, run);
  if (condition.kind === 'constant') return Uint8Array.of(condition.value);
  const own = typeof value === 'number' ? Uint8Array.of(value) : Uint8Array.from(value);
  return run.branch(condition.span.start, own);
}

function chooseValue(e: Choose, run: Execution): Value {
  const taken = conditionOf(e.condition, run);
  if (!hasLanes(e.condition.domain)) return valueOf(taken[0] ? e.then : e.otherwise, run);
  const outer = run.mask;
  run.mask = masked(outer, taken, 1);
  const then = valueOf(e.then, run);
  run.mask = masked(outer, taken, 0);
  const otherwise = valueOf(e.otherwise, run);
  run.mask = outer;
  return map([Float64Array.from(taken), then, otherwise], ([test, a, b]) => at(test ? a : b));
}

/** Lanes of `outer` in which `taken` is `wanted`. */
export function masked(
  outer: Uint8Array | undefined,
  taken: Uint8Array,
  wanted: 0 | 1,
): Uint8Array {
  return taken.map((lane, i) => (lane === wanted && (outer?.[i] ?? 1) ? 1 : 0));
}

// ------------------------------------------------------------------------------------------------- names

/** Index of an array element, each index clamped to the array. */
export function elementIndex(
  sizes: readonly number[],
  indices: readonly Expression[],
  run: Execution,
): number {
  return indices.reduce((index, expression, i) => {
    const size = sizes[i] ?? 1;
    return index * size + Math.min(Math.max(scalarOf(expression, run), 0), size - 1);
  }, 0);
}

function readSymbol(e: Read, run: Execution): Value {
  const { symbol } = e;
  if (symbol.kind === 'let' || symbol.kind === 'loop' || symbol.kind === 'table-argument') {
    const value = run.lets.get(symbol.id);
    if (value === undefined) throw new TypeError(`\`${symbol.name}\` has no value yet`);
    return atColumn(value, e.column, run);
  }
  const { values, base, stride } = run.storage(symbol);
  const offset = base + elementIndex(symbol.sizes, e.indices, run);
  if (!hasLanes(symbol.domain)) return at(values[offset]);
  const lanes = new Float64Array(run.geometry.columns);
  for (let lane = 0; lane < lanes.length; lane++) lanes[lane] = at(values[offset + lane * stride]);
  return atColumn(lanes, e.column, run);
}

/** The lane's own value, its partner's, or that of the one column an index names (clamped to the block). */
function atColumn(value: Value, column: ColumnIndex | undefined, run: Execution): Value {
  if (column === undefined || typeof value === 'number') return value;
  if (column === 'partner') return value.map((_, lane) => value[lane ^ 1] ?? 0);
  const index = scalarOf(column.at, run);
  return at(value[Math.min(Math.max(index, 0), value.length - 1)]);
}

function observe(e: Observe, run: Execution): Value {
  const { columns } = run.geometry;
  const first = run.row * columns;
  const lanes = (f: (lane: number) => number): Float64Array =>
    Float64Array.from({ length: columns }, (_, lane) => f(lane));
  switch (e.observable) {
    case 'w':
      return lanes((lane) => at(run.state.weights[first + lane]));
    case 'label':
      return lanes((lane) => at(run.state.labels[first + lane]));
    case 'causal':
    case 'acausal': {
      const codes = run.correlation()[e.observable];
      const baselines = run.state.baselines[e.observable];
      return lanes((lane) =>
        Math.min(Math.max(at(baselines[first + lane]) - at(codes[lane]), -64), 191),
      );
    }
    case 'causal_code':
      return Float64Array.from(run.correlation().causal);
    case 'acausal_code':
      return Float64Array.from(run.correlation().acausal);
    case 'rate':
      return atColumn(Float64Array.from(run.rate(e.population)), e.column, run);
    case 'v':
      return atColumn(Float64Array.from(run.membrane(e.population)), e.column, run);
    case 'neuron':
      return lanes((lane) => lane + run.neuronOffset);
    case 'row':
      return run.row;
    case 'time':
      return run.clock();
    case 'period':
      return run.period;
  }
}

// -------------------------------------------------------------------------------------------- reductions

/** Gathers one value after another; `argmax` keeps the lowest index among equals. */
class Gathering {
  private total = 0;
  private best = NaN;
  private bestIndex = 0;
  private count = 0;

  constructor(
    private readonly operation: Reduce['operation'],
    private readonly wraps: boolean,
  ) {}

  add(value: number): void {
    this.total = this.wraps ? (this.total + value) | 0 : this.total + value;
    const better = this.operation === 'min' ? value < this.best : value > this.best;
    if (this.count === 0 || better) {
      this.best = value;
      this.bestIndex = this.count;
    }
    this.count++;
  }

  get result(): number {
    if (this.operation === 'sum') return this.total;
    if (this.operation === 'mean') return this.total / this.count;
    return this.operation === 'argmax' ? this.bestIndex : this.best;
  }
}

/** Lanes that statements leave alone are reduced all the same. */
function reduce(e: Reduce, run: Execution): Value {
  const outer = run.mask;
  run.mask = undefined;
  const result = reduceAll(e, run);
  run.mask = outer;
  return result;
}

function reduceAll(e: Reduce, run: Execution): Value {
  const { operation, argument, over } = e;
  const wraps = argument.type === 'int' && operation === 'sum';
  const gather = (): Gathering => new Gathering(operation, wraps);
  if (over !== 'rows') {
    const one = gather();
    const visit = (): void => {
      const value = valueOf(argument, run);
      if (typeof value === 'number') one.add(value);
      else value.forEach((lane) => one.add(lane));
    };
    if (over === 'columns') visit();
    else run.forRows(visit);
    // An index is that of `neuron`.
    return operation === 'argmax' ? one.result + run.neuronOffset : one.result;
  }
  const lanes = hasLanes(argument.domain);
  const gathered = Array.from({ length: lanes ? run.geometry.columns : 1 }, gather);
  run.forRows(() => {
    const value = valueOf(argument, run);
    if (typeof value === 'number') gathered[0]?.add(value);
    else value.forEach((lane, i) => gathered[i]?.add(lane));
  });
  return lanes ? Float64Array.from(gathered, (one) => one.result) : (gathered[0]?.result ?? 0);
}
