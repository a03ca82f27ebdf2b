/**
 * Firing patterns of the adaptive exponential neuron under a current step. The step is three runs: 0.1 ms without current
 * and 0.6 ms with it are appended, 0.3 ms without are executed with them.
 * Look for: equal intervals (tonic), growing ones (adapting), a burst at the beginning, bursts again and again, and a
 * single spike, by parameters alone; no spike outside of the step.
 */
import { adex, defineExperiment, drawCurves, drawRaster, withCodes } from 'plastic';
import type { NeuronSettings } from 'plastic';

// Biological values: C pF, g_l nS, E_l, V_T mV, D_T mV, a nS, tau_w ms, b pA, V_r mV, step pA.
const patterns = {
  tonic: [200, 10, -70, -50, 2, 2, 30, 0, -58, 500],
  adapting: [200, 12, -70, -50, 2, 2, 300, 60, -58, 500],
  'initial burst': [130, 18, -58, -50, 2, 4, 150, 120, -50, 400],
  'regular bursting': [200, 10, -58, -50, 2, 2, 120, 100, -46, 210],
  transient: [100, 10, -65, -50, 2, 10, 90, 100, -47, 180],
} as const;

/** 1 ms of biology is 1 us of the chip, 1 mV is 10 mV, and the capacitor is as large as it can be. */
function onChip(values: readonly number[]): { settings: NeuronSettings; step: number } {
  const [C = 1, gl = 1, el = 0, vt = 0, dt = 0, a = 0, tauW = 0, b = 0, vr = 0, current = 0] =
    values;
  const cm = 2.4e-12;
  const volts = (mv: number): number => 1 + 0.01 * mv;
  const amperes = (pA: number): number => (pA / C) * cm * 1e4;
  const settings = adex({
    cm,
    tau_m: (C / gl) * 1e-6,
    v_rest: volts(el),
    v_reset: volts(vr),
    v_thresh: volts(0),
    v_exp: volts(vt),
    delta_T: 0.01 * dt,
    tau_w: tauW * 1e-6,
    a: (a / C) * cm * 1e6,
    b: amperes(b),
    tau_refrac: 1e-6,
  });
  return { settings, step: Math.round(amperes(current) / 0.39e-9) };
}

export default defineExperiment({
  name: 'adex',
  title: 'Firing patterns of the adaptive exponential neuron',
  settings: { settling: 20e-3 },
  quick: { settling: 1e-3 },
  async run(lab) {
    const sim = lab.setup({ settling: lab.settings.settling });
    const neurons = Object.entries(patterns).map(([name, values]) => {
      const { settings, step } = onChip(values);
      const off = {
        ...withCodes(settings, { i_mem_offset: 0 }),
        switches: { ...settings.switches, en_mem_off: 1 },
      };
      // A neuron shows one value to the converters: a twin shows the adaptation.
      const population = sim.population(1, off, name);
      const twin = sim.population(1, off, `${name}, adaptation`);
      population.record('v', 4e-6);
      twin.record('w', 4e-6);
      return { name, population, twin, step };
    });
    const setStep = (on: boolean): void => {
      for (const { population, twin, step } of neurons)
        for (const each of [population, twin]) each.set({ i_mem_offset: on ? step : 0 });
    };
    await sim.run(0.1e-3, 'append');
    setStep(true);
    await sim.run(0.6e-3, 'append');
    setStep(false);
    await sim.run(0.3e-3);

    const groups = neurons.map(({ name, population, twin }) => {
      const { times } = population.getData().spikes;
      lab.results.addValue(`spikes, ${name}`, times.length);
      lab.results.addSpikes(
        name.replace(' ', '_'),
        { times, indices: new Uint16Array(times.length) },
        'neuron',
      );
      const w = twin.getData().signals.w;
      if (w)
        lab.results.addArray(
          'records',
          `w_${name.replace(' ', '_')}`,
          w.values,
          'V; adaptation as the converter shows it',
        );
      return { name, size: 1, times, rows: new Uint16Array(times.length) };
    });
    lab.results.addPicture(
      'patterns',
      'Spikes',
      'The step lasts from 0.1 to 0.7 ms.',
      drawRaster({ title: 'Firing patterns', from: 0, to: 1e-3, groups }),
    );
    lab.results.addPicture(
      'adaptation',
      'Adaptation',
      'Grows with every spike, decays with its own time constant.',
      drawCurves({
        title: 'Adaptation',
        xLabel: 'time (ms)',
        yLabel: 'readout (V)',
        curves: neurons.map(({ name, twin }) => {
          const { times, values } = twin.getData().signals.w ?? { times: [], values: [] };
          return { name, x: Array.from(times, (t) => 1000 * t), y: Array.from(values) };
        }),
      }),
    );
  },
});
