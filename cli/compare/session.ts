/**
 * One session of a comparison: machine code on a bare core, the exact and the real evaluator, execution by execution
 * over the same recording. Everything that machine code leaves behind must equal the exact evaluator's in every bit.
 */
import type { Compiled, CompiledRule } from '../../compiler/compile.js';
import { hasLanes } from '../../compiler/check/typed.js';
import { evaluateExact, quantisedState, type ExactResult } from '../../compiler/evaluate-exact.js';
import { evaluateReal } from '../../compiler/evaluate-real.js';
import { initialState } from '../../compiler/initial-state.js';
import type { Observation, RuleState, Step } from '../../compiler/trace.js';
import type { Program } from '../../isa/program.js';
import {
  type ImageLayout,
  type LaneSlot,
  type ValueSlot,
  laneSlotPlace,
  mailbox,
  quantise,
  valueOf,
} from '../../isa/runtime-layout.js';
import { readRecords, readTimeline } from '../../isa/runtime-records.js';
import { traceOf } from './machine-trace.js';
import { columns, randomNumbers, type Recording } from './recording.js';
import { RuleMachine } from './rule-machine.js';
import { SynapseBus } from './synapse-bus.js';

/** One value that machine code and the exact evaluator left different. */
export interface Difference {
  /** `w`, `label`, a state, or what a `record` names. */
  readonly target: string;
  readonly kind: 'weight' | 'label' | 'state' | 'record';
  /** Row of the block, -1 outside rows; column, or element of an array. */
  readonly row: number;
  readonly lane: number;
  readonly machine: number;
  readonly exact: number;
  /** SRAM bytes of the value, if that is where it lies. */
  readonly memory?: { readonly start: number; readonly length: number };
}

/** One execution, as all three did it. */
export interface Execution {
  readonly trigger: number;
  /** Cycles since the core's start. */
  readonly begin: number;
  readonly end: number;
  readonly exact: ExactResult;
  /** Log of the real evaluator, which restarts each assignment where the exact one was. */
  readonly real: readonly Step[];
  readonly differences: readonly Difference[];
}

/** How long a rule may be silent, in cycles. */
const patience = 100_000_000;

/** The generator of the run-time, for scalar draws. */
function xorshift(state: number): number {
  let x = state;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x >>> 0;
}

/** A compiled rule, its machine and the state that the exact evaluator is in. */
export class Session {
  readonly bus: SynapseBus;
  readonly machine: RuleMachine;
  private readonly layout: ImageLayout;
  private state: RuleState;
  private recordsSeen = 0;
  private done = 0;
  private readonly stride: 1 | 2;

  /** Loads the program, sets weights, baselines, parameters and inputs, runs start-up, and writes `go`. */
  constructor(
    compiled: Compiled,
    readonly part: CompiledRule,
    program: Program,
    readonly recording: Recording,
  ) {
    const { layout } = compiled;
    if (layout === undefined) throw new RangeError('a program without a layout');
    this.layout = layout;
    const random = randomNumbers(recording.seed ^ 0x5eed);
    const bus = new SynapseBus(() => Math.floor(random() * 256));
    this.bus = bus;
    // With signed weights a row of the rule is two of the chip, of which the first is excitatory and measures.
    this.stride = part.rule.signedWeights ? 2 : 1;
    this.spread(recording.weights, bus.weights);
    this.spread(recording.labels, bus.labels);
    this.spread(recording.baselineCausal, bus.baselineCausal);
    this.spread(recording.baselineAcausal, bus.baselineAcausal);
    const machine = new RuleMachine(program, bus);
    this.machine = machine;
    const { rows } = recording;
    machine.patch({ firstRow: 0, rows });
    if (part.rule.population !== undefined) machine.patchPopulation(0, 1);
    const state = quantisedState(
      part.rule,
      part.program,
      initialState(part.rule, { rows, columns }),
    );
    state.weights.set(recording.weights);
    state.labels.set(recording.labels);
    state.baselines.causal.set(recording.baselineCausal);
    state.baselines.acausal.set(recording.baselineAcausal);
    this.state = state;
    for (const slot of [...layout.parameters, ...layout.inputs]) this.setValue(slot);
    for (const slot of layout.laneInputs) this.setLanes(slot);
    machine.start();
    machine.go();
  }

