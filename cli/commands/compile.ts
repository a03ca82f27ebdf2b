/** `plastic compile`: rule files to a program for the processor, and what it promises. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import process from 'node:process';
import type { CommandModule } from 'yargs';
import { type Compiled, compile as compileRules, compilerVersion } from '../../compiler/compile.js';
import { chipProfile, latencyProfiles } from '../../compiler/budget/profile.js';
import { hasErrors } from '../../compiler/diagnostics/codes.js';
import { lineCounter } from '../../compiler/link/lines.js';
import { emitText, type EmitKind } from '../../compiler/report/emit.js';
import { reportOf } from '../../compiler/report/report.js';
import { renderReport } from '../../compiler/report/text.js';
import { writeElf } from '../../isa/elf/index.js';
import { withRecordNote } from '../../isa/runtime-note.js';
import type { BaselineMode } from '../../isa/runtime-layout.js';
import { exitCode, InputError, UsageError } from '../failure.js';
import { diagnosticsAsJson, printDiagnostics, readRuleFile } from '../rule-files.js';

interface Arguments {
  files?: string[] | undefined;
  output?: string | undefined;
  report?: boolean | undefined;
  rows?: number | undefined;
  baseline?: BaselineMode | undefined;
  profile?: string | undefined;
  emit?: EmitKind | 'elf' | undefined;
  json?: boolean | undefined;
  quiet?: boolean | undefined;
}

/** Writes `bytes` so that a reader never sees a part of them. */
async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.part`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`${path} cannot be written: ${reason}`);
  }
}

function checkRows(rows: number | undefined): void {
  if (rows !== undefined && !(Number.isInteger(rows) && rows >= 1 && rows <= 256))
    throw new UsageError(`--rows takes a whole number from 1 to 256, not ${rows}`);
}

async function run(args: Arguments): Promise<void> {
  const { files = [], output, report, rows, baseline, profile, emit, json, quiet } = args;
  checkRows(rows);
  const sources = await Promise.all(files.map((file) => readRuleFile(file)));
  const compiled: Compiled = compileRules(sources, {
    ...(rows === undefined ? {} : { rows }),
    ...(baseline === undefined ? {} : { baseline }),
    profile: latencyProfiles.find(({ name }) => name === profile) ?? chipProfile,
  });
  const { diagnostics, program } = compiled;
  const failed = hasErrors(diagnostics) || program === undefined;
  const facts = failed
    ? undefined
    : reportOf(compiled, compilerVersion, report === true || json === true);
  if (json) {
    const list: unknown = JSON.parse(diagnosticsAsJson(diagnostics, sources));
    process.stdout.write(`${JSON.stringify({ diagnostics: list, report: facts }, null, 2)}\n`);
  } else
    printDiagnostics(
      quiet ? diagnostics.filter(({ severity }) => severity === 'error') : diagnostics,
      sources,
    );
  if (program === undefined || failed) {
    process.exitCode = exitCode.badInput;
    return;
  }
  if (emit !== undefined && emit !== 'elf') {
    const text = emitText(emit, compiled, sources);
    if (output === undefined) process.stdout.write(text);
    else await writeWhole(output, text);
  } else if (output !== undefined) {
    const { layout } = compiled;
    await writeWhole(output, writeElf(layout ? withRecordNote(program, layout) : program));
  }
  if (report && !json && facts)
    process.stdout.write(`${renderReport(facts, lineCounter(sources))}\n`);
  else if (!quiet && !json && output !== undefined && emit === undefined && facts)
    process.stdout.write(
      `${basename(output)}: ${facts.memory.code + facts.memory.data} bytes, up to ${facts.rows} rows\n`,
    );
}

export const compile: CommandModule<object, Arguments> = {
  command: 'compile <files..>',
  describe: 'Compile rule files to one program for a plasticity processor',
  builder: (yargs) =>
    yargs
      .positional('files', { type: 'string', array: true, describe: 'Rule files (.plast)' })
      .option('output', { alias: 'o', type: 'string', describe: 'File to write (ELF, or --emit)' })
      .option('report', {
        type: 'boolean',
        describe: 'Print memory, registers, formats and error bounds',
      })
      .option('rows', {
        type: 'number',
        describe: 'Synapse rows of the block (default: as many as fit)',
      })
      .option('baseline', {
        choices: ['synapse', 'column', 'none'] as const,
        describe: 'Where the zero of the correlation sensors is measured (default synapse)',
      })
      .option('profile', {
        choices: latencyProfiles.map(({ name }) => name),
        default: chipProfile.name,
        describe: 'Latencies of buses and converters that times must hold for',
      })
      .option('emit', {
        choices: ['ast', 'ir', 'asm', 'listing', 'elf'] as const,
        describe: 'Write this stage instead of the program; to standard output without -o',
      })
      .option('json', { type: 'boolean', describe: 'Print diagnostics and report as JSON' })
      .option('quiet', { alias: 'q', type: 'boolean', describe: 'Print errors only' })
      .example(
        '$0 compile stdp.plast -o stdp.elf --report',
        'Write a program and say what it costs',
      )
      .example('$0 compile stdp.plast --emit listing', 'Machine code beside the lines of the rule'),
  handler: run,
};
