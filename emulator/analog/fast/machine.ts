/** The kernels as one WebAssembly module, and its memory as typed arrays. */
import { addCalendarKernels } from './calendar.js';
import { addEvenSensorKernels } from './even-sensor-kernels.js';
import { addEventKernels } from './event-kernels.js';
import { PAGES, POOL } from './layout.js';
import { addLeakyKernels } from './leaky-kernels.js';
import { addLoopKernels } from './loop-kernels.js';
import { addPhaseKernels } from './phase-kernels.js';
import { poolWords } from './pool.js';
import { addNoiseKernels } from './noise-kernels.js';
import { addSensorKernels } from './sensor-kernels.js';
import { addSplitPhases } from './split-phases.js';
import { addSplitWays } from './split-ways.js';
import { addStepKernels } from './step-kernels.js';
import { ModuleWriter } from './wasm.js';

type StepName =
  `step/${'leaky' | 'exponential' | 'conductance'}${'' | '/saturating'}${'' | '/check'}`;

/** The kernels by name; the files that write them describe their parameters. */
export interface Kernels extends Readonly<Record<StepName, () => void>> {
  readonly 'row/excitatory': RowKernel;
  readonly 'row/excitatory/saturating': RowKernel;
  readonly 'row/excitatory/general': RowKernel;
  readonly 'row/inhibitory': RowKernel;
  readonly 'row/inhibitory/saturating': RowKernel;
  readonly 'row/inhibitory/general': RowKernel;
  readonly 'membrane/fill': (neuron: number, block: number) => void;
  readonly 'calendar/remove': (neuron: number) => void;
  readonly 'calendar/open': () => void;
  readonly 'calendar/put': (neuron: number, cycle: number) => void;
  readonly 'phase/use': (neuron: number, resetting: number) => void;
  readonly 'phase/compare': (neuron: number) => void;
  readonly 'phase/deafen': (neuron: number) => void;
  readonly 'leaky/after': (neuron: number, d: number, v: number, where: number) => number;
  readonly 'leaky/before': (neuron: number, d: number, where: number) => number;
  readonly 'leaky/reach': (neuron: number, d: number) => void;
  readonly 'leaky/look': (neuron: number, d: number, fromNow: number) => void;
  readonly 'leaky/enter': (neuron: number, d: number, v: number) => void;
  readonly 'leaky/spike': (neuron: number, d: number) => void;
  readonly 'leaky/end': (neuron: number, d: number) => void;
  readonly 'split/forward': SplitKernel;
  readonly 'split/backward': SplitKernel;
  readonly 'split/take': (neuron: number, d: number, resetting: number) => void;
  readonly 'split/bring': (neuron: number, d: number, resetting: number) => void;
  readonly 'split/reach': (neuron: number, d: number) => void;
  readonly 'split/look': (neuron: number, d: number, fromNow: number) => void;
  readonly 'split/enter': (neuron: number, d: number) => void;
  readonly 'split/spike': (neuron: number, d: number) => void;
  readonly 'split/end': (neuron: number, d: number) => void;
  readonly 'neurons/hits': (d: number) => number;
  readonly 'neurons/reconsider': (hemisphere: number, d: number) => number;
  readonly 'neurons/advance': (limit: number, neuron: number, last: number) => number;
  readonly pre: PreKernel;
  readonly 'pre/general': PreKernel;
  readonly post: PostKernel;
  readonly 'post/general': PostKernel;
  readonly 'pre/even': (row: number, label: number, cycle: number, order: number) => void;
  readonly 'post/even': PostKernel;
  readonly traces: (hemisphere: number) => void;
}

export type SplitKernel = (
  neuron: number,
  law: number,
  dt: number,
  excitatory: number,
  inhibitory: number,
) => void;
export type RowKernel = (
  row: number,
  mask: number,
  value: number,
  west: number,
  east: number,
  left: number,
  isNoisy: number,
  key: number,
) => void;
export type PreKernel = (
  row: number,
  mask: number,
  value: number,
  cycle: number,
  order: number,
) => void;
export type PostKernel = (column: number, cycle: number, order: number) => void;

/** What is used of the WebAssembly interface; the core must not depend on a library of browser types. */
interface WebAssemblyLike {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
}

let compiled: object | undefined;

/** The bytes of the module: a pure function of this program. */
export function kernelBytes(): Uint8Array {
  const writer = new ModuleWriter(PAGES);
  addNoiseKernels(writer);
  addStepKernels(writer);
  addCalendarKernels(writer);
  addLeakyKernels(writer);
  addPhaseKernels(writer);
  addSplitWays(writer);
  addSplitPhases(writer);
  addLoopKernels(writer);
  addEventKernels(writer);
  addSensorKernels(writer);
  addEvenSensorKernels(writer);
  return writer.bytes();
}

export class Machine {
  readonly kernels: Kernels;
  readonly buffer: ArrayBuffer;

  constructor() {
    const wasm = Reflect.get(globalThis, 'WebAssembly') as WebAssemblyLike;
    compiled ??= new wasm.Module(kernelBytes());
    const memory = new wasm.Memory({ initial: PAGES });
    this.buffer = memory.buffer;
    const constants = poolWords();
    this.integers(POOL, constants.length).set(constants);
    const instance = new wasm.Instance(compiled, { env: { memory } });
    this.kernels = instance.exports as Kernels;
  }

  floats(offset: number, length: number): Float32Array {
    return new Float32Array(this.buffer, offset, length);
  }

  doubles(offset: number, length: number): Float64Array {
    return new Float64Array(this.buffer, offset, length);
  }

  integers(offset: number, length: number): Int32Array {
    return new Int32Array(this.buffer, offset, length);
  }

  bytes(offset: number, length: number): Uint8Array {
    return new Uint8Array(this.buffer, offset, length);
  }
}
