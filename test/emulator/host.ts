/** A host for tests: writes a program, runs it on a chip, reads the answers. */

import { PlaybackWriter, ResponseReader } from '../../isa/playback/index.js';
import type { Chip } from '../../emulator/index.js';
import {
  addressOf,
  backendWords,
  crossbarNodeOf,
  driverWords,
  encodeContainer,
  placeOfNeuron,
} from '../../isa/registers/index.js';

/** Runs what `write` says, ended by a barrier and a halt. */
export function run(chip: Chip, write: (program: PlaybackWriter) => void): ResponseReader {
  const program = new PlaybackWriter();
  write(program);
  program.barrier().halt();
  return new ResponseReader().push(chip.execute(program.words()));
}

/** Reset and time synchronisation, as every run begins. */
export function begin(program: PlaybackWriter): PlaybackWriter {
  return program
    .reset(true)
    .timerSetup()
    .waitUntil(10)
    .reset(false)
    .timerSetup()
    .waitUntil(100)
    .write(0, 0)
    .write(1, 0)
    .barrier(1)
    .systimeInit()
    .barrier(4)
    .write(0x88000005, 1);
}

/** Both converters on, with the waits that hosts usually set. */
export function enableCadc(program: PlaybackWriter): void {
  for (const hemisphere of [0, 1])
    program.writeContainer('CADCConfig', [hemisphere], {
      enable: 1,
      reset_wait: 100,
      dead_time: 20,
    });
}

/** All crossbar nodes shut but those given as [output, input]. */
export function openNodes(
  program: PlaybackWriter,
  pairs: readonly (readonly [number, number])[],
): void {
  for (let node = 0; node < 76; node++) program.write(0x00130019 + node, 0x00010000);
  for (const [output, input] of pairs) program.write(0x00130019 + crossbarNodeOf(output, input), 0);
}

/**
 * Neurons of the top half's first quad that fire on label 0 of driver 0, are read out and send events; common
 * back end and routes are the caller's.
 */
export function excitableNeurons(
  program: PlaybackWriter,
  neurons: readonly number[],
  adapting: readonly number[] = [],
): void {
  program.write(addressOf('CommonPADIBusConfig', [0]), 0xf);
  for (const block of [0, 1])
    [31, 600, 40, 18, 369].forEach((code, i) =>
      program.write(addressOf('CapMemCell', [block, [4, 8, 9, 10, 15][i] ?? 0, 128]), code),
    );
  program.writeWords(
    'SynapseDriverConfig',
    [0, 0],
    driverWords({ enable_receiver: 1, row_mask: 31, forward_address: 1, en_exc_bottom: 1 }),
  );
  program.write(addressOf('SynapseWeightQuad', [0, 0, 0]), 0x3f3f3f3f);
  program.write(addressOf('ColumnCurrentQuad', [0, 0]), 0x03030303);
  for (const neuron of neurons) {
    const { block, slot, backendHalf, indexInHalf } = placeOfNeuron(neuron);
    const codes = { 0: 629, 1: 601, 2: 300, 8: 95, 9: 1015, 10: 50, 12: 314, 13: 800, 22: 100 };
    for (const [row, code] of Object.entries(codes))
      program.write(addressOf('CapMemCell', [block, Number(row), slot]), code);
    program.writeWords(
      'NeuronConfig',
      [block, slot],
      encodeContainer('NeuronConfig', {
        en_fire: 1,
        en_thresh_comp: 1,
        mem_cap_size: 63,
        en_synin_exc: 1,
        en_reset_mul: 1,
        en_readout_amp: 1,
        en_readout: 1,
        en_mem_off: 1,
        en_adapt: Number(adapting.includes(neuron)),
      }),
    );
    program.writeWords(
      'NeuronBackendConfig',
      [backendHalf, indexInHalf],
      backendWords({
        address_out: neuron,
        en_spike_out: 1,
        reset_holdoff: 15,
        refractory_time: 99,
      }),
    );
  }
}
