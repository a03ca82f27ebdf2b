import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import {
  mailbox,
  metadata,
  quantise,
  readyState,
  triggerCounters,
} from '../../isa/runtime-layout.js';
import { readTimeline } from '../../isa/runtime-records.js';
import { RuleMachine, SynapseBus } from './rule-machine.js';

const cyclesPerMicrosecond = 250;

function machineFor(
  text: string,
  options: {
    rows?: number;
    baseline?: 'synapse' | 'column' | 'none';
    faults?: boolean;
    compiledRows?: number;
  } = {},
) {
  const compiled = compile([{ name: 'rule.plast', text }], {
    rows: options.compiledRows ?? options.rows ?? 1,
    baseline: options.baseline ?? 'none',
  });
  const { program, layout } = compiled;
  if (!program || !layout) throw new Error(JSON.stringify(compiled.diagnostics));
  const bus = new SynapseBus(() => 0);
  const machine = new RuleMachine(program, bus, { interruptFaults: options.faults ?? false });
  machine.patch({ rows: options.rows ?? 1 });
  const timeline = () =>
    readTimeline(
      bus.external.subarray(layout.timeline.offset),
      machine.word(mailbox.timelineCount),
      machine.word(mailbox.goSeen + 4),
    );
  return { machine, bus, layout, program, timeline };
}

const counting = (head: string): string => `rule count { state n : int = 0\n ${head} { n += 1 } }`;

describe.each([false, true])('the run-time, with lost results at interrupts: %s', (faults) => {
  test('a timer fires at origin + from + k * period, within the time to wake up', () => {
    const { machine, timeline } = machineFor(counting('every 20 us from 30 us'), { faults });
    machine.start();
    machine.go();
    machine.execute(5);
    const origin = machine.word(mailbox.origin + 4);
    timeline().forEach(({ release, begin, end }, k) => {
      expect(release - origin).toBe((30 + 20 * k) * cyclesPerMicrosecond);
      expect(begin).toBeGreaterThanOrEqual(release);
      expect(begin - release).toBeLessThan(400);
      expect(end).toBeGreaterThan(begin);
    });
    expect(machine.word(mailbox.missed)).toBe(0);
  });

  test('for N times ends a timer; at T and on start run once', () => {
    const { machine, layout } = machineFor(
      `rule r { state a : int = 0  state b : int = 0  state c : int = 0
        on start { a += 1 }
        at 15 us { b += 1 }
        every 10 us for 3 times { c += 1 } }`,
      { faults },
    );
    machine.start();
    machine.go();
    machine.execute(5);
    machine.core.run(machine.core.cycle + 100 * cyclesPerMicrosecond);
    const values = layout.scalarStates.map(({ address }) => machine.word(address));
    expect(values).toEqual([1, 1, 3]);
  });
});

test('nothing runs before go', () => {
  const { machine } = machineFor(counting('every 10 us'));
  machine.start();
  machine.core.run(machine.core.cycle + 200 * cyclesPerMicrosecond);
  expect(machine.executions).toBe(0);
});

test('stop ends scheduling after the running trigger and says so', () => {
  const { machine } = machineFor(counting('every 10 us'));
  machine.start();
  machine.go();
  machine.execute(3);
  machine.poke(mailbox.stop, 1);
  machine.until(() => machine.word(mailbox.ready) === readyState.stopped);
  const done = machine.executions;
  machine.core.run(machine.core.cycle + 100 * cyclesPerMicrosecond);
  expect(machine.executions).toBe(done);
  expect(machine.core.sleeping).toBe(true);
});

test('releases that come while the processor is busy are skipped and counted', () => {
  const { machine, timeline } = machineFor(
    `rule r { every 20 us { each synapse { w += causal reset causal, acausal } } }`,
    // The compiler refuses a period that 32 rows exceed, so it is told of one.
    { rows: 32, compiledRows: 1 },
  );
  machine.start();
  machine.go();
  machine.execute(4);
  const entries = timeline();
  const period = 20 * cyclesPerMicrosecond;
  entries.slice(1).forEach((entry, i) => {
    const earlier = entries[i]!;
    expect((entry.release - earlier.release) % period).toBe(0);
    // The release taken is the newest that had come when it was chosen, a little before the execution begins.
    const choosing = 250;
    expect(entry.begin - entry.release).toBeLessThan(period + choosing);
  });
  const skipped = entries.reduce(
    (sum, entry, i) => (i === 0 ? 0 : sum + (entry.release - entries[i - 1]!.release) / period - 1),
    0,
  );
  expect(skipped).toBeGreaterThan(0);
  expect(machine.word(mailbox.missed)).toBeGreaterThanOrEqual(skipped);
  const own = machine.word(mailbox.triggers + triggerCounters.missed);
  expect(own).toBe(machine.word(mailbox.missed));
});

