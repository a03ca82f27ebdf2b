/** The low-level checks that every board should pass. They reset the chip and use its memories. */

import { assemble } from '../../isa/assembler/index.js';
import {
  barriers,
  decodeFromFpga,
  PlaybackWriter,
  ResponseReader,
} from '../../isa/playback/index.js';
import { addressOf, crossbarDropAll, crossbarNodeOf } from '../../isa/registers/index.js';
import { memoryImage } from '../../isa/program.js';
import { Access, controlAddress, sramAddress, timeoutRegister, usualTimeout } from '../access.js';
import type { Board } from '../board.js';
import { idcodes, writeBringUp, writeReset } from '../chip-setup.js';

export interface CheckResult {
  readonly name: string;
  /** Undefined: this board has nothing to check here. */
  readonly passed: boolean | undefined;
  /** What was expected and found. */
  readonly detail: string;
}

interface Check {
  readonly name: string;
  readonly run: (access: Access) => Promise<Omit<CheckResult, 'name'>>;
}

const recording = addressOf('EventRecordingConfig', []);
const timerRegister = 0x8800000c;
const spikes = 1000;

/** A chip fresh from reset, its time aligned, events recorded, crossbar shut but for `open`. */
function fresh(
  program: PlaybackWriter,
  open: readonly (readonly [number, number])[] = [],
): PlaybackWriter {
  writeReset(program);
  writeBringUp(program);
  program.write(recording, 1);
  for (let node = 0; node < 76; node++)
    program.write(addressOf('CrossbarNode', [node]), crossbarDropAll);
  for (const [output, input] of open)
    program.write(addressOf('CrossbarNode', [crossbarNodeOf(output, input)]), 0);
  return program;
}

function verdict(passed: boolean, detail: string): Omit<CheckResult, 'name'> {
  return { passed, detail };
}

async function halt(access: Access): Promise<Omit<CheckResult, 'name'>> {
  const words = await access.board.run(new PlaybackWriter().halt().words());
  const messages = decodeFromFpga(words).filter(({ name }) => !/^sys/.test(name));
  const isHalt = messages[0]?.name === 'loopback' && messages[0].fields.kind === 'halt';
  return verdict(
    messages.length === 1 && isHalt,
    `answered by ${messages.map(({ name }) => name).join(', ') || 'nothing'}`,
  );
}

async function identification(access: Access): Promise<Omit<CheckResult, 'name'>> {
  const idcode = await access.idcode();
  return verdict(
    idcodes[idcode] !== undefined,
    `0x${idcode.toString(16).padStart(8, '0')}: ${idcodes[idcode] ?? 'no revision that is known'}`,
  );
}

async function systimeBase(access: Access): Promise<Omit<CheckResult, 'name'>> {
  const answers = await access.run((program) =>
    fresh(program).jtagWrite(0, 0x1234abcd).jtagRead(0).barrier(barriers.jtag),
  );
  const found = (answers.jtag.values().at(-1) ?? 0) % 0x100000000;
  return verdict(found === 0x1234abcd, `wrote 0x1234abcd, read 0x${found.toString(16)}`);
}

async function byteEnables(access: Access): Promise<Omit<CheckResult, 'name'>> {
  const address = addressOf('SynapseQuad', [0, 0, 0]);
  const answers = await access.run((program) => {
    fresh(program).write(address, 0x12345678);
    for (const enable of [1, 2, 4, 8]) program.write(address, 0x87654321, enable).read(address);
  });
  const found = [...answers.reads.values()].map((word) => word.toString(16)).join(' ');
  return verdict(found === '12345621 12344321 12654321 87654321', found);
}

async function spikeLoopback(access: Access, size: 1 | 2 | 3): Promise<Omit<CheckResult, 'name'>> {
  const isEmulated = access.board.info.emulator !== undefined;
  const answers = await access.run((program) => {
    fresh(program, [
      [8, 8],
      [9, 9],
      [10, 10],
      [11, 11],
    ]).timerSetup();
    for (let i = 0; i < spikes; i += size) {
      const labels = Array.from({ length: Math.min(size, spikes - i) }, (_, k) => label(i + k));
      program.waitUntil(1000 + 10 * i).spikes(labels);
    }
    program.waitUntil(2000 + 10 * spikes);
  });
  const sent = new Map<number, number>();
  for (let i = 0; i < spikes; i++) sent.set(label(i), (sent.get(label(i)) ?? 0) + 1);
  let back = 0;
  for (const found of answers.spikeLabels.values()) {
    const left = sent.get(found) ?? 0;
    if (left === 0) continue;
    sent.set(found, left - 1);
    back++;
  }
  const enough = isEmulated ? spikes : 0.9 * spikes;
  return verdict(back >= enough, `${back} of ${spikes} spikes came back with their labels`);
}

/** Labels that use all four inputs from the host. */
function label(i: number): number {
  return ((i & 3) << 14) | (i & 0x3fff);
}

async function background(access: Access): Promise<Omit<CheckResult, 'name'>> {
  const period = 1000;
  const cycles = 50_000;
  const answers = await access.run((program) => {
    fresh(program, [[8, 12]]).writeContainer('BackgroundSpikeSource', [0], {
      enable: 1,
      period,
      neuron_label: 0x1234,
    });
    program.timerSetup().waitUntil(cycles);
    program.write(addressOf('BackgroundSpikeSource', [0]), 0).waitUntil(cycles + 1000);
  });
  const expected = (2 * cycles) / period;
  const found = answers.spikeLabels.length;
  return verdict(
    Math.abs(found - expected) <= 0.05 * expected,
    `${found} events, ${expected} expected`,
  );
}

