import { expect, test } from 'vitest';
import { describeEngines, setUp, synapse } from './setup.js';

/** The smallest numbers that are not denormal. */
const SMALLEST = { double: 2 ** -1022, float: 2 ** -126 };

describeEngines('currents that fade in a block that never rests', (within) => {
  test('end at exactly 0, and never become denormal floats', () => {
    // Neuron 1 fires all the time, so that the block of neuron 0 goes on stepping. tau_syn 5 us, tau_w 16.7 us.
    const s = setUp({}, [0, 1], {
      i_bias_synin_exc_tau: 100,
      i_bias_adapt_tau: 600,
      i_bias_adapt_b: 300,
      i_mem_offset: 500,
    });
    s.core.setNeuron(0, { en_adapt: 1 });
    s.core.setNeuron(1, { en_mem_off: 1 });
    for (let row = 0; row < 12; row += 2) s.core.setWeight(synapse(0, row, 0), 63);
    s.to(100);
    for (let driver = 0; driver < 6; driver++) s.core.driverEvent(0, driver, 0);
    s.to(130);
    expect(s.spikes.some((x) => x.neuron === 0)).toBe(true);
    expect(s.core.synapticLine(0, 0)).toBeGreaterThan(1e-3);
    expect(s.core.adaptation(0)).toBeGreaterThan(1);
    // 87 time constants to the end of what floats hold: 0.4 ms of the line, 1.5 ms of the adaptation.
    for (let t = 130; t <= 2200; t += 10) {
      s.to(t);
      for (const x of [s.core.synapticLine(0, 0), s.core.adaptation(0)])
        expect(x === 0 || Math.abs(x) > within(SMALLEST.double, SMALLEST.float)).toBe(true);
    }
    expect(s.core.synapticLine(0, 0)).toBe(0);
    expect(s.spikes.at(-1)?.cycle).toBeGreaterThan(2100 * 250);
  });
});
