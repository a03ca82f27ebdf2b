/** Records what the GNU tools and qemu say of the C programs and random sequences: `npx tsx test/oracles/record-c-answers.ts`. */
import { writeFileSync } from 'node:fs';
import {
  assembleGnu,
  compileC,
  cPrograms,
  crossPackages,
  linkForCore,
  optimisations,
  requirePackages,
  runUnderQemu,
  scratch,
} from './cross.js';
import { randomSequence } from './random-sequence.js';

requirePackages(...crossPackages);

const recorded: object[] = [];
function record(name: string, object: string): void {
  const image = linkForCore(object);
  recorded.push({
    name,
    elf: Buffer.from(image.elf).toString('base64'),
    outcomeAddress: image.outcomeAddress,
    ...runUnderQemu(object),
  });
}

for (const name of cPrograms) {
  for (const optimisation of optimisations)
    record(`${name} ${optimisation}`, compileC(name, optimisation));
}
for (let seed = 0; seed < 24; seed++) {
  const source = scratch(`sequence${seed}.s`);
  writeFileSync(source, randomSequence(seed, 150));
  record(`random sequence ${seed}`, assembleGnu(source, `sequence${seed}`));
}
writeFileSync(
  new URL('../recorded/c-programs.json', import.meta.url),
  JSON.stringify(
    {
      origin:
        'GNU C and as for powerpc-linux-gnu, linked for the bare core; answers of the same objects under qemu-ppc',
      programs: recorded,
    },
    null,
    1,
  ),
);
