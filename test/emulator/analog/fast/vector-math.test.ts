import { describe, expect, test } from 'vitest';
import { all, poolWords } from '../../../../emulator/analog/fast/pool.js';
import { PAGES, POOL } from '../../../../emulator/analog/fast/layout.js';
import {
  VectorBend,
  VectorExp,
  VectorFall,
  VectorLog,
  VectorPower,
  VectorSaturation,
  VectorTrace,
} from '../../../../emulator/analog/fast/vector-math.js';
import {
  flow,
  i32,
  ModuleWriter,
  v128,
  type Code,
  type FunctionWriter,
} from '../../../../emulator/analog/fast/wasm.js';

interface WebAssemblyLike {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
}
const wasm = Reflect.get(globalThis, 'WebAssembly') as WebAssemblyLike;

/** Arguments start here, four times 4096 of them; results lie behind. */
const DATA = 65536;
const COUNT = 16384;

type Unary = { of(x: Code): Code };

/** Applies a function of the kernels to floats, as they would: four at once. */
function apply(make: (f: FunctionWriter) => Unary, x: readonly number[]): Float32Array {
  const writer = new ModuleWriter(PAGES);
  writer.add('run', ['i32'], undefined, (f) => {
    const end = f.param(0);
    const o = f.local('i32');
    const law = make(f);
    return [
      flow.loop(
        v128.store(o.get, DATA + 4 * COUNT, law.of(v128.load(o.get, DATA))),
        o.set(i32.add(o.get, i32.const(16))),
        flow.brIf(0, i32.ltS(o.get, end.get)),
      ),
    ];
  });
  const memory = new wasm.Memory({ initial: PAGES });
  const { run } = new wasm.Instance(new wasm.Module(writer.bytes()), { env: { memory } })
    .exports as { run: (bytes: number) => void };
  const constants = poolWords();
  new Int32Array(memory.buffer, POOL, constants.length).set(constants);
  new Float32Array(memory.buffer, DATA, x.length).set(x);
  run(4 * x.length);
  return new Float32Array(memory.buffer, DATA + 4 * COUNT, x.length).slice();
}

/** Distance to the next float above |x|. */
function ulp(x: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, Math.abs(Math.fround(x)));
  bits.setInt32(0, bits.getInt32(0) + 1);
  return bits.getFloat32(0) - Math.abs(Math.fround(x));
}

/** Floats from `from` to `to`: even ones, and as many closer and closer to `from`. */
function floats(from: number, to: number): number[] {
  const half = COUNT / 2;
  const even = Array.from({ length: half }, (_, i) => from + ((to - from) * i) / (half - 1));
  const near = Array.from({ length: half }, (_, i) => from + (to - from) * 2 ** ((-30 * i) / half));
  return [...even, ...near].map(Math.fround);
}

interface Law {
  readonly name: string;
  readonly make: (f: FunctionWriter) => Unary;
  readonly exact: (x: number) => number;
  readonly from: number;
  readonly to: number;
  /** Largest error, in last places of the exact value (`ulp`), relative, or absolute. */
  readonly error: number;
  readonly unit: 'ulp' | 'relative' | 'absolute';
}

const LAWS: readonly Law[] = [
  {
    name: '2^x',
    make: (f) => new VectorPower(f),
    exact: (x) => 2 ** x,
    from: -100,
    to: 120,
    error: 3,
    unit: 'ulp',
  },
  {
    name: '2^x for traces',
    make: (f) => new VectorTrace(f),
    exact: (x) => 2 ** x,
    from: -100,
    to: 0,
    error: 3e-6,
    unit: 'relative',
  },
  {
    name: 'e^x, whose argument is rounded',
    make: (f) => new VectorExp(f),
    exact: Math.exp,
    from: -10,
    to: 0,
    error: 8e-7,
    unit: 'relative',
  },
  {
    name: '-ln(1 - x)',
    make: (f) => new VectorLog(f),
    exact: (x) => -Math.log1p(-x),
    from: 0,
    to: 0.9998,
    error: 2e-6,
    unit: 'relative',
  },
  {
    name: '1 - e^-x',
    make: (f) => new VectorFall(f),
    exact: (x) => -Math.expm1(-x),
    from: 0,
    to: 8,
    error: 4e-7,
    unit: 'relative',
  },
  {
    name: '20 tanh(s/20)',
    make: (f) => new VectorSaturation(f, all(20), all(1 / 20)),
    exact: (s) => 20 * Math.tanh(s / 20),
    from: 0,
    to: 200,
    error: 1e-4,
    unit: 'relative',
  },
  {
    name: '1/cosh(x)^2',
    make: (f) => new VectorBend(f),
    exact: (x) => 1 / Math.cosh(x) ** 2,
    from: 0,
    to: 10,
    error: 2e-4,
    unit: 'absolute',
  },
];

describe('elementary functions of the kernels against float64', () => {
  test.each(LAWS)('$name', ({ make, exact, from, to, error, unit }) => {
    const x = floats(from, to);
    let worst = 0;
    apply(make, x).forEach((y, i) => {
      const expected = exact(x[i] ?? 0);
      const off = Math.abs(y - expected);
      const scale =
        unit === 'ulp' ? ulp(expected) : unit === 'relative' ? Math.abs(expected) || 1 : 1;
      worst = Math.max(worst, off / scale);
    });
    expect(worst).toBeLessThanOrEqual(error);
  });
});
