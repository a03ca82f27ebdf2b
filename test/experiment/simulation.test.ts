import { expect, test } from 'vitest';
import type { Board } from '../../board/board.js';
import {
  ExperimentError,
  Network,
  RunFailure,
  Simulation,
  allToAll,
  lif,
} from '../../experiment/index.js';
import { decodeToFpga } from '../../isa/playback/index.js';
import { addressOf } from '../../isa/registers/registers.js';

/** A board that notes programs and answers as the smallest legal device: zeros for reads, echoes of marks. */
class SilentBoard implements Board {
  readonly info = { link: 'replay', name: 'silent', playbackWords: 1e6 } as const;
  readonly programs: Uint32Array[] = [];
  constructor(private readonly answersReads = true) {}

  run(program: Uint32Array): Promise<Uint32Array> {
    this.programs.push(program);
    const words: number[] = [];
    for (const message of decodeToFpga(program)) {
      if (message.name === 'omnibus_address' && message.fields.is_read && this.answersReads)
        words.push(0x01000000, 0);
      if (message.name === 'loopback')
        words.push(0x02000000, message.fields.kind === 'tick' ? 1 : 0);
    }
    return Promise.resolve(Uint32Array.from(words));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function smallNetwork(): { network: Network; simulation: (board: Board) => Promise<Simulation> } {
  const network = new Network();
  network.addPopulation('out', 2, lif());
  network.addSources('in', 4);
  network.project(
    'in',
    'out',
    allToAll((source) => source + 1),
  );
  return { network, simulation: (board) => Simulation.start(board, network) };
}

test('the first program resets the chip before anything else and ends with a halt', async () => {
  const board = new SilentBoard();
  await smallNetwork().simulation(board);
  const messages = decodeToFpga(board.programs[0] ?? new Uint32Array(0));
  expect(messages[0]).toMatchObject({ name: 'reset', fields: { value: true } });
  expect(messages.at(-1)).toMatchObject({ name: 'loopback', fields: { kind: 'halt' } });
  // No noise seed for a board that is not emulated.
  expect(JSON.stringify(messages)).not.toContain(String(0x8800f001));
});

test('start weights lie in the quads of their columns', async () => {
  const board = new SilentBoard();
  await smallNetwork().simulation(board);
  const messages = decodeToFpga(board.programs[0] ?? new Uint32Array(0));
  const row2 = addressOf('SynapseWeightQuad', [0, 2, 0]);
  const at = messages.findIndex((m) => m.name === 'omnibus_address' && m.fields.address === row2);
  // Neurons on columns 0 and 2: entries 0 and 1 of quad 0, weight 3 from source 2.
  expect(messages[at + 1]).toMatchObject({ name: 'omnibus_data', fields: { value: 0x03030000 } });
});

test('spikes leave at their times; two on one bus are 8 ns apart; weights are read before the end', async () => {
  const board = new SilentBoard();
  const { network, simulation } = smallNetwork();
  const running = await simulation(board);
  const [sources] = network.sources;
  const [projection] = network.projections;
  if (!sources || !projection) throw new Error('empty network');
  const piece = await running.run(1e-4, {
    stimuli: [{ sources, times: [10e-6, 10e-6, 20e-6], indices: [0, 1, 3] }],
    weights: [projection],
  });
  expect(piece.shifted).toBe(1);
  const messages = decodeToFpga(board.programs[1] ?? new Uint32Array(0));
  const waits = messages.flatMap((m) => (m.name === 'wait_until' ? [m.fields.value] : []));
  expect(waits.slice(0, 4)).toEqual([2500, 2500 + 1250, 2500 + 1251, 2500 + 2500]);
  expect(messages.filter((m) => m.name === 'spike_pack_1').length).toBe(3);
  expect(piece.weights.get(projection)).toEqual(new Uint8Array(8));
  expect(running.now).toBeCloseTo(1e-4, 12);
  const firstRead = messages.findIndex((m) => m.name === 'omnibus_address' && m.fields.is_read);
  const lastWait = messages.findLastIndex((m) => m.name === 'wait_until');
  expect(firstRead).toBeLessThan(lastWait);
});

test('a spike outside of its piece, and a board that loses answers, are failures with a reason', async () => {
  const { network, simulation } = smallNetwork();
  const [sources] = network.sources;
  const [projection] = network.projections;
  if (!sources || !projection) throw new Error('empty network');
  const running = await simulation(new SilentBoard());
  await expect(
    running.run(1e-5, { stimuli: [{ sources, times: [2e-5], indices: [0] }] }),
  ).rejects.toThrow(ExperimentError);
  await expect(
    running.run(1e-5, { stimuli: [{ sources, times: [1e-6], indices: [9] }] }),
  ).rejects.toThrow(/no source 9/);
  const deaf = await simulation(new SilentBoard(false));
  await expect(deaf.run(1e-5, { weights: [projection] })).rejects.toThrow(RunFailure);
});
