/** `plastic asm`: assembly sources and object files become a program. */
import { dirname, extname, join } from 'node:path';
import process from 'node:process';
import type { CommandModule } from 'yargs';
import {
  AssemblerError,
  assembleObject,
  renderProblem,
  type AssemblerOptions,
  type AssemblerProblem,
} from '../../isa/assembler/index.js';
import { ElfError, readObject, writeElf, writeObject } from '../../isa/elf/index.js';
import { link, LinkError, type LinkOptions } from '../../isa/linker.js';
import { hex32, listProgram, renderListing } from '../../isa/listing.js';
import { memoryImage, type ObjectFile, type Program } from '../../isa/program.js';
import { InputError, UsageError, exitCode } from '../failure.js';
import { readBytes, readText, writeFileAtomic } from '../files.js';

interface Arguments {
  files?: string[] | undefined;
  output?: string | undefined;
  raw?: boolean | undefined;
  object?: boolean | undefined;
  listing?: boolean | undefined;
  define?: string[] | undefined;
  mailbox?: number | undefined;
  entry?: string | undefined;
  dataAddress?: number | undefined;
  gnuWord?: boolean | undefined;
  json?: boolean | undefined;
}

/** A raw image holds the processor's own SRAM. */
const sramEnd = 0x4000;

function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

function readDefinitions(texts: readonly string[]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const text of texts) {
    const [, name, value = '1'] =
      /^([A-Za-z_.$][\w.$]*)(?:=(-?(?:0x[0-9a-fA-F]+|\d+)))?$/.exec(text) ?? [];
    if (name === undefined) {
      throw new UsageError(
        `--define ${text}: write NAME or NAME=NUMBER, for example --define ROWS=16`,
      );
    }
    values[name] = value.startsWith('-') ? -Number(value.slice(1)) : Number(value);
  }
  return values;
}

/** Object files of all inputs, and the text of the sources among them; mistakes of all sources together. */
function readInputs(
  files: readonly string[],
  options: AssemblerOptions,
): { objects: ObjectFile[]; texts: Map<string, string> } {
  const objects: ObjectFile[] = [];
  const texts = new Map<string, string>();
  const problems: AssemblerProblem[] = [];
  for (const file of files) {
    const bytes = readBytes(file);
    if (isElf(bytes)) {
      try {
        objects.push(readObject(bytes, file));
      } catch (error) {
        if (error instanceof ElfError) throw new InputError(`${file}: ${error.message}`);
        throw error;
      }
      continue;
    }
    const text = new TextDecoder().decode(bytes);
    texts.set(file, text);
    try {
      objects.push(assembleObject({ name: file, text }, options));
    } catch (error) {
      if (!(error instanceof AssemblerError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new AssemblerError(problems);
  return { objects, texts };
}

function rawImage(program: Program): Uint8Array {
  const outside = program.sections.find(({ address }) => address >= sramEnd);
  if (outside !== undefined) {
    throw new InputError(
      `section ${outside.name} lies at 0x${hex32(outside.address)}, outside the ${sramEnd} bytes of a raw image; ` +
        'write an ELF file instead (without --raw), or move the section to int.text or int.data',
    );
  }
  return memoryImage(program, 0, sramEnd);
}

function report(problems: readonly AssemblerProblem[], json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify({ problems })}\n`);
  else for (const problem of problems) process.stderr.write(`${renderProblem(problem)}\n`);
  const count = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`;
  process.stderr.write(`plastic: ${count}, nothing written\n`);
  process.exitCode = exitCode.badInput;
}

function run(options: Arguments): void {
  const { files = [], raw = false, object = false, listing = false, json = false } = options;
  if (object && (raw || files.length !== 1)) {
    throw new UsageError('--object takes exactly one source and no --raw');
  }
  const assembling: AssemblerOptions = {
    wordBytes: options.gnuWord === true ? 2 : 4,
    define: readDefinitions(options.define ?? []),
    include: (name, from) => {
      try {
        return readText(join(dirname(from), name));
      } catch {
        return undefined;
      }
    },
  };
  const linking: LinkOptions = {
    ...(options.mailbox === undefined ? {} : { mailbox: options.mailbox }),
    ...(options.entry === undefined ? {} : { entry: options.entry }),
    ...(options.dataAddress === undefined ? {} : { dataAddress: options.dataAddress }),
  };
  const first = files[0] ?? 'program';
  const extension = raw ? '.bin' : object ? '.o' : '.elf';
  const output =
    options.output ?? `${first.slice(0, first.length - extname(first).length)}${extension}`;
  if (files.includes(output)) throw new UsageError(`--output ${output} is one of the inputs`);
  const { objects, texts } = readInputs(files, assembling);
  const [only] = objects;
  if (object && only !== undefined) {
    const bytes = writeObject(only);
    writeFileAtomic(output, bytes);
    if (json) process.stdout.write(`${JSON.stringify({ output, bytes: bytes.length })}\n`);
    return;
  }
  const program = link(objects, linking);
  const bytes = raw ? rawImage(program) : writeElf(program);
  writeFileAtomic(output, bytes);
  const sections = program.sections.map(({ name, address, bytes: { length } }) => ({
    name,
    address,
    bytes: length,
  }));
  if (json) {
    const { entry, symbols } = program;
    const summary = { output, bytes: bytes.length, entry, sections, symbols };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  } else if (listing) {
    const lines = new Map([...texts].map(([file, text]) => [file, text.split('\n')]));
    process.stdout.write(renderListing(listProgram(program), (file) => lines.get(file)));
  }
}

export const asm: CommandModule<object, Arguments> = {
  command: 'asm <files..>',
  describe: 'Assemble and link sources and object files to an ELF program',
  builder: (yargs) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        describe: 'Assembly sources and ELF object files, in the order in which they are placed',
      })
      .option('output', { alias: 'o', type: 'string', describe: 'File to write; default FILE.elf' })
      .option('raw', { type: 'boolean', describe: 'Write the SRAM from address 0 as plain bytes' })
      .option('object', {
        alias: 'c',
        type: 'boolean',
        describe: 'Write an object file, do not link',
      })
      .option('listing', { type: 'boolean', describe: 'Print addresses, words and source lines' })
      .option('define', {
        alias: 'D',
        type: 'string',
        array: true,
        describe: 'NAME=NUMBER for the sources',
      })
      .option('mailbox', {
        type: 'number',
        describe: 'Bytes of mailbox at the end of the SRAM; default 4096',
      })
      .option('entry', {
        type: 'string',
        describe: 'Symbol of the first instruction; default _start or 0',
      })
      .option('data-address', {
        type: 'number',
        describe: 'Address of the data, for a memory of its own',
      })
      .option('gnu-word', { type: 'boolean', describe: '.word is 2 bytes, as in GNU as' })
      .option('json', {
        type: 'boolean',
        describe: 'Print sections and symbols, or mistakes, as JSON',
      })
      .example('$0 asm start.s blink.s -o blink.elf --listing', 'two sources, one program'),
  handler: (options) => {
    try {
      run(options);
    } catch (error) {
      const json = options.json === true;
      if (error instanceof AssemblerError) report(error.problems, json);
      else if (error instanceof LinkError && json) {
        process.stdout.write(`${JSON.stringify({ problems: error.problems })}\n`);
        process.exitCode = exitCode.badInput;
      } else if (error instanceof LinkError) {
        throw new InputError(`${error.message}\nplastic: nothing written`);
      } else throw error;
    }
  },
};
