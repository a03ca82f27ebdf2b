/**
 * The GNU cross tools and the Linux user emulator as counterparts that nobody here wrote: builds a source for the bare
 * core and for Linux, and runs the Linux one. Used by the oracles and by the script that records their answers.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readElf } from '../../isa/elf/index.js';

const programs = fileURLToPath(new URL('programs/', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'plastic-oracle-'));

/** C programs in `programs/`, each a question with one answer: 64 words in `outcome` and a return value. */
export const cPrograms = [
  'arithmetic64',
  'bits',
  'checksums',
  'fixed_point',
  'interpreter',
  'recursion',
  'sorting',
  'text',
] as const;
export const optimisations = ['-O0', '-O2', '-Os'] as const;

/** Installs the Debian packages that are missing. */
export function requirePackages(...packages: readonly string[]): void {
  const missing = packages.filter((name) => spawnSync('dpkg', ['-s', name]).status !== 0);
  if (missing.length === 0) return;
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
  execFileSync('apt-get', ['install', '-y', '-qq', ...missing], { stdio: 'inherit' });
}

/** What the tools of the C oracle come from. */
export const crossPackages = ['gcc-powerpc-linux-gnu', 'binutils-powerpc-linux-gnu', 'qemu-user'];

const compilerOptions = [
  '-m32',
  '-mbig-endian',
  '-msoft-float',
  '-mno-altivec',
  '-mcpu=powerpc',
  '-ffreestanding',
  '-fno-builtin',
  '-nostdlib',
  '-fno-pic',
  '-fno-pie',
  '-mno-sdata',
  '-fno-asynchronous-unwind-tables',
  '-fno-stack-protector',
  '-fno-tree-loop-distribute-patterns',
];

function tool(name: string, args: readonly string[]): void {
  execFileSync(`powerpc-linux-gnu-${name}`, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Compiles a C program; returns the path of the object file. */
export function compileC(name: string, optimisation: string): string {
  return compileFile(join(programs, `${name}.c`), `${name}${optimisation}`, optimisation);
}

/** Compiles any C file that includes what lies in `programs/`; `name` is that of the object file. */
export function compileFile(path: string, name: string, optimisation: string): string {
  const object = join(work, `${name}.o`);
  tool('gcc', [...compilerOptions, optimisation, '-I', programs, '-c', path, '-o', object]);
  return object;
}

/** Assembles a file with GNU as; returns the path of the object file. */
export function assembleGnu(path: string, name: string): string {
  const object = join(work, `${name}.o`);
  tool('as', ['-mregnames', path, '-o', object]);
  return object;
}

const runtimeLibrary = (): string =>
  execFileSync('powerpc-linux-gnu-gcc', ['-msoft-float', '-print-libgcc-file-name'], {
    encoding: 'utf8',
  }).trim();

function link(object: string, start: 'crt-core' | 'crt-linux', base: string): string {
  const out = `${object}.${start}`;
  const crt = assembleGnu(join(programs, `${start}.s`), start);
  tool('ld', [
    '--no-warn-rwx-segments',
    ...(start === 'crt-core' ? ['--nmagic'] : []),
    '--defsym',
    `BASE=${base}`,
    '--defsym',
    `PAGE=${start === 'crt-core' ? 16 : 65536}`,
    '-T',
    join(programs, 'plastic.ld'),
    crt,
    object,
    runtimeLibrary(),
    '-o',
    out,
  ]);
  return out;
}

/** A program linked for the bare core at address 0. */
export interface CoreImage {
  readonly path: string;
  readonly elf: Uint8Array;
  /** Byte address of the 64-word array `outcome`. */
  readonly outcomeAddress: number;
}

export function linkForCore(object: string): CoreImage {
  const path = link(object, 'crt-core', '0');
  const elf = new Uint8Array(readFileSync(path));
  const symbol = readElf(elf).symbols.find(({ name }) => name === 'outcome');
  if (!symbol) throw new Error(`${object}: no symbol outcome`);
  return { path, elf, outcomeAddress: symbol.address };
}

/** What a program answered: 64 words as hexadecimal text, and the low byte of its result. */
export interface Answer {
  readonly outcome: string;
  readonly status: number;
}

/** Links for Linux; returns the path of the program. */
export function linkForLinux(object: string): string {
  return link(object, 'crt-linux', '0x10000000');
}

/** Links for Linux and runs under qemu. */
export function runUnderQemu(object: string): Answer {
  const path = linkForLinux(object);
  const done = spawnSync('qemu-ppc', [path]);
  if (done.status === null || done.stdout.length !== 256) {
    throw new Error(
      `qemu-ppc ${path}: status ${done.status}, ${done.stdout.length} bytes: ${done.stderr.toString()}`,
    );
  }
  return { outcome: done.stdout.toString('hex'), status: done.status };
}

/** A scratch path for a generated source. */
export const scratch = (name: string): string => join(work, name);
