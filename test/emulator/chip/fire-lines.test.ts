import { describe, expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import { fireTargets } from '../../../emulator/analog/fire-lines.js';
import { Settings } from '../../../emulator/analog/settings.js';
import { ParameterMemory } from '../../../emulator/analog/parameter-memory.js';
import { FixedPattern } from '../../../emulator/analog/die.js';
import { constantsWith } from '../../../emulator/analog/constants.js';
import type { PlaybackWriter } from '../../../isa/playback/index.js';
import {
  addressOf,
  backendWords,
  encodeContainer,
  placeOfNeuron,
  type BackendSettings,
} from '../../../isa/registers/index.js';
import { begin, openNodes, run } from '../host.js';

function settingsWith(
  backends: Readonly<Record<number, Partial<BackendSettings>>>,
): ReturnType<typeof fireTargets> {
  const constants = constantsWith();
  const memory = new ParameterMemory(
    new FixedPattern('ideal', constants),
    constants,
    'instant',
    false,
  );
  const settings = new Settings(memory, constants);
  for (const [neuron, fields] of Object.entries(backends))
    Object.assign(settings.backends[Number(neuron)] ?? {}, fields);
  return fireTargets(settings);
}

describe('the fire line of a circuit', () => {
  const slave = { en_neuron_slave: 1 };
  const master = { en_neuron_master: 1 };

  test('runs to the right where it is sent and to the left where it is taken', () => {
    const targets = settingsWith({
      4: slave,
      5: { ...slave, connect_fire_from_right: 1 },
      6: { ...master, connect_fire_to_right: 1 },
      7: { ...slave, connect_fire_to_right: 1 },
      8: slave,
      9: slave,
    });
    expect([...(targets[6] ?? [])]).toEqual([5, 7, 8]);
    expect(targets.filter((list) => list !== undefined)).toHaveLength(1);
  });

  test('joins the two rows of a column if either of them says so, through circuits that follow nothing', () => {
    const targets = settingsWith({
      10: { ...master, connect_fire_to_right: 1 },
      267: { ...slave, connect_fire_bottom: 1 },
    });
    expect([...(targets[10] ?? [])]).toEqual([267]);
  });

  test('does not cross the middle of the chip, and drives nothing without a master', () => {
    const right = { connect_fire_to_right: 1, ...slave };
    expect(settingsWith({ 127: { ...master, ...right }, 128: slave })[127]).toBeUndefined();
    expect(settingsWith({ 3: right, 4: slave })[3]).toBeUndefined();
  });
});

/** One neuron that its offset current fires; the others of the line have nothing but the line. */
function firingLine(
  program: PlaybackWriter,
  backends: Readonly<Record<number, Partial<BackendSettings>>>,
): void {
  for (const [text, settings] of Object.entries(backends)) {
    const neuron = Number(text);
    const { block, slot, backendHalf, indexInHalf } = placeOfNeuron(neuron);
    const fires = settings.en_neuron_master === 1;
    const codes = { 0: 629, 1: 601, 2: 300, 8: 95, 9: 1015, 22: fires ? 200 : 0 };
    for (const [row, code] of Object.entries(codes))
      program.write(addressOf('CapMemCell', [block, Number(row), slot]), code);
    program.writeWords(
      'NeuronConfig',
      [block, slot],
      encodeContainer('NeuronConfig', {
        mem_cap_size: 63,
        en_reset_mul: 1,
        en_mem_off: 1,
        en_fire: Number(fires),
        en_thresh_comp: Number(fires),
      }),
    );
    program.writeWords(
      'NeuronBackendConfig',
      [backendHalf, indexInHalf],
      backendWords({
        address_out: neuron & 255,
        en_spike_out: 1,
        reset_holdoff: 15,
        refractory_time: 99,
        ...settings,
      }),
    );
  }
  for (const half of [0, 1])
    program.writeContainer('CommonNeuronBackendConfig', [half], { en_event_regs: 1, en_clocks: 1 });
}

describe.each(['precise', 'fast'] as const)('circuits on one line (%s)', (engine) => {
  test('fire in the same cycle in order of their number, are counted, and are reset', () => {
    const neurons = {
      40: { en_neuron_slave: 1, connect_fire_from_right: 1 },
      41: { en_neuron_master: 1, connect_fire_bottom: 1 },
      297: { en_neuron_slave: 1 },
    };
    const chip = Chip.ideal({ engine });
    const answers = run(chip, (program) => {
      begin(program);
      openNodes(program, [[9, 1]]);
      firingLine(program, neurons);
      program.waitUntil(125 * 400);
      for (const neuron of Object.keys(neurons)) {
        const { backendHalf, indexInHalf } = placeOfNeuron(Number(neuron));
        program.read(addressOf('SpikeCounterRead', [backendHalf, indexInHalf]));
      }
    });
    const counts = [...answers.reads.values()];
    expect(counts[1]).toBeGreaterThan(5);
    expect(new Set(counts).size).toBe(1);
    const labels = [...answers.spikeLabels.values()].map((label) => label & 255);
    expect(labels.slice(0, 6)).toEqual([40, 41, 41, 40, 41, 41]);
    const membranes = [40, 41, 297].map((neuron) => chip.analogView.membrane(neuron));
    // Only the master has a current: the others sit at their leak potential, between it and their reset potential after a spike.
    expect(membranes[0]).toBeLessThanOrEqual(420.1);
    expect(membranes[0]).toBeCloseTo(membranes[2] ?? 0, 6);
  });

  test('a slave that is refractory does not fire again', () => {
    const answers = run(Chip.ideal({ engine }), (program) => {
      begin(program);
      firingLine(program, {
        41: { en_neuron_master: 1, connect_fire_to_right: 1, refractory_time: 40 },
        42: { en_neuron_slave: 1, refractory_time: 255, select_input_clock: 1 },
      });
      program.writeContainer('CommonNeuronBackendConfig', [0], {
        en_event_regs: 1,
        en_clocks: 1,
        clock_scale_fast: 5,
      });
      program.waitUntil(125 * 400);
      for (const index of [41, 42]) program.read(addressOf('SpikeCounterRead', [0, index]));
    });
    const [master = 0, slave = 0] = [...answers.reads.values()];
    expect(slave).toBeGreaterThan(0);
    expect(slave).toBeLessThan(master);
  });
});
