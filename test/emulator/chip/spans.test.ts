/** Stations of the routing do spans of time at once: what comes out depends neither on the spans nor on who cuts them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fired } from '../../../emulator/analog/fired.js';
import { EventQueue, cycleOf, keyOf, orderOf } from '../../../emulator/chip/event-queue.js';
import { Chip } from '../../../emulator/index.js';
import { PlaybackWriter, ResponseReader } from '../../../isa/playback/index.js';
import {
  addressOf,
  backendWords,
  crossbarNodes,
  driverWords,
  placeOfNeuron,
} from '../../../isa/registers/index.js';
import { begin } from '../host.js';

/** Which crossbar nodes are open, and whether the serial line is closed. */
interface Ways {
  readonly open: (output: number, input: number) => boolean;
  readonly serial?: boolean;
}

const ways: Readonly<Record<string, Ways>> = {
  'no event comes back': { open: (output, input) => output < 8 !== input < 8 },
  'spikes come back to synapses': { open: (output, input) => input < 12 && output < 12 },
  'host and neurons meet at outputs to the FPGA': { open: (output) => output >= 8 || output === 1 },
  'events come back by the serial line': {
    open: (output, input) => output < 8 !== input < 8,
    serial: true,
  },
};

/** Neurons in bypass mode, which answer every event that their synapses take; background sources; bursts of the host. */
function network({ open, serial }: Ways): Uint32Array {
  const program = begin(new PlaybackWriter());
  crossbarNodes.forEach(([output, input], node) =>
    program.write(
      addressOf('CrossbarNode', [node]),
      // Nodes of one input also count what they do not let through.
      open(output, input) ? (input === 3 ? 0x80010001 : 0) : 0x00010000,
    ),
  );
  program.write(addressOf('CrossbarOutputConfig', []), 0xfff0);
  for (const hemisphere of [0, 1]) {
    program.write(addressOf('CommonPADIBusConfig', [hemisphere]), 0xf);
    for (let driver = 0; driver < 12; driver++)
      program.writeWords(
        'SynapseDriverConfig',
        [hemisphere, driver],
        driverWords({
          enable_receiver: 1,
          row_mask: driver < 4 ? 0 : 31,
          forward_address: 1,
          en_exc_bottom: 1,
        }),
      );
    program.write(addressOf('CapMemCell', [2 * hemisphere, 8, 128]), 600);
    program.write(addressOf('ColumnCurrentQuad', [hemisphere, 0]), 0x03030303);
    for (let row = 0; row < 24; row++)
      program.write(addressOf('SynapseWeightQuad', [hemisphere, row, 0]), 0x3f003f00 >>> (row & 8));
  }
  for (const neuron of [0, 2, 4, 6, 256, 258]) bypass(program, neuron);
  program.writeContainer('CommonNeuronBackendConfig', [0], { en_event_regs: 1, en_clocks: 1 });
  program.writeContainer('BackgroundSpikeSource', [2], {
    enable: 1,
    period: 611,
    neuron_label: 0,
  });
  if (serial === true) closeLine(program);
  program.timerSetup();
  for (let i = 0; i < 40; i++) {
    program.waitUntil(50 + 37 * i + (i % 7));
    program.spikes(Array.from({ length: 1 + (i % 5) }, (_, k) => ((i + k) & 3) << 14));
    if (i % 8 === 3) program.read(addressOf('CrossbarOutputEventCounter', [i % 12]));
    if (i % 8 === 6) program.read(addressOf('SpikeCounterRead', [0, i % 4]));
  }
  program.waitUntil(3000).readBlock(addressOf('CrossbarOutputEventCounter', [0]), 12);
  program.readBlock(addressOf('CrossbarInputDropCounter', [0]), 20);
  return program.barrier(1).halt().words();
}

function bypass(program: PlaybackWriter, neuron: number): void {
  const { block, slot, backendHalf, indexInHalf } = placeOfNeuron(neuron);
  program.writeContainer('NeuronConfig', [block, slot], {
    en_fire: 1,
    en_byp_exc: 1,
    en_synin_exc: 1,
    mem_cap_size: 63,
  });
  program.writeWords(
    'NeuronBackendConfig',
    [backendHalf, indexInHalf],
    // 100 clock periods of refractory time keep loops from filling every slot.
    backendWords({
      address_out: neuron & 63,
      en_spike_out: 1,
      reset_holdoff: 15,
      refractory_time: 100,
    }),
  );
}

