/** Writes test/recorded/gnu-as.json: random sources with the memory images that GNU as and ld make of them. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assemble } from '../../isa/assembler/index.js';
import { requirePackages } from './cross.js';
import { gnu, gnuImage, gnuOptions } from './gnu-assembler.js';
import { randomAssembly } from './random-assembly.js';

const count = 10;
const lines = 450;

requirePackages('binutils-powerpc-linux-gnu');
const programs = Array.from({ length: count }, (_, seed) => {
  const source = randomAssembly(1000 + seed, lines);
  const program = assemble([{ name: 'random.s', text: source }], { mailbox: 0 });
  const dataAddress = program.sections.find(({ name }) => name === 'int.data')?.address ?? 0;
  const image = gnuImage(source, dataAddress);
  return { source, dataAddress, image: Buffer.from(image).toString('base64') };
});
const [version = ''] = gnu('as', ['--version']).split('\n');
const about = `Recorded by test/oracles/record-assembly.ts from ${version}, options ${gnuOptions.join(' ')}`;
writeFileSync(
  fileURLToPath(new URL('../recorded/gnu-as.json', import.meta.url)),
  `${JSON.stringify({ about, programs }, null, 1)}\n`,
);
