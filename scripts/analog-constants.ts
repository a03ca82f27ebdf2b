/** Writes the table of analog constants into docs/analog.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { CONSTANT_TABLE, CONSTANTS_VERSION } from '../emulator/analog/index.js';

const page = new URL('../docs/analog.md', import.meta.url);
const marker = '<!-- constants: written by `npx tsx scripts/analog-constants.ts` -->';
const before = readFileSync(page, 'utf8').split(marker)[0] ?? '';
const rows = Object.entries(CONSTANT_TABLE).map(
  ([name, row]) => `| ${name} | ${row.value} | ${row.unit} | ${row.tag} | ${row.about} |`,
);
const table = [
  '| name | value | unit | tag | meaning |',
  '| --- | --- | --- | --- | --- |',
  ...rows,
].join('\n');
writeFileSync(page, `${before}${marker}\n\nVersion ${CONSTANTS_VERSION}.\n\n${table}\n`);
