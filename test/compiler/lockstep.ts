/** Runs machine code and both evaluators side by side, execution by execution, and compares everything they leave. */
import { expect } from 'vitest';
import type { Compiled } from '../../compiler/compile.js';
import { hasLanes } from '../../compiler/check/typed.js';
import { evaluateExact, quantisedState } from '../../compiler/evaluate-exact.js';
import { evaluateReal } from '../../compiler/evaluate-real.js';
import { initialState } from '../../compiler/initial-state.js';
import type { Observation, RuleState } from '../../compiler/trace.js';
import {
  type LaneSlot,
  laneSlotPlace,
  mailbox,
  quantise,
  valueOf,
} from '../../isa/runtime-layout.js';
import { readRecords, readTimeline } from '../../isa/runtime-records.js';
import { RuleMachine, SynapseBus, traceOf } from './rule-machine.js';

/** A small generator of its own, so that a failing case can be repeated. */
export function randomNumbers(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x100000000;
  };
}

export interface LockstepOptions {
  readonly seed: number;
  readonly rows: number;
  readonly firstRow: number;
  /** Executions to compare. */
  readonly executions: number;
  /** Half of the chip on which the rule runs; default 0, the top. */
  readonly hemisphere?: 0 | 1;
  /** `neuron` of column 0; default 0. */
  readonly neuronOffset?: number;
  readonly core?: ConstructorParameters<typeof RuleMachine>[2];
}

export interface LockstepResult {
  /** Largest |exact - real| per statement, before the rounding that belongs to it. */
  readonly worst: Map<number, number>;
  /** Sum and number of exact - real per statement. */
  readonly mean: Map<number, { sum: number; count: number }>;
  readonly triggers: Set<number>;
  readonly missed: number;
  /** Longest execution per trigger in cycles. */
  readonly longest: Map<number, number>;
}

/** The generator of the run-time, for traces. */
function xorshift(state: number): number {
  let x = state;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x >>> 0;
}

export function lockstep(compiled: Compiled, options: LockstepOptions): LockstepResult {
  const [part] = compiled.rules;
  const { program, layout } = compiled;
  if (!program || !layout || !part) throw new Error(JSON.stringify(compiled.diagnostics, null, 2));
  const { rule, program: ir } = part;
  const random = randomNumbers(options.seed);
  const byte = (): number => Math.floor(random() * 256);
  const { firstRow, rows } = options;
  const bus = new SynapseBus(byte);
  for (let i = 0; i < 65536; i++) {
    bus.weights[i] = byte() & 63;
    bus.labels[i] = byte() & 63;
    bus.baselineCausal[i] = 100 + (byte() & 127);
    bus.baselineAcausal[i] = 100 + (byte() & 127);
  }
  const machine = new RuleMachine(program, bus, options.core ?? {});
  const { hemisphere = 0, neuronOffset = 0 } = options;
  bus.hemisphere = hemisphere;
  machine.patch({ firstRow, rows, hemisphere, neuronOffset });
  const population =
    rule.population === undefined
      ? undefined
      : { name: rule.population, shift: (options.seed % 9) - 4 };
  if (population) machine.patchPopulation(population.shift, 1 - hemisphere);
  const geometry = { rows, columns: 256 };
  // With signed weights a row of the rule is two rows of synapses, the first of them excitatory.
  const stride = rule.signedWeights ? 2 : 1;
  const block = (from: Uint8Array, offset = 0): Uint8Array => {
    const out = new Uint8Array(256 * rows);
    for (let row = 0; row < rows; row++) {
      const start = 256 * (firstRow + stride * row + offset);
      out.set(from.subarray(start, start + 256), 256 * row);
    }
    return out;
  };
  const weights = (): Int8Array => {
    const excitatory = Int8Array.from(block(bus.weights));
    if (stride === 1) return excitatory;
    const inhibitory = block(bus.weights, 1);
    return excitatory.map((weight, i) => weight - (inhibitory[i] ?? 0));
  };
  let state: RuleState = quantisedState(rule, ir, initialState(rule, geometry));
  state.baselines.causal.set(block(bus.baselineCausal));
  state.baselines.acausal.set(block(bus.baselineAcausal));
  state.weights.set(weights());
  state.labels.set(block(bus.labels));
  const symbols = [...rule.params, ...rule.inputs, ...rule.states];
  const idOf = (name: string): number => symbols.find((each) => each.name === name)?.id ?? -1;
  for (const slot of [...layout.parameters, ...layout.inputs]) {
    const values = state.values.get(idOf(slot.name));
    for (let i = 0; i < slot.count; i++) {
      const value = slot.lower + random() * (slot.upper - slot.lower);
      const code = quantise(slot.format, value);
      machine.memory.words[(slot.address >> 2) + i] = code;
      if (values) values[i] = valueOf(slot.format, code);
    }
  }
  for (const slot of layout.laneInputs)
    randomiseLanes(machine, slot, state, idOf(slot.name), random);
  machine.start();
  machine.go();
  const result: LockstepResult = {
    worst: new Map(),
    mean: new Map(),
    triggers: new Set(),
    missed: 0,
    longest: new Map(),
  };
  let recordsSeen = 0;
  for (let count = 0; count < options.executions; count++) {
    for (let i = 256 * firstRow; i < 256 * (firstRow + stride * rows); i++) {
      bus.causal[i] = byte();
      bus.acausal[i] = byte();
    }
    for (let c = 0; c < 256; c++) {
      bus.counters[c] = byte() + (byte() > 220 ? 256 : 0);
      bus.otherCounters[c] = byte() + (byte() > 220 ? 256 : 0);
      bus.membranes[c] = byte();
    }
    const generator = machine.word(mailbox.randomState);
    layout.signals.forEach((_, index) => {
      if (random() < 0.7) machine.poke(mailbox.signals + 4 * index, 1);
    });
    machine.until(() => machine.word(mailbox.timelineCount) > count, 100_000_000, 50);
    const memory = bus.external.subarray(layout.timeline.offset + 16 * count);
    const [entry] = readTimeline(memory, 1, 0);
    const reads = traceOf(bus, firstRow, entry?.begin, entry?.end, population);
    const trace: Observation[] = reads.map((read) =>
      read.kind === 'correlation' ? { ...read, row: read.row / stride } : read,
    );
    for (const { time, cycle } of machine.clocks)
      if (entry && cycle >= entry.begin && cycle <= entry.end) trace.push({ kind: 'clock', time });
    let x = generator;
    for (let i = 0; i < 400; i++) {
      x = xorshift(x);
      trace.push({ kind: 'scalar-random', value: x >>> 16 });
    }
    const index = entry?.trigger ?? 0;
    result.triggers.add(index);
    if (entry)
      result.longest.set(index, Math.max(result.longest.get(index) ?? 0, entry.end - entry.begin));
    const exact = evaluateExact({
      rule,
      program: ir,
      trigger: index,
      geometry,
      state,
      trace,
      neuronOffset,
    });
    const where = `execution ${count}, trigger ${index}`;
    expect([...weights()], `weights, ${where}`).toEqual([...exact.state.weights]);
    expect([...block(bus.labels)], `labels, ${where}`).toEqual([...exact.state.labels]);
    for (const slot of layout.scalarStates) {
      const values = exact.state.values.get(idOf(slot.name)) ?? new Float64Array();
      const codes = Array.from({ length: slot.count }, (_, i) =>
        machine.word(slot.address + 4 * i),
      );
      expect(
        codes.map((code) => valueOf(slot.format, code)),
        `${slot.name}, ${where}`,
      ).toEqual([...values]);
    }
    for (const slot of layout.states) {
      const values = exact.state.values.get(idOf(slot.name)) ?? new Float64Array();
      expect(readSlot(machine, slot, rows), `${slot.name}, ${where}`).toEqual([...values]);
    }
    const ring = bus.external.subarray(layout.records.offset);
    const records = readRecords(ring, machine.word(mailbox.recordBytes), layout).slice(recordsSeen);
    recordsSeen += records.length;
    const fields = records.flatMap((record) => record.fields.map((values) => [...values]));
    expect(fields, `records, ${where}`).toEqual(exact.records.map(({ values }) => [...values]));
    const trigger = rule.triggers[index];
    if (trigger) {
      const real = evaluateReal({
        rule,
        trigger,
        geometry,
        state,
        trace,
        neuronOffset,
        follow: exact.steps,
      });
      exact.steps.forEach((step, position) => {
        const other = real.steps[position];
        if (step.kind !== 'assign' || other?.kind !== 'assign') return;
        const mean = result.mean.get(step.statement) ?? { sum: 0, count: 0 };
        result.mean.set(step.statement, mean);
        step.before.forEach((before, lane) => {
          const difference = before - (other.before[lane] ?? 0);
          mean.sum += difference;
          mean.count++;
          const worst = Math.max(result.worst.get(step.statement) ?? 0, Math.abs(difference));
          result.worst.set(step.statement, worst);
        });
      });
    }
    state = exact.state;
  }
  return { ...result, missed: machine.word(mailbox.missed) };
}