  /** Rows of a block to where they lie on the chip. */
  private spread(block: Uint8Array, chip: Uint8Array): void {
    for (let row = 0; row * columns < block.length; row++)
      chip.set(block.subarray(row * columns, (row + 1) * columns), row * this.stride * columns);
  }

  /** The rows of the block as the chip has them; weights less the inhibitory ones. */
  private gather(chip: Uint8Array, signed: boolean): Int16Array {
    const { rows } = this.recording;
    return Int16Array.from({ length: rows * columns }, (_, i) => {
      const at = Math.floor(i / columns) * this.stride * columns + (i % columns);
      return (chip[at] ?? 0) - (signed ? (chip[at + columns] ?? 0) : 0);
    });
  }

  private idOf(name: string): number {
    const { params, inputs, states } = this.part.rule;
    return [...params, ...inputs, ...states].find((symbol) => symbol.name === name)?.id ?? -1;
  }

  private setValue(slot: ValueSlot): void {
    const given = this.recording.values.get(slot.name);
    if (given === undefined) return;
    const values = this.state.values.get(this.idOf(slot.name));
    for (let i = 0; i < slot.count; i++) {
      const code = quantise(slot.format, given[Math.min(i, given.length - 1)] ?? 0);
      this.machine.memory.words[(slot.address >> 2) + i] = code;
      if (values) values[i] = valueOf(slot.format, code);
    }
  }

  private setLanes(slot: LaneSlot): void {
    const given = this.recording.values.get(slot.name);
    const values = this.state.values.get(this.idOf(slot.name));
    if (given === undefined || values === undefined || slot.external) return;
    const { memory } = this.machine;
    for (let i = 0; i < values.length; i++) {
      const code = quantise(slot.format, given[Math.min(i, given.length - 1)] ?? 0);
      values[i] = valueOf(slot.format, code);
      const at = laneSlotPlace(slot, i).address;
      if (!hasLanes(slot.domain)) memory.words[at >> 2] = code;
      else {
        for (let b = 0; b < slot.format.bytes; b++)
          memory.bytes[(at + b) ^ 3] = code >> (8 * (slot.format.bytes - 1 - b));
      }
    }
  }

  /** Runs the next execution of any trigger on all three. Throws if the machine stays silent or reads strangely. */
  next(): Execution {
    const { machine, bus, layout, recording } = this;
    const { rule, program } = this.part;
    const { rows } = recording;
    const scene = recording.scenes[this.done];
    if (scene) {
      this.spread(scene.causal, bus.causal);
      this.spread(scene.acausal, bus.acausal);
      bus.counters.set(scene.rate);
      // A second population fires as the first does, in the opposite order.
      bus.otherCounters.set(scene.rate.toReversed());
      bus.membranes.set(scene.v);
      layout.signals.forEach(({ name }, index) => {
        if (scene.signals.includes(name)) machine.poke(mailbox.signals + 4 * index, 1);
      });
    }
    let draw = machine.word(mailbox.randomState);
    const count = this.done++;
    machine.until(() => machine.word(mailbox.timelineCount) > count, patience, 50);
    const memory = bus.external.subarray(layout.timeline.offset + 16 * count);
    const [entry] = readTimeline(memory, 1, 0);
    const begin = entry?.begin ?? 0;
    const end = entry?.end ?? 0;
    const { population } = rule;
    const second = population === undefined ? undefined : { name: population, shift: 0 };
    const trace = traceOf(bus, 0, begin, end, second).map((read): Observation =>
      read.kind === 'correlation' ? { ...read, row: read.row / this.stride } : read,
    );
    for (const { time, cycle } of machine.clocks)
      if (cycle >= begin && cycle <= end) trace.push({ kind: 'clock', time });
    for (let i = 0; i < 400; i++) {
      draw = xorshift(draw);
      trace.push({ kind: 'scalar-random', value: draw >>> 16 });
    }
    const geometry = { rows, columns };
    const index = entry?.trigger ?? 0;
    const { state } = this;
    const exact = evaluateExact({ rule, program, trigger: index, geometry, state, trace });
    const trigger = rule.triggers[index];
    const real = trigger
      ? evaluateReal({ rule, trigger, geometry, state, trace, follow: exact.steps }).steps
      : [];
    this.state = exact.state;
    return { trigger: index, begin, end, exact, real, differences: this.differences(exact) };
  }

