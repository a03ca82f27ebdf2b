/** The vector unit against one that simulates every period of every unit; see `stepped-vector-unit.ts`. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BareBus } from '../../../emulator/ppu/bus.js';
import { PpuCore } from '../../../emulator/ppu/core.js';
import { PpuMemory } from '../../../emulator/ppu/memory.js';
import type { PpuOptions } from '../../../emulator/ppu/options.js';
import type { Recorder } from '../../../emulator/ppu/recorder.js';
import { encode } from '../../../isa/encode.js';
import { instructions } from '../../../isa/table/index.js';
import { streamOf } from '../../isa/stream.js';
import { SteppedVectorUnit } from './stepped-vector-unit.js';

const END = 6000;

/** Everything the vector unit and the issue stage report, in order of the reports of each kind. */
class Events implements Recorder {
  readonly all: [kind: string, period: number, what: number][] = [];
  private note(kind: string, period: number, what = 0): void {
    this.all.push([kind, period, what]);
  }
  issue(period: number, address: number): void {
    this.note('issue', period, address);
  }
  registerWrite(): void {}
  redirect(period: number): void {
    this.note('redirect', period);
  }
  pop(period: number): void {
    this.note('pop', period);
  }
  read(period: number, register: number): void {
    this.note('read', period, register);
  }
  write(period: number, register: number): void {
    this.note('write', period, register);
  }
  condition(period: number): void {
    this.note('condition', period);
  }
  retire(period: number, unit: number): void {
    this.note('retire', period, unit);
  }
  request(period: number, address: number): void {
    this.note('request', period, address);
  }
  /** Events from a period on, by kind and period. */
  from(period: number): string[] {
    return this.all
      .filter(([, p]) => p >= period)
      .map(([kind, p, what]) => `${kind} ${String(p).padStart(6)} ${what}`)
      .sort();
  }
}

const madds = instructions.filter(({ timing }) => timing === 'madd');
const permutes = instructions.filter(({ timing }) => timing === 'permute');
const compares = instructions.filter(({ timing }) => timing === 'vector-compare');
const outside = instructions.filter(({ form, timing }) => form === 'FXV' && /-/.test(timing));

type Options = Partial<PpuOptions> & { readonly busLatency: number };

interface Case {
  readonly seed: number;
  /** Of ten vector instructions: multiply-add ones. */
  readonly madds: number;
  readonly length: number;
  readonly options: Options;
}

/** A random program: vector instructions on few registers, with scalar ones and `sync` between them. */
function wordsOf({ seed, madds: share, length }: Case): number[] {
  const next = streamOf(seed);
  const pick = <T>(list: readonly T[]): T => list[next() % list.length]!;
  const registers = 2 + (next() % 9);
  const words: number[] = [];
  for (let i = 0; i < length; i++) {
    const kind = next() % 16;
    if (kind === 0) words.push(encode('sync', []));
    else if (kind < 3) words.push(encode('addi', [3 + (next() % 3), 3, 1]));
    else {
      const others = pick([permutes, permutes, compares, outside]);
      const instruction = pick(next() % 10 < share ? madds : others);
      const isAccess = outside.includes(instruction);
      const rt = next() % registers;
      const ra = isAccess ? 0 : next() % registers;
      // Addresses come from r10 to r12, a splat's operand from a general register of any content.
      const rb = isAccess ? 10 + (next() % 3) : next() % registers;
      const cond = next() % 3 === 0 ? next() % 4 : 0;
      words.push((instruction.match | (rt << 21) | (ra << 16) | (rb << 11) | cond) >>> 0);
    }
  }
  // Twice through the same code, so that the predictor and full queues have their part.
  words.unshift(encode('addi', [9, 0, 2]), encode('mtspr', [9, 9]));
  words.push(encode('bc', [16, 0, -4 * length]), encode('wait', []));
  return words;
}

function start(one: Case): PpuCore {
  const next = streamOf(one.seed + 1);
  const { busLatency, ...options } = one.options;
  const instructionMemory = new PpuMemory(4096);
  const dataMemory = new PpuMemory(4096);
  instructionMemory.words.set(wordsOf(one));
  for (let i = 0; i < 1024; i++) dataMemory.words[i] = (next() << 16) ^ next();
  const bus = new BareBus(busLatency);
  const core = new PpuCore({ instructionMemory, dataMemory, bus, options });
  for (let i = 0; i < core.machine.vr.length; i++) core.machine.vr[i] = next();
  core.machine.gpr.set([0x100, 0x140, 0x184], 10);
  return core;
}

/** The same with the other vector unit. */
function startStepped(one: Case): PpuCore {
  const core = start(one);
  const { machine, dataMemory, bus, options } = core;
  const value = new SteppedVectorUnit(machine, dataMemory, bus, options);
  Object.defineProperty(core, 'vector', { value });
  return core;
}

function resultOf(core: PpuCore): unknown {
  const { machine, dataMemory, bus } = core;
  return {
    sleep: core.sleepCycle,
    issued: core.issued,
    redirects: core.redirects,
    registers: [machine.gpr, machine.vr, machine.acc, ...machine.vcr].map((part) => part.join()),
    memory: dataMemory.words.join(),
    bus: [...(bus as BareBus).store].map(([address, bytes]) => [address, [...bytes]]),
  };
}

const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.integer({ min: 1, max: 0x7fff_ffff }),
  madds: fc.constantFrom(0, 4, 8, 9, 10),
  length: fc.integer({ min: 1, max: 40 }),
  options: fc.record({
    branchCache: fc.constantFrom(16, 0),
    vectorDataLatency: fc.constantFrom(1, 2, 7, 16, 19),
    busOutstanding: fc.constantFrom(1, 2, 16),
    busLatency: fc.integer({ min: 1, max: 9 }),
  }),
});

test('every event of a random vector program has the period that plain simulation gives', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const plain = startStepped(one);
      const fast = start(one);
      const [expected, got] = [new Events(), new Events()];
      plain.watch(expected);
      fast.watch(got);
      plain.run(END);
      fast.run(END);
      expect(plain.sleepCycle).toBeDefined();
      expect(got.from(0)).toEqual(expected.from(0));
      expect(resultOf(fast)).toEqual(resultOf(plain));
    }),
    { numRuns: 80 },
  );
});

test('a random vector program that nobody watches takes the same time and leaves the same', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const plain = startStepped(one);
      const fast = start(one);
      plain.run(END);
      fast.run(END);
      expect(resultOf(fast)).toEqual(resultOf(plain));
    }),
    { numRuns: 100 },
  );
});

test('cut anywhere, put into another core and watched from there on, it goes on as if nothing had been', () => {
  fc.assert(
    fc.property(
      cases,
      fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 5 }),
      (one, cuts) => {
        const plain = startStepped(one);
        const expected = new Events();
        plain.watch(expected);
        plain.run(END);

        let core = start(one);
        for (const slice of cuts) core.run(core.cycle + slice);
        const bus = core.bus as BareBus;
        const saved = structuredClone(core.snapshot());
        core = start(one);
        core.restore(saved);
        (core.bus as BareBus).load(bus.save());
        const from = core.cycle;
        const got = new Events();
        core.watch(got);
        core.run(END);
        // What is issued already is reported by period of its issue; the units report what happens from now on.
        const isOfUnits = (event: string): boolean => !/^(issue|redirect)/.test(event);
        expect(got.from(from).filter(isOfUnits)).toEqual(expected.from(from).filter(isOfUnits));
        expect(resultOf(core)).toEqual(resultOf(plain));
      },
    ),
    { numRuns: 100 },
  );
});
