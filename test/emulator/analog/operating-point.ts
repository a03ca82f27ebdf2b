/** A small analog set-up: a core with one operating point written to its neurons, driven by hand. */
import {
  createAnalogCore,
  type AnalogCore,
  type AnalogOptions,
  type NeuronConfig,
} from '../../../emulator/analog/index.js';
import { Row, Shared } from '../../../emulator/analog/settings.js';

export interface Spike {
  readonly neuron: number;
  readonly cycle: number;
}

export type Codes = Partial<Record<keyof typeof Row, number>>;

/** Codes of operating point A on the ideal chip: leak 80, reset 70, threshold 125 counts, both time constants 10 us. */
export const POINT_A: Codes = {
  v_leak: 629,
  v_reset: 601,
  v_threshold: 329,
  e_synin_exc_rev: 0,
  e_synin_inh_rev: 0,
  i_bias_leak: 95,
  i_bias_reset: 1015,
  i_bias_synin_exc_tau: 50,
  i_bias_synin_inh_tau: 47,
  i_bias_synin_exc_shift: 314,
  i_bias_synin_inh_shift: 294,
  i_bias_synin_exc_gm: 500,
  i_bias_synin_inh_gm: 500,
};

export const CONFIG_A: Partial<NeuronConfig> = {
  mem_cap_size: 63,
  en_reset_mul: 1,
  en_synin_exc: 1,
  en_synin_inh: 1,
  en_synin_exc_small_cap: 1,
  en_synin_inh_small_cap: 1,
  en_fire: 1,
  en_thresh_comp: 1,
  en_readout_amp: 1,
};

export const SHARED_A = {
  cadc_v_ramp_offset: 31,
  cadc_i_ramp_slope: 369,
  syn_i_bias_dac: 600,
  syn_i_bias_ramp: 80,
  syn_i_bias_store: 70,
  stp_i_ramp: 600,
} as const;

export function writeCodes(core: AnalogCore, neuron: number, codes: Codes): void {
  for (const [name, code] of Object.entries(codes))
    core.setCapmem(neuron >> 7, Row[name as keyof typeof Row], neuron & 127, code);
}

export function writeShared(
  core: AnalogCore,
  codes: Partial<Record<keyof typeof Shared, number>>,
): void {
  for (let block = 0; block < 4; block++)
    for (const [name, code] of Object.entries(codes))
      core.setCapmem(block, Shared[name as keyof typeof Shared], 128, code);
}

export interface SetUp {
  readonly core: AnalogCore;
  readonly spikes: Spike[];
  /** Runs to a time in microseconds. */
  to(microseconds: number): void;
}

/**
 * A core in which `neurons` stand at point A with changes; driver d of both halves serves rows 2d (exc.) and 2d+1 (inh.).
 * The engine is `precise` unless the options name another.
 */
export function pointA(
  options: Partial<AnalogOptions> = {},
  neurons: readonly number[] = [0],
  codes: Codes = {},
  config: Partial<NeuronConfig> = {},
): SetUp {
  const spikes: Spike[] = [];
  const core = createAnalogCore({
    die: 'ideal',
    ...options,
    onSpike: (neuron, cycle) => spikes.push({ neuron, cycle }),
  });
  writeShared(core, SHARED_A);
  for (let half = 0; half < 2; half++)
    core.setCommonBackend(half, { en_clocks: 1, clock_scale_slow: 1, clock_scale_fast: 1 });
  for (let h = 0; h < 2; h++)
    for (let d = 0; d < 128; d++)
      core.setDriver(h, d, { forward_address: 1, en_exc_bottom: 1, en_inh_top: 1 });
  for (const n of neurons) {
    writeCodes(core, n, { ...POINT_A, ...codes });
    core.setNeuron(n, { ...CONFIG_A, ...config });
    // 125 periods of 4 cycles: 2 us; hold-off one period.
    core.setBackend(n, { refractory_time: 125, reset_holdoff: 15 });
    core.setColumn(n >> 8, n & 255, {
      enable_synaptic_current_excitatory: 1,
      enable_synaptic_current_inhibitory: 1,
      enable_internal_causal: 1,
      enable_internal_acausal: 1,
    });
  }
  return { core, spikes, to: (us) => core.advance(Math.round(us * 250)) };
}

/** Time between the steady state after power-up and the start of a measurement, in us. */
export const SETTLED = 400;

export const synapse = (hemisphere: number, row: number, column: number): number =>
  hemisphere * 65536 + row * 256 + column;
