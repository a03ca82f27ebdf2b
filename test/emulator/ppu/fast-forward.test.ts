/** Fast-forwarding by remembered timing is not to be seen anywhere. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BareBus } from '../../../emulator/ppu/bus.js';
import { PpuCore } from '../../../emulator/ppu/core.js';
import { PpuMemory } from '../../../emulator/ppu/memory.js';
import { Operation } from '../../../emulator/ppu/operation.js';
import type { PpuOptions } from '../../../emulator/ppu/options.js';
import { encode } from '../../../isa/encode.js';
import { instructions } from '../../../isa/table/index.js';

interface Program {
  readonly name: string;
  readonly code: string;
  readonly data: string;
  readonly bus?: Readonly<Record<string, string>>;
  readonly runs: readonly Run[];
}

interface Run {
  readonly branchCache: boolean;
  readonly dataLatency: number;
  readonly busLatency: number;
  readonly cycles: number;
  readonly instructionsIssued: number;
  readonly redirects: number;
}

const { programs } = JSON.parse(readFileSync('test/golden/nux-programs.json', 'utf8')) as {
  readonly programs: readonly Program[];
};

function start(program: Program, options: Partial<PpuOptions>, busLatency = 4): PpuCore {
  const instructionMemory = new PpuMemory(16384);
  const dataMemory = new PpuMemory(16384);
  instructionMemory.load(Buffer.from(program.code, 'hex'));
  dataMemory.load(Buffer.from(program.data, 'hex'));
  const bus = new BareBus(busLatency);
  for (const [address, bytes] of Object.entries(program.bus ?? {})) {
    bus.store.set(Number.parseInt(address, 16), new Uint8Array(Buffer.from(bytes, 'hex')));
  }
  return new PpuCore({ instructionMemory, dataMemory, bus, options });
}

describe('recorded programs in one piece', () => {
  const cases = programs.flatMap((program) =>
    program.runs.map((run, i) => [program.name, i, program, run] as const),
  );
  test.each(cases)('%s, setting %i', (_name, _i, program, run) => {
    const { dataLatency } = run;
    const core = start(
      program,
      {
        branchCache: run.branchCache ? 16 : 0,
        dataLatency,
        vectorDataLatency: dataLatency,
      },
      run.busLatency,
    );
    core.run(10_000_000);
    expect(core.sleepCycle).toBe(run.cycles);
    expect(core.issued).toBe(run.instructionsIssued);
    expect(core.redirects).toBe(run.redirects);
  });
});

describe('with and without', () => {
  const cases = programs.flatMap((program) =>
    [
      [16, 1],
      [16, 7],
      [0, 2],
    ].map(([branchCache, latency]) => [program.name, branchCache!, latency!, program] as const),
  );
  test.each(cases)(
    '%s has the same state at every time, branch cache %i, data latency %i',
    (_name, branchCache, dataLatency, program) => {
      const options = { branchCache: branchCache as 16 | 0, dataLatency };
      const plain = start(program, options);
      plain.fastForwards = false;
      const fast = start(program, options);
      for (let end = 777; end < 60_000 && plain.sleepCycle === undefined; end += 5_001) {
        plain.run(end);
        fast.run(end);
        expect(isDeepStrictEqual(fast.snapshot(), plain.snapshot())).toBe(true);
      }
    },
  );
});

// ---------------------------------------------------------------- random programs

const simple = instructions.filter(
  ({ group, form }) =>
    ['arithmetic', 'logical', 'rotate', 'compare', 'condition'].includes(group) && form !== 'XFX',
);
const register = fc.integer({ min: 3, max: 12 });

/** Any of the instructions that only compute, on registers 3 to 12. */
const computing = fc
  .tuple(fc.constantFrom(...simple), register, register, register, fc.integer())
  .map(([{ match, mask }, t, a, b, random]) => {
    const operands = (t << 21) | (a << 16) | (b << 11) | (random & 0x7fe);
    return match | (operands & ~mask);
  });
const accessNames = ['lwz', 'stw', 'lbz', 'stb', 'lhz', 'sth', 'lwzu', 'stwu', 'lmw', 'stmw'];
const access = fc
  .tuple(fc.constantFrom(...accessNames), register, fc.integer({ min: 0, max: 63 }))
  .map(([name, t, word]) => {
    // An update moves its base on or back; r1 and r2 stay in the middle of the data.
    if (name.endsWith('u')) return encode(name, [t, word % 2 === 0 ? 4 : -4, 2]);
    return encode(name, [name.endsWith('mw') ? 29 : t, 4 * word, 1]);
  });
/** By distance in words; most go a little forwards. */
const branching = fc
  .tuple(
    fc.integer({ min: 0, max: 4 }),
    fc.integer({ min: 0, max: 31 }),
    fc.integer({ min: -9, max: 6 }),
  )
  .map(([kind, bit, distance]) => {
    const bo = [12, 4, 16, 20, 12][kind]!;
    return encode('bc', [bo, bit, 4 * (distance === 0 ? 2 : distance)]);
  });
