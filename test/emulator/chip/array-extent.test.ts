/** Where the synapse array and what belongs to it end: what the map and the parallel bus name answers, nothing else. */
import { expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import { assemble } from '../../../isa/assembler/index.js';
import { memoryImage } from '../../../isa/program.js';
import { addressOf, containerNames, containerRow } from '../../../isa/registers/index.js';
import { begin, run } from '../host.js';

const base = 0x02c00000;
const span = 0x400000;
/** Quads of a row at which one looks. */
const quads = [0, 63];

/** Offsets in the top half's array that the register map lists. */
function listed(): Set<number> {
  const found = new Set<number>();
  for (const name of containerNames) {
    const row = containerRow(name);
    const visit = (level: number, address: number): void => {
      const stride = row.strides[level];
      if (stride !== undefined) {
        for (let i = 0; i < stride.count; i++) visit(level + 1, address + i * stride.stride);
        return;
      }
      for (const word of row.words) found.add(address + word.offset - base);
    };
    if (row.base >= base && row.base < base + span) visit(0, row.base);
  }
  return found;
}

/** Rows beyond the map: switch rows in the views that share their storage, and what the parallel bus has of its own. */
function known(offset: number): boolean {
  if (offset >= 0x100000) return false;
  const space = offset >> 16;
  const low = offset & 0xffff;
  if ([0, 1, 2, 4].includes(space)) return low >> 6 < 258;
  if (space === 15) return low >> 7 < 258;
  if (space === 13) return low >> 6 < 256;
  return space === 14 && low >> 6 === 0;
}

test('an address of the array answers if the map or the bus has it, and is counted if not', () => {
  const map = listed();
  const chip = Chip.ideal();
  const inside: number[] = [];
  const outside: number[] = [];
  for (let row = 0; row < span; row += 64)
    for (const quad of quads)
      (map.has(row + quad) || known(row + quad) ? inside : outside).push(row + quad);
  expect(inside.length).toBeGreaterThan(5000);
  run(chip, (program) => {
    for (const offset of inside) program.read(base + offset);
  });
  expect(chip.warnings().unmapped).toBe(0);
  const answers = run(chip, (program) => {
    for (const offset of outside) program.write(base + offset, 0xffffffff).read(base + offset);
  });
  expect(chip.warnings().unmapped).toBe(2 * outside.length);
  expect([...answers.reads.values()].every((word) => word === 0)).toBe(true);
  // Nothing of it has landed in a row that exists.
  const rows = run(chip, (program) => {
    for (const offset of inside) if (offset < 0x80000) program.read(base + offset);
  });
  expect([...rows.reads.values()].every((word) => word === 0)).toBe(true);
});

test.each([
  ['a row of weights beyond the switches', 'lis r3, 0\n li r4, 516', 0x02c00204],
  ['a conversion of a row that is none', 'lis r3, 8\n li r4, 512', 0x02c80200],
  ['a space that is none', 'lis r3, 5\n li r4, 0', 0x02c50000],
  ['generators beyond the two halves', 'lis r3, 0xe\n li r4, 2', 0x02ce0002],
  ['external memory beyond its end', 'lis r3, 0x8000\n ori r3, r3, 0x2000\n li r4, 0', 0x80008000],
])('a vector of the processor in %s is 0 and counted', (_, place, address) => {
  const text = `${place}\n li r6, 0x1000\n fxvinx 1, r3, r4\n fxvoutx 1, r3, r4\n fxvstax 1, r0, r6\n sync\n wait\n`;
  const chip = Chip.ideal();
  const answers = run(chip, (program) => {
    begin(program);
    for (let i = 0; i < 32; i++) program.write(0x02800400 + i, 0xffffffff);
    const image = memoryImage(assemble([{ name: 'vector.s', text }]), 0, 0x400);
    const view = new DataView(image.buffer, image.byteOffset);
    for (let i = 0; i + 4 <= image.length; i += 4)
      program.write(0x02800000 + i / 4, view.getUint32(i));
    program.write(addressOf('PPUControlRegister', [0]), 1).barrier(1);
    program.pollFor(addressOf('PPUStatusRegister', [0]), 1, 1).readBlock(0x02800400, 32);
  });
  expect(answers.timeouts).toEqual([]);
  expect([...answers.reads.values()].every((word) => word === 0)).toBe(true);
  expect(chip.warnings()).toMatchObject({ unmapped: 2, unmappedAddresses: [address] });
});
