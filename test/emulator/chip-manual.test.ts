import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DIGITAL_TABLE } from '../../emulator/chip/constants.js';
import { Chip } from '../../emulator/index.js';

test('the manual lists every assumed figure with its value', () => {
  const page = readFileSync(new URL('../../docs/chip.md', import.meta.url), 'utf8');
  for (const [name, { value, unit, about }] of Object.entries(DIGITAL_TABLE))
    expect(page).toContain(`| ${name} | ${value} ${unit} | ${about} |`);
});

test('a chip describes itself with seed, engines and assumed figures', () => {
  const description = Chip.fromSeed(7, { noiseSeed: 3 }).describe();
  expect(description).toMatchObject({ chip: 'seed 7', seed: 7, noiseSeed: 3 });
  expect(description.calibration).toBe('residual');
  expect(description.assumed).toMatchObject({ cadcConversion: 424, ppuOmnibus: 8 });
  expect(JSON.parse(JSON.stringify(description))).toEqual(description);
});
