import { expect, test } from 'vitest';
import { Chip } from '../../emulator/index.js';
import { phyInstruction } from '../../isa/playback/index.js';
import {
  addressesOf,
  addressOf,
  containerNames,
  containerRow,
  hostDefault,
  type ContainerName,
} from '../../isa/registers/index.js';
import { run } from './host.js';

/** SRAM timing containers that the host sets up, by their names. */
const timing = containerNames.filter((name) => /SRAMTiming|CommonSynramConfig/.test(name));

function instances(name: ContainerName): number[][] {
  return containerRow(name).strides.reduce<number[][]>(
    (list, stride) =>
      list.flatMap((head) => Array.from({ length: stride.count }, (_, i) => [...head, i])),
    [[]],
  );
}

test('the usual initialisation sequence runs through without a time-out or an unknown address', () => {
  const chip = Chip.ideal();
  const answers = run(chip, (program) => {
    program.write(addressOf('InstructionTimeoutConfig', []), 1_250_000);
    // Carrier board: shift register, converters, I2C.
    program.write(0x88007001, 1).write(0x88007001, 2).write(0x88007001, 0x80000003);
    program
      .write(0x88007002, 0x123)
      .write(0x88007800 + 0x20, 1)
      .write(0x88007a00, 5);
    program.timerSetup().waitUntil(125_000);
    program.reset(true).timerSetup().waitUntil(10).reset(false).timerSetup().waitUntil(100);
    program.jtagScaler(6).jtagInit();
    program.jtagInstruction(1).jtagData(32, 0, true);
    for (const [register, value] of [
      [0, 0x2a20a902],
      [1, 0xc0cbf200],
      [2, 0x2a20a902],
      [3, 0xc0cbf200],
      [4, 0x110d0101],
    ] as const)
      program.jtagInstruction(3).jtagData(4, register).jtagInstruction(4).jtagData(32, value);
    for (let link = 0; link < 8; link++) {
      program.write(addressOf('PhyConfigFPGA', [link]), 0x00204040);
      program.jtagInstruction(phyInstruction(link)).jtagData(22, 0x204000);
    }
    program.waitUntil(12_500);
    program.write(addressOf('CommonPhyConfigFPGA', []), 0xff).jtagWrite(0x00040000, 0xff);
    program.write(0, 0).write(1, 0).barrier(1).systimeInit().barrier(4);
    program.write(addressOf('EventRecordingConfig', []), 1);
    const reference = hostDefault('ReferenceGeneratorConfig');
    program.writeWords(
      'ReferenceGeneratorConfig',
      [],
      [(reference[0] ?? 0) | 0x8000, ...reference.slice(1)],
    );
    program.barrier(1).timerSetup().waitUntil(1000);
    program.writeWords('ReferenceGeneratorConfig', [], reference);
    for (const name of timing)
      for (const instance of instances(name)) {
        const words = hostDefault(name);
        addressesOf(name, instance as never).forEach((address, i) =>
          program.write(address, words[i] ?? 0),
        );
      }
    program.barrier(1);
    program.read(addressOf('ADPLL', [1], 1));
    program.read(addressOf('PLLClockOutputBlock', []));
    program.read(addressOf('CommonPhyConfigChip', []));
  });
  expect(answers.timeouts).toEqual([]);
  expect([...answers.jtag.values()]).toEqual([0x348580af]);
  expect([...answers.reads.values()]).toEqual([0xc0cbf200, 0x110d0101, 0xff]);
  expect(chip.warnings()).toMatchObject({ unmapped: 0, unmappedAddresses: [], protocolErrors: 0 });
});
