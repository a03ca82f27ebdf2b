/** Converters, drawn chips and what concerns all: V3, V5, V8, V15, V16, V20, V21, V23, V24. */
import {
  constantsWith,
  energyOf,
  FixedPattern,
  type Die,
  type EngineName,
} from '../../../../emulator/analog/index.js';
import { Stream } from '../../../../isa/numeric/random.js';
import { pointA, SETTLED, synapse } from '../operating-point.js';
import {
  deviation,
  mean,
  median,
  QUIET,
  relative,
  residual,
  SEEDS,
  worst,
  type Case,
} from './case.js';

/** Every fourth neuron. */
const SAMPLE = Array.from({ length: 128 }, (_, i) => 4 * i + (i % 4));

/** Codes that differ from 20 + (V - 150)/4.5. */
function transfer(engine: EngineName): number {
  let wrong = 0;
  for (let code = 0; code <= 1022; code += 37) {
    const s = pointA({ engine }, [0, 300], { v_leak: code }, { en_thresh_comp: 0 });
    for (const [h, column] of [
      [0, 0],
      [1, 44],
    ] as const)
      s.core.setColumn(h, column, {
        enable_cadc_neuron_readout_causal: 1,
        enable_cadc_neuron_readout_acausal: 1,
      });
    s.to(SETTLED);
    const v = Math.max(0, Math.min(1200, 18.75 + 1.875 * code - 778));
    // Ramp offset code 31 puts the origin at 59.875 mV.
    const expected = Math.max(0, Math.min(255, Math.floor((v - 59.875) / 4.5 + 0.5)));
    const causal = new Uint8Array(256);
    const acausal = new Uint8Array(256);
    for (const [h, column] of [
      [0, 0],
      [1, 44],
    ] as const) {
      s.core.convertCadc(h, 0, causal, acausal);
      if (causal[column] !== expected) wrong++;
      if (acausal[column] !== expected) wrong++;
    }
  }
  return wrong;
}

function madc(engine: EngineName, die: Die): number {
  const s = pointA(
    { engine, die, noise: QUIET, constants: { leakShift: 18.75 + 1.875 * 938 - 1000 } },
    SAMPLE,
    { v_leak: 938 },
    { en_thresh_comp: 0 },
  );
  s.to(SETTLED);
  if (die === 'ideal') return Math.abs(s.core.madcNeuron(SAMPLE[0] ?? 0, SETTLED * 250) - 683);
  const codes = Array.from({ length: 200 }, (_, i) => s.core.madcVoltage(1000, i * 4.25));
  return Math.abs(mean(codes) - 683);
}

/** Median distance of rates from the law, over the neurons of three chips. */
function rates(engine: EngineName): number {
  const g = 2.53e-3 * 95;
  const gr = 2.53e-3 * 1015 * 8;
  const top = 420.125 + (0.39 * 250) / g;
  const base = (g * top + gr * 375.625) / (g + gr);
  const interval = 1.984 + (2.4 / g) * Math.log((top - base) / (top - 622.625));
  const found = SEEDS.flatMap((seed) => {
    const s = pointA(
      { engine, die: residual(seed) },
      SAMPLE,
      { i_mem_offset: 250 },
      { en_mem_off: 1 },
    );
    s.to(1000);
    return SAMPLE.map((n) => {
      const own = s.spikes.filter((x) => x.neuron === n && x.cycle > SETTLED * 250);
      const span = ((own.at(-1)?.cycle ?? NaN) - (own[0]?.cycle ?? NaN)) * 0.004;
      return relative((own.length - 1) / span, 1 / interval);
    });
  });
  return median(found);
}

