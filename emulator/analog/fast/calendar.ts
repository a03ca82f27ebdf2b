/**
 * Appointments of the kernels' neurons in linear memory: at most one per neuron, kept in order of (cycle, neuron). Those of the
 * present step are bits by cycle and neuron; later ones wait in lists by step and come in when their step begins.
 */
import { NEURONS } from '../core.js';
import * as at from './layout.js';
import { STEP } from './layout.js';
import type { Kernels, Machine } from './machine.js';
import { f64, flow, i32, type Code, type Local, type ModuleWriter } from './wasm.js';

export const atZero = i32.const(0);
export const clock = f64.load(atZero, at.CLOCK);
const shifted = (value: Code, bits: number): Code => i32.shl(value, i32.const(bits));
export const eight = (n: Local): Code => shifted(n.get, 3);
export const four = (n: Local): Code => shifted(n.get, 2);

const bitOf = (index: Code): Code => i32.shl(i32.const(1), index);
const wordOf = (n: Local): Code => i32.shrU(n.get, i32.const(5));
/** Address of the word of a neuron among those due at cycle `j` of the step. */
const duePlace = (j: Local, n: Local): Code =>
  i32.add(shifted(j.get, 6), i32.shl(wordOf(n), i32.const(2)));
const bucketPlace = (number: Code): Code => shifted(i32.and(number, i32.const(at.BUCKETS - 1)), 2);

/** A neuron is due at cycle `j` (0..25) of the present step. */
const note = (j: Local, n: Local): Code => [
  i32.store(
    duePlace(j, n),
    at.DUE_NEURONS,
    i32.or(i32.load(duePlace(j, n), at.DUE_NEURONS), bitOf(n.get)),
  ),
  i32.store(four(j), at.DUE_WORDS, i32.or(i32.load(four(j), at.DUE_WORDS), bitOf(wordOf(n)))),
  i32.store(atZero, at.DUE_CYCLES, i32.or(i32.load(atZero, at.DUE_CYCLES), bitOf(j.get))),
];

/** `calendar/cancel`(neuron at cycle j): it is not due at this cycle of the present step any more. */
function addCancel(module: ModuleWriter): void {
  module.add('calendar/cancel', ['i32', 'i32'], undefined, (f) => {
    const n = f.param(0);
    const j = f.param(1);
    const left = f.local('i32');
    const clear = (from: Code, index: Code): Code =>
      i32.and(from, i32.xor(bitOf(index), i32.const(-1)));
    return [
      f64.store(eight(n), at.APPOINTMENT, f64.const(Infinity)),
      left.set(clear(i32.load(duePlace(j, n), at.DUE_NEURONS), n.get)),
      i32.store(duePlace(j, n), at.DUE_NEURONS, left.get),
      flow.if(left.get, flow.return()),
      left.set(clear(i32.load(four(j), at.DUE_WORDS), wordOf(n))),
      i32.store(four(j), at.DUE_WORDS, left.get),
      flow.if(left.get, flow.return()),
      i32.store(atZero, at.DUE_CYCLES, clear(i32.load(atZero, at.DUE_CYCLES), j.get)),
    ];
  });
}

/** `calendar/remove`(neuron): its appointment, if it has one, is cancelled. */
function addRemove(module: ModuleWriter): void {
  module.add('calendar/remove', ['i32'], undefined, (f) => {
    const n = f.param(0);
    const cycle = f.local('f64');
    const place = f.local('i32');
    const own = i32.add(n.get, i32.const(1));
    // From the head of its list to the entry that is this neuron.
    const next = (offset: number): Code => i32.load(place.get, offset);
    return [
      cycle.set(f64.load(eight(n), at.APPOINTMENT)),
      flow.if(f64.eq(cycle.get, f64.const(Infinity)), flow.return()),
      flow.if(f64.le(cycle.get, clock), [
        module.call(
          'calendar/cancel',
          n.get,
          i32.add(i32.fromF64(f64.sub(cycle.get, clock)), i32.const(STEP)),
        ),
        flow.return(),
      ]),
      f64.store(eight(n), at.APPOINTMENT, f64.const(Infinity)),
      place.set(bucketPlace(stepNumber(cycle))),
      flow.if(i32.eq(next(at.BUCKET_FIRST), own), [
        i32.store(place.get, at.BUCKET_FIRST, i32.load(four(n), at.BUCKET_NEXT)),
        flow.return(),
      ]),
      place.set(next(at.BUCKET_FIRST)),
      flow.block(
        flow.loop(
          flow.brIf(1, i32.eqz(place.get)),
          place.set(shifted(i32.sub(place.get, i32.const(1)), 2)),
          flow.if(i32.eq(next(at.BUCKET_NEXT), own), [
            i32.store(place.get, at.BUCKET_NEXT, i32.load(four(n), at.BUCKET_NEXT)),
            flow.return(),
          ]),
          place.set(next(at.BUCKET_NEXT)),
          flow.br(0),
        ),
      ),
    ];
  });
}

/** Number of the step in which a later cycle falls. */
const stepNumber = (cycle: Local): Code =>
  i32.add(
    i32.load(atZero, at.STEP_NUMBER),
    i32.divU(i32.add(i32.fromF64(f64.sub(cycle.get, clock)), i32.const(STEP - 1)), i32.const(STEP)),
  );

