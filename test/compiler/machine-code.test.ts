import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { evaluateExact } from '../../compiler/evaluate-exact.js';
import { evaluateReal } from '../../compiler/evaluate-real.js';
import { initialState } from '../../compiler/initial-state.js';
import { shippedRules } from '../../compiler/link/ppu-programs.js';
import { mailbox, quantise } from '../../isa/runtime-layout.js';
import { RuleMachine, SynapseBus, traceOf } from './rule-machine.js';

/** A small generator of its own, so that a failing case can be repeated. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x100000000;
  };
}

const iris = `rule iris {
  param a in [0, 1] = 0.1
  param b in [0, 1/16] = 0.002
  every 400 us {
    each synapse {
      w += stochastic(a * causal - b * rate * w)
      reset causal, acausal
    }
    reset rate
  }
}`;

const cases: { name: string; text: string; bound: number }[] = [
  { name: 'stdp', text: shippedRules['stdp.plast'], bound: 1 / 64 },
  { name: 'soft_bound_stdp', text: shippedRules['soft_bound_stdp.plast'], bound: 1 / 16 },
  { name: 'iris', text: iris, bound: 1 / 4 },
];

describe.each(cases)('$name', ({ name, text, bound }) => {
  const compiled = compile([{ name: `${name}.plast`, text }], { rows: 3 });
  const [part] = compiled.rules;
  if (!compiled.program || !compiled.layout || !part)
    throw new Error(JSON.stringify(compiled.diagnostics));
  const { program, layout } = compiled;
  const { rule, program: ir } = part;

  test('the proven bound is as small as promised', () => {
    for (const note of ir.notes) expect(note.bound).toBeLessThanOrEqual(bound);
  });

  test.each([1, 2, 3])('machine code equals the exact evaluator in every bit (seed %i)', (seed) => {
    const random = randomNumbers(seed);
    const byte = (): number => Math.floor(random() * 256);
    const bus = new SynapseBus(byte);
    const firstRow = 5;
    const rows = 3;
    for (let i = 0; i < 65536; i++) {
      bus.weights[i] = byte() & 63;
      bus.baselineCausal[i] = 150 + (byte() & 63);
      bus.baselineAcausal[i] = 150 + (byte() & 63);
      bus.causal[i] = byte();
      bus.acausal[i] = byte();
    }
    for (let c = 0; c < 256; c++) bus.counters[c] = byte() + (byte() > 200 ? 256 : 0);
    const machine = new RuleMachine(program, bus);
    machine.patch({ firstRow, rows });
    const geometry = { rows, columns: 256 };
    const state = initialState(rule, geometry);
    for (const slot of layout.parameters) {
      const value = slot.lower + random() * (slot.upper - slot.lower);
      const code = quantise(slot.format, value);
      machine.memory.words[slot.address >> 2] = code;
      const symbol = rule.params.find((each) => each.name === slot.name);
      state.values.set(symbol?.id ?? -1, Float64Array.of(code * slot.format.step));
    }
    const block = (from: Uint8Array): Uint8Array =>
      from.slice(256 * firstRow, 256 * (firstRow + rows));
    state.baselines.causal.set(block(bus.baselineCausal));
    state.baselines.acausal.set(block(bus.baselineAcausal));
    state.weights.set(block(bus.weights));
    const counts = Uint8Array.from(bus.counters, (count) => (count > 255 ? 255 : count));
    machine.start();
    machine.go();
    machine.execute(1);
    const trace = traceOf(bus, firstRow, counts);
    const exact = evaluateExact({ rule, program: ir, trigger: 0, geometry, state, trace });
    expect([...block(bus.weights)]).toEqual([...exact.state.weights]);
    const real = evaluateReal({
      rule,
      trigger: rule.triggers[0]!,
      geometry,
      state,
      trace,
      follow: exact.steps,
    });
    let worst = 0;
    exact.steps.forEach((step, index) => {
      const other = real.steps[index];
      if (step.kind !== 'assign' || other?.kind !== 'assign') return;
      const rounds = ir.notes.find((note) => note.statement === step.statement)?.rounds;
      step.before.forEach((before, lane) => {
        const difference = Math.abs(before - other.before[lane]!);
        worst = Math.max(worst, difference - (rounds === 'stochastic' ? 1 : 0));
      });
    });
    expect(worst).toBeLessThanOrEqual(bound);
    expect([...block(bus.weights)]).not.toEqual([...state.weights]);
    expect(bus.resets).toHaveLength(2 * rows);
    expect(machine.word(mailbox.missed)).toBe(0);
  });
});
