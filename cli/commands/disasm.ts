/** `plastic disasm`: the code of an ELF file or raw image as text. */
import process from 'node:process';
import type { CommandModule } from 'yargs';
import { ElfError, readElf } from '../../isa/elf/index.js';
import { hex32, listProgram, renderListing } from '../../isa/listing.js';
import { sectionKinds, type Program } from '../../isa/program.js';
import { InputError, UsageError } from '../failure.js';
import { readBytes, readText } from '../files.js';

interface Arguments {
  file?: string | undefined;
  raw?: boolean | undefined;
  address?: string | undefined;
  json?: boolean | undefined;
}

/** A number as people write addresses: decimal or 0x. */
function readAddress(text: string): number {
  const value = /^(0x[0-9a-fA-F]+|\d+)$/.test(text) ? Number(text) : NaN;
  if (!(value >= 0 && value <= 0xfffffffc && value % 4 === 0)) {
    throw new UsageError(`--address ${text}: write a multiple of 4 below 2^32, decimal or 0x...`);
  }
  return value;
}

function readProgram(file: string, raw: boolean, address: number): Program {
  const bytes = readBytes(file);
  if (raw) {
    const section = { name: 'image', address, bytes, flags: sectionKinds.text };
    return { sections: [section], symbols: [], lines: [], entry: address };
  }
  try {
    return readElf(bytes);
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    const repair = 'for a plain memory image add --raw';
    throw new InputError(`${file}: no program that can be read: ${error.message}; ${repair}`);
  }
}

function sourceLines(): (file: string) => readonly string[] | undefined {
  const known = new Map<string, readonly string[] | undefined>();
  return (file) => {
    if (!known.has(file)) {
      try {
        known.set(file, readText(file).split('\n'));
      } catch {
        // The listing names file and line; the source itself need not be here.
        known.set(file, undefined);
      }
    }
    return known.get(file);
  };
}

export const disasm: CommandModule<object, Arguments> = {
  command: 'disasm <file>',
  describe: 'Print the code of an ELF program or raw image as assembly text',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', describe: 'ELF program, or raw image with --raw' })
      .option('raw', { type: 'boolean', describe: 'The file is plain memory, big-endian words' })
      .option('address', {
        type: 'string',
        describe: 'Address of the first byte of a raw image; default 0',
      })
      .option('json', { type: 'boolean', describe: 'Print one JSON object' })
      .example('$0 disasm blink.elf', 'labels and source lines come with the code'),
  handler: ({ file = '', raw = false, address, json = false }) => {
    if (address !== undefined && !raw) {
      throw new UsageError(
        '--address belongs to --raw; an ELF file says itself where its code lies',
      );
    }
    const sections = listProgram(readProgram(file, raw, readAddress(address ?? '0')));
    if (json) {
      const list = sections.map(({ name, address: start, words }) => ({
        name,
        address: start,
        words: words.map((line) => ({ ...line, word: hex32(line.word) })),
      }));
      process.stdout.write(`${JSON.stringify({ sections: list })}\n`);
    } else process.stdout.write(renderListing(sections, sourceLines()));
  },
};
