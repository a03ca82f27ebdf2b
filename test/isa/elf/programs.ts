/** Random programs for property tests of the ELF files. */
import fc from 'fast-check';
import {
  sectionKinds,
  type Program,
  type ProgramLine,
  type ProgramSymbol,
} from '../../../isa/program.js';

const name = fc.stringMatching(/^[A-Za-z_.$][A-Za-z0-9_.$é]{0,12}$/);
const kinds = [sectionKinds.text, sectionKinds.data, sectionKinds.readOnly, sectionKinds.bss];

/** A linked program with up to four sections, symbols in table order (local ones first) and lines of its code. */
export const anyProgram: fc.Arbitrary<Program> = fc
  .record({
    parts: fc.array(
      fc.record({
        kind: fc.constantFrom(...kinds),
        gap: fc.nat(100),
        words: fc.array(fc.integer({ min: 0, max: 0xff }), { minLength: 1, maxLength: 80 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    symbols: fc.array(
      fc.record({
        name,
        offset: fc.nat(80),
        home: fc.nat(4),
        size: fc.nat(1000),
        kind: fc.constantFrom('none' as const, 'function' as const, 'object' as const),
        binding: fc.constantFrom('local' as const, 'global' as const, 'weak' as const),
      }),
      { maxLength: 12 },
    ),
    lines: fc.array(
      fc.record({
        step: fc.integer({ min: 1, max: 12 }),
        file: name,
        line: fc.nat(70000),
        column: fc.nat(200),
      }),
      { maxLength: 12 },
    ),
    entry: fc.nat(0xffff),
  })
  .map(({ parts, symbols, lines, entry }) => {
    let address = 0;
    const sections = parts.map(({ kind, gap, words }, index) => {
      address += gap;
      const bytes = kind.zeroFilled ? new Uint8Array(words.length) : Uint8Array.from(words);
      const section = { name: `int.part${index}`, address, bytes, flags: kind };
      address += words.length;
      return section;
    });
    const listed = symbols.map(({ offset, home, ...facts }): ProgramSymbol => {
      const section = sections[home];
      const base = section?.address ?? 0;
      return { ...facts, address: base + offset, section: section?.name };
    });
    const isLocal = ({ binding }: ProgramSymbol): boolean => binding === 'local';
    return {
      sections,
      symbols: [...listed.filter(isLocal), ...listed.filter((symbol) => !isLocal(symbol))],
      lines: spread(
        lines,
        sections.find(({ flags }) => flags.executable),
      ),
      entry,
    };
  });

/** Lines at growing addresses of a section; neighbours differ, and nothing begins with "no source known". */
function spread(
  rows: readonly { step: number; file: string; line: number; column: number }[],
  section: Program['sections'][number] | undefined,
): ProgramLine[] {
  const lines: ProgramLine[] = [];
  let offset = 0;
  for (const { step, file, line, column } of rows) {
    if (section === undefined || offset >= section.bytes.length) break;
    const last = lines.at(-1);
    const row: ProgramLine =
      line === 0
        ? { address: section.address + offset, file: '', line: 0 }
        : { address: section.address + offset, file, line, ...(column > 0 ? { column } : {}) };
    const isSame =
      last === undefined
        ? row.line === 0
        : last.file === row.file && last.line === row.line && last.column === row.column;
    if (!isSame) lines.push(row);
    offset += step;
  }
  return lines;
}
