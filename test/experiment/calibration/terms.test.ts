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
import { nominalSettings } from '../../../experiment/calibration/work.js';
import { unusableFor } from '../../../experiment/network/calibrated.js';
import { adex, cobaLif } from '../../../experiment/network/cells.js';
import { chainCompartments } from '../../../experiment/network/morphology.js';
import { Network } from '../../../experiment/network/network.js';
import { cadc, lif, type NeuronSettings } from '../../../experiment/network/neuron.js';

const seed = 11;
/** Two pairs of neighbouring columns, in two quadrants. */
const neurons = [2, 3, 140, 141];
const stages = [
  'leak',
  'conductance',
  'reset',
  'threshold',
  'reversal',
  'adaptation',
  'exponential',
  'compartments',
];
let found: Calibration;

beforeAll(async () => {
  const chip = Chip.fromSeed(seed, { law: 'uncalibrated', engine: 'fast' });
  found = await calibrate(InProcessBoard.of(chip), { neurons, quick: true, stages });
}, 240_000);

const network = (cell: NeuronSettings): Network => {
  const made = new Network();
  made.addPopulation('neurons', 1, cell);
  return made;
};

describe('terms that not every network uses', () => {
  it('come to their targets in SI units', () => {
    const { after, targets, limited } = found;
    expect(limited).toEqual([]);
    neurons.forEach((n) => {
      const relative = (name: 'tau_w' | 'a' | 'b' | 'delta_T' | 'tau_icc'): number =>
        Math.abs((after[name]?.[n] ?? NaN) / targets[name] - 1);
      // Three of the residual standard deviations, and the noise of a quick look at the same time.
      for (const name of ['tau_w', 'a', 'b', 'delta_T', 'tau_icc'] as const)
        expect(relative(name), `${name} of neuron ${n}`).toBeLessThan(0.18);
      expect(Math.abs((after.e_w?.[n] ?? NaN) - cadc(targets.leak))).toBeLessThan(0.03);
      expect(Math.abs((after.v_exp?.[n] ?? NaN) - targets.v_exp)).toBeLessThan(0.04);
      expect(Math.abs((after.e_rev_E?.[n] ?? NaN) - targets.e_rev_E)).toBeLessThan(0.03);
      expect(Math.abs((after.e_rev_I?.[n] ?? NaN) - targets.e_rev_I)).toBeLessThan(0.02);
    });
  });

  it('need the codes that the fixed pattern of the die asks for', () => {
    const { codes, targets } = found;
    const pattern = new FixedPattern({ seed, law: 'uncalibrated' }, constantsWith()).neurons;
    const nominal = nominalSettings(targets).codes;
    for (const n of neurons) {
      const needed = (
        [
          ['i_bias_adapt_tau', pattern.adaptationTime],
          ['i_bias_exp', pattern.slopeFactor],
        ] as const
      ).map(([name, factor]) => [codes[name]?.[n] ?? 0, nominal[name] * (factor[n] ?? 1)] as const);
      needed.push([
        codes.i_bias_adapt_b?.[n] ?? 0,
        nominal.i_bias_adapt_b / (pattern.adaptationStep[n] ?? 1),
      ]);
      for (const [code, expected] of needed) {
        expect(code / expected).toBeGreaterThan(0.8);
        expect(code / expected).toBeLessThan(1.25);
      }
      const shift = (nominal.v_exp - (codes.v_exp?.[n] ?? 0)) * 1.875;
      expect(Math.abs(shift - (pattern.exponentialShift[n] ?? 0))).toBeLessThan(45);
    }
  });

  it('carry over to other values, leave codes by hand alone, and codes of terms that are off', () => {
    const chip = chipCalibration({ ...found, complete: true }, 'chip11.json');
    const own = (name: 'i_bias_adapt_tau' | 'i_bias_adapt_b'): number =>
      found.codes[name]?.[3] ?? 0;
    const cell = adex({ tau_w: 50e-6, b: 20e-9, a: 0 });
    const codes = chip.neuronCodes(3, cell);
    expect(Math.abs(codes.i_bias_adapt_tau - 2 * own('i_bias_adapt_tau'))).toBeLessThanOrEqual(1);
    expect(Math.abs(codes.i_bias_adapt_b - 2 * own('i_bias_adapt_b'))).toBeLessThanOrEqual(1);
    expect(codes.i_bias_adapt_a).toBe(0);
    expect(chip.neuronCodes(3, lif()).v_exp).toBe(0);
    expect(chip.neuronCodes(3, adex({ b: 20e-9 }, { i_bias_adapt_b: 321 })).i_bias_adapt_b).toBe(
      321,
    );
  });

  it('keep a neuron out of networks that use what it does not reach, and of no others', () => {
    const limited = [
      { neuron: 3, quantity: 'tau_w' },
      { neuron: 140, quantity: 'tau_icc' },
    ] as const;
    const chip = chipCalibration({ ...found, complete: true, limited }, 'chip11.json');
    const left = (cell: NeuronSettings): number[] =>
      neurons.filter((n) => unusableFor(network(cell), chip).has(n));
    expect(left(lif())).toEqual([]);
    expect(left(cobaLif())).toEqual([]);
    expect(left(adex({ b: 10e-9 }))).toEqual([3]);
    expect(left(chainCompartments(lif(), 2, { siemens: 0.48e-6 }))).toEqual([140]);
  });

  it('stand in the file', () => {
    expect(parseCalibration(encodeCalibration(found))).toEqual(JSON.parse(JSON.stringify(found)));
    const strange = {
      ...found,
      limited: [{ neuron: 3, quantity: 'tau' }],
    } as unknown as Calibration;
    expect(() => parseCalibration(encodeCalibration(strange))).toThrow(/limited has the entry/);
  });
});
