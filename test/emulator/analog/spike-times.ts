/** Spike times of an engine against the reference, on populations with irregular inputs. */
import type { AnalogOptions, EngineName, NeuronConfig } from '../../../emulator/analog/index.js';
import { Stream } from '../../../isa/numeric/random.js';
import { CONFIG_A, pointA, synapse, writeCodes, type Codes } from './operating-point.js';
import { physicsOf, ReferenceNeuron } from './reference.js';

export interface Member {
  readonly codes: Codes;
  readonly config: Partial<NeuronConfig>;
  /** Mean weights of its inputs, 0..63. */
  readonly excitation: number;
  readonly inhibition: number;
}

export interface Population {
  readonly name: string;
  readonly members: readonly Member[];
  /** Soft limit of the lines; Infinity: the ideal chip. */
  readonly saturation: number;
  /** Duration in us. */
  readonly duration: number;
}

/** Drivers, each a Poisson source of 20 kHz. */
const SOURCES = 32;
const RATE = 0.02;

/** Constants of a chip without any spread, whose lines saturate all the same. */
const NO_SPREAD: NonNullable<AnalogOptions['constants']> = {
  cellOffsetSd: 0,
  blockGainSd: 0,
  crosstalk: 0,
  capacitanceQuadrant: 0,
  capacitanceInstance: 0,
  potentialResidual: 0,
  conductanceResidual: 0,
  synapticTimeResidual: 0,
  lineGainResidual: 0,
  shiftResidual: 0,
  otherResidual: 0,
  otherShiftResidual: 0,
  driverResidual: 0,
  synapseGain: 0,
  weightInl: 0,
};
const SILENT = {
  membrane: false,
  threshold: false,
  event: false,
  cadc: false,
  madc: false,
  routing: false,
  drift: false,
};

const optionsOf = (population: Population, engine: EngineName): Partial<AnalogOptions> =>
  population.saturation === Infinity
    ? { engine }
    : {
        engine,
        die: { seed: 1, law: 'residual' },
        noise: SILENT,
        constants: { ...NO_SPREAD, saturation: population.saturation },
      };