test('of two due triggers the one with the earlier deadline runs first, ties in order of text', () => {
  const { machine, timeline } = machineFor(
    `rule r { state a : int = 0
      every 100 us { a += 1 }
      every 50 us { a += 1 }
      every 100 us { a += 1 } }`,
  );
  machine.start();
  machine.go();
  machine.execute(4);
  // At 50 us only trigger 1; at 100 us all three: trigger 1 is due at 150 us, the others at 200 us.
  expect(timeline().map(({ trigger }) => trigger)).toEqual([1, 1, 0, 2]);
});

test('a signal runs its trigger once per arrival and is cleared', () => {
  const { machine, layout } = machineFor(counting('on signal ping'));
  machine.start();
  machine.go();
  for (let k = 1; k <= 3; k++) {
    machine.poke(mailbox.signals, 1);
    machine.execute(k);
    expect(machine.word(mailbox.signals)).toBe(0);
  }
  expect(machine.word(layout.scalarStates[0]!.address)).toBe(3);
});

test('a parameter that the host commits is taken at the start of the next trigger', () => {
  const { machine, layout } = machineFor(
    `rule r { param p in [0, 1] = 0.25  state twice in [0, 4] step 1/16 = 0  every 20 us { twice = 2 * p } }`,
  );
  machine.start();
  machine.go();
  machine.execute(1);
  const [slot] = layout.parameters;
  const [state] = layout.scalarStates;
  expect(machine.word(state!.address) * state!.format.step).toBe(0.5);
  machine.poke(slot!.address, quantise(slot!.format, 1));
  machine.execute(2);
  expect(machine.word(state!.address) * state!.format.step).toBe(0.5);
  machine.poke(mailbox.parameterCommit, 1);
  machine.execute(3);
  expect(machine.word(state!.address) * state!.format.step).toBe(2);
  expect(machine.word(mailbox.parameterTaken)).toBe(1);
});

test('column baselines are means over the rows of the block', () => {
  const { machine, bus } = machineFor(`rule r { every 100 us { each synapse { w = causal } } }`, {
    rows: 2,
    baseline: 'column',
  });
  for (let c = 0; c < 256; c++) {
    bus.baselineCausal[c] = 180 + (c % 20);
    bus.baselineCausal[256 + c] = 184 + (c % 20);
    bus.causal[c] = 160;
    bus.causal[256 + c] = 150;
  }
  machine.start();
  machine.go();
  machine.execute(1);
  for (let c = 0; c < 256; c++) {
    expect(bus.weights[c]).toBe(Math.min(63, 182 + (c % 20) - 160));
    expect(bus.weights[256 + c]).toBe(Math.min(63, 182 + (c % 20) - 150));
  }
});

test('columns outside the block keep their weights and sensors', () => {
  const { machine, bus } = machineFor(
    `rule r { every 100 us { each synapse { w = 7 reset causal, acausal } } }`,
    { rows: 2 },
  );
  const used = (column: number): boolean => column % 2 === 0 && column < 6;
  machine.patch({ columns: used });
  machine.start();
  machine.go();
  machine.execute(1);
  for (let c = 0; c < 256; c++) expect(bus.weights[c]).toBe(used(c) ? 7 : 0);
  for (const { columns, parity } of bus.resets)
    columns.forEach((enable, k) => expect(enable).toBe(used(2 * k + parity) ? 1 : 0));
  // Each row once; its odd half, of which no column is used, at most without any column enabled.
  expect(bus.resets.filter(({ parity }) => parity === 0).map(({ row }) => row)).toEqual([0, 1]);
  const odd = bus.resets.filter(({ parity }) => parity === 1);
  expect(odd.every(({ columns }) => columns.every((enable) => enable === 0))).toBe(true);
});

test('counters are cleared only where the condition holds', () => {
  const { machine, bus } = machineFor(
    `rule r { every 100 us { each neuron { if rate > 5 { reset rate } } } }`,
  );
  for (let c = 0; c < 256; c++) bus.counters[c] = c % 11;
  machine.start();
  machine.go();
  machine.execute(1);
  for (let c = 0; c < 256; c++) expect(bus.counters[c]).toBe(c % 11 > 5 ? 0 : c % 11);
});

test('the block behind the vectors says what the image is', () => {
  const { machine } = machineFor(counting('every 10 us'));
  expect(machine.word(metadata.address) >>> 0).toBe(metadata.magic);
  expect(machine.word(metadata.address + 4)).toBe(metadata.version);
  const name = machine.memory.dump(metadata.address + metadata.name, 5);
  expect(String.fromCharCode(...name)).toBe('count');
});
