import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Access, controlAddress, sramAddress } from '../../board/access.js';
import { checkerWords, checksum, sramChecksums } from '../../board/flash/checksum.js';
import { flash, FlashError, type FlashEvent } from '../../board/flash/flash.js';
import { readMetadata } from '../../board/flash/metadata.js';
import { PlanError, planFlash } from '../../board/flash/plan.js';
import { BoardError, InProcessBoard, type Board, type RunOptions } from '../../board/index.js';
import { openWire } from '../../board/wire/open.js';
import { compile } from '../../compiler/compile.js';
import { Chip } from '../../emulator/index.js';
import { assemble } from '../../isa/assembler/index.js';
import { Stream } from '../../isa/numeric/random.js';
import { memoryImage, type Program } from '../../isa/program.js';
import { FakePort } from './fake-port.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** Comes up, says so in `status`, and writes its number to `answer`. */
const source = `
        .globl _start, status, ppu, answer
_start: lis     3, ppu@ha
        lwz     3, ppu@l(3)
        addi    3, 3, 100
        lis     4, answer@ha
        stw     3, answer@l(4)
        li      3, 1
        lis     4, status@ha
        stw     3, status@l(4)
        sync
loop:   b       loop
        .data
        .balign 4
status: .long   0
ppu:    .long   99
answer: .long   0
table:  .space  600, 0x5a
`;
const program = assemble([{ name: 'up.s', text: source }]);
const addressOf = (name: string): number =>
  (program.symbols.find((symbol) => symbol.name === name)?.address ?? -4) >> 2;

const ruleFile = new URL('../../ppu-programs/rules/homeostasis.plast', import.meta.url);

describe('a plan', () => {
  test('covers every byte of the program once for each processor', () => {
    const plan = planFlash(program, [0, 1]);
    const image = memoryImage(program, 0, 0x4000);
    for (const hemisphere of [0, 1]) {
      const base = sramAddress(hemisphere, 0);
      const covered = new Uint8Array(0x4000);
      for (const { address, words } of plan.blocks) {
        if (address < base || address >= base + 4096) continue;
        words.forEach((word, i) => {
          const at = 4 * (address - base + i);
          expect(covered[at]).toBe(0);
          covered.fill(1, at, at + 4);
          if (at !== 4 * addressOf('ppu'))
            for (let k = 0; k < 4; k++)
              expect((word >>> (24 - 8 * k)) & 255).toBe(image[at + k] ?? 0);
        });
      }
      for (const { address, bytes } of program.sections)
        expect(covered.subarray(address, address + bytes.length).includes(0)).toBe(false);
    }
    expect(plan.patches).toContainEqual({ name: 'ppu', hemisphere: 1, value: 1 });
  });

  test('puts sections behind the FPGA where the processor sees them', () => {
    const flags = { allocated: true, writable: true, executable: false, zeroFilled: false };
    const outside = (address: number): Program => ({
      ...program,
      sections: [
        ...program.sections,
        { name: 'ext.data', address, bytes: Uint8Array.of(1, 2, 3, 4, 5), flags },
      ],
    });
    for (const [address, word] of [
      [0x40000010, 0x80000004],
      [0x80000010, 0x80000004],
      [0x50000010, 0x84000004],
      [0x90000010, 0x84000004],
    ] as const)
      expect(planFlash(outside(address), [0]).blocks.at(-1)).toMatchObject({
        address: word,
        words: Uint32Array.of(0x01020304, 0x05000000),
      });
    expect(() => planFlash(outside(0x60000000), [0])).toThrow(PlanError);
    expect(() => planFlash(outside(0x4001fffe), [0])).toThrow(PlanError);
  });

  test('patches words by symbol or address and refuses others', () => {
    const plan = planFlash(
      program,
      [0],
      new Map([
        ['answer', 7],
        ['0x40', 8],
      ]),
    );
    expect(plan.patches).toMatchObject([{ value: 0 }, { value: 7 }, { value: 8 }]);
    expect(() => planFlash(program, [0], new Map([['nothing', 1]]))).toThrow(/no symbol "nothing"/);
  });
});

function inProcess(): Board {
  return InProcessBoard.of(Chip.ideal());
}

