import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constantsWith } from '../../../emulator/analog/constants.js';
import { FixedPattern } from '../../../emulator/analog/die.js';
import { ParameterMemory } from '../../../emulator/analog/parameter-memory.js';
import { Sensors } from '../../../emulator/analog/sensors.js';
import { Settings, Shared } from '../../../emulator/analog/settings.js';
import { Synapses } from '../../../emulator/analog/synapses.js';
import { SETTLED, setUp, synapse } from './setup.js';
import { theory } from './theory.js';

/** Sensors alone; store and ramp code give amplitude 0.5 counts and tau 10 us. */
function sensorArray(
  consume = true,
  ideal = true,
  ramp = 40,
): { sensors: Sensors; synapses: Synapses } {
  const constants = constantsWith();
  const pattern = new FixedPattern(ideal ? 'ideal' : { seed: 3, law: 'residual' }, constants);
  const memory = new ParameterMemory(pattern, constants, 'instant', false);
  const settings = new Settings(memory, constants);
  for (let block = 0; block < 4; block++) {
    memory.write(block, Shared.syn_i_bias_ramp, 128, ramp);
    memory.write(block, Shared.syn_i_bias_store, 128, 70);
  }
  const synapses = new Synapses(pattern);
  return { sensors: new Sensors(settings, pattern, constants, synapses, consume), synapses };
}

interface Pulse {
  readonly at: number;
  readonly pre: boolean;
}

function feed(sensors: Sensors, pulses: readonly Pulse[], row = 0, column = 0): void {
  for (const p of pulses)
    if (p.pre) sensors.pre(0, row, 0, true, p.at * 250);
    else sensors.post(0, column, p.at * 250);
}

/** The pairing rule written down naively, with one flag per trace. */
function naive(pulses: readonly Pulse[], consume: boolean): [number, number] {
  let pre = -1;
  let post = -1;
  let causal = 0;
  let acausal = 0;
  for (const p of pulses)
    if (p.pre) {
      if (post >= 0) acausal += 0.5 * Math.exp(-(p.at - post) / 10);
      if (consume) post = -1;
      pre = p.at;
    } else {
      if (pre >= 0) causal += 0.5 * Math.exp(-(p.at - pre) / 10);
      if (consume) pre = -1;
      post = p.at;
    }
  return [causal, acausal];
}

describe('correlation sensors', () => {
  test('V12: irregular trains give the values of theory', () => {
    const { pre, post, causal, acausal } = theory.correlation;
    const pulses = [
      ...pre.map((at) => ({ at, pre: true })),
      ...post.map((at) => ({ at, pre: false })),
    ].sort((a, b) => a.at - b.at);
    const { sensors } = sensorArray();
    feed(sensors, pulses);
    expect(Math.abs((sensors.causal[0] ?? 0) - causal)).toBeLessThan(1e-6);
    expect(Math.abs((sensors.acausal[0] ?? 0) - acausal)).toBeLessThan(1e-6);
    const [c, a] = naive(pulses, true);
    expect(sensors.causal[0]).toBeCloseTo(c, 12);
    expect(sensors.acausal[0]).toBeCloseTo(a, 12);
  });

  test('the order of pulses alone says which trace waits, for any train and both pairings', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.boolean()), { maxLength: 60 }),
        fc.boolean(),
        (steps, consume) => {
          let at = 0;
          const pulses = steps.map(([dt, pre]) => ({ at: (at += dt), pre }));
          const { sensors } = sensorArray(consume);
          feed(sensors, pulses, 7, 200);
          const [c, a] = naive(pulses, consume);
          expect(sensors.causal[synapse(0, 7, 200)]).toBeCloseTo(c, 9);
          expect(sensors.acausal[synapse(0, 7, 200)]).toBeCloseTo(a, 9);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('V13: pairs at zero delay saturate geometrically', () => {
    const { sensors } = sensorArray(true, false);
    const places = [synapse(0, 9, 9)];
    const amplitude = (): number => {
      sensors.pre(0, 9, 0, true, 0);
      sensors.post(0, 9, 0);
      return sensors.causal[places[0] ?? 0] ?? 0;
    };
    const A = amplitude();
    for (let n = 2; n <= 200; n++)
      expect(Math.abs(amplitude() - 180 * (1 - (1 - A / 180) ** n))).toBeLessThan(1e-9);
  });

  test('another label is not seen; writing a label drops the waiting traces; reset keeps them', () => {
    const { sensors, synapses } = sensorArray();
    synapses.labels[0] = 3;
    sensors.pre(0, 0, 4, true, 0);
    sensors.post(0, 0, 10);
    expect(sensors.causal[0]).toBe(0);
    sensors.pre(0, 0, 3, true, 20);
    expect(sensors.acausal[0]).toBeGreaterThan(0);
    sensors.reset(0);
    expect(sensors.acausal[0]).toBe(0);
    sensors.post(0, 0, 30);
    expect(sensors.causal[0]).toBeGreaterThan(0.49);
    sensors.reset(0);
    sensors.pre(0, 0, 4, true, 40);
    synapses.labels[0] = 4;
    sensors.dropTraces(0);
    sensors.post(0, 0, 50);
    expect(sensors.causal[0]).toBe(0);
  });

  test('trims shorten the time constant and raise the amplitude in steps', () => {
    const { sensors, synapses } = sensorArray();
    const pair = (delay: number): number => {
      sensors.reset(0);
      sensors.pre(0, 0, 0, true, 1e6);
      sensors.post(0, 0, 1e6 + delay * 250);
      return sensors.causal[0] ?? 0;
    };
    expect(pair(10)).toBeCloseTo(0.5 * Math.exp(-1), 12);
    synapses.timeTrims[0] = 2;
    synapses.amplitudeTrims[0] = 3;
    sensors.forgetSynapse(0);
    expect(pair(10)).toBeCloseTo(0.5 * 1.6 * Math.exp(-1 / 0.7), 12);
  });

  test('V11: pairs through the chip: the code falls by A exp(-d/tau), the other branch stays', () => {
    for (const delay of [-20, -5, -1, 1, 5, 20]) {
      const s = setUp({}, [0], {}, { en_byp_exc: 1, en_thresh_comp: 0 });
      // Row 0 carries the pre pulses (weight 0), row 2 makes the neuron fire.
      s.core.setWeight(synapse(0, 2, 0), 63);
      for (let i = 0; i < 100; i++) {
        const t = SETTLED + i * 500;
        s.to(t);
        s.core.driverEvent(0, delay > 0 ? 0 : 1, 0);
        s.to(t + Math.abs(delay));
        s.core.driverEvent(0, delay > 0 ? 1 : 0, 0);
      }
      s.to(SETTLED + 100 * 500);
      expect(s.spikes.length).toBe(100);
      const causal = new Uint8Array(256);
      const acausal = new Uint8Array(256);
      s.core.convertCadc(0, 0, causal, acausal);
      const expected = 50 * Math.exp(-Math.abs(delay) / 5);
      const seen = delay > 0 ? causal : acausal;
      const other = delay > 0 ? acausal : causal;
      expect(Math.abs(205 - (seen[0] ?? 0) - expected)).toBeLessThan(0.01 * expected + 0.55);
      expect(Math.abs(205 - (other[0] ?? 0))).toBeLessThanOrEqual(0.5);
    }
  });
});
