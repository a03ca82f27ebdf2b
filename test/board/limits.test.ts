import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EmulatedMachine, InProcessBoard } from '../../board/index.js';
import { AnswerGate } from '../../board/server/answer-gate.js';
import {
  defaultLimits,
  ProgramRunner,
  type LimitName,
  type ServerLimits,
} from '../../board/server/machine.js';
import { joinWords } from '../../board/words.js';
import { Chip } from '../../emulator/index.js';
import { PlaybackWriter, ResponseReader, ResponseWriter } from '../../isa/playback/index.js';
import { begin, openNodes } from '../emulator/host.js';

/** Answers with messages of 64 and of 80 bits, and a halt. */
function answers(sizes: readonly number[]): Uint32Array {
  const writer = new ResponseWriter();
  writer.timed = true;
  sizes.forEach((size, i) => {
    const time = 10 * i;
    if (size === 0) writer.data(time, i);
    else writer.spikes(time, [i, i + 1, i + 2], 0, size);
  });
  writer.halt(10 * sizes.length);
  return writer.take(true);
}

/** What passes a gate when `words` come in portions. */
function pass(words: Uint32Array, limit: number, cuts: readonly number[]): Uint32Array {
  const gate = new AnswerGate(limit);
  const parts: Uint32Array[] = [];
  let from = 0;
  for (const size of [...cuts, Infinity]) {
    parts.push(gate.push(words.subarray(2 * from, 2 * (from + size))).slice());
    from += size;
  }
  if (gate.isFull) parts.push(gate.close(77));
  return joinWords(parts);
}

describe('answers on their way out', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 });
  const cuts = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 });

  test('within the limit they are left as they are, in any portions', () => {
    fc.assert(
      fc.property(sizes, cuts, fc.integer({ min: 0, max: 50 }), (list, portions, more) => {
        const words = answers(list);
        expect(pass(words, 4 * words.length + more, portions)).toEqual(words);
      }),
    );
  });

  test('beyond it they end between two messages, the same ones whatever the portions', () => {
    fc.assert(
      fc.property(
        sizes,
        cuts,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (list, portions, share) => {
          const words = answers(list);
          const limit = Math.floor(share * 4 * words.length);
          const cut = pass(words, limit, portions);
          expect(cut).toEqual(pass(words, limit, []));
          expect(4 * (cut.length - 4)).toBeLessThanOrEqual(limit);
          const all = new ResponseReader().push(words);
          const some = new ResponseReader().push(cut);
          expect(some.halts.length).toBe(1);
          expect(some.timeouts).toMatchObject([{ instruction: 77 }]);
          for (const key of ['reads', 'spikeLabels', 'spikeTimes'] as const)
            expect([...some[key].values()]).toEqual([
              ...all[key].values().subarray(0, some[key].length),
            ]);
          // Not more is left out than what does not fit: a message and its time are three words at most.
          expect(4 * (cut.length - 4)).toBeGreaterThan(limit - 24);
        },
      ),
    );
  });

  test('a notice among what is left out is passed on', () => {
    const writer = new ResponseWriter();
    for (let i = 0; i < 10; i++) writer.data(i, i);
    writer.timeout(10, 1234, 0, 5);
    writer.halt(11);
    const cut = new ResponseReader().push(pass(writer.take(true), 40, [3, 3, 3]));
    expect(cut.timeouts).toMatchObject([{ instruction: 1234, readsInFlight: 5 }]);
    expect(cut.reads.length).toBe(5);
  });
});

function program(spikes: number): Uint32Array {
  const writer = begin(new PlaybackWriter());
  openNodes(writer, [[8, 8]]);
  writer.timerSetup();
  for (let i = 0; i < spikes; i++) writer.waitUntil(1000 + 20 * i).spike(i);
  writer.waitUntil(20_000_000).read(0);
  return writer.barrier().halt().words();
}

/** Clocks of machines that are very slow, very fast, and now this, now that. */
const clocks: Readonly<Record<string, () => () => number>> = {
  'that takes its time': () => {
    let now = 0;
    return () => (now += 20);
  },
  'that is through at once': () => () => 0,
  'that is held up now and then': () => {
    let now = 0;
    let calls = 0;
    return () => (now += ++calls % 7 === 0 ? 50 : 0.1);
  },
};

interface Outcome {
  readonly words: Uint32Array;
  readonly limits: (LimitName | undefined)[];
}

/** Runs programs as a served board does, each handed over in portions of `portion` words. */
async function serve(
  clock: () => number,
  limits: Partial<ServerLimits>,
  programs: readonly Uint32Array[],
  portion = Infinity,
): Promise<Outcome> {
  const parts: Uint32Array[] = [];
  const ended: (LimitName | undefined)[] = [];
  let wake = (): void => {};
  const runner = new ProgramRunner(
    new EmulatedMachine(Chip.fromSeed(5), clock),
    { ...defaultLimits, ...limits },
    {
      answers: (words) => parts.push(words.slice()),
      backlog: () => 0,
      roomGrew: () => {},
      programEnded: (_words, _seconds, limit) => {
        ended.push(limit);
        wake();
      },
    },
    clock,
    (_milliseconds, run) => setImmediate(run),
  );
  for (const [index, words] of programs.entries()) {
    for (let at = 0; at < words.length;) {
      const size = Math.min(words.length - at, 2 * portion, 2 * runner.room);
      if (size > 0) runner.accept(words.subarray(at, at + size));
      at += size;
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (ended.length <= index)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
  return { words: joinWords(parts), limits: ended };
}

describe.each(Object.keys(clocks))('a machine %s', (name) => {
  const clock = (): (() => number) => clocks[name]!();
  const short = program(3);

  test('gives a program up for its answers wherever they come, and runs the next one', async () => {
    const reference = await serve(clocks['that takes its time']!(), { outputBytes: 2000 }, [
      program(400),
    ]);
    const { words, limits } = await serve(clock(), { outputBytes: 2000 }, [program(400), short]);
    expect(limits).toEqual(['output bytes', undefined]);
    const read = new ResponseReader().push(words);
    expect(read.timeouts.length).toBe(1);
    expect(read.halts.length).toBe(2);
    // The notice says where the machine was; all before it is the same.
    const cut = reference.words.length - 4;
    expect(words.subarray(0, cut)).toEqual(reference.words.subarray(0, cut));
  });

  test('lets a program be whose answers just fit', async () => {
    const whole = await InProcessBoard.of(Chip.fromSeed(5)).run(program(400));
    const fits = await serve(clock(), { outputBytes: 4 * whole.length }, [program(400)]);
    expect(fits).toEqual({ words: whole, limits: [undefined] });
    const { limits } = await serve(clock(), { outputBytes: 4 * whole.length - 1 }, [program(400)]);
    expect(limits).toEqual(['output bytes']);
  });

  test('gives a program up at its chip time, not before and not later', async () => {
    const { limits } = await serve(clock(), { chipSeconds: 0.1 }, [program(3), short]);
    expect(limits).toEqual(['chip seconds', 'chip seconds']);
    expect((await serve(clock(), { chipSeconds: 0.2 }, [program(3)])).limits).toEqual([undefined]);
  });

  test('forgets the rest of a program that was given up before all of it had come', async () => {
    const limits = { playbackWords: 400, outputBytes: 1000 };
    const outcome = await serve(clock(), limits, [program(2000), short], 100);
    expect(outcome.limits).toEqual(['output bytes', undefined]);
    const read = new ResponseReader().push(outcome.words);
    expect(read.timeouts.length).toBe(1);
    expect(read.halts.length).toBe(2);
    expect(read.reads.length).toBe(1);
  });
});
