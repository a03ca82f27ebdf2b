import { expect, test } from 'vitest';
import { describeEngines, SETTLED, setUp, synapse } from './setup.js';

describeEngines('converters on the ideal chip', () => {
  test('V15: membranes read on the line 20 + (V - 150)/4.5 and saturate', () => {
    for (const code of [0, 300, 450, 520, 629, 700, 800, 900, 1022]) {
      const s = setUp({}, [0, 300], { v_leak: code }, { en_thresh_comp: 0 });
      for (const [h, column] of [
        [0, 0],
        [1, 44],
      ] as const)
        s.core.setColumn(h, column, {
          enable_cadc_neuron_readout_causal: 1,
          enable_cadc_neuron_readout_acausal: 1,
        });
      s.to(SETTLED);
      const causal = new Uint8Array(256);
      const acausal = new Uint8Array(256);
      const v = Math.max(0, Math.min(1200, 18.75 + 1.875 * code - 778));
      // Ramp offset code 31 puts the origin at 59.875 mV.
      const expected = Math.max(0, Math.min(255, Math.floor((v - 59.875) / 4.5 + 0.5)));
      s.core.convertCadc(0, 0, causal, acausal);
      expect([causal[0], acausal[0]]).toEqual([expected, expected]);
      s.core.convertCadc(1, 17, causal, acausal);
      expect([causal[44], acausal[44]]).toEqual([expected, expected]);
    }
  });

  test('unconnected channels and fresh sensors read the baseline; the offset register adds and saturates', () => {
    const s = setUp();
    s.to(1);
    const causal = new Uint8Array(256);
    const acausal = new Uint8Array(256);
    s.core.setCadcOffset(0, 0, 1, 128 - 30);
    s.core.setCadcOffset(0, 1, 2, 255);
    s.core.convertCadc(0, 5, causal, acausal);
    expect([causal[0], acausal[0], causal[1], acausal[1], acausal[2]]).toEqual([
      205, 205, 175, 205, 255,
    ]);
  });

  test('V16: the MADC reads 683 at 1 V', () => {
    const s = setUp();
    expect(s.core.madcVoltage(1000, 0)).toBe(683);
    expect(s.core.madcVoltage(0, 0)).toBe(100);
    s.to(SETTLED);
    expect(s.core.madcNeuron(0, SETTLED * 250)).toBe(Math.round(100 + (700 * 420.125) / 1200));
  });

  test('the readout of a line falls with the input, and a silent amplifier reads nothing', () => {
    const s = setUp({}, [0], {}, { readout_select: 1 });
    s.core.setWeight(synapse(0, 0, 0), 63);
    s.to(SETTLED);
    const rest = s.core.madcNeuron(0, SETTLED * 250);
    s.core.driverEvent(0, 0, 0);
    expect(s.core.madcNeuron(0, SETTLED * 250)).toBe(Math.round(100 + (700 * 940) / 1200));
    expect(rest).toBe(683);
    s.core.setNeuron(0, { en_readout_amp: 0 });
    expect(s.core.madcNeuron(0, SETTLED * 250)).toBe(100);
  });
});
