/** What a snapshot fits: an equal chip, whole; anything else is refused and changes nothing. */
import { serialize } from 'node:v8';
import { describe, expect, test } from 'vitest';
import {
  AnalogSnapshotError,
  DamagedSnapshotError,
  SNAPSHOT_VERSION,
} from '../../../emulator/analog/index.js';
import { CHIP_SNAPSHOT_VERSION } from '../../../emulator/chip/snapshot.js';
import {
  Chip,
  ChipSnapshotError,
  type ChipOptions,
  type ChipSnapshot,
} from '../../../emulator/index.js';
import { PlaybackWriter } from '../../../isa/playback/index.js';
import { addressOf } from '../../../isa/registers/index.js';
import { begin } from '../host.js';

/** A program that leaves traces in registers, memories and sources that go on by themselves. */
function first(): Uint32Array {
  const program = begin(new PlaybackWriter());
  program.write(0x80000010, 7).write(0x84000010, 9).write(0x02800003, 5);
  program.write(addressOf('CapMemCell', [2, 3, 4]), 345);
  program.writeContainer('BackgroundSpikeSource', [0], { enable: 1, period: 90, neuron_label: 3 });
  return program.waitUntil(900).halt().words();
}

/** What is there later, and after a reset: the noise seed that it brings back is part of the state, too. */
function second(): Uint32Array {
  const program = new PlaybackWriter().waitUntil(2000);
  for (const address of [0x80000010, 0x84000010, addressOf('CapMemCell', [2, 3, 4]), 0x8800f001])
    program.read(address);
  program.barrier().reset(true).reset(false);
  program.readBlock(0x8800f001, 2);
  return program.barrier().halt().words();
}

const make = (options: ChipOptions = {}): Chip => {
  const chip = Chip.fromSeed(3, options);
  chip.execute(first());
  return chip;
};

const whole = make().save();

/** A snapshot in which what stands at a path is something else, or missing. */
function damaged(path: readonly string[], value?: unknown): ChipSnapshot {
  const copy = structuredClone(whole);
  let place = copy as unknown as Record<string, unknown>;
  for (const key of path.slice(0, -1)) place = place[key] as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(place, last);
  else place[last] = value;
  return copy;
}

test('a used chip goes on like the one it was taken from, also after a reset', () => {
  const original = make({ noiseSeed: 11 });
  const used = Chip.fromSeed(3, { noiseSeed: 12 });
  used.execute(new PlaybackWriter().write(0x84005000, 1).spike(5).waitUntil(5000).halt().words());
  used.load(structuredClone(original.save()));
  expect([...used.execute(second())]).toEqual([...original.execute(second())]);
  expect(used.describe()).toEqual(original.describe());
});

test('what is said explicitly makes no other chip', () => {
  const said = make({ engine: 'precise', strict: false, noise: { ripple: false }, constants: {} });
  const meant = Chip.fromSeed(3, {
    constants: { drift: 0.005 },
    consume: true,
    settling: 'instant',
  });
  meant.load(said.save());
  expect(meant.cycle).toBe(said.cycle);
});

const otherChips: readonly [string, Chip][] = [
  ['another seed', Chip.fromSeed(4)],
  ['another law', Chip.fromSeed(3, { law: 'uncalibrated' })],
  ['the ideal chip', Chip.ideal()],
  ['another engine', Chip.fromSeed(3, { engine: 'fast' })],
  ['another constant', Chip.fromSeed(3, { constants: { drift: 0.006 } })],
  ['another digital figure', Chip.fromSeed(3, { digital: { chipAccess: 102 } })],
  ['another noise', Chip.fromSeed(3, { noise: { drift: false } })],
  ['settling cells', Chip.fromSeed(3, { settling: 'exponential' })],
  ['a strict chip', Chip.fromSeed(3, { strict: true })],
  ['defects', Chip.fromSeed(3, { defects: true })],
];

/** Places that are damaged, with what lies there then. */
const places: readonly (readonly [readonly string[], unknown])[] = [
  [['parts', 'fabric'], undefined],
  [['parts', 'executor', 'state'], undefined],
  [['parts', 'background', 'words'], new Uint8Array(24)],
  [['parts', 'topRandom', 'states'], 5],
  [['registers', '0', '1'], new Uint32Array(7)],
  [['memory', '0', '1'], new Uint32Array(7)],
  [['processors', '1'], undefined],
  [['processors', '0', 'core', 'parts', 'queue'], undefined],
  [['processors', '0', 'core', 'instructionWords'], new Int32Array(3)],
  [['analog', 'arrays', 'sensors.causal'], undefined],
  [['analog', 'arrays', 'neurons.v'], new Float64Array(511)],
  [['analog', 'arrays', 'settings.levels'], new Float32Array(12480)],
  [['analog', 'records', 'drivers'], []],
];

describe('a snapshot that does not fit', () => {
  test.each(otherChips)('%s refuses it', (_, chip) => {
    expect(() => chip.load(whole)).toThrow(ChipSnapshotError);
  });

  test('another version is refused, of the chip and of its analog core', () => {
    const of = (path: readonly string[], version: number) => () =>
      Chip.fromSeed(3).load(damaged(path, version));
    expect(of(['version'], CHIP_SNAPSHOT_VERSION - 1)).toThrow(ChipSnapshotError);
    expect(of(['analog', 'version'], SNAPSHOT_VERSION - 1)).toThrow(AnalogSnapshotError);
  });

  test.each(places)('damage at %j is named, and nothing is applied', (path, value) => {
    const chip = Chip.fromSeed(3);
    const before = serialize(chip.save());
    expect(() => chip.load(damaged(path, value))).toThrow(DamagedSnapshotError);
    expect(serialize(chip.save()).equals(before)).toBe(true);
  });
});
