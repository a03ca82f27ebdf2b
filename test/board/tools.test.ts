import { afterEach, describe, expect, test } from 'vitest';
import { Access, sramAddress } from '../../board/access.js';
import { flash } from '../../board/flash/flash.js';
import { planFlash } from '../../board/flash/plan.js';
import { InProcessBoard, openBoard, type Board } from '../../board/index.js';
import { benchBoard } from '../../board/tools/bench.js';
import { describeBoard } from '../../board/tools/info.js';
import { monitorBoard, type MonitorEvent } from '../../board/tools/monitor.js';
import { recordingProgramOf } from '../../board/tools/record-watch.js';
import { listPorts } from '../../board/tools/ports.js';
import { proxyServer } from '../../board/tools/proxy.js';
import { selfTest } from '../../board/tools/selftest.js';
import { listenTcp } from '../../board/server/listeners.js';
import { openWire } from '../../board/wire/open.js';
import { Chip } from '../../emulator/index.js';
import { compile } from '../../compiler/compile.js';
import { writeElf } from '../../isa/elf/index.js';
import { withRecordNote } from '../../isa/runtime-note.js';
import { assemble } from '../../isa/assembler/index.js';
import { PlaybackWriter } from '../../isa/playback/index.js';
import { FakePort } from './fake-port.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

test('every low-level check passes on the emulated board', async () => {
  for (const chip of [Chip.ideal(), Chip.fromSeed(3)]) {
    const results = await selfTest(InProcessBoard.of(chip));
    expect(results.filter(({ passed }) => passed === false)).toEqual([]);
    expect(results.filter(({ passed }) => passed === undefined)).toEqual([]);
    expect(results.length).toBe(12);
  }
});

test('a board that answers wrongly fails the checks that see it', async () => {
  const inner = InProcessBoard.of(Chip.ideal());
  const board: Board = {
    info: inner.info,
    close: () => inner.close(),
    // Spikes come back with a wrong label: bit 0 of every last pair of bytes of a spike pack is turned.
    run: async (words, options) => {
      const answers = await inner.run(words, options);
      return answers.map((word, i) =>
        i % 2 === 1 && (answers[i - 1] ?? 0) >>> 24 === 10 ? word ^ 0x2000 : word,
      );
    },
  };
  const failed = (await selfTest(board)).filter(({ passed }) => passed === false);
  expect(failed.map(({ name }) => name)).toContain('spike loopback, 1 in a message');
});

test('a report changes nothing and says what runs', async () => {
  const board = InProcessBoard.of(Chip.fromSeed(7));
  await new Access(board).run((program) => program.write(sramAddress(0, 99), 12345));
  const report = await describeBoard(board);
  expect(report).toMatchObject({
    idcode: 0x348580af,
    revision: 'HICANN-X v3',
    isEmulated: true,
    dna: '0504c4100000007',
    processors: [
      { hemisphere: 0, isReleased: false, program: undefined },
      { hemisphere: 1, isReleased: false },
    ],
  });
  expect((await new Access(board).read([sramAddress(0, 99)]))[0]).toBe(12345);
});

test('a link is measured', async () => {
  const port = new FakePort();
  cleanUp.push(() => port.close());
  const board = await openWire('/dev/fake', { binding: port });
  const report = await benchBoard(board, { words: 400, probes: 5 });
  expect(report.roundTrip.count).toBe(5);
  expect(report.down).toBeGreaterThan(0);
  expect(report.up).toBeGreaterThan(0);
  expect(report.damaged).toBe(0);
  expect(report.limit).toBeCloseTo(1375, -1);
  await board.close();
});

test('ports are listed with what a user would meet', async () => {
  const port = new FakePort({ failure: 'Error: Permission denied, cannot open /dev/fake' });
  cleanUp.push(() => port.close());
  expect(await listPorts(port)).toMatchObject([{ path: '/dev/fake', problem: 'no permission' }]);
  const free = new FakePort();
  cleanUp.push(() => free.close());
  expect(await listPorts(free)).toMatchObject([{ path: '/dev/fake', problem: undefined }]);
});

describe('watching', () => {
  /** Writes "hello" and then "!" to the mailbox. */
  const source = `
_start: lis     3, 0x6865
        ori     3, 3, 0x6c6c
        stw     3, 0x3000(0)
        lis     3, 0x6f00
        stw     3, 0x3004(0)
        lis     4, 8
        mtctr   4
wait:   bdnz    wait
        lis     3, 0x6f21
        stw     3, 0x3004(0)
        sync
end:    b       end
`;
  test('tells text once, spikes with their times, and comes back after unplugging', async () => {
    const port = new FakePort({ chip: Chip.ideal() });
    cleanUp.push(() => port.close());
    const board = await openWire('/dev/fake', { binding: port });
    await flash(board, planFlash(assemble([{ name: 'talk.s', text: source }]), [0]));
    const writer = new PlaybackWriter();
    writer.write(0x88000005, 1).write(0x00130019, 0);
    writer.writeContainer('BackgroundSpikeSource', [0], {
      enable: 1,
      period: 65535,
      neuron_label: 5,
    });
    await board.run(writer.barrier().halt().words());
    const events: MonitorEvent[] = [];
    let cuts = 0;
    await monitorBoard(board, {
      step: 0.002,
      looks: 8,
      retry: 0.05,
      onEvent: (event) => {
        events.push(event);
        if (cuts++ === 0) port.cut();
      },
    });
    const text = events.flatMap((event) => (event.kind === 'text' ? [event.text] : []));
    expect(text.join('')).toBe('hello!');
    expect(events.map(({ kind }) => kind)).toContain('lost');
    expect(events.map(({ kind }) => kind)).toContain('back');
    await board.close();
  });
});

