import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withTables, type Study } from '../../../scripts/calibration-tables.js';

const read = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
/** Virtual chips calibrated by `scripts/calibration-study.ts`; what is committed must hold what the page says. */
const study = JSON.parse(read('calibration-study.json')) as Study;
const chips = Object.values(study.chips);
const rms = (list: readonly number[]): number =>
  Math.sqrt(list.reduce((sum, x) => sum + x * x, 0) / list.length);

/** What the model of a calibrated chip assumes to be left, in the units of the residuals; all that are searched. */
const assumed: Readonly<Record<string, number>> = {
  leak: 1.5,
  reset: 1.5,
  threshold: 1.5,
  tau_m: 0.04,
  tau_syn_E: 0.03,
  tau_syn_I: 0.03,
  gain_E: 0.05,
  gain_I: 0.05,
  shift_E: 10,
  shift_I: 10,
  tau_w: 0.05,
  a: 0.05,
  b: 0.05,
  e_w: 9e-3,
  v_exp: 9e-3,
  delta_T: 0.05,
  tau_icc: 0.05,
  i_offset: 0.05,
};
/** Most of the spread before that the makers' tests let stay. */
const makersRatios: Readonly<Record<string, number>> = {
  leak: 0.3,
  reset: 0.2,
  threshold: 0.35,
  tau_m: 0.45,
  tau_syn_E: 0.2,
  tau_syn_I: 0.2,
  tau_icc: 0.5,
};

describe('the study of calibrated chips', () => {
  it('was made on chips that the stages were not written with', () => {
    expect(chips.length).toBeGreaterThanOrEqual(5);
    for (const seed of [7, 11, 101, 102, 103]) expect(study.chips).not.toHaveProperty(String(seed));
  });

  it('V17: needed codes spread as those of the published chip', () => {
    const ten = Object.values(study.earlier);
    expect(ten).toHaveLength(10);
    for (const [name, [mean, sd, inside]] of Object.entries(study.published)) {
      const own = ten.map((chip) => chip.codes[name]);
      const of = (what: 'mean' | 'sd' | 'inside'): number =>
        rms(own.map((code) => code?.[what] ?? NaN));
      expect(Math.abs(of('mean') / mean - 1), name).toBeLessThan(0.1);
      expect(Math.abs(of('sd') / sd - 1), name).toBeLessThan(0.2);
      // The gain's own law makes 6 % and the capacitance adds 2 %; the record has both in its 29 codes.
      const isGain = name.endsWith('_gm');
      expect(Math.abs(of('inside') / inside - 1), name).toBeLessThan(isGain ? 0.2 : 0.1);
    }
    for (const chip of [...ten, ...chips]) {
      expect(chip.correlations['v_leak/v_reset']).toBeGreaterThan(0.4);
      expect(chip.correlations['v_leak/v_reset']).toBeLessThan(0.8);
      // V15: offsets of the converter before calibration, which the stored offsets take away.
      expect(Math.abs(chip.cadcOffsetSd - 9.95)).toBeLessThan(1);
    }
  });

  it("V18: every quantity is below what the model assumes and the makers' limits, on every chip", () => {
    for (const { residuals, spreads } of chips) {
      for (const [name, limit] of Object.entries(assumed)) {
        expect(residuals[name]?.after.sd, name).toBeLessThan(limit);
        // Not only as the calibration sees it: the circuits really do.
        expect(spreads[name]?.truth, name).toBeLessThan(limit);
      }
      for (const [name, limit] of Object.entries(makersRatios))
        expect(residuals[name]?.ratio, name).toBeLessThan(limit);
      for (const [name, least] of [
        ['threshold', 0.95],
        ['drive_E', 0.75],
        ['drive_I', 0.75],
      ] as const)
        expect(residuals[name]?.near?.share, name).toBeGreaterThan(least);
    }
  });

  it('V15, V18: channels, drivers and sensors are where they are to be', () => {
    for (const { converter, drivers, sensors } of chips) {
      expect(converter.before.sd).toBeGreaterThan(8);
      expect(converter.after.sd).toBeLessThan(1);
      expect(drivers.after).toBeLessThan(2);
      expect(drivers.after).toBeLessThan(drivers.before - 1);
      for (const [median, inner, target] of [
        [sensors.amplitude, sensors.amplitudeInner, 0.5],
        [sensors.tau, sensors.tauInner, 5e-6],
      ] as const) {
        for (const value of median) expect(Math.abs(value / target - 1)).toBeLessThan(0.05);
        for (const [low, high] of inner) {
          expect(low).toBeGreaterThan(target / 2);
          expect(high).toBeLessThan(2 * target);
        }
      }
    }
  });

  it('stands in the tables of the page', () => {
    const page = read('calibration.md');
    expect(page.match(/<!-- table \w+ -->/g)).toHaveLength(5);
    expect(withTables(page, study)).toBe(page);
  });
});
