import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Needed {
  readonly mean: number;
  readonly sd: number;
  readonly inside: number;
}
interface ChipStudy {
  readonly codes: Readonly<Record<string, Needed>>;
  readonly correlations: Readonly<Record<string, number>>;
  readonly cadcOffsetSd: number;
  readonly residuals: Readonly<
    Record<
      string,
      { readonly ratio: number; readonly ratioLimit: number | null; readonly after: Needed }
    >
  > | null;
  readonly drivers: { readonly before: number; readonly after: number } | null;
  readonly sensors: {
    readonly amplitude: readonly number[];
    readonly tau: readonly number[];
  } | null;
}

/** Ten virtual chips calibrated by `scripts/calibration-study.ts`; what is committed must hold what the page says. */
const study = JSON.parse(
  readFileSync(new URL('../../../docs/calibration-study.json', import.meta.url), 'utf8'),
) as {
  readonly published: Readonly<Record<string, readonly [number, number, number]>>;
  readonly chips: Readonly<Record<string, ChipStudy>>;
};
const chips = Object.values(study.chips);
const rms = (list: readonly number[]): number =>
  Math.sqrt(list.reduce((sum, x) => sum + x * x, 0) / list.length);

describe('the study of ten calibrated chips', () => {
  it('V17: needed codes spread as those of the published chip, within 20 % over ten seeds', () => {
    expect(chips).toHaveLength(10);
    for (const [name, [mean, sd, inside]] of Object.entries(study.published)) {
      const own = chips.map((chip) => chip.codes[name] ?? { mean: NaN, sd: NaN, inside: NaN });
      expect(Math.abs(rms(own.map((c) => c.sd)) / sd - 1)).toBeLessThan(0.2);
      expect(Math.abs(rms(own.map((c) => c.inside)) / inside - 1)).toBeLessThan(0.2);
      expect(Math.abs(rms(own.map((c) => c.mean)) / mean - 1)).toBeLessThan(0.1);
    }
    for (const chip of chips) {
      expect(chip.correlations['v_leak/v_reset']).toBeGreaterThan(0.4);
      expect(chip.correlations['v_leak/v_reset']).toBeLessThan(0.8);
      // V15: offsets of the converter before calibration, which the stored offsets take away.
      expect(Math.abs(chip.cadcOffsetSd - 9.95)).toBeLessThan(1);
    }
  });

  it("V18: what is left is below the makers' limits and the residuals of the model", () => {
    const residual: Readonly<Record<string, number>> = {
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
    };
    const full = chips.filter((chip) => chip.residuals !== null);
    expect(full.length).toBeGreaterThanOrEqual(3);
    for (const { residuals, drivers, sensors } of full) {
      for (const [name, { ratio, ratioLimit, after }] of Object.entries(residuals ?? {})) {
        expect(after.sd).toBeLessThan(residual[name] ?? 0);
        if (ratioLimit !== null) expect(ratio).toBeLessThan(ratioLimit);
      }
      expect(drivers?.after).toBeLessThan(2);
      expect(drivers?.after).toBeLessThan((drivers?.before ?? 0) - 1);
      for (const amplitude of sensors?.amplitude ?? [])
        expect(Math.abs(amplitude / 0.5 - 1)).toBeLessThan(0.05);
      for (const tau of sensors?.tau ?? []) expect(Math.abs(tau / 5e-6 - 1)).toBeLessThan(0.05);
    }
  });
});
