/** The meaning of every operation of the IR, on numbers that float64 holds exactly. */
import type { Relation, Value } from '../ir/ir.js';
import { powerOfTwo } from '../numeric/power.js';
import type { Codes, ExactRun } from './run.js';

const clamp = (x: number, lo: number, hi: number): number => Math.min(hi, Math.max(lo, x));

const relations: { readonly [R in Relation]: (a: number, b: number) => boolean } = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** floor((a * b + 2^(s-1)) / 2^s), the product in full. */
function multiplyShift(a: number, b: number, shift: number): number {
  if (shift === 0) return Math.imul(a, b);
  const half = 1n << BigInt(shift - 1);
  return Number((BigInt(a) * BigInt(b) + half) >> BigInt(shift));
}

/** Quotient and remainder with 0 <= remainder < |b|; of 0: 0 and a. */
function euclid(a: number, b: number): readonly [number, number] {
  if (b === 0) return [0, a];
  const size = Math.abs(b);
  const rest = ((a % size) + size) % size;
  return [(a - rest) / b, rest];
}

export function evaluateScalar(run: ExactRun, value: Value): number {
  const x = (index: number): number => {
    const arg = value.args[index];
    if (arg === undefined) throw new Error(`${value.operation} lacks an operand`);
    return run.scalar(arg);
  };
  const [n = 0] = value.numbers;
  switch (value.operation) {
    case 'const':
      return n;
    case 'load': {
      const codes = value.slot && run.codes.get(value.slot.symbol.id);
      if (codes === undefined) throw new Error('load without a slot');
      return codes[value.args.length > 0 ? x(0) : 0] ?? 0;
    }
    case 'get': {
      const found = run.variable(value.variable?.id ?? -1);
      return typeof found === 'number' ? found : 0;
    }
    case 'row':
      return run.row;
    case 'rows':
      return run.geometry.rows;
    case 'columns':
      return run.geometry.columns;
    case 'lookup':
      return value.table?.codes[x(0)] ?? 0;
    case 'time':
      return run.take('clock').time;
    case 'add':
      return (x(0) + x(1)) | 0;
    case 'sub':
      return (x(0) - x(1)) | 0;
    case 'mul':
      return Math.imul(x(0), x(1));
    case 'neg':
      return -x(0) | 0;
    case 'xor':
      return x(0) ^ x(1);
    case 'div':
      return euclid(x(0), x(1))[0] | 0;
    case 'mod':
      return euclid(x(0), x(1))[1];
    case 'mulshift':
      return multiplyShift(x(0), x(1), n);
    case 'shift':
      if (n >= 0) return (x(0) * powerOfTwo(n)) | 0;
      return Math.floor((x(0) + powerOfTwo(-n - 1)) / powerOfTwo(-n));
    case 'floorshift':
      return Math.floor(x(0) / powerOfTwo(n));
    case 'mulhigh':
      return Number((BigInt(x(0)) * BigInt(x(1))) >> 32n);
    case 'leading':
      return Math.clz32(x(0));
    case 'shift-up':
      return (x(0) * powerOfTwo(x(1))) | 0;
    case 'shift-down':
      return Math.floor(x(0) / powerOfTwo(x(1)));
    case 'min':
      return Math.min(x(0), x(1));
    case 'max':
      return Math.max(x(0), x(1));
    case 'compare':
      return relations[value.relation as Relation](x(0), x(1)) ? 1 : 0;
    case 'not':
      return 1 - x(0);
    case 'and':
      return x(0) & x(1);
    case 'or':
      return x(0) | x(1);
    case 'choose':
      return x(0) === 0 ? x(2) : x(1);
    case 'random':
      return run.take('scalar-random').value >> (16 - n);
    case 'lane-at':
    case 'reduce': {
      const [lanes, index] = value.args;
      if (lanes === undefined) break;
      const codes = run.lane(lanes);
      if (value.operation === 'lane-at')
        return codes[clamp(index ? run.scalar(index) : 0, 0, codes.length - 1)] ?? 0;
      // An index is that of `neuron`.
      return (
        reduce(codes, value.relation as string) +
        (value.relation === 'argmax' ? run.neuronOffset : 0)
      );
    }
    default:
  }
  throw new Error(`no meaning for scalar ${value.operation}`);
}

function reduce(codes: Int32Array, operation: string): number {
  switch (operation) {
    case 'sum':
      return codes.reduce((sum, code) => (sum + code) | 0, 0);
    case 'min':
      return codes.reduce((a, b) => Math.min(a, b), Infinity);
    case 'max':
      return codes.reduce((a, b) => Math.max(a, b), -Infinity);
    case 'argmax':
      return codes.indexOf(codes.reduce((a, b) => Math.max(a, b), -Infinity));
    default:
      throw new Error(`no reduction ${operation}`);
  }
}

