import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BareBus } from '../../../emulator/ppu/bus.js';
import { PpuCore } from '../../../emulator/ppu/core.js';
import { PpuMemory } from '../../../emulator/ppu/memory.js';
import type { TraceEvent, TraceWriter } from '../../../emulator/trace/event.js';
import { JsonTrace, TextTrace } from '../../../emulator/trace/instructions.js';
import { KonataTrace } from '../../../emulator/trace/konata.js';
import { Profile } from '../../../emulator/trace/profile.js';
import { TraceRecorder } from '../../../emulator/trace/recorder.js';
import { WaveTrace } from '../../../emulator/trace/waves.js';
import { assemble } from '../../../isa/assembler/index.js';
import { bareCore, sumSource } from '../debug/session.js';

/** Calls a function, is interrupted once by the decrementer, sleeps, and uses multiple loads and the divider. */
const callSource = `
_start: b main
        .space 0x30 - 4
        b handler               # decrementer
        .space 0x40 - 0x34
main:   li r1, 0x300
        li r2, 7
        bl twice
        bl twice
        li r3, 60
        mtdec r3
        lis r4, 0x0400
        mttcr r4
        li r5, 0
        ori r5, r5, 0x8000
        mtmsr r5
        nop
        li r6, 100
        divw r7, r6, r2
        stmw r29, 0(r1)
        lmw r29, 0(r1)
        stwu r2, 4(r1)
        wait
        wait
        b .
twice:  add r2, r2, r2
        blr
handler:
        lis r8, 0x0800
        mttsr r8
        mfsrr0 r9
        addi r9, r9, 4
        mtsrr0 r9
        rfi
`;

interface Run {
  readonly events: readonly TraceEvent[];
  readonly cycles: number;
  readonly core: PpuCore;
}

function record(source: string, slice = 4096): Run {
  const core = bareCore(assemble([{ name: 'program.s', text: source }]));
  return recordCore(core, slice, 40_000);
}

function recordCore(core: PpuCore, slice: number, limit: number): Run {
  const recorder = new TraceRecorder(core);
  core.watch(recorder);
  const events: TraceEvent[] = [];
  while (core.cycle < limit) {
    const stop = core.run(core.cycle + slice);
    events.push(...recorder.drain());
    if (stop === 'sleep' && core.wakeCycle === Infinity) break;
  }
  events.push(...recorder.drain(true));
  return { events, cycles: core.sleepCycle ?? core.cycle, core };
}

function written(writer: TraceWriter, { events, cycles }: Run): string {
  return writer.begin() + events.map((event) => writer.take(event)).join('') + writer.end(cycles);
}

const programOf = (source: string): ReturnType<typeof assemble> =>
  assemble([{ name: 'program.s', text: source }]);

/** Compares with a file beside this one; UPDATE_GOLDEN=1 writes it. */
function expectGolden(text: string, name: string): void {
  const path = new URL(`golden/${name}`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(path)) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

describe('files of a small program', () => {
  const run = record(sumSource);
  const program = programOf(sumSource);
  test('text', () => expectGolden(written(new TextTrace(program), run), 'sum.txt'));
  test('JSON lines', () => expectGolden(written(new JsonTrace(program), run), 'sum.jsonl'));
  test('waves', () => expectGolden(written(new WaveTrace(), run), 'sum.vcd'));
  test('pipeline', () => expectGolden(written(new KonataTrace(program), run), 'sum.konata'));
  test('calls, an interrupt and sleep as text', () => {
    const calls = record(callSource);
    expectGolden(written(new TextTrace(programOf(callSource)), calls), 'calls.txt');
  });
});

test('watching changes nothing', () => {
  const plain = bareCore(programOf(callSource));
  plain.run(40_000);
  const { core } = record(callSource, 40_000);
  core.run(40_000);
  expect(core.snapshot()).toEqual(plain.snapshot());
});

test('the size of the portions in which events are taken does not matter', () => {
  const whole = record(callSource, 40_000);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), (slice) => {
      expect(record(callSource, slice).events).toEqual(whole.events);
    }),
    { numRuns: 8 },
  );
});

