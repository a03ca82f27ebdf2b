/**
 * Neuron types beyond the plain `lif`: adaptive exponential and conductance-based neurons in SI units, neurons set by raw
 * codes, bypassed neurons. Each is `NeuronSettings`, so codes and switches can be changed afterwards.
 */
import type { NeuronParameter } from '../../isa/registers/capmem.js';
import { neuronCapmemRows } from '../../isa/registers/capmem.js';
import { checkNames, unknownName } from '../failure.js';
import { checkCodes, leaky, lif, lifNames, rangedCode, rawCode } from './neuron.js';
import type { LifParameters, NeuronSettings, NeuronSwitch } from './neuron.js';

/** What an adaptive exponential neuron has besides a leaky one (SI units, hardware time). */
export interface AdexParameters extends LifParameters {
  /** Threshold V_T of the exponential term, V. */
  readonly v_exp: number;
  /** Slope factor D_T, V; 0 leaves the exponential term out. */
  readonly delta_T: number;
  /** Time constant of the adaptation, s. */
  readonly tau_w: number;
  /** Subthreshold adaptation, S; may be negative. */
  readonly a: number;
  /** Adaptation per spike, A; may be negative. */
  readonly b: number;
}

const adexNames = [...lifNames, 'v_exp', 'delta_T', 'tau_w', 'a', 'b'];

// Nominal transfer laws, as in `lif`.
const exponentialShift = -600;
const slopeTimesCode = 20 * 300;
const adaptationTimesCode = 10_000;
const adaptationPerCode = 1e-9;
const stepPerCode = 0.1e-9;
const leakShift = -778;
const voltage = { perCode: 1.875, at0: 18.75 } as const;

const volts = (name: string, value: number, shift: number): number =>
  rangedCode(name, (value * 1000 - shift - voltage.at0) / voltage.perCode, 1022);

/**
 * An adaptive exponential neuron. The adaptation current rests at the leak potential.
 * @param codes parameter-memory codes that override what the parameters give
 * @throws ExperimentError when a parameter has no code
 */
export function adex(
  parameters: Partial<AdexParameters> = {},
  codes: Partial<Record<NeuronParameter, number>> = {},
): NeuronSettings {
  checkNames('parameter', parameters, adexNames, 'adex');
  const base = leaky(parameters, {});
  const { v_exp = base.nominal.v_thresh, delta_T = 0, tau_w = 100e-6, a = 0, b = 0 } = parameters;
  const exponential = delta_T > 0;
  const adapting = a !== 0 || b !== 0;
  return withCodes(
    {
      ...base,
      cell: {
        values: { ...base.nominal, v_exp, delta_T, tau_w, a, b },
        make: (values) => adex(values, codes),
      },
      switches: {
        ...base.switches,
        en_exp: Number(exponential),
        // Without it the exponential current works against the reset.
        en_pause: Number(exponential),
        en_adapt: Number(adapting),
        invert_adapt_a: Number(a < 0),
        invert_adapt_b: Number(b < 0),
      },
      codes: {
        ...base.codes,
        ...(exponential
          ? {
              v_exp: volts('v_exp', v_exp, exponentialShift),
              i_bias_exp: rangedCode('delta_T', slopeTimesCode / (delta_T * 1000), 1022, 1),
            }
          : {}),
        ...(adapting
          ? {
              v_adapt_leak: volts('v_rest', base.nominal.v_rest, leakShift),
              v_adapt_ref: volts('v_rest', base.nominal.v_rest, leakShift),
              i_bias_adapt_tau: rangedCode('tau_w', adaptationTimesCode / (tau_w * 1e6), 1022, 1),
              i_bias_adapt_a: rangedCode('a', Math.abs(a) / adaptationPerCode, 1022),
              i_bias_adapt_b: rangedCode('b', Math.abs(b) / stepPerCode, 1022),
            }
          : {}),
      },
    },
    codes,
  );
}

/** Reversal potentials of conductance-based inputs, V. */
export interface ReversalPotentials {
  readonly e_rev_E: number;
  readonly e_rev_I: number;
}

/**
 * A leaky neuron with conductance-based inputs: a full event moves the membrane as in `lif` at the leak potential, less
 * nearer to the reversal potential.
 */
export function cobaLif(
  parameters: Partial<LifParameters & ReversalPotentials> = {},
  codes: Partial<Record<NeuronParameter, number>> = {},
): NeuronSettings {
  checkNames('parameter', parameters, [...lifNames, 'e_rev_E', 'e_rev_I'], 'cobaLif');
  const base = leaky(parameters, {});
  const { e_rev_E = 1.2, e_rev_I = 0.1 } = parameters;
  return withCodes(
    {
      ...base,
      cell: {
        values: { ...base.nominal, e_rev_E, e_rev_I },
        make: (values) => cobaLif(values, codes),
      },
      switches: { ...base.switches, en_synin_coba_exc: 1, en_synin_coba_inh: 1 },
      codes: {
        ...base.codes,
        e_synin_exc_rev: volts('e_rev_E', e_rev_E, 0),
        e_synin_inh_rev: volts('e_rev_I', e_rev_I, 0),
        i_bias_synin_exc_coba: 500,
        i_bias_synin_inh_coba: 500,
      },
    },
    codes,
  );
}

/** Every value that a neuron has on the chip, by its raw name: codes 0..1022, switches, and two that are neither. */
export type RawParameters = Partial<Record<NeuronParameter | NeuronSwitch, number>> & {
  /** mem_cap_size, 0..63. */
  readonly mem_cap_size?: number;
  /** Refractory period in clock periods of 8 ns, 0..255. */
  readonly refractory_time?: number;
};