describe('flashing', () => {
  test('loads both processors, verifies, starts and waits for them', async () => {
    const board = inProcess();
    const events: FlashEvent[] = [];
    const report = await flash(board, planFlash(program, [0, 1]), {
      onEvent: (event) => events.push(event),
    });
    expect(report).toMatchObject({
      revision: 'HICANN-X v3',
      broughtUp: true,
      states: [
        { hemisphere: 0, state: 'status 1' },
        { hemisphere: 1, state: 'status 1' },
      ],
    });
    const access = new Access(board);
    const answers = [0, 1].map((h) => sramAddress(h, addressOf('answer')));
    expect([...(await access.read(answers))]).toEqual([100, 101]);
    const phases = events.flatMap((event) => (event.kind === 'phase' ? [event.phase] : []));
    expect(phases).toEqual(['identify', 'bring up', 'hold', 'compare', 'write', 'start']);
    expect(events.at(-1)).toMatchObject({ kind: 'started', hemisphere: 1 });
  });

  test('writes only what has changed, or everything if asked', async () => {
    const board = inProcess();
    const plan = planFlash(program, [0]);
    const first = await flash(board, plan);
    expect(first.wordsWritten).toBe(plan.words);
    const second = await flash(board, plan);
    expect(second.blocksWritten).toBeLessThan(first.blocksWritten);
    expect(second.broughtUp).toBe(false);
    const again = await flash(board, plan, { full: true });
    expect(again.wordsWritten).toBe(plan.words);
  });

  test('checksums by the processor are those of the words that lie there', async () => {
    const access = new Access(inProcess());
    const random = new Stream(1, 'memory');
    const memory = Uint32Array.from({ length: 4096 }, () => random.uniform() * 0x100000000);
    const ranges = [0, 1].flatMap((hemisphere) =>
      Array.from({ length: 200 }, () => {
        const word = checkerWords + random.integer(4096 - checkerWords - 64);
        return { hemisphere, word, count: 1 + random.integer(64) };
      }),
    );
    for (const hemisphere of [0, 1])
      await access.run((writer) => writer.writeBlock(sramAddress(hemisphere, 0), memory));
    const states: boolean[] = [];
    const found = await sramChecksums(access, ranges, (isRunning) => states.push(isRunning));
    expect(found).toEqual(
      ranges.map(({ word, count }) => checksum(memory.subarray(word, word + count))),
    );
    expect(states.at(-1)).toBe(false);
    for (const hemisphere of [0, 1])
      expect((await access.read([controlAddress(hemisphere)]))[0]).toBe(0);
  });

  test('with checksums the same words lie there, and only what has changed is written', async () => {
    const long = assemble([{ name: 'up.s', text: source.replace('600', '5000') }]);
    const plan = planFlash(long, [0, 1]);
    const words = async (board: Board): Promise<number[]> => [
      ...(await new Access(board).read(
        plan.blocks.flatMap(({ address, words }) => [...words.keys()].map((i) => address + i)),
      )),
    ];
    const options = { verify: 'checksum', start: false } as const;
    const board = inProcess();
    const events: FlashEvent[] = [];
    const first = await flash(board, plan, { ...options, onEvent: (event) => events.push(event) });
    expect(first).toMatchObject({ verified: 'checksum', wordsWritten: plan.words });
    const phases = events.flatMap((event) => (event.kind === 'phase' ? [event.phase] : []));
    expect(phases).toContain('verify');
    expect(await words(board)).toEqual(plan.blocks.flatMap((block) => [...block.words]));
    const second = await flash(board, plan, options);
    expect(second.wordsWritten).toBeLessThanOrEqual(2 * checkerWords);
    expect((await flash(board, plan, { verify: 'checksum' })).states).toEqual([
      { hemisphere: 0, state: 'status 1' },
      { hemisphere: 1, state: 'status 1' },
    ]);
  });

  test('memory that keeps something else fails checksums, and is not seen without verification', async () => {
    const inner = inProcess();
    const long = assemble([{ name: 'up.s', text: source.replace('600', '5000') }]);
    const plan = planFlash(long, [0]);
    const board: Board = {
      info: inner.info,
      close: () => inner.close(),
      run: (words, options) =>
        inner.run(
          words.map((word) => (word === 0x5a5a5a5a ? 0x5a5a4a5a : word)),
          options,
        ),
    };
    await expect(flash(board, plan, { verify: 'checksum' })).rejects.toMatchObject({
      problem: 'verify',
      processors: 'held in reset',
    });
    const report = await flash(board, plan, { verify: 'none' });
    expect(report).toMatchObject({ verified: 'none', wordsWritten: plan.words });
  });

  test('never resets the chip', async () => {
    const board = inProcess();
    await new Access(board).run((writer) => writer.write(0x00130000, 5));
    await flash(board, planFlash(program, [0]));
    expect((await new Access(board).read([0x00130000]))[0]).toBe(5);
  });

  test('a compiled rule comes up, can be asked what it is, and begins when told', async () => {
    const rule = compile([{ name: 'rule.plast', text: readFileSync(ruleFile, 'utf8') }]);
    if (rule.program === undefined) throw new Error('the rule does not compile');
    const board = inProcess();
    const report = await flash(board, planFlash(rule.program, [0, 1]), { go: true });
    expect(report.states.map(({ state }) => state)).toEqual(['running', 'running']);
    const metadata = await readMetadata(new Access(board), 1);
    expect(metadata).toMatchObject({ rules: ['homeostasis'], version: 1 });
    expect(metadata?.sourceHash).toMatch(/^[0-9a-f]{32}$/);
    expect(metadata?.compilerVersion).not.toBe('');
  });

  test('a program that does not come up is held in reset again', async () => {
    const board = inProcess();
    const dead = assemble([
      { name: 'dead.s', text: '.globl _start, status\n_start: b _start\n.data\nstatus: .long 0\n' },
    ]);
    const failed = await flash(board, planFlash(dead, [0]), { patience: 0.001 }).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(FlashError);
    expect(failed).toMatchObject({ problem: 'not idle', processors: 'held in reset' });
    expect((await new Access(board).read([controlAddress(0)]))[0]).toBe(0);
  });

  test('a wrong chip is left alone', async () => {
    const board = changed(inProcess(), (words) =>
      words.map((word, i) => (i > 0 && word === 0x348580af ? 0x12345678 : word)),
    );
    await expect(flash(board, planFlash(program, [0]))).rejects.toMatchObject({
      problem: 'wrong chip',
      processors: 'untouched',
    });
  });

  test('memory that does not keep what is written fails the verification', async () => {
    const board = changed(inProcess(), (words) =>
      words.map((word) => (word === 0x5a5a5a5a ? 0x5a5a5a5b : word)),
    );
    await expect(flash(board, planFlash(program, [0]))).rejects.toMatchObject({
      problem: 'verify',
      processors: 'held in reset',
    });
  });

  test('a bus that hangs is freed by a reset of the chip', async () => {
    const inner = inProcess();
    let isHung = false;
    const board: Board = {
      info: inner.info,
      close: () => inner.close(),
      run: (words: Uint32Array, options?: RunOptions) => {
        // An access to the third block is never answered, nor anything after it until the chip is reset.
        const hangs = words.some((word, i) => i % 2 === 1 && word === sramAddress(0, 130));
        const resets = words.some((word, i) => i % 2 === 0 && word >>> 24 === 9);
        isHung = (isHung || hangs) && !resets;
        if (isHung) return Promise.reject(new BoardError('time limit', { 'wall seconds': 5 }));
        return inner.run(words, options);
      },
    };
    const events: string[] = [];
    const failed = flash(board, planFlash(program, [0]), {
      onEvent: ({ kind }) => events.push(kind),
    });
    await expect(failed).rejects.toMatchObject({
      problem: 'bus hang',
      phase: 'compare',
      processors: 'reset with the chip',
    });
    expect(events).toContain('recovered');
    expect((await new Access(inner).read([controlAddress(0)]))[0]).toBe(0);
  });

  test('an interruption leaves the processors in reset', async () => {
    const board = inProcess();
    const abort = new AbortController();
    const failed = flash(board, planFlash(program, [0]), {
      signal: abort.signal,
      onEvent: ({ kind }) => {
        if (kind === 'progress') abort.abort();
      },
    });
    await expect(failed).rejects.toMatchObject({ problem: 'aborted', processors: 'held in reset' });
    expect((await new Access(board).read([controlAddress(0)]))[0]).toBe(0);
  });

  test('a plug pulled in the middle and put back: it goes on with what differs', async () => {
    const port = new FakePort({ chip: Chip.ideal() });
    cleanUp.push(() => port.close());
    const board = await openWire('/dev/fake', { binding: port });
    cleanUp.push(() => board.close());
    let isCut = false;
    const events: string[] = [];
    const report = await flash(board, planFlash(program, [0, 1]), {
      onEvent: (event) => {
        events.push(event.kind);
        if (event.kind === 'progress' && event.phase === 'write' && !isCut) {
          isCut = true;
          port.cut();
        }
      },
    });
    expect(report.reconnects).toBe(1);
    expect(report.states.map(({ state }) => state)).toEqual(['status 1', 'status 1']);
    expect(events).toContain('resumed');
  });

  test('a plug that stays out ends in an error that names it', async () => {
    const options = { chip: Chip.ideal() };
    const port = new FakePort(options);
    cleanUp.push(() => port.close());
    const board = await openWire('/dev/fake', { binding: port });
    const failed = flash(board, planFlash(program, [0]), {
      reconnects: 2,
      onEvent: (event) => {
        if (event.kind !== 'progress') return;
        Object.assign(options, { failure: 'No such file or directory' });
        port.cut();
      },
    });
    await expect(failed).rejects.toMatchObject({
      problem: 'link',
      processors: 'held in reset',
      facts: { cause: 'line lost', reconnects: 2 },
    });
    await board.close();
  });
});

/** A board whose answers are changed on the way. */
function changed(board: Board, change: (words: Uint32Array) => Uint32Array): Board {
  return {
    info: board.info,
    close: () => board.close(),
    run: async (words, options) => change(await board.run(words, options)),
  };
}
