import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chipPage, parameterHeadings, parameterRows } from '../../../cli/chip/page.js';
import { drawCorrelations } from '../../../cli/chip/correlation-picture.js';
import { drawnParameters } from '../../../cli/chip/parameters.js';
import {
  drawDistributions,
  drawLevels,
  drawMaps,
  drawSensors,
  drawTrials,
} from '../../../cli/chip/pictures.js';
import { dies, reportChip } from '../../../cli/chip/report.js';
import {
  correlationOf,
  insideGroups,
  moments,
  normalDistance,
  sampleDistance,
  splitVariance,
} from '../../../cli/chip/statistics.js';
import { runTrials } from '../../../cli/chip/trials.js';
import { noiseNames, readNoise } from '../../../cli/constants-file.js';
import { constantsWith } from '../../../emulator/analog/constants.js';
import { Stream } from '../../../isa/numeric/random.js';

const constants = constantsWith();

describe('statistics of a chip', () => {
  it('a normal sample is near its law, a shifted or narrower one is not', () => {
    const stream = new Stream(3, 'distance');
    const sample = Float64Array.from({ length: 2000 }, () => stream.normal());
    expect(normalDistance(sample)).toBeLessThan(0.037);
    expect(normalDistance(sample.map((x) => x + 0.3))).toBeGreaterThan(0.08);
    expect(normalDistance(sample.map((x) => 0.7 * x))).toBeGreaterThan(0.06);
  });

  it('the distance of two samples is 0 for equal ones, 1 for separate ones, and symmetric', () => {
    const list = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        expect(sampleDistance(a, a)).toBe(0);
        expect(
          sampleDistance(
            a,
            b.map((x) => x + 1000),
          ),
        ).toBeCloseTo(1, 12);
        expect(sampleDistance(a, b)).toBeCloseTo(sampleDistance(b, a), 12);
      }),
    );
  });

  it('the levels of a nested sample are found again', () => {
    const stream = new Stream(5, 'levels');
    const chips = Array.from({ length: 60 }, () => {
      const chip = 3 * stream.normal();
      return Array.from({ length: 4 }, () => {
        const quadrant = 2 * stream.normal();
        return Float64Array.from({ length: 50 }, () => chip + quadrant + stream.normal());
      });
    });
    const levels = splitVariance(chips);
    expect(levels.instance).toBeCloseTo(1, 1);
    // 240 draws: standard error 5 %; 60 draws: 9 %.
    expect(Math.abs(levels.quadrant - 2)).toBeLessThan(0.4);
    expect(Math.abs(levels.chip - 3)).toBeLessThan(0.9);
  });

  it('what is left inside groups has no mean in any of them', () => {
    const inside = insideGroups([1, 2, 10, 20], [0, 0, 1, 1]);
    expect([...inside]).toEqual([-0.5, 0.5, -5, 5]);
    expect(correlationOf([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
    expect(moments([1, 2, 3])).toEqual({ n: 3, mean: 2, sd: 1 });
  });
});

describe('a virtual chip against its laws', () => {
  it('V17: uncalibrated spreads inside quadrants are those of the published record, and so are the correlations', () => {
    const { report } = reportChip({ seed: 7, law: 'uncalibrated', constants });
    for (const { here, law, distance, distanceLimit } of report.parameters) {
      expect(Math.abs(here.inside / law.instance - 1)).toBeLessThan(0.1);
      expect(distance).toBeLessThan(1.1 * distanceLimit);
    }
    const at = (a: string, b: string): number => {
      const { names, here } = report.correlations;
      return here[names.indexOf(a)]?.[names.indexOf(b)] ?? NaN;
    };
    expect(at('E_l', 'V_r')).toBeGreaterThan(0.4);
    expect(at('E_l', 'V_r')).toBeLessThan(0.8);
    expect(at('gain_E', 'gain_I')).toBeGreaterThan(0.25);
    expect(report.correlations.distance).toBeLessThan(2 * report.correlations.byChance);
  });

  it('a constant that is overridden widens its parameter and no other', () => {
    const changed = constantsWith({ leakInstance: 128 });
    const wide = drawnParameters({ seed: 7, law: 'uncalibrated' }, changed);
    const usual = drawnParameters({ seed: 7, law: 'uncalibrated' }, constants);
    const sd = (list: typeof wide, name: string): number => {
      const found = list.find((p) => p.name === name);
      return found ? moments(insideGroups(found.values, found.quadrants)).sd : NaN;
    };
    expect(sd(wide, 'E_l') / sd(usual, 'E_l')).toBeCloseTo(2, 6);
    expect(sd(wide, 'V_th')).toBe(sd(usual, 'V_th'));
  });

  it('after calibration the quadrants are equal and the residuals those of the table', () => {
    const { report } = reportChip({ seed: 7, law: 'residual', constants });
    const leak = report.parameters.find(({ name }) => name === 'E_l');
    expect(leak?.here.sd).toBeGreaterThan(0.9 * 6.75);
    expect(leak?.here.sd).toBeLessThan(1.1 * 6.75);
    expect(report.correlations.distance).toBeLessThan(2 * report.correlations.byChance);
  });

  it('neighbouring columns share voltages and time constants by 0.2 to 0.4, shifts and gains by nothing', () => {
    const reports = [21, 22, 23, 24].map(
      (seed) => reportChip({ seed, law: 'uncalibrated', constants }).report.correlations,
    );
    const [{ names, neighbours } = { names: [], neighbours: undefined }] = reports;
    names.forEach((name, i) => {
      const law = neighbours?.law[i] ?? NaN;
      const shared = /^(E_l|V_r|V_th|g_l|tau_E|tau_I)$/.test(name);
      expect(law, name).toBeCloseTo(shared ? 0.288 : 0, 12);
      // Four dies of 508 pairs: 0.022 by chance, more where columns further away are alike, too.
      const here = reports.reduce((sum, r) => sum + (r.neighbours.here[i] ?? NaN), 0) / 4;
      expect(Math.abs(here - law), name).toBeLessThan(0.1);
    });
  });

  it('what calibration absorbs is a parameter of the raw die only; every distance is one of chance', () => {
    for (const law of ['uncalibrated', 'residual'] as const) {
      const { parameters } = reportChip({ seed: 9, law, constants }).report;
      const names = parameters.map(({ name }) => name);
      expect(names.includes('cell')).toBe(law === 'uncalibrated');
      expect(names).toEqual(expect.arrayContaining(['INL', 'gain_ch']));
      expect(parameters.filter((p) => !(p.distance < 1.2 * p.distanceLimit))).toEqual([]);
    }
  });

  it('trials differ by the noise alone: none without it', async () => {
    const noisy = await runTrials(7, 40, {});
    expect(noisy.missing).toBe(0);
    // V23: 0.3..3 % of the synaptic time constant.
    expect(noisy.sd / noisy.tau).toBeGreaterThan(0.003);
    expect(noisy.sd / noisy.tau).toBeLessThan(0.03);
    const silent = await runTrials(7, 8, { noise: readNoise([...noiseNames]) });
    // Inputs lie on the 8 ns grid of the host, spikes on that of the chip.
    expect(silent.sd).toBeLessThan(8e-9);
    expect(() => readNoise(['hiss'])).toThrow(/hiss.*membrane/);
    expect(readNoise(['drift,cadc'], ['ripple'])).toEqual({
      drift: false,
      cadc: false,
      ripple: true,
    });
    expect(() => readNoise(['drift'], ['drift'])).toThrow(/both name drift/);
  });

  it('page and pictures name the chip and are well formed', async () => {
    const { report, drawn, other } = reportChip({
      seed: 7,
      law: 'uncalibrated',
      constants,
      compare: 8,
    });
    const trials = await runTrials(7, 4, {});
    const pictures = [
      drawDistributions(report, drawn, other),
      drawCorrelations(report),
      drawMaps(7, drawn),
      drawLevels(report, dies),
      drawSensors(7, drawn, constants),
      drawTrials(trials, 7),
    ];
    for (const svg of pictures) {
      expect(svg).toMatch(/^<svg [^>]*>.*<\/svg>\n$/s);
      expect(svg).not.toContain('NaN');
      expect(svg.split('<g').length).toBe(svg.split('</g>').length);
    }
    const page = chipPage(
      report,
      trials,
      pictures.map((svg, k) => ({ name: `p${k}`, caption: 'x', svg })),
    );
    expect(page).toContain('Virtual chip 7');
    expect(page).toContain('Compared with chip 8');
    expect(parameterRows(report)[0]).toHaveLength(parameterHeadings(report).length);
    expect(report.worst).toHaveLength(12);
    expect(report.worst[0]?.score).toBeGreaterThanOrEqual(report.worst[11]?.score ?? Infinity);
  });
});
