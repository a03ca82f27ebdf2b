/** GNU as and ld as counterparts of our assembler and linker. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const work = mkdtempSync(join(tmpdir(), 'plastic-gnu-'));
let count = 0;

/** A late embedded core with everything else accepted, register names as ours; warnings are mistakes of the random sources. */
export const gnuOptions = ['-m476', '-many', '-mregnames', '-mbig', '-a32'];

/** A path for a new file in the scratch folder of this process. */
export function scratchFile(name: string): string {
  count += 1;
  return join(work, `${count}-${name}`);
}

function run(tool: string, args: readonly string[]): string {
  return execFileSync(`powerpc-linux-gnu-${tool}`, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Output of a GNU tool of the cross binutils. */
export const gnu = run;

/**
 * The memory from address 0 that GNU as and ld make of a source: .text at 0, then .data and .rodata at `dataAddress`.
 */
export function gnuImage(source: string, dataAddress: number): Uint8Array {
  const paths = ['s', 'o', 'ld', 'elf', 'bin'].map((extension) => scratchFile(`x.${extension}`));
  const [text = '', object = '', script = '', elf = '', image = ''] = paths;
  writeFileSync(text, source);
  run('as', [...gnuOptions, text, '-o', object]);
  writeFileSync(
    script,
    `SECTIONS { .text 0 : { *(.text) } .data ${dataAddress} : { *(.data) *(.rodata) } /DISCARD/ : { *(*) } }`,
  );
  run('ld', [
    '-m',
    'elf32ppc',
    '--no-warn-rwx-segments',
    '-T',
    script,
    '-e',
    '0',
    object,
    '-o',
    elf,
  ]);
  run('objcopy', ['-O', 'binary', elf, image]);
  return new Uint8Array(readFileSync(image));
}