/** `calendar/put`(neuron, cycle): an appointment of a neuron that has none. */
function addPut(module: ModuleWriter): void {
  module.add('calendar/put', ['i32', 'f64'], undefined, (f) => {
    const n = f.param(0);
    const cycle = f.param(1);
    const place = f.local('i32');
    return [
      f64.store(eight(n), at.APPOINTMENT, cycle.get),
      flow.if(
        f64.le(cycle.get, clock),
        [
          place.set(i32.add(i32.fromF64(f64.sub(cycle.get, clock)), i32.const(STEP))),
          note(place, n),
        ],
        [
          place.set(bucketPlace(stepNumber(cycle))),
          i32.store(four(n), at.BUCKET_NEXT, i32.load(place.get, at.BUCKET_FIRST)),
          i32.store(place.get, at.BUCKET_FIRST, i32.add(n.get, i32.const(1))),
        ],
      ),
    ];
  });
}

/** `calendar/open`(): the present step has just begun; what waited for it is due. */
function addOpen(module: ModuleWriter): void {
  module.add('calendar/open', [], undefined, (f) => {
    const place = f.local('i32');
    const entry = f.local('i32');
    const n = f.local('i32');
    const j = f.local('i32');
    const cycle = f.local('f64');
    return [
      place.set(bucketPlace(i32.load(atZero, at.STEP_NUMBER))),
      entry.set(i32.load(place.get, at.BUCKET_FIRST)),
      flow.if(i32.eqz(entry.get), flow.return()),
      i32.store(place.get, at.BUCKET_FIRST, atZero),
      flow.loop(
        n.set(i32.sub(entry.get, i32.const(1))),
        entry.set(i32.load(four(n), at.BUCKET_NEXT)),
        cycle.set(f64.load(eight(n), at.APPOINTMENT)),
        flow.if(
          f64.le(cycle.get, clock),
          [j.set(i32.add(i32.fromF64(f64.sub(cycle.get, clock)), i32.const(STEP))), note(j, n)],
          [
            // A whole turn of the buckets later.
            i32.store(four(n), at.BUCKET_NEXT, i32.load(place.get, at.BUCKET_FIRST)),
            i32.store(place.get, at.BUCKET_FIRST, i32.add(n.get, i32.const(1))),
          ],
        ),
        flow.brIf(0, entry.get),
      ),
    ];
  });
}

export function addCalendarKernels(module: ModuleWriter): void {
  addCancel(module);
  addRemove(module);
  addPut(module);
  addOpen(module);
}

/** The calendar as the rest of the engine sees it. */
export class Calendar {
  /** Cycle of each neuron's appointment; Infinity: none. */
  readonly at: Float64Array;
  readonly purpose: Uint8Array;
  private readonly clock: Float64Array;
  private readonly cycles: Int32Array;
  private readonly words: Int32Array;
  private readonly neurons: Int32Array;
  private readonly buckets: Int32Array;
  private readonly kernels: Kernels;

  constructor(machine: Machine) {
    this.at = machine.doubles(at.APPOINTMENT, NEURONS).fill(Infinity);
    this.purpose = machine.bytes(at.PURPOSE, NEURONS);
    this.clock = machine.doubles(at.CLOCK, 1);
    this.cycles = machine.integers(at.DUE_CYCLES, 1);
    this.words = machine.integers(at.DUE_WORDS, STEP + 1);
    this.neurons = machine.integers(at.DUE_NEURONS, 16 * (STEP + 1));
    this.buckets = machine.integers(at.BUCKET_FIRST, at.BUCKETS);
    this.kernels = machine.kernels;
  }

  /** Something is due in the present step. */
  get isDue(): boolean {
    return this.cycles[0] !== 0;
  }

  /** Cycle of the first appointment of the present step; Infinity if it has none. */
  get firstCycle(): number {
    const cycles = this.cycles[0]!;
    return cycles === 0 ? Infinity : this.clock[0]! - STEP + lowest(cycles);
  }

  /** Neuron of the first appointment; call only while `firstCycle` is finite. */
  get first(): number {
    const j = lowest(this.cycles[0]!);
    const word = lowest(this.words[j]!);
    return 32 * word + lowest(this.neurons[16 * j + word]!);
  }

  /** Makes, moves or (with Infinity) cancels the appointment of a neuron; `cycle` is not before the present step. */
  set(n: number, cycle: number): void {
    this.kernels['calendar/remove'](n);
    if (cycle < Infinity) this.kernels['calendar/put'](n, cycle);
  }

  /** Builds the order anew after clock and `at` were written from outside. */
  restore(): void {
    this.clearOrder();
    for (let n = 0; n < NEURONS; n++)
      if (this.at[n]! < Infinity) this.kernels['calendar/put'](n, this.at[n]!);
  }

  clear(): void {
    this.clearOrder();
    this.at.fill(Infinity);
  }

  private clearOrder(): void {
    for (const array of [this.cycles, this.words, this.neurons, this.buckets]) array.fill(0);
  }
}

/** Number of the lowest bit of a word that is not 0. */
const lowest = (word: number): number => 31 - Math.clz32(word & -word);
