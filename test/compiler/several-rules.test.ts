/** Several rules in one image: each on its own block, all scheduled by one run-time, each equal to its exact evaluator. */
import { expect, test } from 'vitest';
import { type CompiledRule, compile } from '../../compiler/compile.js';
import { evaluateExact, quantisedState } from '../../compiler/evaluate-exact.js';
import { evaluateReal } from '../../compiler/evaluate-real.js';
import { initialState } from '../../compiler/initial-state.js';
import type { Observation, RuleState } from '../../compiler/trace.js';
import { laneOffset, mailbox, valueOf } from '../../isa/runtime-layout.js';
import { readTimeline } from '../../isa/runtime-records.js';
import { randomNumbers } from './lockstep.js';
import { RuleMachine, SynapseBus, traceOf } from './rule-machine.js';

const fast = `rule fast {
  param eta in [0, 1] = 0.25
  state trace per synapse in [-1, 1] step 1/64 = 0.5
  every 1 ms {
    each synapse {
      trace = trace * 0.5 + (causal - acausal) / 512
      w += stochastic(eta * trace * 16)
      reset causal, acausal
    }
  }
}`;
const slow = `rule slow {
  weights signed
  param target in [0, 255] = 40
  state mean_rate per neuron in [0, 255] step 1/64 = 20
  state far per synapse external in [-64, 64] step 1/8 = 1
  every 3 ms {
    each neuron {
      mean_rate += (rate - mean_rate) / 8
      each synapse {
        far = far / 2 + acausal / 32
        w += stochastic((target - mean_rate) / 16 + far / 8)
        reset causal, acausal
      }
    }
    reset rate
  }
}`;
const rows = 2;
const columns = 256;

interface Instance {
  readonly part: CompiledRule;
  readonly firstRow: number;
  readonly stride: 1 | 2;
  state: RuleState;
}

test.each([
  ['top', 0],
  ['bottom', 1],
] as const)(
  'two rules, one with signed weights and external state, side by side: %s',
  (_, half) => {
    const sources = [
      { name: 'fast.plast', text: fast },
      { name: 'slow.plast', text: slow },
    ];
    const { program, layout, rules, diagnostics } = compile(sources, { rows });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    if (!program || !layout) throw new Error('no program');
    const random = randomNumbers(11);
    const byte = (): number => Math.floor(random() * 256);
    const bus = new SynapseBus(byte);
    for (let i = 0; i < 65536; i++) {
      bus.weights[i] = byte() & 63;
      bus.baselineCausal[i] = 120 + (byte() & 63);
      bus.baselineAcausal[i] = 120 + (byte() & 63);
    }
    bus.hemisphere = half;
    const machine = new RuleMachine(program, bus);
    const places = [3, 20];
    places.forEach((firstRow, index) => machine.patch({ firstRow, rows, hemisphere: half }, index));
    const weightsOf = ({ firstRow, stride }: Pick<Instance, 'firstRow' | 'stride'>): number[] =>
      Array.from({ length: rows * columns }, (_, i) => {
        const at = columns * (firstRow + stride * Math.floor(i / columns)) + (i % columns);
        return (bus.weights[at] ?? 0) - (stride === 2 ? (bus.weights[at + columns] ?? 0) : 0);
      });
    const instances = rules.map((part, index): Instance => {
      const firstRow = places[index] ?? 0;
      const stride = part.rule.signedWeights ? 2 : 1;
      const geometry = { rows, columns };
      const state = quantisedState(part.rule, part.program, initialState(part.rule, geometry));
      state.weights.set(weightsOf({ firstRow, stride }));
      for (let row = 0; row < rows; row++) {
        const from = columns * (firstRow + stride * row);
        const slice = (bytes: Uint8Array): Uint8Array => bytes.subarray(from, from + columns);
        state.baselines.causal.set(slice(bus.baselineCausal), columns * row);
        state.baselines.acausal.set(slice(bus.baselineAcausal), columns * row);
      }
      return { part, firstRow, stride, state };
    });
    machine.start();
    machine.go();
    const ran = new Set<number>();
    for (let count = 0; count < 8; count++) {
      for (let i = 0; i < 65536; i++) {
        bus.causal[i] = byte();
        bus.acausal[i] = byte();
      }
      for (let c = 0; c < columns; c++) bus.counters[c] = byte();
      machine.until(() => machine.word(mailbox.timelineCount) > count, 100_000_000, 50);
      const [entry] = readTimeline(
        bus.external.subarray(layout.timeline.offset + 16 * count),
        1,
        0,
      );
      const index = entry?.trigger ?? 0;
      ran.add(index);
      const instance = instances[index];
      if (!instance || !entry) throw new Error('an execution of no rule');
      const { part, firstRow, stride } = instance;
      const trace = traceOf(bus, firstRow, entry.begin, entry.end).map((read): Observation =>
        read.kind === 'correlation' ? { ...read, row: read.row / stride } : read,
      );
      const { rule, program: ir } = part;
      const geometry = { rows, columns };
      const { state } = instance;
      const exact = evaluateExact({ rule, program: ir, trigger: 0, geometry, state, trace });
      expect(weightsOf(instance), `weights of ${rule.name}, execution ${count}`).toEqual([
        ...exact.state.weights,
      ]);
      for (const slot of layout.states.filter(
        (each) => each.rule === rule.name && !each.external,
      )) {
        const symbol = rule.states.find(({ name }) => name === slot.name);
        const values = exact.state.values.get(symbol?.id ?? -1) ?? new Float64Array();
        const found = [...values].map((_, i) => {
          const { bytes } = slot.format;
          const at = slot.address + Math.floor(i / columns) * slot.rowBytes;
          const start = at + laneOffset(i % columns, bytes);
          const first = ((machine.memory.bytes[start ^ 3] ?? 0) << 24) >> 24;
          const code =
            bytes === 1 ? first : (first << 8) | (machine.memory.bytes[(start + 1) ^ 3] ?? 0);
          return valueOf(slot.format, code);
        });
        expect(found, `${slot.name} of ${rule.name}`).toEqual([...values]);
      }
      const [trigger] = rule.triggers;
      if (trigger) {
        const real = evaluateReal({ rule, trigger, geometry, state, trace, follow: exact.steps });
        expect(real.steps.length).toBe(exact.steps.length);
      }
      instance.state = exact.state;
    }
    // The block of one rule is never touched by the other: each went on from its own state.
    expect(ran).toEqual(new Set([0, 1]));
  },
);