  private differences(exact: ExactResult): Difference[] {
    const { bus, layout, machine } = this;
    const list: Difference[] = [];
    const { rows } = this.recording;
    const compareBlock = (
      kind: 'weight' | 'label',
      has: ArrayLike<number>,
      should: ArrayLike<number>,
    ): void => {
      const target = kind === 'weight' ? 'w' : 'label';
      for (let i = 0; i < rows * columns; i++) {
        const [found = 0, wanted = 0] = [has[i], should[i]];
        if (found === wanted) continue;
        const place = { row: Math.floor(i / columns), lane: i % columns };
        list.push({ target, kind, ...place, machine: found, exact: wanted });
      }
    };
    const signed = this.stride === 2;
    compareBlock('weight', this.gather(bus.weights, signed), exact.state.weights);
    compareBlock('label', this.gather(bus.labels, false), exact.state.labels);
    for (const slot of layout.scalarStates) {
      const values = exact.state.values.get(this.idOf(slot.name));
      for (let i = 0; i < slot.count; i++) {
        const start = slot.address + 4 * i;
        const found = valueOf(slot.format, machine.word(start));
        const wanted = values?.[i] ?? 0;
        if (found === wanted) continue;
        const memory = { start, length: 4 };
        const place = { kind: 'state' as const, target: slot.name, row: -1, lane: i };
        list.push({ ...place, machine: found, exact: wanted, memory });
      }
    }
    for (const slot of layout.states) {
      const values = exact.state.values.get(this.idOf(slot.name));
      const lanes = hasLanes(slot.domain) ? columns : 1;
      const count = (slot.domain === 'neuron' ? 1 : rows) * lanes * slot.count;
      for (let i = 0; i < count; i++) {
        const { value: found, start, row: at, column } = this.laneValue(slot, i, lanes);
        const wanted = values?.[i] ?? 0;
        if (found === wanted) continue;
        const row = slot.domain === 'neuron' ? -1 : at;
        const memory = slot.external
          ? {}
          : { memory: { start, length: lanes === 1 ? 4 : slot.format.bytes } };
        const place = { kind: 'state' as const, target: slot.name, row, lane: column };
        list.push({ ...place, machine: found, exact: wanted, ...memory });
      }
    }
    const ring = bus.external.subarray(layout.records.offset);
    const records = readRecords(ring, machine.word(mailbox.recordBytes), layout);
    const fields = records.slice(this.recordsSeen).flatMap((record) => record.fields);
    this.recordsSeen = records.length;
    exact.records.forEach(({ name, row, values }, i) => {
      values.forEach((wanted, lane) => {
        const found = fields[i]?.[lane] ?? NaN;
        if (found !== wanted)
          list.push({ target: name, kind: 'record', row, lane, machine: found, exact: wanted });
      });
    });
    return list;
  }

  private laneValue(
    slot: LaneSlot,
    i: number,
    lanes: number,
  ): { value: number; start: number; row: number; column: number } {
    const { bytes } = slot.format;
    const { address: start, row, column } = laneSlotPlace(slot, i);
    const { memory } = this.machine;
    const read = (at: number): number =>
      (slot.external ? this.bus.external[at] : memory.bytes[at ^ 3]) ?? 0;
    const size = lanes === 1 ? 4 : bytes;
    let code = (read(start) << 24) >> 24;
    for (let b = 1; b < size; b++) code = (code << 8) | read(start + b);
    return { value: valueOf(slot.format, code), start, row, column };
  }
}
