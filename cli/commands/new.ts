/** `plastic new`: a folder with a rule, an experiment and a README that runs as it is. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import type { ArgumentsCamelCase, CommandModule } from 'yargs';
import { InputError } from '../failure.js';
import { installationRoot } from '../installation.js';

interface Arguments {
  folder: string;
}

/** The files of a new study, from the small example that ships with Plastic. */
const template = ['experiment.ts', 'stdp.plast'] as const;

function makeStudy({ folder }: ArgumentsCamelCase<Arguments>): void {
  const target = resolve(folder);
  const name = basename(target);
  if (existsSync(target))
    throw new InputError(
      `${folder}: exists already\n  Name a folder that does not; nothing was written.`,
    );
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new InputError(
      `${name}: is no name for a study\n  Use lower case letters, digits and dashes, a letter first.`,
    );
  const source = join(installationRoot(), 'examples', 'stdp');
  mkdirSync(dirname(target), { recursive: true });
  const partial = join(dirname(target), `.${name}.part`);
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial);
  try {
    for (const file of template) {
      const text = readFileSync(join(source, file), 'utf8');
      writeFileSync(join(partial, file), text.replace(/name: 'stdp'/, `name: '${name}'`));
    }
    writeFileSync(join(partial, 'README.md'), readme(name));
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
  process.stdout.write(
    `made ${folder}: experiment.ts, stdp.plast, README.md\n\n  plastic run ${folder}\n`,
  );
}

function readme(name: string): string {
  return `# ${name}

A group of correlated inputs competes with a group of independent ones under the plasticity rule in \`stdp.plast\`.

    plastic check stdp.plast      # every mistake, with its place and a repair
    plastic compile stdp.plast    # machine code, and what it costs
    plastic run .                 # emulate; pictures and arrays in a result folder
    plastic run . --set duration=0.2 --chip 7 --seed 1

Change the rule, or the network and its stimulus in \`experiment.ts\`, and run again.
`;
}

export const newCommand: CommandModule<object, Arguments> = {
  command: 'new <folder>',
  describe: 'make a folder with a rule and an experiment that runs',
  builder: (parser) =>
    parser
      .positional('folder', { type: 'string', demandOption: true, describe: 'folder to make' })
      .example('$0 new my-study', 'then: plastic run my-study'),
  handler: makeStudy,
};