/** Spread of the membrane time constant (noise off: it is of the chip). */
function decayTimes(engine: EngineName): number {
  return mean(
    SEEDS.map((seed) => {
      const s = pointA(
        { engine, die: residual(seed), noise: QUIET },
        SAMPLE,
        { i_mem_offset: 62 },
        { en_mem_off: 1, en_thresh_comp: 0 },
      );
      s.to(SETTLED);
      const start = SAMPLE.map((n) => s.core.membrane(n));
      for (const n of SAMPLE) s.core.setNeuron(n, { en_mem_off: 0 });
      s.to(SETTLED + 8);
      const later = SAMPLE.map((n) => s.core.membrane(n));
      s.to(SETTLED + 300);
      const rest = SAMPLE.map((n) => s.core.membrane(n));
      const tau = SAMPLE.map(
        (_, i) =>
          -8 / Math.log(((later[i] ?? 0) - (rest[i] ?? 0)) / ((start[i] ?? 0) - (rest[i] ?? 0))),
      );
      return deviation(tau) / mean(tau);
    }),
  );
}

/** Spread of the slope of the weight over synapses of one neuron. */
function slopes(engine: EngineName): number {
  return mean(
    SEEDS.map((seed) => {
      const s = pointA(
        { engine, die: residual(seed), noise: QUIET },
        [0],
        {},
        { en_thresh_comp: 0 },
      );
      for (let row = 0; row < 256; row += 2) s.core.setWeight(synapse(0, row, 0), 63);
      const die = new FixedPattern(residual(seed), constantsWith());
      const jumps: number[] = [];
      for (let driver = 0; driver < 128; driver++) {
        s.to(SETTLED + 100 * driver);
        const before = s.core.synapticLine(0, 0);
        s.core.driverEvent(0, driver, 0);
        // The offset of the driver is common to its synapses.
        jumps.push((s.core.synapticLine(0, 0) - before) / (1 + die.driverOffset(driver) / 420));
      }
      return deviation(jumps) / mean(jumps);
    }),
  );
}

/** Offsets of the 1024 CADC channels, seen through a neuron-free read of the baseline. */
function offsets(law: 'residual' | 'uncalibrated'): number {
  return mean(
    SEEDS.map((seed) => {
      const die = new FixedPattern({ seed, law }, constantsWith());
      return deviation(Array.from({ length: 1024 }, (_, i) => die.cadcOffset(i)));
    }),
  );
}

/** Everything that a run leaves. */
function history(engine: EngineName, look: (neuron: number) => boolean): number[] {
  const neurons = [0, 5, 300, 511];
  const s = pointA({ engine, die: residual(5), noiseSeed: 7 }, neurons);
  const events = new Stream(3, 'verification/events');
  for (const n of neurons)
    for (let row = 0; row < 16; row += 2) s.core.setWeight(synapse(n >> 8, row, n & 255), 63);
  const order = look(511) ? [511, 0, 5, 300] : neurons;
  for (const n of order) s.core.membrane(n);
  let at = 100_000;
  for (let i = 0; i < 400; i++) {
    at += Math.ceil(events.exponential() * 120);
    s.core.advance(at);
    const driver = events.integer(8);
    for (const h of [0, 1]) s.core.driverEvent(h, driver, 0);
  }
  return [
    ...s.spikes.flatMap((x) => [x.neuron, x.cycle]),
    ...neurons.flatMap((n) => [
      s.core.membrane(n),
      s.core.correlation(synapse(n >> 8, 4, n & 255), 0),
    ]),
  ];
}

/** Values in which two histories differ. */
function differing(a: readonly number[], b: readonly number[]): number {
  if (a.length < 40) return Infinity;
  return Math.abs(a.length - b.length) + a.filter((x, i) => x !== b[i]).length;
}

/** Standard deviation of the first spike of a burst that is repeated under other noise seeds, in units of tau_syn. */
function jitter(engine: EngineName, die: Die, trials: number): number {
  const s = pointA({ engine, die });
  for (let row = 0; row < 10; row += 2) s.core.setWeight(synapse(0, row, 0), 63);
  const times = Array.from({ length: trials }, (_, trial) => {
    s.core.setNoiseSeed(trial);
    const start = SETTLED + 150 * trial;
    s.to(start);
    s.spikes.length = 0;
    for (let driver = 0; driver < 5; driver++) s.core.driverEvent(0, driver, 0);
    s.to(start + 50);
    return (s.spikes[0]?.cycle ?? NaN) - start * 250;
  });
  return (deviation(times) * 0.004) / 10.06;
}

