import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import { REGISTER_EFFECTS } from '../../../emulator/chip/register-effects.js';
import { registerTable } from '../../../emulator/chip/register-table.js';
import { Stream } from '../../../isa/numeric/random.js';
import { PlaybackWriter, ResponseReader } from '../../../isa/playback/index.js';
import {
  addressOf,
  backendWords,
  containerNames,
  containerRow,
  driverWords,
  encodeContainer,
  fieldMask,
  instanceCount,
  type ContainerName,
} from '../../../isa/registers/index.js';
import { begin, enableCadc, run } from '../host.js';

/** Addresses of all instances of a container: its strides, major to minor. */
function instances(name: ContainerName): number[] {
  return containerRow(name).strides.reduce(
    (bases, { count, stride }) =>
      bases.flatMap((base) => Array.from({ length: count }, (_, i) => base + i * stride)),
    [containerRow(name).base],
  );
}

/** The word of a neuron's configuration with its connections. */
const wires = containerRow('NeuronConfig').words.findIndex(
  ({ fields }) => 'connect_soma' in fields,
);

/** More instances than a test can visit: a random part of them. */
const most = 70_000;

function visited(name: ContainerName, draw: Stream): number[] {
  if (instanceCount(name) <= most) return instances(name);
  const { base, strides } = containerRow(name);
  return Array.from({ length: 4096 }, () =>
    strides.reduce(
      (at, { count, stride }) => at + Math.floor(draw.uniform() * count) * stride,
      base,
    ),
  );
}

describe('every container of the map', () => {
  const chip = Chip.ideal();
  const readWrite = containerNames.filter((name) => containerRow(name).access === 'rw');

  test.each(readWrite)(
    '%s gives back what was written at all its addresses, masked to its fields',
    (name) => {
      const draw = new Stream(1, name);
      const written = new Map<number, number>();
      const program = new PlaybackWriter().reset(true);
      for (const instance of visited(name, draw))
        containerRow(name).words.forEach((word, position) => {
          const address = (instance + word.offset) >>> 0;
          // Random connections between all neurons would take the chip seconds to work out: a part has them.
          const isJoined =
            name !== 'NeuronConfig' || position !== wires || written.size % 101 === 0;
          const value = isJoined ? Math.floor(draw.uniform() * 0x100000000) : 0;
          program.write(address, value);
          written.set(address, (value & fieldMask(name, position)) >>> 0);
        });
      for (const address of written.keys()) program.read(address);
      const answers = new ResponseReader().push(chip.execute(program.halt().words()));
      const wrong = [...written].flatMap(([address, value], i) =>
        answers.reads.at(i) === value ? [] : [{ address, value, got: answers.reads.at(i) }],
      );
      expect(wrong.slice(0, 3)).toEqual([]);
      expect(answers.reads.length).toBe(written.size);
      expect(chip.warnings().unmapped).toBe(0);
    },
  );

  const readOnly = containerNames.filter(
    (name) => containerRow(name).access === 'r' && name !== 'ExecutorTimerRead',
  );

  test.each(readOnly)('%s answers and takes no write', (name) => {
    const draw = new Stream(2, name);
    const all = visited(name, draw).slice(0, 512);
    const program = new PlaybackWriter().reset(true);
    for (const address of all) program.read(address);
    for (const address of all) program.write(address, 0xffffffff);
    for (const address of all) program.read(address);
    const answers = new ResponseReader().push(chip.execute(program.halt().words()));
    const values = [...answers.reads.values()];
    expect(values.slice(all.length)).toEqual(values.slice(0, all.length));
    expect(chip.warnings().unmapped).toBe(0);
  });

  test('those that are only written answer 0 and are mapped', () => {
    for (const name of containerNames) {
      if (containerRow(name).access !== 'w' || name === 'CorrelationReset') continue;
      if (name === 'NeuronResetQuad') continue;
      const answers = run(chip, (program) => {
        program.reset(true);
        for (const address of instances(name)) program.write(address, 0xffffffff).read(address);
      });
      expect(new Set(answers.reads.values())).toEqual(new Set([0]));
    }
    expect(chip.warnings().unmapped).toBe(0);
  });
});