describe('records of a rule', () => {
  const rule = (step: number): { elf: Uint8Array; plan: ReturnType<typeof planFlash> } => {
    const text = `rule counting {
      state rounds in [0, 1000] = 0
      every 1 ms {
        rounds += ${step}
        record rounds, rounds * 2 + 5
        each neuron { record 200 - neuron }
      }
    }`;
    const { program, layout } = compile([{ name: 'counting.plast', text }]);
    if (program === undefined || layout === undefined) throw new Error('it does not compile');
    return { elf: writeElf(withRecordNote(program, layout)), plan: planFlash(program, [0, 1]) };
  };

  test('of both processors are taken apart, each once, as the file of the program says', async () => {
    const { elf, plan } = rule(1);
    const board = InProcessBoard.of(Chip.ideal({ engine: 'fast' }));
    await flash(board, plan, { go: true });
    const program = recordingProgramOf(elf);
    if (program === undefined) throw new Error('the file says nothing of records');
    const events: MonitorEvent[] = [];
    await monitorBoard(board, {
      program,
      step: 0.0023,
      looks: 3,
      onEvent: (event) => events.push(event),
    });
    for (const hemisphere of [0, 1]) {
      const records = events.flatMap((event) =>
        event.kind === 'record' && event.hemisphere === hemisphere ? [event] : [],
      );
      const scalars = records.filter(({ fields }) => fields.length === 2);
      expect(scalars.length).toBeGreaterThanOrEqual(5);
      scalars.forEach(({ rule: name, execution, seconds, fields }, i) => {
        expect({ name, execution }).toEqual({ name: 'counting', execution: i });
        expect(fields.map(({ values }) => [...values])).toEqual([[i + 1], [2 * i + 7]]);
        expect(seconds).toBeGreaterThan(0.001 * (i + 1));
        expect(seconds).toBeLessThan(0.001 * (i + 2));
      });
      const lanes = records.filter(({ fields }) => fields.length === 1);
      expect(lanes.length).toBe(scalars.length);
      for (const { fields } of lanes)
        expect([...(fields[0]?.values ?? [])]).toEqual(
          Array.from({ length: 256 }, (_, neuron) => 200 - neuron),
        );
    }
  });

  test('of another program are counted only', async () => {
    const board = InProcessBoard.of(Chip.ideal({ engine: 'fast' }));
    await flash(board, rule(1).plan, { go: true });
    const program = recordingProgramOf(rule(2).elf);
    if (program === undefined) throw new Error('the file says nothing of records');
    const kinds = new Set<string>();
    await monitorBoard(board, {
      program,
      step: 0.0023,
      looks: 1,
      onEvent: ({ kind }) => kinds.add(kind),
    });
    expect([...kinds]).toEqual(['rule']);
  });

  test('lie in a half of the memory for each processor', () => {
    const { plan } = rule(1);
    const patched = (hemisphere: number): string[] =>
      plan.patches.flatMap((patch) => (patch.hemisphere === hemisphere ? [patch.name] : []));
    expect(patched(1)).toContain('external memory of rule 0');
    expect(patched(0)).not.toContain('external memory of rule 0');
    for (const hemisphere of [0, 1]) expect(patched(hemisphere)).toContain('bytes of records');
  });

  test('a file without a note, or that is no program, says nothing of records', () => {
    expect(
      recordingProgramOf(writeElf(assemble([{ name: 'a.s', text: '_start: b _start\n' }]))),
    ).toBeUndefined();
    expect(() => recordingProgramOf(Uint8Array.of(1, 2, 3))).toThrow();
  });
});

test('a board behind a board answers as itself, and failures end the session', async () => {
  const inner = InProcessBoard.of(Chip.fromSeed(5));
  const failures: unknown[] = [];
  const server = proxyServer(inner, {}, (error) => failures.push(error));
  const listener = await listenTcp(server, '127.0.0.1', 0);
  cleanUp.push(
    () => listener.close(),
    () => server.close(),
  );
  const board = await openBoard(listener.url);
  const writer = new PlaybackWriter().write(sramAddress(1, 7), 77);
  writer.read(sramAddress(1, 7));
  const words = writer.barrier().halt().words();
  expect(await board.run(words)).toEqual(await InProcessBoard.of(Chip.fromSeed(5)).run(words));
  await inner.close();
  await expect(board.run(words)).rejects.toMatchObject({ problem: 'closed by board' });
  expect(failures.length).toBe(1);
});