/**
 * A neuron in raw codes, without any unit: what is not named is as in operating point A, except that the threshold
 * comparator is off unless `en_thresh_comp` is 1.
 */
export function hxNeuron(raw: RawParameters = {}): NeuronSettings {
  return withRaw({ ...inRawCodes(lif()), switches: { en_thresh_comp: 0 } }, raw);
}

/** Without parameters in SI units, which would not tell what the neuron is. */
function inRawCodes({ cell: _cell, ...settings }: NeuronSettings): NeuronSettings {
  return settings;
}

/** A neuron that spikes at once with every event that its synapses accept; its membrane takes no part. */
export function bypassNeuron(): NeuronSettings {
  const base = inRawCodes(lif({ tau_refrac: 0.4e-6 }));
  return { ...base, switches: { en_byp_exc: 1, en_byp_inh: 1, en_thresh_comp: 0, en_fire: 1 } };
}

const codeNames: ReadonlySet<string> = new Set(neuronCapmemRows);

/** Settings with codes set by hand, which a calibration then leaves alone. */
export function withCodes(
  settings: NeuronSettings,
  codes: Partial<Record<NeuronParameter, number>>,
): NeuronSettings {
  const names = Object.keys(codes) as NeuronParameter[];
  if (names.length === 0) return settings;
  for (const name of names)
    if (!codeNames.has(name)) throw unknownName('parameter', name, rawNames, 'neuron parameters');
  checkCodes(codes);
  return {
    ...settings,
    codes: { ...settings.codes, ...codes },
    byHand: [...new Set([...(settings.byHand ?? []), ...names])],
  };
}

/** Names that `withRaw` takes. */
export const rawNames: readonly string[] = [
  ...neuronCapmemRows,
  ...switchRanges().keys(),
  'mem_cap_size',
  'refractory_time',
];

/** Settings with raw values changed. @throws ExperimentError for an unknown name or a value that does not exist */
export function withRaw(settings: NeuronSettings, raw: RawParameters): NeuronSettings {
  const codes: Record<string, number> = {};
  const switches: Record<string, number> = {};
  let { capacitance, refractory } = settings;
  const ranges = switchRanges();
  for (const [name, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    if (codeNames.has(name)) codes[name] = value;
    else if (name === 'mem_cap_size') capacitance = rawCode(name, value, 63);
    else if (name === 'refractory_time') refractory = rawCode(name, value, 255);
    else {
      const most = ranges.get(name);
      if (most === undefined) throw unknownName('parameter', name, rawNames, 'neuron parameters');
      switches[name] = rawCode(name, value, most);
    }
  }
  return withCodes(
    {
      ...settings,
      capacitance,
      refractory,
      switches: { ...settings.switches, ...switches },
      raw: { ...settings.raw, ...raw },
    },
    codes,
  );
}

/** Names of parameters in SI units that a neuron has. */
export function parameterNames({ cell }: NeuronSettings): readonly string[] {
  return Object.keys(cell?.values ?? {});
}

/**
 * Settings with some parameters changed: raw names, and parameters in SI units of the cell that the neuron was made as
 * (`tau_m` of a `lif`, `tau_w` of an `adex`). Raw values that were set earlier stay.
 * @throws ExperimentError for an unknown name or a value without a code
 */
export function withParameters(
  settings: NeuronSettings,
  values: Readonly<Record<string, number>>,
): NeuronSettings {
  const { cell, morphology, raw: before = {} } = settings;
  const known: Record<string, number> = {};
  const raw: Record<string, number> = {};
  for (const [name, value] of Object.entries(values)) {
    if (cell && name in cell.values) known[name] = value;
    else if (rawNames.includes(name)) raw[name] = value;
    else
      throw unknownName(
        'parameter',
        name,
        [...rawNames, ...parameterNames(settings)],
        'neuron parameters',
      );
  }
  if (!cell || Object.keys(known).length === 0) return withRaw(settings, raw);
  const made = cell.make({ ...cell.values, ...known });
  return withRaw({ ...made, ...(morphology ? { morphology } : {}) }, { ...before, ...raw });
}

/** Largest value of each switch. */
function switchRanges(): ReadonlyMap<string, number> {
  const ones: NeuronSwitch[] = [
    'en_reset_deg',
    'en_reset_div',
    'en_reset_mul',
    'en_leak_deg',
    'en_leak_div',
    'en_leak_mul',
    'en_strong_fire',
    'en_synin_coba_inh',
    'en_synin_coba_exc',
    'en_readout_amp',
    'invert_adapt_b',
    'invert_adapt_a',
    'en_adapt',
    'en_exp',
    'en_synin_inh_small_cap',
    'en_synin_exc_small_cap',
    'en_synin_inh_high_res',
    'en_synin_exc_high_res',
    'en_mem_off',
    'invert_current',
    'en_fire',
    'en_thresh_comp',
    'en_synin_inh',
    'en_synin_exc',
    'en_byp_inh',
    'en_byp_exc',
    'connect_somata',
    'connect_bottom',
    'en_comp_cond',
    'connect_membrane_right',
    'connect_soma',
    'en_comp_cond_mul',
    'en_comp_cond_div',
    'en_pause',
  ];
  return new Map<string, number>([
    ...ones.map((name) => [name, 1] as const),
    ['readout_select', 3],
  ]);
}
