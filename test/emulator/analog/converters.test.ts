import { expect, test } from 'vitest';
import { describeEngines, SETTLED, setUp, synapse } from './setup.js';

describeEngines('converters on the ideal chip', () => {
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