/** Labels that neurons send come back as a spike for row select 0. */
function closeLine(program: PlaybackWriter): void {
  program.writeContainer('SpikeIOConfig', [], {
    data_rate_scaler: 3,
    enable_tx: 1,
    enable_rx: 1,
    enable_internal_loopback: 1,
  });
  for (let label = 0; label < 0x1000; label++)
    if ((label & 0xff) < 7) {
      program.write(addressOf('SpikeIOOutputRoute', [label]), label & 7);
      program.write(addressOf('SpikeIOInputRoute', [label & 7]), (label & 1) << 14);
    }
}

/** Answers of a run that is cut wherever `cycles` says. */
function answers(words: Uint32Array, cycles: () => number): number[] {
  const chip = Chip.fromSeed(5, { engine: 'fast' });
  const all: number[] = [];
  chip.feed(words);
  for (;;) {
    const isDone = chip.run(cycles());
    all.push(...chip.takeOutput());
    if (isDone) return all;
  }
}

describe.each(Object.entries(ways))('%s', (_, way) => {
  const words = network(way);
  const whole = answers(words, () => Infinity);

  test('there are spikes, and what is counted is more than nothing', () => {
    const seen = new ResponseReader().push(Uint32Array.from(whole));
    expect(seen.spikeLabels.length).toBeGreaterThan(20);
    expect(Math.max(...seen.reads.values())).toBeGreaterThan(20);
    expect(seen.timeouts).toEqual([]);
  });

  test('cut at any cycle, the answers are the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 3, maxLength: 9 }),
        fc.integer({ min: 1, max: 3000 }),
        (short, long) => {
          let turn = 0;
          const next = (): number => {
            const at = turn++ % (short.length + 1);
            return short[at] ?? long;
          };
          expect(answers(words, next)).toEqual(whole);
        },
      ),
      { numRuns: 3, seed: 11 },
    );
  });
});

test('spikes that have come before a reset are told whoever takes answers when; those in flight are lost', () => {
  const program = begin(new PlaybackWriter());
  for (let node = 0; node < crossbarNodes.length; node++)
    program.write(addressOf('CrossbarNode', [node]), 0);
  program.timerSetup();
  for (let i = 0; i < 20; i++) program.waitUntil(100 + 20 * i).spike(i);
  const words = program.reset(true).barrier(1).halt().words();
  const whole = answers(words, () => Infinity);
  const { spikeLabels } = new ResponseReader().push(Uint32Array.from(whole));
  expect(spikeLabels.length).toBeGreaterThan(5);
  expect(spikeLabels.length).toBeLessThan(20);
  for (const cycles of [3, 111, 700]) expect(answers(words, () => cycles)).toEqual(whole);
});

describe('queue of events', () => {
  test('gives events by cycle, then order number, then age, like a stable sort', () => {
    const event = fc.tuple(fc.nat(40), fc.nat(63));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 700 }), fc.nat(5), (events, gap) => {
        const queue = new EventQueue();
        const taken: number[] = [];
        const left: number[][] = [];
        events.forEach(([cycle, order], i) => {
          queue.push(keyOf(2 ** 40 + cycle, order), i);
          left.push([cycle, order, i]);
          // Some leave before others come, so that the ring goes round.
          if (gap === 0 || i % gap !== 0) return;
          left.sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d);
          const [first] = left.splice(0, 1);
          expect([cycleOf(queue.first) - 2 ** 40, orderOf(queue.first), queue.take()]).toEqual(
            first,
          );
        });
        left.sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d);
        while (queue.first < Infinity) taken.push(queue.take());
        expect(taken).toEqual(left.map(([, , i]) => i));
      }),
      { numRuns: 60 },
    );
  });
});

describe('spikes of one call', () => {
  test('are told by cycle and neuron; those that deliveries cause follow', () => {
    const fired = new Fired();
    const told: [number, number][] = [];
    fired.add(7, 10);
    fired.add(3, 10);
    fired.add(9, 12);
    fired.settle();
    fired.add(4, 12);
    fired.add(2, 12);
    for (let n = 100; n > 0; n--) fired.add(n, 13);
    fired.report((neuron, cycle) => told.push([neuron, cycle]));
    expect(told.slice(0, 5)).toEqual([
      [3, 10],
      [7, 10],
      [9, 12],
      [2, 12],
      [4, 12],
    ]);
    expect(told.slice(5)).toEqual(Array.from({ length: 100 }, (_, i) => [i + 1, 13]));
    fired.report(() => expect.fail('nothing is told twice'));
  });
});
