import { describe, expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import type { PlaybackWriter } from '../../../isa/playback/index.js';
import { addressOf } from '../../../isa/registers/index.js';
import { begin, openNodes, run } from '../host.js';

const route = {
  out: (label: number): number => addressOf('SpikeIOOutputRoute', [label]),
  in: (address: number): number => addressOf('SpikeIOInputRoute', [address]),
};

/** Events of the host with SPL1 address 0 and 1 come back; routes lead from 0x0100 by address 7 to 0x4200. */
function loop(program: PlaybackWriter, scaler: number, config: Record<string, number> = {}): void {
  begin(program);
  openNodes(program, [
    [8, 8],
    [9, 9],
  ]);
  program.write(route.out(0x0100), 7).write(route.out(0x0101), 255).write(route.out(0x4200), 255);
  program.write(route.in(7), 0x4200).write(route.in(9), 0xffff);
  program.writeContainer('SpikeIOConfig', [], {
    data_rate_scaler: scaler,
    enable_tx: 1,
    enable_rx: 1,
    enable_internal_loopback: 1,
    ...config,
  });
  program.barrier(1).timerSetup();
}

describe('SpikeIO', () => {
  test('label, output route, serial address, input route, label: traced when sent and when received', () => {
    const answers = run(Chip.ideal(), (program) => {
      loop(program, 3);
      program.waitUntil(100).spike(0x0100).waitUntil(600);
    });
    expect([...answers.spikeLabels.values()]).toEqual([0x0100, 0x4200]);
    const [sent = 0, received = 0] = [...answers.spikeTimes.values()];
    // Out 100 cycles, a frame of ten bits of 3 ticks, in 124 cycles.
    expect(received - sent).toBe(100 + 10 * 3 * 2 + 124);
  });

  test('frames follow each other on the line; what finds the queue full is dropped and counted', () => {
    const chip = Chip.ideal({ digital: { serialQueue: 4 } });
    const answers = run(chip, (program) => {
      loop(program, 10);
      program.waitUntil(100);
      for (let i = 0; i < 10; i++) program.spike(0x0100);
      program.waitUntil(3000);
    });
    const labels = [...answers.spikeLabels.values()];
    const times = [...answers.spikeTimes.values()];
    const received = times.filter((_, i) => labels[i] === 0x4200);
    expect(received.length).toBe(5);
    expect(chip.warnings().serialOverflows).toBe(5);
    for (let i = 1; i < received.length; i++)
      expect((received[i] ?? 0) - (received[i - 1] ?? 0)).toBe(200);
  });

  test.each([
    ['the address is silent', {}, 0x0101],
    ['nothing is sent', { enable_tx: 0 }, 0x0100],
    ['nothing is received', { enable_rx: 0 }, 0x0100],
    ['the line is open', { enable_internal_loopback: 0 }, 0x0100],
  ])('nothing comes back where %s', (_, config, label) => {
    const answers = run(Chip.ideal(), (program) => {
      loop(program, 1, config);
      program.waitUntil(100).spike(label).waitUntil(600);
    });
    expect([...answers.spikeLabels.values()]).toEqual([label]);
  });
});
