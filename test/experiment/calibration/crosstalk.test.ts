import { describe, expect, it } from 'vitest';
import { InProcessBoard } from '../../../board/index.js';
import { Chip } from '../../../emulator/index.js';
import { meanPotential } from '../../../experiment/calibration/measure.js';
import { startCodes } from '../../../experiment/calibration/record.js';
import { Rig } from '../../../experiment/calibration/rig.js';
import { calibrationTargets } from '../../../experiment/calibration/targets.js';
import {
  nominalSettings,
  quickEffort,
  quiet,
  type Work,
} from '../../../experiment/calibration/work.js';

/** Mean reading of the leak potentials of a whole block, with equal or dithered codes. */
async function meanLeak(chip: Chip, dithered: boolean): Promise<number> {
  const rig = new Rig(
    InProcessBoard.of(chip),
    Array.from({ length: 128 }, (_, n) => n),
  );
  const targets = calibrationTargets.A;
  const work: Work = {
    rig,
    targets,
    nominal: nominalSettings(targets),
    effort: quickEffort,
    converterNoise: 1,
    sensors: undefined,
    baselines: undefined,
    noiseSeed: 0,
    unusable: new Map(),
    limited: new Map(),
    measured: () => {},
  };
  startCodes(work);
  // Only the leak matters here; fewer cells are written.
  for (const name of [...rig.codes.keys()])
    if (name !== 'v_leak' && name !== 'i_bias_leak') rig.codes.delete(name);
  rig.codes.delete('v_leak');
  await rig.begin(0);
  const values = await meanPotential(rig, 100e-6, 16, (writer) => {
    rig.configure(writer, quiet(work));
    rig.setAll(writer, 'v_leak', 620, dithered);
  });
  return values.reduce((sum, value) => sum + value / values.length, 0);
}

describe('V19: crosstalk of the parameter memory', () => {
  it('lifts a row of equal codes by about two codes; dither takes it away', async () => {
    const options = { law: 'uncalibrated', noise: { drift: false } } as const;
    const equal = await meanLeak(Chip.fromSeed(3, options), false);
    const dithered = await meanLeak(Chip.fromSeed(3, options), true);
    // The dither of 128 neurons has a mean of its own, below 0.1 code. A code is 1.875 mV, a count 4.5 mV.
    const codes = ((equal - dithered) * 4.5) / 1.875;
    // Twelve of 128 cells still share a code: 0.18 codes stay.
    expect(codes).toBeGreaterThan(1.5);
    expect(codes).toBeLessThan(2.3);
  });

  it('does not exist on the ideal chip', async () => {
    const equal = await meanLeak(Chip.ideal(), false);
    const dithered = await meanLeak(Chip.ideal(), true);
    expect(Math.abs(equal - dithered)).toBeLessThan(0.3);
  });
});
