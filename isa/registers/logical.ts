/**
 * Registers whose bits are inverted, reversed or split over words, in logical values: what a host wants to say
 * and what the circuit does. Both ways, so that host and emulator share one reading of the map.
 */

import { decodeContainer, encodeContainer } from './registers.js';

/** A synapse driver. All values are 0 or 1 unless a range is given. */
export interface DriverSettings {
  /** Listens to its PADI bus. */
  readonly enable_receiver: number;
  /** 0..31: bits of the row-select address that are compared with the driver's index on its bus. */
  readonly row_mask: number;
  /** 1: the five low address bits reach the synapses; the top bit always does. */
  readonly forward_address: number;
  /** The lower (2d) and upper (2d + 1) row drive the excitatory, the inhibitory line. */
  readonly en_exc_bottom: number;
  readonly en_exc_top: number;
  readonly en_inh_bottom: number;
  readonly en_inh_top: number;
  readonly en_stp: number;
  readonly en_recovery: number;
  /** 0..15 */
  readonly utilization: number;
  /** 0..15 */
  readonly recovery: number;
  /** 0..15, calibration of the pulse length. */
  readonly offset: number;
  readonly select_target_voltages: number;
  readonly en_readout: number;
  readonly en_renewing: number;
  readonly en_charge_sharing: number;
  readonly en_hagen: number;
  readonly en_hagen_modulation: number;
  /** 0..63 */
  readonly hagen_dac_offset: number;
}

/** The three words of SynapseDriverConfig; what is not named is 0 (off). */
export function driverWords(settings: Partial<DriverSettings>): number[] {
  const s = settings;
  return encodeContainer('SynapseDriverConfig', {
    utilization: s.utilization ?? 0,
    offset: s.offset ?? 0,
    en_hagen: s.en_hagen ?? 0,
    row_address_compare_mask: s.row_mask ?? 0,
    en_address_out: 1 - (s.forward_address ?? 0),
    en_receiver: s.enable_receiver ?? 0,
    recovery: reverse4(s.recovery ?? 0),
    en_exc_bottom: s.en_exc_bottom ?? 0,
    en_exc_top: s.en_exc_top ?? 0,
    en_inh_bottom: s.en_inh_bottom ?? 0,
    en_inh_top: s.en_inh_top ?? 0,
    hagen_dac_offset: 63 - (s.hagen_dac_offset ?? 0),
    select_target_voltages: s.select_target_voltages ?? 0,
    en_readout: s.en_readout ?? 0,
    en_renewing: s.en_renewing ?? 0,
    en_hagen_modulation: s.en_hagen_modulation ?? 0,
    en_stp: s.en_stp ?? 0,
    en_charge_sharing: 1 - (s.en_charge_sharing ?? 0),
    en_recovery: s.en_recovery ?? 0,
  });
}

/** Logical values of the three words of SynapseDriverConfig. */
export function driverSettings(words: ArrayLike<number>): DriverSettings {
  const f = decodeContainer('SynapseDriverConfig', words);
  return {
    enable_receiver: f.en_receiver,
    row_mask: f.row_address_compare_mask,
    forward_address: 1 - f.en_address_out,
    en_exc_bottom: f.en_exc_bottom,
    en_exc_top: f.en_exc_top,
    en_inh_bottom: f.en_inh_bottom,
    en_inh_top: f.en_inh_top,
    en_stp: f.en_stp,
    en_recovery: f.en_recovery,
    utilization: f.utilization,
    recovery: reverse4(f.recovery),
    offset: f.offset,
    select_target_voltages: f.select_target_voltages,
    en_readout: f.en_readout,
    en_renewing: f.en_renewing,
    en_charge_sharing: 1 - f.en_charge_sharing,
    en_hagen: f.en_hagen,
    en_hagen_modulation: f.en_hagen_modulation,
    hagen_dac_offset: 63 - f.hagen_dac_offset,
  };
}