/** Views of the switch rows and of the synapses: what is written in one is read in all others. */
test('all views of all synapses and switches of both halves are one storage', () => {
  const draw = new Stream(3, 'views');
  const views: readonly ContainerName[] = [
    'SynapseQuad',
    'SynapseWeightQuad',
    'SynapseLabelQuad',
    'SynapseCorrelationCalibQuad',
  ];
  /** 16 bits of each of 2 x 256 x 64 x 4 synapses: label, amplitude trim, weight, time trim. */
  const model = new Map<string, number>();
  const key = (hemisphere: number, row: number, quad: number, entry: number): string =>
    `${hemisphere} ${row} ${quad} ${entry}`;
  const program = new PlaybackWriter().reset(true);
  const reads: { got: number; expected: number }[] = [];
  for (let i = 0; i < 4000; i++) {
    const name = views[Math.floor(draw.uniform() * 4)] ?? 'SynapseQuad';
    const [hemisphere, row, quad] = [2, 256, 64].map((n) => Math.floor(draw.uniform() * n));
    const place = [hemisphere ?? 0, i % 2 === 0 ? 7 : (row ?? 0), (quad ?? 0) % 3] as const;
    const word = name === 'SynapseQuad' || name === 'SynapseCorrelationCalibQuad' ? i & 1 : 0;
    const value = Math.floor(draw.uniform() * 0x100000000);
    program.write(addressOf(name, [...place], word), value);
    for (let entry = 0; entry < 4; entry++) {
      const at = key(...place, entry);
      const byte = (value >>> (24 - 8 * entry)) & 0xff;
      const old = model.get(at) ?? 0;
      // Weight 0..5, time trim 6..7, label 8..13, amplitude trim 14..15.
      const [shift, mask] =
        name === 'SynapseQuad'
          ? [8 * word, 0xff]
          : name === 'SynapseWeightQuad'
            ? [0, 63]
            : name === 'SynapseLabelQuad'
              ? [8, 63]
              : [6 + 8 * word, 3];
      model.set(at, (old & ~(mask << shift)) | ((byte & mask) << shift));
    }
    const seen = views[Math.floor(draw.uniform() * 4)] ?? 'SynapseQuad';
    const lane =
      seen === 'SynapseQuad' || seen === 'SynapseCorrelationCalibQuad' ? (i >> 1) & 1 : 0;
    program.read(addressOf(seen, [...place], lane));
    let expected = 0;
    for (let entry = 0; entry < 4; entry++) {
      const bits = model.get(key(...place, entry)) ?? 0;
      const byte =
        seen === 'SynapseQuad'
          ? (bits >> (8 * lane)) & 0xff
          : seen === 'SynapseWeightQuad'
            ? bits & 63
            : seen === 'SynapseLabelQuad'
              ? (bits >> 8) & 63
              : (bits >> (6 + 8 * lane)) & 3;
      expected = ((expected << 8) | byte) >>> 0;
    }
    reads.push({ got: 0, expected });
  }
  const answers = new ResponseReader().push(Chip.ideal().execute(program.halt().words()));
  expect([...answers.reads.values()]).toEqual(reads.map(({ expected }) => expected));
});

