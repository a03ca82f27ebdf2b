import { beforeAll, describe, expect, it } from 'vitest';
import { InProcessBoard } from '../../../board/index.js';
import { constantsWith } from '../../../emulator/analog/constants.js';
import { FixedPattern } from '../../../emulator/analog/die.js';
import { Chip } from '../../../emulator/index.js';
import {
  calibrate,
  chipCalibration,
  encodeCalibration,
  parseCalibration,
  type Calibration,
} from '../../../experiment/calibration/index.js';
import { unusableFor } from '../../../experiment/network/calibrated.js';
import { withParameters } from '../../../experiment/network/cells.js';
import { Network } from '../../../experiment/network/network.js';
import { expectedDrive, lif, operatingPoints } from '../../../experiment/network/neuron.js';
import { makeLab } from '../lab.js';

const seed = 11;
const neurons = [2, 3, 140];
const board = (): InProcessBoard => InProcessBoard.of(Chip.fromSeed(seed, { law: 'uncalibrated' }));
let found: Calibration;

beforeAll(async () => {
  const stages = ['leak', 'conductance', 'current'];
  found = await calibrate(board(), { neurons, quick: true, stages });
}, 240_000);

describe('the constant current of a neuron', () => {
  it('comes to its target, with the code that the fixed pattern of the die asks for', () => {
    const { before, after, codes, targets } = found;
    const pattern = new FixedPattern({ seed, law: 'uncalibrated' }, constantsWith()).neurons;
    for (const n of neurons) {
      expect(Math.abs((after.i_offset?.[n] ?? NaN) / targets.i_offset - 1)).toBeLessThan(0.04);
      // The current really flowing is the cell's: three of the residual standard deviations of 5 %.
      const current = 0.39e-9 * (codes.i_mem_offset?.[n] ?? 0) * (pattern.offsetCurrent[n] ?? 1);
      expect(Math.abs(current / targets.i_offset - 1)).toBeLessThan(0.15);
    }
    const spreadOf = (list: readonly (number | null)[] = []): number => {
      const values = neurons.map((n) => list[n] ?? NaN);
      return Math.max(...values) / Math.min(...values);
    };
    expect(spreadOf(after.i_offset)).toBeLessThan(spreadOf(before.i_offset));
  });

  it('keeps its codes while later stages use currents of their own', async () => {
    const later = await calibrate(board(), {
      resume: found,
      quick: true,
      stages: ['reset', 'threshold'],
    });
    expect(later.codes.i_mem_offset).toEqual(found.codes.i_mem_offset);
    expect(later.stages).toContain('current');
  });

  it('is scaled to what an experiment asks for, and none stays none', () => {
    const chip = chipCalibration({ ...found, complete: true }, 'chip11.json');
    const own = found.codes.i_mem_offset?.[3] ?? NaN;
    expect(chip.neuronCodes(3, lif({ i_offset: 80e-9 })).i_mem_offset).toBe(own);
    expect(chip.neuronCodes(3, lif({ i_offset: 40e-9 })).i_mem_offset / own).toBeCloseTo(0.5, 1);
    expect(chip.neuronCodes(3, lif()).i_mem_offset).toBe(0);
    expect(chip.neuronCodes(3, lif({}, { i_mem_offset: 77 })).i_mem_offset).toBe(77);
  });

  it('that misses its target keeps a neuron out of networks with such a current only', () => {
    const limited = [{ neuron: 3, quantity: 'i_offset' }] as const;
    const chip = chipCalibration({ ...found, complete: true, limited }, 'chip11.json');
    const isLeftOut = (cell: ReturnType<typeof lif>): boolean => {
      const network = new Network();
      network.addPopulation('neurons', 1, cell);
      return unusableFor(network, chip).has(3);
    };
    expect(isLeftOut(lif())).toBe(false);
    expect(isLeftOut(lif({ i_offset: 20e-9 }))).toBe(true);
  });

  it('is missing from files of the version before, which are still read', () => {
    const { i_offset: _later, ...targets } = found.targets;
    const old = { ...found, version: 2, complete: true, targets, stages: ['leak', 'conductance'] };
    const read = parseCalibration(encodeCalibration(old as unknown as Calibration));
    expect(read.version).toBe(found.version);
    expect(read.targets).toEqual(found.targets);
    // The codes of such a file are what measurements left behind.
    expect(read.codes.i_mem_offset).toBeUndefined();
    const chip = chipCalibration(read, 'old.json');
    const cell = lif({ i_offset: 80e-9 });
    expect(chip.neuronCodes(3, cell).i_mem_offset).toBe(cell.codes.i_mem_offset);
    expect(chip.neuronCodes(3, cell).v_leak).toBe(
      chipCalibration({ ...found, complete: true }, 'new').neuronCodes(3, cell).v_leak,
    );
  });

  it('is a parameter of a leaky neuron in ampere, of either sign', () => {
    expect(lif({ i_offset: 39e-9 })).toMatchObject({
      codes: { i_mem_offset: 100 },
      switches: { en_mem_off: 1, invert_current: 0 },
    });
    expect(lif({ i_offset: -39e-9 }).switches).toMatchObject({ en_mem_off: 1, invert_current: 1 });
    expect(withParameters(lif(), { i_offset: 78e-9 }).codes.i_mem_offset).toBe(200);
    expect(() => lif({ i_offset: 1e-6 })).toThrow(/i_offset would need code/);
    // 24 nA through 10 us / 2.4 pF.
    const moved = expectedDrive({ ...operatingPoints.A, i_offset: 24e-9 }, []).mean;
    expect(moved - operatingPoints.A.v_rest).toBeCloseTo(0.1, 9);
  });

  it('moves the resting potential by its resistance, and only while it is switched on', async () => {
    const sim = makeLab().lab.setup({ settling: 0.1e-3 });
    const cell = sim.population(2, lif({ i_offset: 24e-9 }));
    cell.record('v', 10e-6);
    cell.set({ en_mem_off: [0, 1] });
    await sim.run(0.2e-3);
    const { v } = cell.getData().signals;
    const last = Array.from(v?.values ?? []).slice(-2);
    expect(last[0]).toBeCloseTo(operatingPoints.A.v_rest, 2);
    expect((last[1] ?? NaN) - (last[0] ?? NaN)).toBeCloseTo(0.1, 2);
  });
});