function codeAt(machine: RuleMachine, address: number, bytes: 1 | 2 | 4): number {
  const read = (at: number): number => machine.memory.bytes[at ^ 3] ?? 0;
  if (bytes === 1) return (read(address) << 24) >> 24;
  if (bytes === 2) return ((read(address) << 24) >> 16) | read(address + 1);
  return machine.word(address);
}

function externalCode(machine: RuleMachine, address: number, bytes: 1 | 2 | 4): number {
  const { external } = machine.bus;
  const first = ((external[address] ?? 0) << 24) >> 24;
  return bytes === 1 ? first : (first << 8) | (external[address + 1] ?? 0);
}

/** A per-row, per-neuron or per-synapse state as the machine has it. */
function readSlot(machine: RuleMachine, slot: LaneSlot, rows: number): number[] {
  const lanes = hasLanes(slot.domain) ? 256 : 1;
  const total = (slot.domain === 'neuron' ? 1 : rows) * lanes * slot.count;
  return Array.from({ length: total }, (_, i) => {
    const { address } = laneSlotPlace(slot, i);
    const bytes = lanes === 1 ? 4 : slot.format.bytes;
    const code = slot.external
      ? externalCode(machine, address, bytes)
      : codeAt(machine, address, bytes);
    return valueOf(slot.format, code);
  });
}

function randomiseLanes(
  machine: RuleMachine,
  slot: LaneSlot,
  state: RuleState,
  id: number,
  random: () => number,
): void {
  const values = state.values.get(id);
  if (values === undefined || !hasLanes(slot.domain)) return;
  for (let i = 0; i < values.length; i++) {
    const code = quantise(slot.format, slot.lower + random() * (slot.upper - slot.lower));
    values[i] = valueOf(slot.format, code);
    const at = laneSlotPlace(slot, i).address;
    if (slot.format.bytes === 1) machine.memory.bytes[at ^ 3] = code;
    else {
      machine.memory.bytes[at ^ 3] = code >> 8;
      machine.memory.bytes[(at + 1) ^ 3] = code;
    }
  }
}
