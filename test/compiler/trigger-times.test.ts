/** Times of triggers: what parameters set, how often, and periods that do not fit 32-bit numbers of cycles. */
import { expect, test } from 'vitest';
import { type Compiled, compile } from '../../compiler/compile.js';
import { mailbox, quantise } from '../../isa/runtime-layout.js';
import { readTimeline } from '../../isa/runtime-records.js';
import { RuleMachine, SynapseBus } from './rule-machine.js';

const cyclesPerMicrosecond = 250;

function compiled(text: string): Compiled {
  const result = compile([{ name: 'times.plast', text }], { rows: 1 });
  expect(result.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return result;
}

function machineOf({ program }: Compiled): RuleMachine {
  if (!program) throw new Error('no program');
  const machine = new RuleMachine(program, new SynapseBus(() => 0));
  machine.patch({ firstRow: 0, rows: 1 });
  return machine;
}

/** Writes a parameter as the host does; answers the value that it is quantised to. */
function set(machine: RuleMachine, { layout }: Compiled, name: string, value: number): number {
  const slot = layout?.parameters.find((each) => each.name === name);
  if (!slot) throw new Error(`no parameter ${name}`);
  const code = quantise(slot.format, value);
  machine.poke(slot.address, code);
  machine.poke(mailbox.parameterCommit, machine.word(mailbox.parameterCommit) + 1);
  return slot.format.origin + code * slot.format.step;
}

/** Releases in cycles after the start of triggers' time, of the first `count` executions. */
function releases(machine: RuleMachine, { layout }: Compiled, count: number): number[] {
  machine.until(() => machine.word(mailbox.timelineCount) >= count, 40_000_000_000, 5000);
  const origin = machine.word(mailbox.origin + 4) >>> 0;
  const memory = machine.bus.external.subarray(layout?.timeline.offset ?? 0);
  return readTimeline(memory, count, 0).map(({ release }) => (release - origin) >>> 0);
}

const paced = `rule paced {
  param tau in [100 us, 10 ms] = 1 ms
  param wait in [0 us, 5 ms] = 500 us
  param rounds in [0, 100] step 1 = 50
  state n : int
  every 2 * tau from wait + 100 us for round(rounds) times { n += 1 }
}`;

test('period, first release and number of times follow the parameters that are set before the start', () => {
  const rule = compiled(paced);
  const machine = machineOf(rule);
  const tau = set(machine, rule, 'tau', 777);
  const wait = set(machine, rule, 'wait', 1234);
  set(machine, rule, 'rounds', 4);
  machine.start();
  machine.go();
  const found = releases(machine, rule, 4);
  const first = cyclesPerMicrosecond * (wait + 100);
  const period = Math.round(cyclesPerMicrosecond * 2 * tau);
  expect(found).toEqual([0, 1, 2, 3].map((i) => first + i * period));
  const end = machine.core.cycle + 4 * period;
  machine.until(() => machine.core.cycle >= end);
  expect(machine.word(mailbox.executions)).toBe(4);
});

test('a period that changes during the run holds from the next execution on', () => {
  const rule = compiled(paced);
  const machine = machineOf(rule);
  const before = set(machine, rule, 'tau', 500);
  machine.start();
  machine.go();
  machine.execute(2);
  const after = set(machine, rule, 'tau', 2000);
  const found = releases(machine, rule, 5);
  const steps = found.slice(1).map((release, i) => release - (found[i] ?? 0));
  const [old, fresh] = [before, after].map((tau) => Math.round(cyclesPerMicrosecond * 2 * tau));
  // The third release was fixed when the second execution began; the third takes the new value.
  expect(steps).toEqual([old, old, fresh, fresh]);
});

test('no times at all: the trigger never runs', () => {
  const zero = compiled('rule none { state n : int  every 1 ms for 0 times { n += 1 } }');
  const set0 = compiled(paced);
  for (const rule of [zero, set0]) {
    const machine = machineOf(rule);
    if (rule === set0) set(machine, rule, 'rounds', 0);
    machine.start();
    machine.go();
    const end = machine.core.cycle + 2_000_000;
    machine.until(() => machine.core.cycle >= end);
    expect(machine.word(mailbox.executions)).toBe(0);
  }
});

test('periods and times above 8.5 s are waited for in laps', () => {
  const rule = compiled(`rule slow {
    state n : int
    every 9 s { n += 1 }
    at 14 s { n += 10 }
    every 4 s from 1 s for 3 times { n += 100 }
  }`);
  const machine = machineOf(rule);
  machine.start();
  // Looks at the mailbox only every three seconds, which saves most of the work of waiting.
  machine.poke(mailbox.pollInterval, 3_000_000 * cyclesPerMicrosecond);
  machine.go();
  const seconds = (s: number): number => (s * 1_000_000 * cyclesPerMicrosecond) % 2 ** 32;
  expect(releases(machine, rule, 6)).toEqual([1, 5, 9, 9, 14, 18].map(seconds));
  expect(machine.word(mailbox.missed)).toBe(0);
});