/** One number for everything but the registers, the executor and what goes to the host. */
function digest(chip: Chip): number {
  let hash = 0;
  const mix = (value: number): void => {
    const whole = Math.floor(value);
    hash =
      (Math.imul(hash ^ (whole | 0), 0x01000193) + Math.floor((value - whole) * 0x7fffffff)) | 0;
  };
  const visit = (value: unknown): void => {
    if (typeof value === 'number') mix(Number.isFinite(value) ? value : -7);
    else if (typeof value === 'boolean') mix(value ? 1 : 2);
    else if (typeof value === 'string')
      for (let i = 0; i < value.length; i++) mix(value.charCodeAt(i));
    else if (ArrayBuffer.isView(value)) {
      // Arrays of a snapshot are copies that begin at the beginning of their buffer.
      const words = new Uint32Array(value.buffer, 0, value.byteLength >> 2);
      for (let i = 0; i < words.length; i++)
        hash = Math.imul(hash ^ (words[i] ?? 0), 0x01000193) ^ (hash >>> 15);
    } else if (Array.isArray(value)) value.forEach(visit);
    else if (value !== null && typeof value === 'object') Object.values(value).forEach(visit);
  };
  const { parts, memory, processors, analog } = chip.save();
  const { executor: _e, writer: _w, answers: _a, jtagAnswers: _j, omnibus: _o, ...rest } = parts;
  visit([rest, memory, processors, analog]);
  return hash;
}

/** A neuron that fires, a sensor that has seen a pair, counters that count: so that resets have something to do. */
function prepare(program: PlaybackWriter): void {
  begin(program);
  enableCadc(program);
  for (const [row, code] of Object.entries({ 0: 629, 1: 601, 2: 300, 8: 95, 9: 1015, 22: 200 }))
    program.write(addressOf('CapMemCell', [0, Number(row), 0]), code);
  for (const row of [9, 10]) program.write(addressOf('CapMemCell', [0, row, 128]), 30);
  program.writeWords(
    'NeuronConfig',
    [0, 0],
    encodeContainer('NeuronConfig', {
      mem_cap_size: 63,
      en_reset_mul: 1,
      en_mem_off: 1,
      en_fire: 1,
      en_thresh_comp: 1,
    }),
  );
  program.writeWords(
    'NeuronBackendConfig',
    [0, 0],
    backendWords({ refractory_time: 99, reset_holdoff: 15 }),
  );
  program.writeWords('NeuronBackendConfig', [0, 1], backendWords({ post_overwrite: 1 }));
  program.writeContainer('CommonNeuronBackendConfig', [0], { en_event_regs: 1, en_clocks: 1 });
  program.writeWords(
    'SynapseDriverConfig',
    [0, 0],
    driverWords({ enable_receiver: 1, forward_address: 1 }),
  );
  for (let i = 0; i < 20; i++)
    program
      .waitUntil(1000 + 300 * i)
      .write(addressOf('PADIEvent', [0]), 1)
      .waitUntil(1100 + 300 * i)
      .write(addressOf('BlockPostPulse', [0]), 1);
  program.waitUntil(20_000);
}

/** Where all ones would say nothing: the converter wakes up without being stopped, recording is switched off. */
const telling: Partial<Record<ContainerName, number>> = { MADCControl: 3, EventRecordingConfig: 0 };

describe('the table of effects', () => {
  const chip = Chip.ideal();
  run(chip, prepare);
  const prepared = chip.save();
  /** State after the words of an instance have been set; `undefined`: a register that does nothing. */
  const after = (name: ContainerName | undefined): number => {
    chip.load(prepared);
    const program = new PlaybackWriter().timerSetup();
    const neutral = addressOf('PLLSelfTest', []);
    for (let word = 0; word < 12; word++) {
      const exists = name !== undefined && word < containerRow(name).words.length;
      const address = exists
        ? containerRow(name).base + (containerRow(name).words[word]?.offset ?? 0)
        : neutral;
      program.write(address, exists ? (telling[name] ?? 0xffffffff) : 0xffffffff);
    }
    chip.execute(program.waitUntil(600).halt().words());
    return digest(chip);
  };
  const untouched = after(undefined);

  test.each(containerNames)('is right about what a write to %s does', (name) => {
    expect(after(name) !== untouched).toBe(REGISTER_EFFECTS[name].kind === 'acts');
  });

  test('stands in the manual as the script writes it', () => {
    const page = readFileSync(new URL('../../../docs/chip.md', import.meta.url), 'utf8');
    expect(page).toContain(registerTable());
  });
});