/** The digital back end of a neuron. All values are 0 or 1 unless a range is given. */
export interface BackendSettings {
  /** 0..255: low 8 bits of the labels of the neuron's events. */
  readonly address_out: number;
  /** 0..255 periods of the selected clock. */
  readonly refractory_time: number;
  /** h, 0..15: the reset ends 31 - 2h clock periods (at least one) before the refractory period does. */
  readonly reset_holdoff: number;
  /** 0 slow clock, 1 fast clock. */
  readonly select_input_clock: number;
  readonly post_overwrite: number;
  readonly en_adapt_pulse: number;
  readonly en_bayesian_extension: number;
  readonly en_neuron_slave: number;
  readonly connect_fire_bottom: number;
  readonly connect_fire_from_right: number;
  readonly connect_fire_to_right: number;
  readonly en_spike_out: number;
  readonly en_neuron_master: number;
  readonly en_1_bayesian: number;
  readonly en_0_bayesian: number;
}

/** The four words of NeuronBackendConfig; what is not named is 0. */
export function backendWords(settings: Partial<BackendSettings>): number[] {
  const s = settings;
  const address = 255 - (s.address_out ?? 0);
  const refractory = 255 - (s.refractory_time ?? 0);
  const holdoff = s.reset_holdoff ?? 0;
  return encodeContainer('NeuronBackendConfig', {
    address_out_msbs: address >> 2,
    address_out_lsbs: address & 3,
    refractory_time_1: refractory >> 4,
    refractory_time_2: refractory & 15,
    reset_holdoff_1: holdoff & 3,
    reset_holdoff_2: holdoff >> 2,
    select_input_clock: s.select_input_clock ?? 0,
    post_overwrite: s.post_overwrite ?? 0,
    en_adapt_pulse: s.en_adapt_pulse ?? 0,
    en_bayesian_extension: s.en_bayesian_extension ?? 0,
    en_neuron_slave: s.en_neuron_slave ?? 0,
    connect_fire_bottom: s.connect_fire_bottom ?? 0,
    connect_fire_from_right: s.connect_fire_from_right ?? 0,
    connect_fire_to_right: s.connect_fire_to_right ?? 0,
    en_spike_out: s.en_spike_out ?? 0,
    en_neuron_master: s.en_neuron_master ?? 0,
    en_1_bayesian: s.en_1_bayesian ?? 0,
    en_0_bayesian: s.en_0_bayesian ?? 0,
  });
}

/** Logical values of the four words of NeuronBackendConfig. */
export function backendSettings(words: ArrayLike<number>): BackendSettings {
  const f = decodeContainer('NeuronBackendConfig', words);
  return {
    address_out: 255 - ((f.address_out_msbs << 2) | f.address_out_lsbs),
    refractory_time: 255 - ((f.refractory_time_1 << 4) | f.refractory_time_2),
    reset_holdoff: f.reset_holdoff_1 | (f.reset_holdoff_2 << 2),
    select_input_clock: f.select_input_clock,
    post_overwrite: f.post_overwrite,
    en_adapt_pulse: f.en_adapt_pulse,
    en_bayesian_extension: f.en_bayesian_extension,
    en_neuron_slave: f.en_neuron_slave,
    connect_fire_bottom: f.connect_fire_bottom,
    connect_fire_from_right: f.connect_fire_from_right,
    connect_fire_to_right: f.connect_fire_to_right,
    en_spike_out: f.en_spike_out,
    en_neuron_master: f.en_neuron_master,
    en_1_bayesian: f.en_1_bayesian,
    en_0_bayesian: f.en_0_bayesian,
  };
}

/** Word of a crossbar node: an event passes exactly if (label & mask) equals the target. */
export function crossbarWord(mask: number, target: number, countDrops = 0): number {
  return encodeContainer('CrossbarNode', { mask, target, enable_drop_counter: countDrops })[0] ?? 0;
}

/** Crossbar node that passes nothing (mask 0 never equals target 1). */
export const crossbarDropAll = crossbarWord(0, 1);

function reverse4(value: number): number {
  return ((value & 1) << 3) | ((value & 2) << 1) | ((value & 4) >> 1) | ((value & 8) >> 3);
}