/** Bytes and halves. */
export function evaluateHalf(run: ExactRun, value: Value): Int32Array {
  const lanes = (index: number): Int32Array => {
    const arg = value.args[index];
    if (arg === undefined) throw new Error(`${value.operation} lacks an operand`);
    return run.lane(arg);
  };
  const each = (make: (lane: number) => number): Int32Array =>
    Int32Array.from({ length: run.lanes }, (_, lane) => make(lane));
  const unary = (make: (a: number) => number): Int32Array => lanes(0).map(make);
  const binary = (make: (a: number, b: number) => number): Int32Array => {
    const b = lanes(1);
    return lanes(0).map((a, lane) => make(a, b[lane] ?? 0));
  };
  const [n = 0, m = 0] = value.numbers;
  switch (value.operation) {
    case 'weight':
    case 'label': {
      const from = value.operation === 'weight' ? run.state.weights : run.state.labels;
      const start = run.row * run.lanes;
      return Int32Array.from(from.subarray(start, start + run.lanes));
    }
    case 'causal':
    case 'acausal': {
      const codes = run.correlation()[value.operation];
      const baseline = run.state.baselines[value.operation];
      const start = run.row * run.lanes;
      return each((lane) =>
        clamp((baseline[start + lane] ?? 0) - (codes[lane] ?? 0) - 64, -128, 127),
      );
    }
    case 'causal-code':
      return each((lane) => (run.correlation().causal[lane] ?? 0) - 128);
    case 'acausal-code':
      return each((lane) => (run.correlation().acausal[lane] ?? 0) - 128);
    case 'rate': {
      const { counts } = run.takeOf('rate', value.population);
      return each((lane) => (counts[lane] ?? 0) - 128);
    }
    case 'v': {
      const { codes } = run.takeOf('membrane', value.population);
      return each((lane) => (codes[lane] ?? 0) - 128);
    }
    case 'random-byte': {
      const { bytes } = run.take('lane-bytes');
      return each((lane) => (bytes[lane] ?? 0) - 128);
    }
    case 'load-lanes': {
      if (value.slot === undefined) break;
      const codes = run.codes.get(value.slot.symbol.id);
      const { elements } = value.slot;
      const [index] = value.args;
      const start = run.place(value.slot) + (index ? run.scalar(index) : n);
      return each((lane) => codes?.[start + lane * elements] ?? 0);
    }
    case 'get': {
      const found = run.variable(value.variable?.id ?? -1);
      return typeof found === 'number' ? each(() => found) : found;
    }
    case 'splat': {
      const [arg] = value.args;
      const code = arg ? run.scalar(arg) : 0;
      return each(() => code);
    }
    case 'neuron':
      return each((lane) => lane + run.neuronOffset);
    case 'widen-high':
      return unary((a) => a * 256);
    case 'widen-unsigned':
      return unary((a) => a & 255);
    case 'widen-signed':
      return unary((a) => a);
    case 'add':
      return binary((a, b) => a + b);
    case 'sub':
      return binary((a, b) => a - b);
    case 'mul':
      return binary((a, b) => a * b);
    case 'mul-wrap':
      return binary((a, b) => (Math.imul(a, b) << 16) >> 16);
    case 'neg':
      return unary((a) => -a);
    case 'shl':
      return unary((a) => a * powerOfTwo(n));
    case 'asr':
      return unary((a) => Math.floor(a / powerOfTwo(n)));
    case 'min':
      return binary((a, b) => Math.min(a, b));
    case 'max':
      return binary((a, b) => Math.max(a, b));
    case 'clamp':
      return unary((a) => clamp(a, n, m));
    case 'choose': {
      const b = lanes(1);
      const c = lanes(2);
      return lanes(0).map((a, lane) => (a === 0 ? c : b)[lane] ?? 0);
    }
    case 'partner': {
      const a = lanes(0);
      return each((lane) => a[lane ^ 1] ?? 0);
    }
    case 'dot':
      return dot(run, value, n, m);
    case 'dot-low':
      return Int32Array.from(sumsOf(run, value, 0), (sum) => (sum << 16) >> 16);
    case 'lookup': {
      const { table } = value;
      return unary((index) => table?.codes[index] ?? 0);
    }
    default:
  }
  throw new Error(`no meaning for ${value.operation} in lanes`);
}

const sumLimit = 0x80000000;

/** The accumulator of every lane, which with `round` added must fit 32 bits. */
function sumsOf(run: ExactRun, value: Value, round: number): Float64Array {
  const start = value.addend ? run.scalar(value.addend) : 0;
  const sums = new Float64Array(run.lanes).fill(start);
  for (const { a, b } of value.terms ?? []) {
    const x = run.lane(a);
    const y: Codes = typeof b === 'number' ? b : run.lane(b);
    for (let lane = 0; lane < sums.length; lane++)
      sums[lane] = sums[lane]! + x[lane]! * (typeof y === 'number' ? y : y[lane]!);
  }
  for (const sum of sums)
    if (sum + round < -sumLimit || sum + round >= sumLimit)
      throw new RangeError(`an accumulator of ${sum + round}`);
  return sums;
}

function dot(run: ExactRun, value: Value, round: number, shift: number): Int32Array {
  const sums = sumsOf(run, value, round);
  run.sums.set(value.id, sums);
  const unit = powerOfTwo(-shift);
  return Int32Array.from(sums, (sum) => Math.floor((sum + round) * unit));
}

export function evaluateMask(run: ExactRun, value: Value): Int32Array {
  const [a, b] = value.args;
  if (a === undefined) throw new Error(`${value.operation} lacks an operand`);
  if (value.operation === 'splat') {
    const code = run.scalar(a);
    return new Int32Array(run.lanes).fill(code);
  }
  const x = run.lane(a);
  if (value.operation === 'compare') {
    const holds = relations[value.relation as Relation];
    return x.map((code) => (holds(code, 0) ? 1 : 0));
  }
  if (value.operation === 'not') return x.map((code) => 1 - code);
  if (b === undefined) throw new Error(`${value.operation} lacks an operand`);
  const y = run.lane(b);
  return value.operation === 'and'
    ? x.map((code, lane) => code & (y[lane] ?? 0))
    : x.map((code, lane) => code | (y[lane] ?? 0));
}
