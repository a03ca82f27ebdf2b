/** Static worst-case cycles against what the exact core takes. */
import { describe, expect, test } from 'vitest';
import { analyseTriggers } from '../../../compiler/budget/analyse.js';
import { latencyProfiles } from '../../../compiler/budget/profile.js';
import { compile } from '../../../compiler/compile.js';
import { shippedRules } from '../../../compiler/link/ppu-programs.js';
import { mailbox, quantise, triggerCounters } from '../../../isa/runtime-layout.js';
import { randomNumbers } from '../lockstep.js';
import { RuleMachine } from '../rule-machine.js';
import { ProfiledBus } from './profiled-bus.js';

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

/** The number of turns follows from a parameter, and every turn calls the run-time. */
const bursts = `rule bursts {
  param count in [0, 6] = 3
  every 2 ms {
    for i in 0..floor(count) { emit row 1 label 3 after i * 10 us }
  }
}`;

const rules: { name: string; text: string }[] = [
  ...Object.entries(shippedRules).map(([name, text]) => ({ name, text })),
  { name: 'iris.plast', text: iris },
  { name: 'bursts.plast', text: bursts },
];

/** Rules whose code has no branches but loops of known length: triggers by number. */
const straight: Readonly<Record<string, readonly number[]>> = {
  'stdp.plast': [0],
  'soft_bound_stdp.plast': [0],
  'iris.plast': [0],
  'homeostasis.plast': [0],
  'r_stdp.plast': [0, 1],
};

/** Longer periods, so that every trigger of a large block gets its turn; the code is the same. */
const relaxed = (text: string): string => text.replace(/every (\d+) us/g, 'every $10 us');

describe.each(latencyProfiles)('with the latencies $name', (profile) => {
  describe.each(rules)('$name', ({ name, text }) => {
    test.each([1, 11])('no execution with %i rows takes longer than the bound', (rows) => {
      const { image, layout, program, diagnostics } = compile([{ name, text: relaxed(text) }], {
        rows,
        profile,
      });
      if (!image || !layout || !program) throw new Error(JSON.stringify(diagnostics));
      const bounds = analyseTriggers(image, profile).flat();
      const random = randomNumbers(rows);
      const byte = (): number => Math.floor(random() * 256);
      const bus = new ProfiledBus(byte, profile).fill(byte);
      const machine = new RuleMachine(program, bus);
      machine.patch({ rows });
      machine.start();
      machine.go();
      for (let round = 1; round <= 4; round++) {
        layout.signals.forEach((_, index) => {
          machine.poke(mailbox.signals + 4 * index, 1);
        });
        for (const slot of layout.parameters)
          for (let i = 0; i < slot.count; i++) {
            const value = slot.lower + random() * (slot.upper - slot.lower);
            machine.poke(slot.address + 4 * i, quantise(slot.format, value));
          }
        machine.poke(mailbox.parameterCommit, round);
        const before = machine.executions;
        // Whole sleeps may be skipped; stopping at odd places shifts the phases of port and predictor.
        machine.until(() => machine.executions > before, 400_000_000, 50_000 + 7 * byte());
      }
      bounds.forEach((bound, index) => {
        const counters = mailbox.triggers + triggerCounters.size * index;
        const longest = machine.word(counters + triggerCounters.longest);
        const most = bound.fixed + rows * bound.perRow;
        expect(longest, `trigger ${index}`).toBeLessThanOrEqual(most);
        expect(bound.isBounded).toBe(true);
        const runs = machine.word(counters + triggerCounters.executions);
        if (runs > 0 && straight[name]?.includes(index))
          expect(most / longest, `trigger ${index}`).toBeLessThan(1.1);
      });
    });
  });
});
