/** One image runs on either half of the chip: machine code equals both evaluators there, and reaches its own registers. */
import { expect, test } from 'vitest';
import { type Compiled, compile } from '../../compiler/compile.js';
import { mailbox } from '../../isa/runtime-layout.js';
import { lockstep } from './lockstep.js';
import { RuleMachine, SynapseBus } from './rule-machine.js';

const halves = [
  ['top', 0],
  ['bottom', 1],
] as const;

function compiled(text: string): Compiled {
  const result = compile([{ name: 'half.plast', text }], { rows: 2 });
  expect(result.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return result;
}

/** What lies elsewhere on the other half: counters, membranes, a second population. */
const reading = compiled(`rule reading {
  neurons inh
  state usual per neuron in [0, 255] step 1
  state winner : int
  every 2 ms {
    winner = argmax(rate)
    each neuron {
      usual = max(rate, inh.rate[neuron]) - v / 2
      each synapse { if rate > usual { w += 1 } }
      if rate > 100 { reset rate }
    }
    record winner, inh.rate[3], rate[5]
  }
}`);

/** What counts from another neuron there. */
const indexed = compiled(`rule indexed {
  state trace[2] per synapse in [-1, 1] step 1/64
  every 2 ms {
    each synapse {
      trace[0] += (causal / 256 - trace[0]) / 4
      trace[1] = trace[0] - acausal / 256
      if neuron > 150 { w += stochastic(trace[1] * 16) }
      reset causal
    }
  }
}`);

test.each(halves)('counters, membranes, indices and a second population: %s', (_, hemisphere) => {
  for (const rule of [reading, indexed])
    for (const interruptFaults of [false, true]) {
      const found = lockstep(rule, {
        seed: 7 + hemisphere,
        rows: 2,
        firstRow: 6,
        executions: 2,
        hemisphere,
        neuronOffset: 256 * hemisphere,
        core: { interruptFaults },
      });
      for (const { statement, bound, target } of rule.rules[0]?.program.notes ?? [])
        expect(found.worst.get(statement) ?? 0, target).toBeLessThanOrEqual(bound + 1e-9);
    }
});

const emitting = compiled(`rule emitting {
  every 1 ms for 2 times { emit row 3 label 9 after 100 us }
}`);

test.each(halves)('events go out at the register of the own half: %s', (_, hemisphere) => {
  if (!emitting.program) throw new Error('no program');
  const bus = new SynapseBus(() => 0);
  bus.hemisphere = hemisphere;
  const machine = new RuleMachine(emitting.program, bus);
  machine.patch({ firstRow: 0, rows: 2, hemisphere });
  machine.start();
  machine.go();
  machine.until(() => machine.word(mailbox.emitted) === 2);
  // Row 3 is the second row of driver 1: bus 1, select address 0, label 9.
  const event = (9 << 16) | (1 << 1);
  const register = 0x80440000 + 0x20000 * hemisphere;
  expect(bus.wordsWritten.map(({ address, value }) => ({ address, value }))).toEqual([
    { address: register, value: event },
    { address: register, value: event },
  ]);
});
