/** A host for tests: writes a program, runs it on a chip, reads the answers. */

import { PlaybackWriter, ResponseReader } from '../../isa/playback/index.js';
import type { Chip } from '../../emulator/index.js';
import { crossbarNodeOf } from '../../isa/registers/index.js';

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