const { programs } = JSON.parse(readFileSync('test/golden/nux-programs.json', 'utf8')) as {
  readonly programs: readonly {
    readonly name: string;
    readonly code: string;
    readonly data: string;
  }[];
};

function runGolden(name: string, limit: number): Run {
  const { code, data } = programs.find((one) => one.name === name)!;
  const instructionMemory = new PpuMemory(16384);
  const dataMemory = new PpuMemory(16384);
  instructionMemory.load(Buffer.from(code, 'hex'));
  dataMemory.load(Buffer.from(data, 'hex'));
  const core = new PpuCore({ instructionMemory, dataMemory, bus: new BareBus(3) });
  return recordCore(core, 1000, limit);
}

describe.each(['mix_b', 'quicksort', 'scheduler'])('complete program %s', (name) => {
  const run = runGolden(name, 3000);

  test('the last value that the trace writes to a register is the one it holds', () => {
    const values = new Map<string, number>();
    for (const event of run.events) {
      if (event.kind !== 'issue') continue;
      for (const { name: register, value } of event.written) values.set(register, value);
    }
    for (let n = 0; n < 32; n++) {
      expect(values.get(`r${n}`) ?? 0, `r${n}`).toBe(run.core.machine.gpr[n]! >>> 0);
    }
    expect(values.get('ctr') ?? 0).toBe(run.core.machine.ctr >>> 0);
    expect(values.get('lr') ?? 0).toBe(run.core.machine.lr >>> 0);
  });

  test('the profile counts every cycle once, in the table and in the stacks', () => {
    const profile = new Profile(undefined);
    for (const event of run.events) profile.take(event);
    profile.end(run.cycles);
    const sum = profile.byLine().reduce((total, { cycles }) => total + cycles, 0);
    expect(sum).toBe(run.cycles);
    const stacks = profile.collapsed().trim().split('\n');
    expect(stacks.reduce((total, line) => total + Number(line.split(' ')[1]), 0)).toBe(run.cycles);
  });

  test('rows of the pipeline picture begin, end once, and time never runs back', () => {
    const lines = written(new KonataTrace(undefined), run).trim().split('\n').slice(2);
    const open = new Map<string, string>();
    for (const line of lines) {
      const [verb = '', first = '', , stage = ''] = line.split('\t');
      if (verb === 'C') expect(Number(first)).toBeGreaterThan(0);
      else if (verb === 'I') open.set(first, '');
      else if (verb === 'S') open.set(first, stage);
      else if (verb === 'E') expect(open.get(first)).toBe(stage);
      else if (verb === 'R') expect(open.delete(first)).toBe(true);
    }
    expect(open.size).toBeLessThan(40);
  });

  test('waves end with the values of the registers', () => {
    const text = written(new WaveTrace(), run);
    const codes = new Map<string, string>();
    for (const [, code = '', name = ''] of text.matchAll(/^\$var wire \d+ (\S+) (\S+)/gm)) {
      codes.set(code, name);
    }
    const values = new Map<string, number>();
    let time = -1;
    for (const line of text.split('\n')) {
      const stamp = /^#(\d+)$/.exec(line);
      if (stamp !== null) {
        expect(Number(stamp[1])).toBeGreaterThanOrEqual(time);
        time = Number(stamp[1]);
      }
      const vector = /^b([01]+) (\S+)$/.exec(line);
      if (vector !== null) values.set(codes.get(vector[2]!)!, parseInt(vector[1]!, 2));
    }
    for (let n = 0; n < 32; n++) {
      expect(values.get(`r${n}`), `r${n}`).toBe(run.core.machine.gpr[n]! >>> 0);
    }
  });
});

test('the profile knows who called and what an interrupt cost', () => {
  const run = record(callSource);
  const profile = new Profile(programOf(callSource));
  for (const event of run.events) profile.take(event);
  profile.end(run.cycles);
  const stacks = profile.collapsed();
  expect(stacks).toMatch(/^_start;twice;program\.s:\d+ \d+$/m);
  expect(stacks).toMatch(/^_start;interrupt;program\.s:\d+ \d+$/m);
  expect(profile.byFunction().map(({ name }) => name)).toEqual(
    expect.arrayContaining(['_start', 'twice', 'interrupt', '(asleep)']),
  );
});