/** Label to serial address to label: what comes from the chip goes out and round, traced both times. */
async function spikeIo(access: Access): Promise<Omit<CheckResult, 'name'>> {
  const [out, address, back] = [0x0100, 7, 0x0123];
  const answers = await access.run((program) => {
    fresh(program, [
      [8, 8],
      [9, 9],
    ]);
    program.write(addressOf('SpikeIOOutputRoute', [out]), address);
    program.write(addressOf('SpikeIOOutputRoute', [back]), 255);
    program.write(addressOf('SpikeIOInputRoute', [address]), back);
    program.writeContainer('SpikeIOConfig', [], {
      data_rate_scaler: 3,
      enable_tx: 1,
      enable_rx: 1,
      enable_internal_loopback: 1,
    });
    program.barrier().timerSetup().waitUntil(100).spike(out).waitUntil(200_000);
  });
  const labels = [...answers.spikeLabels.values()];
  return verdict(
    labels.includes(out) && labels.includes(back),
    `sent 0x${out.toString(16)}, labels traced: ${labels.map((found) => `0x${found.toString(16)}`).join(', ') || 'none'}`,
  );
}

async function counters(access: Access): Promise<Omit<CheckResult, 'name'>> {
  const loads = Array.from({ length: 256 }, (_, i) => `lwz ${5 + (i % 20)}, ${16 * i}(4)`);
  const source = `
        lis 4, 0x8048
        ori 4, 4, 0xa000
        mfspr 3, 284
        ${loads.join('\n')}
        sync
        mfspr 4, 284
        subf 3, 3, 4
        stw 3, 0x2000(0)
        sync
        wait
`;
  const image = memoryImage(assemble([{ name: 'counters.s', text: source }]), 0, 0x4000);
  const view = new DataView(image.buffer);
  const words = Array.from({ length: image.length >> 2 }, (_, i) => view.getUint32(4 * i));
  const answers = await access.run((program) => {
    fresh(program).write(controlAddress(0), 0).writeBlock(sramAddress(0, 0), words);
    program.write(sramAddress(0, 0x800), 0).write(controlAddress(0), 1).barrier();
    program.timerSetup().waitUntil(12_500).write(controlAddress(0), 0);
    program.read(sramAddress(0, 0x800));
  });
  const cycles = answers.reads.at(0) ?? 0;
  return verdict(cycles > 0 && cycles <= 320, `${cycles} cycles for 256 counters, at most 320`);
}

async function timer(access: Access): Promise<Omit<CheckResult, 'name'>> {
  const until = 10_000;
  const answers = await access.run((program) => {
    program.timerSetup().waitUntil(until).read(timerRegister);
  });
  const found = answers.reads.at(0) ?? 0;
  return verdict(
    found >= until && found < until + 20,
    `waited until ${until}, the timer read ${found}`,
  );
}

async function timeout(access: Access): Promise<Omit<CheckResult, 'name'>> {
  const limit = 2000;
  const writer = new PlaybackWriter();
  fresh(writer).write(timeoutRegister, limit).timerSetup();
  writer.pollFor(timerRegister, 0, 1).read(timerRegister);
  writer.write(timeoutRegister, usualTimeout);
  const words = await access.board.run(writer.barrier().halt().words());
  const answers = new ResponseReader().push(words);
  const found = answers.reads.values().at(-1) ?? 0;
  return verdict(
    answers.timeouts.length === 1 && found >= limit && found < limit + 200,
    `${answers.timeouts.length} notice(s), the program went on after ${found} FPGA cycles of ${limit}`,
  );
}

const checks: readonly Check[] = [
  { name: 'halt alone is answered by halt alone', run: halt },
  { name: 'JTAG identification', run: identification },
  { name: 'systime base written and read over JTAG', run: systimeBase },
  { name: 'byte enables', run: byteEnables },
  { name: 'spike loopback, 1 in a message', run: (access) => spikeLoopback(access, 1) },
  { name: 'spike loopback, 2 in a message', run: (access) => spikeLoopback(access, 2) },
  { name: 'spike loopback, 3 in a message', run: (access) => spikeLoopback(access, 3) },
  { name: 'regular background source', run: background },
  { name: 'SpikeIO internal loopback', run: spikeIo },
  { name: 'a processor reads 256 spike counters', run: counters },
  { name: 'playback timer', run: timer },
  { name: 'time-out of a poll that never matches', run: timeout },
];

/**
 * Runs every check; a check that throws has failed.
 * @param onResult called after each
 * @throws BoardError if the link is lost: no further check would mean anything
 */
export async function selfTest(
  board: Board,
  onResult: (result: CheckResult) => void = () => {},
  signal?: AbortSignal,
): Promise<readonly CheckResult[]> {
  const access = new Access(board, signal);
  const results: CheckResult[] = [];
  for (const { name, run } of checks) {
    const result = { name, ...(await run(access)) };
    results.push(result);
    onResult(result);
  }
  return results;
}
