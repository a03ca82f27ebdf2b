import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { assemble, assembleObject } from '../../../isa/assembler/index.js';
import { memoryImage } from '../../../isa/program.js';

const golden = fileURLToPath(new URL('../../golden/', import.meta.url));
const recorded = fileURLToPath(new URL('../../recorded/', import.meta.url));

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('golden encodings', () => {
  const lines = readFileSync(`${golden}encodings.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { asm: string; dis: string; word: string });

  test.each(['asm', 'dis'] as const)('every line of column %s gives its word', (column) => {
    const text = lines.map((line) => line[column]).join('\n');
    const [section] = assembleObject({ name: 'golden.s', text }).sections;
    const words = hex(section!.bytes).match(/.{8}/g) ?? [];
    const wrong = lines
      .map((line, k) => ({ text: line[column], word: line.word, got: words[k] }))
      .filter(({ word, got }) => word !== got);
    expect(wrong).toEqual([]);
    expect(words).toHaveLength(lines.length);
  });
});

describe('complete programs', () => {
  const { programs } = JSON.parse(readFileSync(`${golden}nux-programs.json`, 'utf8')) as {
    programs: { name: string; language: string; code: string; data: string }[];
  };
  const written = programs.filter(({ language }) => /asm|assembl/.test(language));

  test.each(written.map((program) => [program.name, program] as const))(
    '%s becomes the recorded code and data',
    (name, { code, data }) => {
      const text = readFileSync(`${golden}nux-programs/${name}.s`, 'utf8');
      const program = assemble([{ name, text }], {
        dataAddress: 0x1000,
        include: (file) => readFileSync(`${golden}nux-programs/${file}`, 'utf8'),
      });
      const [first, second] = program.sections;
      expect(hex(first!.bytes)).toBe(code);
      const recorded = data.slice(2 * 0x1000).replace(/(00)+$/, '');
      expect(hex(second?.bytes ?? new Uint8Array(0)).replace(/(00)+$/, '')).toBe(recorded);
    },
  );
});

describe('GNU as', () => {
  const { programs } = JSON.parse(readFileSync(`${recorded}gnu-as.json`, 'utf8')) as {
    programs: { source: string; dataAddress: number; image: string }[];
  };

  test.each(programs.map((program, index) => [index, program] as const))(
    'random source %i gives the same bytes',
    (_, { source, dataAddress, image }) => {
      const program = assemble([{ name: 'random.s', text: source }], { mailbox: 0, dataAddress });
      expect(hex(memoryImage(program, 0, 0x4000))).toBe(
        Buffer.from(image, 'base64').toString('hex'),
      );
    },
  );
});