const rare = fc.constantFrom(
  ...[
    encode('mfspr', [5, 284]),
    encode('mfspr', [6, 22]),
    encode('mtspr', [9, 7]),
    encode('mtspr', [8, 8]),
    encode('sync', []),
    encode('wait', []),
    encode('fxvaddhm', [1, 2, 3, 0]),
    encode('stw', [7, 0, 13]),
    encode('lwz', [7, 1, 1]),
    encode('lwz', [0, 4, 1]),
    encode('fxvsplath', [1, 0]),
    encode('twi', [4, 3, 0]),
  ],
);
const nop = fc.constant(0x6000_0000);
const anything = fc.oneof(
  { weight: 24, arbitrary: computing },
  { weight: 10, arbitrary: access },
  { weight: 8, arbitrary: branching },
  { weight: 1, arbitrary: nop },
  { weight: 1, arbitrary: rare },
);

const CODE = 0x100;

/** Handlers, a start that enables the decrementer and a loop of `body`, all in the memory of the data. */
function random(
  body: readonly number[],
  decrementer: number,
  options: Partial<PpuOptions>,
): PpuCore {
  const memory = new PpuMemory(16384);
  for (let at = 4; at < 0x40; at += 4) memory.words[at / 4] = encode('b', [0x80 - at]);
  memory.words[0] = encode('b', [0xc0]);
  // An interrupt is as good as over: on with the loop.
  const handler = [encode('addi', [29, 29, 1]), encode('mtspr', [22, 28]), encode('rfi', [])];
  memory.words.set(handler, 0x80 / 4);
  const start = [
    encode('addi', [1, 0, 0x1000]),
    encode('addi', [2, 0, 0x2000]),
    // r13 points into the loop: a store there changes code.
    encode('addi', [13, 0, CODE + 16]),
    encode('addi', [28, 0, decrementer]),
    encode('addis', [27, 0, 0x400]),
    encode('mtspr', [340, 27]),
    encode('mtspr', [22, 28]),
    encode('ori', [27, 26, 0x8000]),
    encode('mtmsr', [27]),
  ];
  memory.words.set(start, 0xc0 / 4);
  memory.words[0xc0 / 4 + start.length] = encode('b', [CODE - 0xc0 - 4 * start.length]);
  // Refused accesses and traps go on behind what caused them.
  const skip = [
    encode('mfspr', [26, 26]),
    encode('addi', [26, 26, 4]),
    encode('mtspr', [26, 26]),
    encode('addi', [26, 0, 0]),
    encode('rfi', []),
  ];
  memory.words.set(skip, 0xa0 / 4);
  for (const vector of [0x18, 0x1c]) memory.words[vector / 4] = encode('b', [0xa0 - vector]);
  memory.words.set(body, CODE / 4);
  memory.words[CODE / 4 + body.length] = encode('b', [-4 * body.length]);
  const parts = {
    instructionMemory: memory,
    dataMemory: memory,
    bus: new BareBus(4),
  };
  return new PpuCore({ ...parts, options });
}

test('random programs with interrupts, faults and changing code have the same state at every time', () => {
  let operations = 0;
  fc.assert(
    fc.property(
      fc.array(anything, { minLength: 8, maxLength: 60 }),
      fc.integer({ min: 300, max: 3000 }),
      fc.constantFrom<16 | 0>(16, 0),
      fc.constantFrom(1, 3, 20),
      fc.array(fc.integer({ min: 1, max: 3000 }), {
        minLength: 3,
        maxLength: 3,
      }),
      (body, decrementer, branchCache, dataLatency, steps) => {
        const plain = random(body, decrementer, { branchCache, dataLatency });
        plain.fastForwards = false;
        const fast = random(body, decrementer, { branchCache, dataLatency });
        for (const step of steps) {
          plain.run(plain.cycle + step);
          fast.run(fast.cycle + step);
          const [a, b] = [fast.snapshot(), plain.snapshot()];
          if (!isDeepStrictEqual(a, b)) expect(a).toEqual(b);
        }
        operations += plain.issued;
      },
    ),
    { numRuns: 300 },
  );
  expect(operations).toBeGreaterThan(100_000);
});

test('what a host writes into code counts from then on', () => {
  const memory = new PpuMemory(16384);
  const body = [encode('addi', [3, 3, 1]), encode('addi', [4, 4, 1]), encode('b', [-8])];
  memory.words.set(body, 0);
  const parts = {
    instructionMemory: memory,
    dataMemory: memory,
    bus: new BareBus(4),
  };
  for (const accounting of ['exact', 'none'] as const) {
    memory.words.set(body, 0);
    const core = new PpuCore({ ...parts, options: { accounting } });
    core.run(10_000);
    const before = core.machine.gpr[4]!;
    core.writeSramWord(1, encode('addi', [5, 5, 1]));
    core.run(20_000);
    const { gpr } = core.machine;
    expect(gpr[4]! - before).toBeLessThanOrEqual(1);
    expect(gpr[3]! - before).toBeGreaterThan(1000);
    expect(Math.abs(gpr[5]! + gpr[4]! - gpr[3]!)).toBeLessThanOrEqual(1);
    expect(new Operation(memory.words[1]!).fields.rt).toBe(5);
  }
});
