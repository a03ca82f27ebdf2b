import { describe, expect, it } from 'vitest';
import { BoardError, InProcessBoard } from '../../../board/index.js';
import { constantsWith } from '../../../emulator/analog/constants.js';
import { FixedPattern } from '../../../emulator/analog/die.js';
import { Chip } from '../../../emulator/index.js';
import {
  calibrate,
  CalibrationError,
  calibrationStages,
  calibrationTargets,
  CalibrationMismatch,
  checkDie,
  chipCalibration,
  encodeCalibration,
  parseCalibration,
  type Calibration,
} from '../../../experiment/calibration/index.js';
import { nominalSettings } from '../../../experiment/calibration/work.js';
import { lif } from '../../../experiment/network/neuron.js';
import { ExperimentError } from '../../../experiment/failure.js';

const seed = 7;
/** In two quadrants of one half of the chip. */
const neurons = [3, 4, 60, 131, 200];
const board = (options = {}): InProcessBoard =>
  InProcessBoard.of(Chip.fromSeed(seed, { law: 'uncalibrated', ...options }));
/** Stages of the leaky neuron; `terms.test.ts` looks at the others. */
const others = ['drivers', 'sensors', 'reversal', 'adaptation', 'exponential', 'compartments'];
const neuronStages = calibrationStages.filter((name) => !others.includes(name));

let made: Promise<Calibration> | undefined;
/** One calibration of the five neurons, which several tests look at. */
const calibrated = (): Promise<Calibration> =>
  (made ??= calibrate(board(), { neurons, quick: true, stages: neuronStages }));

