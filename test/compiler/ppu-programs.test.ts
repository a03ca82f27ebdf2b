import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runtimeSources, shippedRules } from '../../compiler/link/ppu-programs.js';

const folder = (name: string): URL => new URL(`../../ppu-programs/${name}/`, import.meta.url);

describe.each([
  ['runtime', '.s', runtimeSources],
  ['rules', '.plast', shippedRules],
] as const)('the embedded ppu-programs/%s', (name, ending, embedded) => {
  test('are the files, all of them (else: node scripts/generate-ppu-programs.mjs)', () => {
    const files = readdirSync(folder(name)).filter((file) => file.endsWith(ending));
    expect(Object.keys(embedded).sort()).toEqual([...files].sort());
    for (const [file, text] of Object.entries(embedded))
      expect(text, file).toBe(readFileSync(new URL(file, folder(name)), 'utf8'));
  });
});
