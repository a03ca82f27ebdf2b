import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BareBus } from '../../emulator/ppu/bus.js';
import { PpuCore } from '../../emulator/ppu/core.js';
import { PpuMemory } from '../../emulator/ppu/memory.js';
import { readElf } from '../../isa/elf/index.js';

interface Recorded {
  readonly name: string;
  readonly elf: string;
  readonly outcomeAddress: number;
  /** 64 words in hexadecimal, as the same object left them under qemu-ppc. */
  readonly outcome: string;
  readonly status: number;
}

const golden = JSON.parse(
  readFileSync(new URL('../recorded/c-programs.json', import.meta.url), 'utf8'),
) as { programs: Recorded[] };

describe('programs of the GNU tools leave what they leave under qemu-ppc', () => {
  for (const accounting of ['exact', 'none'] as const) {
    for (const { name, elf, outcomeAddress, outcome, status } of golden.programs) {
      test(`${name}, cycle accounting ${accounting}`, () => {
        const memory = new PpuMemory(0x4000);
        for (const section of readElf(Buffer.from(elf, 'base64')).sections) {
          memory.load(section.bytes, section.address);
        }
        // The random sequences shift by more than 31 bits, where the core differs from Power.
        const core = new PpuCore({
          instructionMemory: memory,
          dataMemory: memory,
          bus: new BareBus(),
          options: { quirks: 'power', accounting },
        });
        core.start();
        expect(core.run(20_000_000)).toBe('sleep');
        const bytes = memory.dump(outcomeAddress, 256);
        expect(Buffer.from(bytes).toString('hex')).toBe(outcome);
        expect(memory.words[0x2ffc / 4]! & 0xff).toBe(status);
      });
    }
  }
});