describe('calibration of a drawn chip', () => {
  it('finds the codes that the fixed pattern of the die asks for', async () => {
    const { codes, targets } = await calibrated();
    const pattern = new FixedPattern({ seed, law: 'uncalibrated' }, constantsWith()).neurons;
    const nominal = nominalSettings(targets).codes;
    const die = new FixedPattern({ seed, law: 'uncalibrated' }, constantsWith());
    // Counts by which the true potentials, of the cells and circuits of this die, differ from their targets.
    const errors = (
      row: number,
      name: 'v_leak' | 'v_reset' | 'v_threshold',
      shift: number,
    ): number[] =>
      neurons.map((n) => {
        const cell = (row + 24 * (n >> 7)) * 130 + (n & 127);
        const code = (codes[name]?.[n] ?? 0) * die.cellGain(n >> 7) + die.cellOffset(cell);
        const shifts = [pattern.leakShift, pattern.resetShift, pattern.thresholdShift][row];
        const volts = 18.75 + 1.875 * code - shift + (shifts?.[n] ?? 0);
        const target = [targets.leak, targets.reset, targets.threshold][row] ?? 0;
        return 20 + (volts - 150) / 4.5 - target;
      });
    for (const [list, own] of [
      [errors(0, 'v_leak', 778), 1.8],
      [errors(1, 'v_reset', 770), 1.8],
      [errors(2, 'v_threshold', 13), 3.5],
    ] as const) {
      // The test voltage, one cell for all, may be off by 1 % and 2 codes: that error is common.
      const common = list.reduce((sum, error) => sum + error / list.length, 0);
      expect(Math.abs(common)).toBeLessThan(7);
      for (const error of list) expect(Math.abs(error - common)).toBeLessThan(own);
    }
    for (const n of neurons) {
      const ratio = (code: number | null | undefined, expected: number): number =>
        (code ?? 0) / expected;
      const leak =
        (nominal.i_bias_leak * (pattern.capacitance[n] ?? 1)) / (pattern.conductance[n] ?? 1);
      expect(ratio(codes.i_bias_leak?.[n], leak)).toBeGreaterThan(0.88);
      expect(ratio(codes.i_bias_leak?.[n], leak)).toBeLessThan(1.12);
      const time = nominal.i_bias_synin_exc_tau * (pattern.excitatoryTime[n] ?? 1);
      expect(ratio(codes.i_bias_synin_exc_tau?.[n], time)).toBeGreaterThan(0.85);
      expect(ratio(codes.i_bias_synin_exc_tau?.[n], time)).toBeLessThan(1.15);
      const shift = 314 + (pattern.excitatoryShift[n] ?? 0);
      expect(Math.abs((codes.i_bias_synin_exc_shift?.[n] ?? 0) - shift)).toBeLessThan(30);
    }
  });

  it('V18: leaves at most what the model of a calibrated chip assumes', async () => {
    const { after, targets, unusable } = await calibrated();
    expect(unusable).toEqual([]);
    for (const n of neurons) {
      // Three of the residual standard deviations: 1.5 counts, 4 %, 3 %.
      for (const name of ['leak', 'reset', 'threshold'] as const)
        expect(Math.abs((after[name]?.[n] ?? NaN) - targets[name])).toBeLessThan(4.5);
      expect(Math.abs((after.tau_m?.[n] ?? NaN) / targets.tau_m - 1)).toBeLessThan(0.12);
      for (const name of ['tau_syn_E', 'tau_syn_I'] as const)
        expect(Math.abs((after[name]?.[n] ?? NaN) / targets[name] - 1)).toBeLessThan(0.09);
      for (const name of ['shift_E', 'shift_I'] as const)
        expect(Math.abs(after[name]?.[n] ?? NaN)).toBeLessThan(30);
    }
    const gains = neurons.map((n) => after.gain_E?.[n] ?? NaN);
    expect(Math.max(...gains) / Math.min(...gains)).toBeLessThan(1.15);
  });

  it('is the same again for the same seeds', async () => {
    const once = await calibrate(board(), { neurons: [4], quick: true, stages: ['leak', 'reset'] });
    const again = await calibrate(board(), {
      neurons: [4],
      quick: true,
      stages: ['leak', 'reset'],
    });
    expect(encodeCalibration(again)).toBe(encodeCalibration(once));
  });

  it('goes on where it was cancelled and keeps the stages that were done', async () => {
    const abort = new AbortController();
    let partial: Calibration | undefined;
    const stages: string[] = [];
    const cancelled = calibrate(board(), {
      neurons: [4, 60],
      quick: true,
      signal: abort.signal,
      onStage: (result) => {
        partial = parseCalibration(encodeCalibration(result));
      },
      onProgress: ({ stage, share }) => {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
        if (stage === 'conductance') abort.abort();
      },
    });
    await expect(cancelled).rejects.toThrow(BoardError);
    expect(partial?.stages).toEqual(['converter', 'survey', 'leak']);
    expect(partial?.complete).toBe(false);
    if (!partial) return;
    expect(() => chipCalibration(partial as Calibration, 'part')).toThrow(CalibrationError);
    const rest = await calibrate(board(), {
      resume: partial,
      quick: true,
      stages: ['conductance', 'reset'],
      onProgress: ({ stage }) => {
        if (!stages.includes(stage)) stages.push(stage);
      },
    });
    expect(stages).toEqual(['conductance', 'reset']);
    expect(rest.stages).toEqual(['converter', 'survey', 'leak', 'conductance', 'reset']);
    expect(rest.codes.v_leak).toEqual(partial.codes.v_leak);
    expect(rest.cadcOffsets).toEqual(partial.cadcOffsets);
    expect(rest.neurons).toEqual([4, 60]);
  });

  it('marks a neuron that never fires as unusable', async () => {
    const dead = board({ defects: true, constants: { deadNeurons: 1 } });
    const result = await calibrate(dead, { neurons: [9], quick: true, stages: ['threshold'] });
    expect(result.unusable).toMatchObject([{ neuron: 9 }]);
    expect(result.unusable[0]?.reason).toMatch(/^v_threshold/);
  });

  it('refuses targets out of reach, unknown stages and neurons', async () => {
    await expect(calibrate(board(), { targets: { leak: 10 } })).rejects.toThrow(ExperimentError);
    await expect(calibrate(board(), { targets: { threshold: 82 } })).rejects.toThrow(/15 counts/);
    await expect(calibrate(board(), { stages: ['leek'] })).rejects.toThrow(/leak/);
    await expect(calibrate(board(), { neurons: [512] })).rejects.toThrow(/512/);
  });
});

describe('drivers and sensors', () => {
  it('meet their targets by quadrant', async () => {
    const few = [0, 2, 4, 6, 128, 130, 132, 134];
    const result = await calibrate(board(), {
      neurons: few,
      quick: true,
      stages: ['drivers', 'sensors'],
    });
    const { drivers, sensors } = result;
    const sd = (list: readonly number[] = []): number => {
      const own = list.filter((x, i) => Number.isFinite(x) && i < 128 && i % 2 === 0);
      const mean = own.reduce((sum, x) => sum + x, 0) / own.length;
      return Math.sqrt(own.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / own.length);
    };
    expect(sd(drivers?.after)).toBeLessThan(0.7 * sd(drivers?.before));
    for (const block of [0, 1]) {
      const amplitude = sensors?.amplitude[block] ?? NaN;
      expect(Math.abs(amplitude / calibrationTargets.A.sensorAmplitude - 1)).toBeLessThan(0.1);
      expect(Math.abs((sensors?.tau[block] ?? NaN) / 10e-6 - 1)).toBeLessThan(0.1);
    }
    expect(sensors?.amplitude[2]).toBeNull();
    // Baselines are stored for used columns: near 205 counts, with the offset of the channel.
    const baselines = Uint8Array.from(Buffer.from(sensors?.baselines ?? '', 'base64'));
    expect(baselines).toHaveLength(2 * 2 * 256 * 256);
    expect(baselines[few[0] ?? 0]).toBeGreaterThan(150);
    expect(baselines[255]).toBe(0);
  });
});

