import { expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import type { PlaybackWriter } from '../../../isa/playback/index.js';
import { addressOf, backendWords, driverWords, neuronLabel } from '../../../isa/registers/index.js';
import { begin, enableCadc, openNodes, run } from '../host.js';

const space = { causal: 0x02c90000, acausal: 0x02cd0000 };

function ramps(program: PlaybackWriter): void {
  for (let block = 0; block < 4; block++) {
    program.write(addressOf('CapMemCell', [block, 4, 128]), 31);
    program.write(addressOf('CapMemCell', [block, 15, 128]), 369);
  }
  for (let quad = 0; quad < 64; quad++)
    program.write(addressOf('ColumnCorrelationQuad', [0, quad]), 0xc0c0c0c0);
}

test('the reset spaces read what fresh sensors show, whatever they have accumulated', () => {
  const answers = run(Chip.fromSeed(6, { noise: { cadc: false } }), (program) => {
    begin(program);
    enableCadc(program);
    ramps(program);
    // Large amplitudes: a pair lowers the code by several counts.
    for (const block of [0, 1]) {
      program.write(addressOf('CapMemCell', [block, 9, 128]), 40);
      program.write(addressOf('CapMemCell', [block, 10, 128]), 2);
    }
    openNodes(program, [[0, 8]]);
    program.write(addressOf('CommonPADIBusConfig', [0]), 0xf);
    program.writeWords(
      'SynapseDriverConfig',
      [0, 0],
      driverWords({ enable_receiver: 1, row_mask: 31, forward_address: 1 }),
    );
    for (let index = 0; index < 256; index++)
      program.writeWords('NeuronBackendConfig', [0, index], backendWords({ post_overwrite: 1 }));
    const fresh = addressOf('CADCSampleQuad', [0, 0, 0, 0, 0]);
    const freshAcausal = addressOf('CADCSampleQuad', [0, 1, 1, 0, 0]);
    program.read(fresh);
    program.read(freshAcausal);
    program.read(space.causal);
    program.read(space.acausal);
    program.waitUntil(20_000).spike(neuronLabel(0, 0)).waitUntil(20_400);
    program.write(addressOf('BlockPostPulse', [0]), 1).waitUntil(21_000);
    program.read(space.causal);
    program.read(space.acausal);
    program.read(fresh);
  });
  const [fresh = 0, freshAcausal, ...resets] = [...answers.reads.values()];
  const used = resets.pop() ?? 0;
  expect(resets).toEqual([fresh, freshAcausal, fresh, freshAcausal]);
  expect(fresh >>> 24).toBeGreaterThan((used >>> 24) + 3);
  expect(fresh).not.toBe(freshAcausal);
});

test('a reset space converts and takes as long, the latch keeps its codes', () => {
  const answers = run(Chip.ideal(), (program) => {
    begin(program);
    enableCadc(program);
    ramps(program);
    program.read(addressOf('CADCSampleQuad', [0, 0, 0, 0, 0]));
    program.barrier(1).tick();
    program.read(space.causal);
    program.barrier(1).tick();
    program.read(addressOf('CADCSampleQuad', [0, 1, 0, 0, 0]));
  });
  const [a = 0, b = 0] = [...answers.ticks.values()];
  expect(b - a).toBeGreaterThan(212);
  const [before, , after] = [...answers.reads.values()];
  expect(after).toBe(before);
});

test('a converter that is not enabled converts nothing and keeps its codes; its waits make it slower', () => {
  const answers = run(Chip.ideal(), (program) => {
    begin(program);
    ramps(program);
    const sample = addressOf('CADCSampleQuad', [0, 0, 0, 0, 0]);
    program.read(sample);
    enableCadc(program);
    program.read(sample);
    program.write(addressOf('CADCConfig', [0]), 0);
    program.write(addressOf('CapMemCell', [0, 4, 128]), 200);
    program.read(sample);
    program.writeContainer('CADCConfig', [0], { enable: 1, reset_wait: 200, dead_time: 20 });
    program.barrier(1).tick();
    program.read(sample);
    program.barrier(1).tick();
    program.writeContainer('CADCConfig', [0], { enable: 1, reset_wait: 100, dead_time: 20 });
    program.barrier(1).tick();
    program.read(sample);
    program.barrier(1).tick();
  });
  const [off, on, kept, again] = [...answers.reads.values()];
  expect(off).toBe(0);
  expect(on).toBe(0xcdcdcdcd);
  expect(kept).toBe(on);
  expect(again).not.toBe(on);
  const [a = 0, b = 0, c = 0, d = 0] = [...answers.ticks.values()];
  // 100 cycles more; messages that meet are told a tick or two apart.
  expect(Math.abs(b - a - (d - c) - 50)).toBeLessThan(4);
});
