/**
 * Parameter memory: what the 24 rows of a neuron's column hold, and the cells of columns 128 and 129 that are shared.
 * Addresses of the cells themselves: container `CapMemCell`.
 */

/** Parameter in each row of a neuron column (block column 0..127); rows 0..7 are voltages, 8..23 currents. */
export const neuronCapmemRows = [
  'v_leak',
  'v_reset',
  'v_threshold',
  'e_synin_exc_rev',
  'e_synin_inh_rev',
  'v_adapt_leak',
  'v_exp',
  'v_adapt_ref',
  'i_bias_leak',
  'i_bias_reset',
  'i_bias_synin_exc_tau',
  'i_bias_synin_exc_coba',
  'i_bias_synin_exc_shift',
  'i_bias_synin_exc_gm',
  'i_bias_synin_inh_tau',
  'i_bias_synin_inh_coba',
  'i_bias_synin_inh_shift',
  'i_bias_synin_inh_gm',
  'i_bias_adapt_tau',
  'i_bias_adapt_a',
  'i_bias_adapt_b',
  'i_bias_exp',
  'i_mem_offset',
  'i_bias_nmda',
] as const;

export type NeuronParameter = (typeof neuronCapmemRows)[number];

export interface SharedCellRow {
  readonly column: number;
  readonly row: number;
  /** Only this block has the cell; without it all four blocks do. */
  readonly block?: number;
}

/** Shared cells by name. */
export const sharedCapmemCells = {
  stp_v_charge_0: { column: 128, row: 0 },
  stp_v_charge_1: { column: 128, row: 1 },
  stp_v_recover_0: { column: 128, row: 2 },
  stp_v_recover_1: { column: 128, row: 3 },
  cadc_v_ramp_offset: { column: 128, row: 4 },
  cadc_v_bias_ramp_buf: { column: 128, row: 5 },
  neuron_v_bias_casc_n: { column: 128, row: 7 },
  syn_i_bias_dac: { column: 128, row: 8 },
  syn_i_bias_ramp: { column: 128, row: 9 },
  syn_i_bias_store: { column: 128, row: 10 },
  syn_i_bias_corout: { column: 128, row: 11 },
  stp_i_bias_comparator: { column: 128, row: 12 },
  stp_i_ramp: { column: 128, row: 13 },
  stp_i_calib: { column: 128, row: 14 },
  cadc_i_ramp_slope: { column: 128, row: 15 },
  cadc_i_bias_comp: { column: 128, row: 16 },
  cadc_i_bias_vreset_buf: { column: 128, row: 17 },
  neuron_i_bias_readout_amp: { column: 128, row: 18 },
  neuron_i_bias_leak_source_follower: { column: 128, row: 19 },
  neuron_i_bias_spike_comparator: { column: 128, row: 20 },
  neuron_i_bias_synin_drop: { column: 129, row: 23 },
  readout_sc_amp_v_ref: { column: 128, row: 6, block: 0 },
  readout_pseudo_diff_v_ref: { column: 128, row: 6, block: 1 },
  readout_iconv_test_voltage: { column: 128, row: 6, block: 2 },
  readout_iconv_sc_amp_v_ref: { column: 128, row: 6, block: 3 },
  readout_iconv_sc_amp_i_bias: { column: 128, row: 21, block: 0 },
  readout_pseudo_diff_buffer_bias: { column: 128, row: 22, block: 0 },
  readout_out_amp_i_bias_0: { column: 128, row: 23, block: 0 },
  readout_out_amp_i_bias_1: { column: 129, row: 8, block: 0 },
  readout_idac_i_bias: { column: 129, row: 9, block: 0 },
  readout_idac_i_bias_casc: { column: 129, row: 10, block: 0 },
  readout_iconv_i_bias_buffer: { column: 129, row: 11, block: 0 },
  readout_ac_mux_i_bias: { column: 129, row: 12, block: 0 },
  readout_madc_in_500na: { column: 129, row: 13, block: 0 },
  readout_sc_amp_i_bias: { column: 129, row: 14, block: 0 },
  stp_ibias_readout_top: { column: 128, row: 21, block: 1 },
  stp_ibias_readout_bottom: { column: 128, row: 21, block: 3 },
  hagen_ibias_dac_top: { column: 128, row: 22, block: 1 },
  hagen_ibias_dac_bottom: { column: 128, row: 22, block: 3 },
} as const satisfies Record<string, SharedCellRow>;

export type SharedParameter = keyof typeof sharedCapmemCells;

const rowOfParameter = new Map<string, number>(neuronCapmemRows.map((name, row) => [name, row]));

/** Row 0..23 of a neuron parameter in its column. */
export function capmemRowOf(parameter: NeuronParameter): number {
  return rowOfParameter.get(parameter) ?? 0;
}
