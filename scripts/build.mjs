// Builds dist/: generates what is generated, then compiles with tsc.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function run(command, args) {
  const done = spawnSync(process.execPath, [command, ...args], { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

for (const script of readdirSync(new URL('.', import.meta.url)).sort()) {
  if (script.startsWith('generate-') && script.endsWith('.mjs')) run(`scripts/${script}`, []);
}
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