/** Cycles and drivers of all events, in order. */
function eventsOf(population: Population): (readonly [cycle: number, driver: number])[] {
  const stream = new Stream(population.members.length, `reference/${population.name}`);
  const events: [number, number][] = [];
  for (let driver = 0; driver < SOURCES; driver++)
    for (let at = 0; ;) {
      at += stream.exponential() / RATE;
      if (at >= population.duration) break;
      events.push([Math.ceil(at * 250), driver]);
    }
  return events.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/** Weights of a member's synapses: row 2d excitatory, row 2d + 1 inhibitory. */
function weightsOf(member: Member, index: number): number[] {
  const stream = new Stream(index, 'reference/weights');
  return Array.from({ length: 2 * SOURCES }, (_, row) => {
    const mean = row % 2 === 0 ? member.excitation : member.inhibition;
    return Math.min(63, Math.floor(2 * mean * stream.uniform() + 0.5));
  });
}

/** Cycles of the spikes of every member. */
type Trains = readonly (readonly number[])[];

export function engineSpikes(population: Population, engine: EngineName): Trains {
  // Members in both hemispheres and in blocks of several kinds.
  const place = (index: number): number => (index % 2) * 256 + 3 * index;
  const neurons = population.members.map((_, index) => place(index));
  const { core, spikes } = pointA(optionsOf(population, engine), neurons);
  population.members.forEach((member, index) => {
    const n = place(index);
    writeCodes(core, n, member.codes);
    core.setNeuron(n, { ...CONFIG_A, ...member.config });
    weightsOf(member, index).forEach((weight, row) =>
      core.setWeight(synapse(n >> 8, row, n & 255), weight),
    );
  });
  for (const [cycle, driver] of eventsOf(population)) {
    core.advance(cycle);
    core.driverEvent(0, driver, 0);
    core.driverEvent(1, driver, 0);
  }
  core.advance(population.duration * 250);
  return neurons.map((n) => spikes.filter((s) => s.neuron === n).map((s) => s.cycle));
}

export function referenceSpikes(population: Population): Trains {
  const events = eventsOf(population);
  return population.members.map((member, index) => {
    const neuron = new ReferenceNeuron(
      physicsOf(member.codes, member.config, population.saturation),
      0,
    );
    const weights = weightsOf(member, index);
    for (const [cycle, driver] of events) {
      neuron.advance(cycle);
      neuron.input(0, (weights[2 * driver] ?? 0) / 63);
      neuron.input(1, (weights[2 * driver + 1] ?? 0) / 63);
    }
    neuron.advance(population.duration * 250);
    return neuron.spikes;
  });
}

export interface Distances {
  /** Distances of the spikes of same number in us, ascending. */
  readonly times: readonly number[];
  /** Likewise of the intervals that end with them. */
  readonly intervals: readonly number[];
  /** Spikes that only one side has. */
  readonly unmatched: number;
}

/** Spikes this near (us) to the end may fall beyond it on one side. */
const END = 2;

/** Compares the spikes of each member by their number. */
export function distances(population: Population, seen: Trains, expected: Trains): Distances {
  const times: number[] = [];
  const intervals: number[] = [];
  let unmatched = 0;
  seen.forEach((a, index) => {
    const b = expected[index] ?? [];
    const common = Math.min(a.length, b.length);
    const gap = (i: number): number => ((a[i] ?? 0) - (b[i] ?? 0)) * 0.004;
    for (let i = 0; i < common; i++) {
      times.push(Math.abs(gap(i)));
      if (i > 0) intervals.push(Math.abs(gap(i) - gap(i - 1)));
    }
    const late = (population.duration - END) * 250;
    unmatched += [...a.slice(common), ...b.slice(common)].filter((cycle) => cycle < late).length;
  });
  const ascending = (x: number, y: number): number => x - y;
  return { times: times.sort(ascending), intervals: intervals.sort(ascending), unmatched };
}

/** The value below which a part of the sorted distances lies. */
export const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;

/** Leaky neurons of all time constants, capacitances and thresholds within reach. */
function leakyMembers(
  count: number,
  config: Partial<NeuronConfig> = {},
  codes: Codes = {},
  [mean, inhibition]: readonly [number, number] = [350, 0.5],
): Member[] {
  return Array.from({ length: count }, (_, index) => {
    const draw = new Stream(index, 'reference/members');
    // tau_m and tau_syn of 3 to 30 us; weights such that the mean drive is about the threshold.
    const tauM = 3 * Math.pow(10, draw.uniform());
    const tauE = 3 * Math.pow(10, draw.uniform());
    const tauI = 3 * Math.pow(10, draw.uniform());
    const leak = Math.round(2.4 / (2.53e-3 * tauM));
    // Mean potential per unit of mean weight.
    const perWeight = (SOURCES * RATE * tauE * 80) / 63 / (2.53e-3 * leak);
    const excitation = Math.min(31, (mean * (0.75 + 0.5 * draw.uniform())) / perWeight);
    return {
      codes: {
        ...codes,
        i_bias_leak: leak,
        i_bias_synin_exc_gm: 1000,
        i_bias_synin_exc_tau: Math.round(503 / tauE),
        i_bias_synin_inh_tau: Math.round(470 / tauI),
      },
      config: { ...config, en_pause: index % 4 === 0 ? 1 : 0 },
      excitation,
      inhibition: Math.min(31, (excitation * tauE * inhibition) / tauI),
    };
  });
}

/**
 * The eight published patterns of the adaptive exponential neuron in codes: C, g_l, E_l, V_T, D_T, a, tau_w, b, V_r, I of biology; 10 mV
 * per mV, hardware 1000 times faster, currents such that I/g is mapped like a voltage. Threshold 0 mV.
 */
export function adexMember(parameters: readonly number[], excitation: number): Member {
  const [C = 0, gl = 0, el = 0, vt = 0, dt = 0, a = 0, tauW = 0, b = 0, vr = 0, I = 0] = parameters;
  const g = (2.4 * gl) / C;
  const place = (v: number): number => 1000 + 10 * v;
  const volts = (mv: number): number => Math.round((mv - 18.75) / 1.875);
  return {
    codes: {
      i_bias_leak: Math.round(g / 2.53e-3),
      v_leak: volts(place(el) + 778),
      v_adapt_leak: volts(place(el) + 778),
      v_reset: volts(place(vr) + 770),
      v_threshold: volts(place(0) + 13),
      v_exp: volts(place(vt) + 600),
      i_bias_exp: Math.round(6000 / (10 * dt)),
      i_bias_adapt_tau: Math.round(10000 / tauW),
      i_bias_adapt_a: Math.round(((Math.abs(a) * g) / gl) * 1000),
      i_bias_adapt_b: Math.round((10 * b * g) / gl / 0.1),
      i_mem_offset: Math.round((10 * I * g) / gl / 0.39),
      e_synin_exc_rev: 520,
      e_synin_inh_rev: 100,
    },
    // Without the pause, the exponential term would hold out against the reset.
    config: {
      en_exp: 1,
      en_adapt: 1,
      en_mem_off: 1,
      en_pause: 1,
      invert_adapt_a: a < 0 ? 1 : 0,
    },
    excitation,
    inhibition: excitation / 2,
  };
}

/**
 * As published, by name; see `adexMember`. Two of the eight are missing: the irregular one is chaotic, and in delayed regular
 * bursting a nanosecond at one spike is four at the next, so that the clock edges of 4 ns decide about the rest.
 */
const PATTERNS: readonly (readonly [string, ...number[]])[] = [
  ['tonic', 200, 10, -70, -50, 2, 2, 30, 0, -58, 500],
  ['adaptation', 200, 12, -70, -50, 2, 2, 300, 60, -58, 500],
  ['initial burst', 130, 18, -58, -50, 2, 4, 150, 120, -50, 400],
  ['regular bursting', 200, 10, -58, -50, 2, 2, 120, 100, -46, 210],
  ['delayed accelerating', 200, 12, -70, -50, 2, -10, 300, 0, -58, 300],
  ['transient', 100, 10, -65, -50, 2, 10, 90, 100, -47, 180],
];

const patterns = (excitation: number, config: Partial<NeuronConfig> = {}): Member[] =>
  PATTERNS.map(([, ...parameters]) => {
    const member = adexMember(parameters, excitation);
    return { ...member, config: { ...member.config, ...config } };
  });

const CONDUCTANCES = { en_synin_coba_exc: 1, en_synin_coba_inh: 1 } as const;

export const POPULATIONS: readonly Population[] = [
  { name: 'leaky', members: leakyMembers(24), saturation: Infinity, duration: 600 },
  {
    name: 'leaky, lines in saturation',
    members: leakyMembers(12, {}, {}, [600, 0.5]),
    saturation: 5,
    duration: 400,
  },
  {
    name: 'conductance-based',
    members: leakyMembers(
      8,
      CONDUCTANCES,
      { e_synin_exc_rev: 520, e_synin_inh_rev: 150 },
      [600, 0.1],
    ),
    saturation: Infinity,
    duration: 300,
  },
  {
    name: 'adaptive exponential, constant current',
    members: patterns(0),
    saturation: Infinity,
    duration: 600,
  },
  {
    name: 'adaptive exponential, input trains',
    members: patterns(8),
    saturation: Infinity,
    duration: 400,
  },
  {
    name: 'adaptive exponential, conductance-based',
    members: patterns(8, CONDUCTANCES),
    saturation: Infinity,
    duration: 400,
  },
];