/** Energy of a second of chip time, and that of a counted run beside it. */
function energy(engine: EngineName): number {
  const s = pointA({ engine });
  s.core.setWeight(synapse(0, 0, 0), 63);
  s.to(SETTLED);
  for (let i = 0; i < 9; i++) s.core.driverEvent(0, 0, 0);
  s.to(SETTLED + 20);
  const counted = energyOf(constantsWith(), 250e6, s.core.counts, 0);
  const activity = 9 * 10e-12 + s.spikes.length * 50e-12;
  if (s.spikes.length === 0 || relative(counted.activity, activity) > 1e-9) return Infinity;
  return relative(counted.chip, 0.175);
}

export const CHIP_CASES: readonly Case[] = [
  {
    id: 'V3',
    on: 'chip',
    what: 'median distance of rates from the law, 384 neurons, noise on',
    tolerance: 0.05,
    unit: 'relative',
    measure: rates,
  },
  {
    id: 'V5',
    on: 'chip',
    what: 'SD of tau_m over neurons (4 %)',
    tolerance: 0.046,
    least: 0.034,
    unit: 'relative',
    measure: decayTimes,
  },
  {
    id: 'V8',
    on: 'chip',
    what: 'SD of the slope over 128 synapses',
    tolerance: 0.1,
    least: 0.06,
    unit: 'relative',
    measure: slopes,
  },
  {
    id: 'V15',
    on: 'ideal',
    what: 'CADC: wrong codes of 112 (line of the model, both ends saturated)',
    tolerance: 0,
    unit: 'codes',
    measure: transfer,
  },
  {
    id: 'V15',
    on: 'chip',
    what: 'SD of channel offsets, uncalibrated (9.95 +- 0.7)',
    tolerance: 10.65,
    least: 9.25,
    unit: 'counts',
    measure: () => offsets('uncalibrated'),
  },
  {
    id: 'V15',
    on: 'chip',
    what: 'the same, calibrated',
    tolerance: 3,
    unit: 'counts',
    measure: () => offsets('residual'),
  },
  {
    id: 'V16',
    on: 'ideal',
    what: 'MADC at 1 V reads 683',
    tolerance: 1,
    unit: 'counts',
    measure: (engine) => madc(engine, 'ideal'),
  },
  {
    id: 'V16',
    on: 'chip',
    what: 'the same, mean of 200 samples',
    tolerance: 3,
    unit: 'counts',
    measure: (engine) => worst(SEEDS.map((seed) => madc(engine, residual(seed)))),
  },
  {
    id: 'V20',
    on: 'chip',
    what: 'same seeds, same messages: values that differ',
    tolerance: 0,
    unit: 'values',
    measure: (engine) =>
      differing(
        history(engine, () => false),
        history(engine, () => false),
      ),
  },
  {
    id: 'V21',
    on: 'chip',
    what: 'neuron 511 asked first: values that differ',
    tolerance: 0,
    unit: 'values',
    measure: (engine) =>
      differing(
        history(engine, () => false),
        history(engine, (n) => n === 511),
      ),
  },
  {
    id: 'V23',
    on: 'ideal',
    what: 'jitter of the first spike, 5 trials',
    tolerance: 0,
    unit: 'of tau_syn',
    measure: (engine) => jitter(engine, 'ideal', 5),
  },
  {
    id: 'V23',
    on: 'chip',
    what: 'the same, 200 trials',
    tolerance: 0.03,
    least: 0.003,
    unit: 'of tau_syn',
    measure: (engine) => jitter(engine, residual(4), 200),
  },
  {
    id: 'V24',
    on: 'ideal',
    what: 'a second of chip time costs 0.175 J; activity counted beside it',
    tolerance: 1e-12,
    unit: 'relative',
    measure: energy,
  },
];
