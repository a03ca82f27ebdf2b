/** Golden theory: closed-form numbers of the neuron, the synapse and the sensor, through the analog core's own functions. */
import { acosh, exp } from '../../isa/numeric/elementary.js';
import { adexSpikes, chainProfile, pairCorrelation } from '../../emulator/analog/demonstrations.js';
import { crossingTime, response, responsePeak } from '../../emulator/analog/response.js';
import { failed, property, verdict, type Case, type Kind } from './kind.js';

/** Spikes of the chip's neuron come on 4 ns edges after a reset of 8 ns, so their times agree to this part. */
const SPIKE_TIME = 0.005;

function number(entry: unknown, key: string): number {
  const value = property(entry, key);
  if (typeof value !== 'number') throw new Error(`'${key}' is not a number`);
  return value;
}

function list(entry: unknown, key: string): number[] {
  const value = property(entry, key);
  if (!Array.isArray(value) || !value.every((x) => typeof x === 'number'))
    throw new Error(`'${key}' is not a list of numbers`);
  return value as number[];
}

function entries(section: unknown): unknown[] {
  const cases = property(section, 'cases');
  return Array.isArray(cases) ? (cases as unknown[]) : [];
}

function near(what: string, got: number, expected: number, tolerance: number): string[] {
  const scale = Math.max(1, Math.abs(expected));
  if (Math.abs(got - expected) <= tolerance * scale) return [];
  return [`${what}: expected ${expected}, got ${got}, tolerance ${tolerance}`];
}

type Check = (entry: unknown, tolerance: number) => string[];

const rateOfConstantCurrent: Check = (entry, tolerance) => {
  const interval =
    number(entry, 't_ref') +
    crossingTime(
      number(entry, 'v_reset'),
      number(entry, 'v_th'),
      number(entry, 'I_over_g'),
      1 / number(entry, 'tau_m'),
    );
  return near('rate', 1 / interval, number(entry, 'rate'), tolerance);
};

const synapticPotential: Check = (entry, tolerance) => {
  const k = 1 / number(entry, 'tau_m');
  const l = 1 / number(entry, 'tau_s');
  const t = responsePeak(k, l);
  // The response function answers for a unit drive; the golden height is for a unit current over leak conductance.
  const height = number(entry, 'A') * k * response(k, l, t, exp(-k * t), exp(-l * t));
  return [
    ...near('peak time', t, number(entry, 'tpk'), tolerance),
    ...near('peak height', height, number(entry, 'vpk'), tolerance),
  ];
};

const firingPattern: Check = (entry) => {
  const times = adexSpikes(list(entry, 'params'), 600);
  // Where spikes are chaotic, neither their number nor the later ones are determined.
  const chaotic = property(entry, 'pattern') === 'irregular';
  const wanted = number(entry, 'n_spikes');
  const found: string[] = [];
  if (Math.abs(times.length - wanted) > (chaotic ? 2 : 0))
    found.push(`spikes: expected ${wanted}, got ${times.length}`);
  const first = list(entry, 'first_spikes_ms');
  (chaotic ? first.slice(0, 3) : first).forEach((expected, i) => {
    const got = times[i] ?? NaN;
    if (!(Math.abs(got / expected - 1) <= SPIKE_TIME))
      found.push(`spike ${i}: expected ${expected} ms, got ${got} ms`);
  });
  return found;
};

const pairing: Check = (entry, tolerance) => {
  const [causal, acausal] = pairCorrelation(list(entry, 'pre'), list(entry, 'post'), 10, 0.5);
  return [
    ...near('causal', causal, number(entry, 'causal'), tolerance),
    ...near('acausal', acausal, number(entry, 'acausal'), tolerance),
  ];
};

const chainOfCompartments: Check = (entry, tolerance) => {
  const ratio = number(entry, 'g_icc_over_g_leak');
  const length = 1 / acosh(1 + 1 / (2 * ratio));
  const found = near('length constant', length, number(entry, 'length_constant'), tolerance);
  const profile = chainProfile(number(entry, 'N'), ratio);
  list(entry, 'v_over_v0').forEach((expected, k) => {
    found.push(...near(`compartment ${k}`, profile[k] ?? NaN, expected, tolerance));
  });
  return found;
};

const checks: Readonly<Record<string, Check>> = {
  lif_fI: rateOfConstantCurrent,
  psp: synapticPotential,
  adex: firingPattern,
  correlation: pairing,
  chain: chainOfCompartments,
};

/** The keys of the file and how many cases each has that can be told apart. */
export const theory: Kind = {
  name: 'theory',
  recognises: ({ whole }) =>
    property(whole, 'lif_fI') !== undefined && property(whole, 'psp') !== undefined,
  *cases({ whole }): Iterable<Case> {
    for (const key of Object.keys(Object(whole) as object)) {
      const section = property(whole, key);
      const check = checks[key];
      if (check === undefined) {
        yield { name: key, keys: [key], run: () => failed('nothing here computes these numbers') };
        continue;
      }
      const tolerance = property(section, 'tolerance');
      const listed = entries(section);
      const parts = listed.length > 0 ? listed : [section];
      for (const [i, entry] of parts.entries()) {
        const pattern = property(entry, 'pattern');
        yield {
          name: `${key} ${typeof pattern === 'string' ? pattern : i}`,
          keys: [key],
          run: () => verdict(check(entry, typeof tolerance === 'number' ? tolerance : 1e-9)),
        };
      }
    }
  },
};
