/** Writes the table of containers into docs/chip.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { registerTable } from '../emulator/chip/register-table.js';

const page = new URL('../docs/chip.md', import.meta.url);
const [begin, end] = [
  '<!-- containers: written by `npx tsx scripts/register-effects.ts` -->',
  '<!-- end of containers -->',
];
const text = readFileSync(page, 'utf8');
const before = text.split(begin)[0] ?? '';
const after = text.split(end)[1] ?? '';
writeFileSync(page, `${before}${begin}\n\n${registerTable()}\n\n${end}${after}`);