describe('a calibration in use', () => {
  const complete = async (): Promise<Calibration> => ({ ...(await calibrated()), complete: true });

  it('gives its own codes for its own targets, and shifts or scales them for others', async () => {
    const found = await complete();
    const { codes } = found;
    const chip = chipCalibration({ ...found, gain: { E: 1, I: 1 } }, 'chip7.json');
    const own = chip.neuronCodes(60, nominalSettings(found.targets));
    expect(own.v_leak).toBe(codes.v_leak?.[60]);
    expect(own.i_bias_leak).toBe(codes.i_bias_leak?.[60]);
    expect(own.i_bias_synin_exc_gm).toBe(codes.i_bias_synin_exc_gm?.[60]);
    const nominal = lif({ tau_m: 20e-6, v_rest: 0.45 });
    const other = chip.neuronCodes(60, nominal);
    const moved = nominal.codes.v_leak - nominalSettings(found.targets).codes.v_leak;
    expect(other.v_leak).toBe((codes.v_leak?.[60] ?? 0) + moved);
    expect(Math.abs(other.i_bias_leak - (codes.i_bias_leak?.[60] ?? 0) / 2)).toBeLessThanOrEqual(1);
    expect(chip.unusable.has(60)).toBe(false);
    expect(chip.unusable.has(61)).toBe(true);
    expect(chip.name).toContain('virtual chip 7');
  });

  it('leaves codes that were set by hand alone', async () => {
    const chip = chipCalibration(await complete(), 'chip7.json');
    expect(chip.neuronCodes(60, lif({}, { v_leak: 612 })).v_leak).toBe(612);
  });

  it('carries sensor biases over to other targets by the ratio of nominal codes', async () => {
    const found = await complete();
    const shared = { ...found.shared, syn_i_bias_store: [20, 20, 20, 20] };
    const chip = chipCalibration({ ...found, shared }, 'chip7.json');
    expect(chip.sharedCodes?.(0, { store: 18, ramp: 40 }).syn_i_bias_store).toBe(20);
    expect(chip.sharedCodes?.(0, { store: 36, ramp: 40 }).syn_i_bias_store).toBe(40);
  });

  it('is refused on another die, and on the same die drawn by another law', async () => {
    const found = await calibrated();
    await expect(checkDie(board(), found)).resolves.toBeUndefined();
    const other = InProcessBoard.of(Chip.fromSeed(8, { law: 'uncalibrated' }));
    await expect(checkDie(other, found)).rejects.toThrow(CalibrationMismatch);
    await expect(checkDie(InProcessBoard.of(Chip.fromSeed(seed)), found)).rejects.toThrow(
      /residual/,
    );
    const changed = board({ constants: { membraneNoise: 2 } });
    await expect(checkDie(changed, found)).rejects.toThrow(/membraneNoise=2/);
    await expect(calibrate(other, { resume: found })).rejects.toThrow(CalibrationMismatch);
  });

  it('reads what it wrote, and names what is wrong with a file', async () => {
    const found = await calibrated();
    const text = encodeCalibration(found);
    expect(parseCalibration(text)).toEqual(JSON.parse(JSON.stringify(found)));
    const broken = (change: (value: Record<string, unknown>) => void): string => {
      const value = JSON.parse(text) as Record<string, unknown>;
      change(value);
      return JSON.stringify(value);
    };
    const problem = (content: string): string => {
      try {
        parseCalibration(content, 'x.json');
      } catch (error) {
        return error instanceof CalibrationError ? error.problem : String(error);
      }
      return '';
    };
    expect(problem('{')).toBe('it is not JSON');
    expect(problem('{}')).toBe('it is not a calibration');
    expect(problem(broken((v) => (v['version'] = 9)))).toMatch(/version 9/);
    expect(problem(broken((v) => (v['cadcOffsets'] = [1])))).toMatch(/1024/);
    expect(
      problem(
        broken((v) => {
          (v['codes'] as Record<string, number[]>)['v_leak'] = new Array<number>(512).fill(1023);
        }),
      ),
    ).toMatch(/v_leak\[0\] is 1023/);
    expect(problem(broken((v) => delete v['die']))).toMatch(/die/);
  });
});
