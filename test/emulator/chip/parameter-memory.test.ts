import { expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import { constantsWith } from '../../../emulator/analog/constants.js';
import { FixedPattern } from '../../../emulator/analog/die.js';
import { ParameterMemory, type Settling } from '../../../emulator/analog/parameter-memory.js';
import { addressOf } from '../../../isa/registers/index.js';
import { begin, enableCadc, run } from '../host.js';

/** Refreshes come once in 1 ms. */
const period = 250_000;

function memory(settling: Settling, ripples = false): ParameterMemory {
  const constants = constantsWith();
  return new ParameterMemory(new FixedPattern('ideal', constants), constants, settling, ripples);
}

test('a cell follows its code exponentially with 4 ms, one step a refresh, and arrives', () => {
  const cells = memory('exponential');
  cells.write(1, 2, 5, 400);
  const at: number[] = [];
  for (let k = 1; k <= 60; k++) {
    cells.refresh(k * period, () => undefined);
    at.push(cells.effectiveCode(1, 2, 5));
  }
  for (const k of [1, 4, 8, 20]) expect(at[k - 1]).toBeCloseTo(400 * (1 - Math.exp(-k / 4)), 9);
  expect(at.at(-1)).toBe(400);
  expect(cells.isUneasy).toBe(false);
});

test('an instant cell holds its code at once', () => {
  const cells = memory('instant');
  cells.write(0, 0, 129, 777);
  expect(cells.effectiveCode(0, 0, 129)).toBe(777);
  expect(cells.isUneasy).toBe(false);
});

test.each(['instant', 'exponential'] as const)(
  'code 1023 switches the refresh off: the level decays with 50 ms (%s)',
  (settling) => {
    const cells = memory(settling);
    cells.write(3, 23, 0, 1000);
    for (let k = 1; k <= 100; k++) cells.refresh(k * period, () => undefined);
    cells.write(3, 23, 0, 1023);
    for (let k = 101; k <= 125; k++) cells.refresh(k * period, () => undefined);
    expect(cells.effectiveCode(3, 23, 0)).toBeCloseTo(1000 * Math.exp(-0.5), 9);
    expect(cells.codeAt(3, 23, 0)).toBe(1023);
  },
);

test('ripple is 0.3 codes, white from refresh to refresh, and only its seed decides about it', () => {
  const draw = (seed: number): number[] => {
    const cells = memory('instant', true);
    cells.setNoiseSeed(seed);
    cells.write(0, 0, 0, 500);
    return Array.from({ length: 2000 }, (_, k) => {
      cells.refresh((k + 1) * period, () => undefined);
      return cells.effectiveCode(0, 0, 0) - 500;
    });
  };
  const values = draw(1);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(sd - 0.3)).toBeLessThan(0.03);
  const neighbours = values.slice(1).reduce((sum, v, i) => sum + v * (values[i] ?? 0), 0);
  expect(Math.abs(neighbours / (values.length * sd * sd))).toBeLessThan(0.1);
  expect(draw(1)).toEqual(values);
  expect(draw(2)).not.toEqual(values);
});

/** CADC codes of a resting neuron some ms after its cells were written. */
function reads(settling: Settling, ms: readonly number[]): number[] {
  const answers = run(Chip.ideal({ settling }), (program) => {
    begin(program);
    enableCadc(program);
    program.write(addressOf('CapMemCell', [0, 4, 128]), 31);
    program.write(addressOf('CapMemCell', [0, 15, 128]), 369).waitUntil(125_000 * 60);
    program.write(addressOf('CapMemCell', [0, 0, 0]), 629);
    program.write(addressOf('CapMemCell', [0, 8, 0]), 500);
    program.writeContainer('NeuronConfig', [0, 0], { mem_cap_size: 63, en_readout_amp: 1 });
    program.write(addressOf('ColumnCorrelationQuad', [0, 0], 2), 0x20000000).timerSetup();
    for (const at of ms) {
      program.waitUntil(125_000 * at);
      program.read(addressOf('CADCSampleQuad', [0, 0, 0, 0, 0]));
    }
  });
  return [...answers.reads.values()].map((word) => word >>> 24);
}

test('what a chip reads follows its cells: at once, or within 20 ms', () => {
  expect(reads('instant', [2, 40])).toEqual([80, 80]);
  const [early = 0, late = 0, settled = 0] = reads('exponential', [12, 24, 44]);
  expect(early).toBeLessThan(80);
  expect(late).toBeGreaterThan(early);
  expect(late).toBeGreaterThanOrEqual(78);
  expect(settled).toBe(80);
});

test('the manifest names how cells settle', () => {
  expect(Chip.fromSeed(3).describe().settling).toBe('instant');
  expect(Chip.fromSeed(3, { settling: 'exponential' }).describe().settling).toBe('exponential');
});
