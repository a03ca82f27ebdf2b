/** The register and parameter-memory state that the analog circuits see, and the effective code of a cell. */
import type { AnalogConstants } from './constants.js';
import {
  COLUMNS,
  DRIVERS,
  NEURONS,
  type BackendConfig,
  type ColumnSwitches,
  type CommonBackendConfig,
  type DriverConfig,
  type NeuronConfig,
  type StpConfig,
} from './core.js';
import type { ParameterMemory } from './parameter-memory.js';

/** Parameter-memory rows of a neuron's column. */
export const Row = {
  v_leak: 0,
  v_reset: 1,
  v_threshold: 2,
  e_synin_exc_rev: 3,
  e_synin_inh_rev: 4,
  v_adapt_leak: 5,
  v_exp: 6,
  v_adapt_ref: 7,
  i_bias_leak: 8,
  i_bias_reset: 9,
  i_bias_synin_exc_tau: 10,
  i_bias_synin_exc_coba: 11,
  i_bias_synin_exc_shift: 12,
  i_bias_synin_exc_gm: 13,
  i_bias_synin_inh_tau: 14,
  i_bias_synin_inh_coba: 15,
  i_bias_synin_inh_shift: 16,
  i_bias_synin_inh_gm: 17,
  i_bias_adapt_tau: 18,
  i_bias_adapt_a: 19,
  i_bias_adapt_b: 20,
  i_bias_exp: 21,
  i_mem_offset: 22,
  i_bias_nmda: 23,
} as const;

/** Rows of the shared cells in column 128 that the model uses. */
export const Shared = {
  stp_v_charge_0: 0,
  stp_v_charge_1: 1,
  stp_v_recover_0: 2,
  stp_v_recover_1: 3,
  cadc_v_ramp_offset: 4,
  syn_i_bias_dac: 8,
  syn_i_bias_ramp: 9,
  syn_i_bias_store: 10,
  stp_i_ramp: 13,
  cadc_i_ramp_slope: 15,
} as const;

const idleNeuron = (): NeuronConfig => ({
  en_reset_deg: 0,
  en_reset_div: 0,
  en_reset_mul: 0,
  en_leak_deg: 0,
  en_leak_div: 0,
  en_leak_mul: 0,
  en_strong_fire: 0,
  en_synin_coba_inh: 0,
  en_synin_coba_exc: 0,
  en_unbuf_access: 0,
  en_readout_amp: 0,
  readout_select: 0,
  en_readout: 0,
  invert_adapt_b: 0,
  invert_adapt_a: 0,
  en_adapt: 0,
  en_exp: 0,
  en_synin_inh_small_cap: 0,
  en_synin_exc_small_cap: 0,
  en_synin_inh_high_res: 0,
  en_synin_exc_high_res: 0,
  en_mem_off: 0,
  mem_cap_size: 0,
  invert_current: 0,
  en_fire: 0,
  en_thresh_comp: 0,
  en_synin_inh: 0,
  en_synin_exc: 0,
  en_byp_inh: 0,
  en_byp_exc: 0,
  connect_somata: 0,
  connect_bottom: 0,
  en_comp_cond: 0,
  connect_membrane_right: 0,
  connect_soma: 0,
  en_comp_cond_mul: 0,
  en_comp_cond_div: 0,
  en_pause: 0,
});

const idleDriver = (): DriverConfig => ({
  utilization: 0,
  offset: 0,
  en_hagen: 0,
  forward_address: 0,
  recovery: 0,
  en_exc_bottom: 0,
  en_exc_top: 0,
  en_inh_bottom: 0,
  en_inh_top: 0,
  hagen_dac_offset: 0,
  select_target_voltages: 0,
  en_readout: 0,
  en_hagen_modulation: 0,
  en_stp: 0,
  en_recovery: 0,
});

const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

export class Settings {
  readonly neurons: NeuronConfig[] = many(NEURONS, idleNeuron);
  readonly backends: BackendConfig[] = many(NEURONS, () => ({
    refractory_time: 0,
    reset_holdoff: 0,
    select_input_clock: 0,
    post_overwrite: 0,
    en_neuron_master: 0,
    en_neuron_slave: 0,
    connect_fire_bottom: 0,
    connect_fire_to_right: 0,
    connect_fire_from_right: 0,
  }));
  readonly commonBackends: CommonBackendConfig[] = many(2, () => ({
    force_reset: 0,
    en_clocks: 0,
    clock_scale_slow: 0,
    clock_scale_fast: 0,
  }));
  readonly drivers: DriverConfig[] = many(2 * DRIVERS, idleDriver);
  readonly stp: StpConfig[] = many(2, () => ({
    recovery_clock_speed: 0,
    enable_recovery_clock: 0,
  }));
  readonly pulseExtensions = new Uint8Array(8);
  readonly columns: ColumnSwitches[] = many(2 * COLUMNS, () => ({
    enable_synaptic_current_excitatory: 0,
    enable_synaptic_current_inhibitory: 0,
    enable_debug_excitatory: 0,
    enable_debug_inhibitory: 0,
    enable_internal_causal: 0,
    enable_internal_acausal: 0,
    enable_debug_causal: 0,
    enable_debug_acausal: 0,
    enable_cadc_neuron_readout_causal: 0,
    enable_cadc_neuron_readout_acausal: 0,
  }));
  /** Stored offset of a CADC channel by hemisphere * 512 + channel * 256 + column; 128 means none. */
  readonly cadcOffsets = new Uint8Array(1024).fill(128);
  /** Hemisphere whose drivers' debug line is on the test line of a CADC branch; -1: none. */
  readonly debugLines = new Int32Array(2).fill(-1);

  constructor(
    readonly memory: ParameterMemory,
    private readonly constants: AnalogConstants,
  ) {}

  /** Effective code in the column of a neuron. */
  neuronCode(neuron: number, row: number): number {
    return this.memory.effectiveCode(neuron >> 7, row, neuron & 127);
  }

  sharedCode(block: number, row: number): number {
    return this.memory.effectiveCode(block, row, 128);
  }

  /** Shared code of the sensors' biases: what follows from it is kept for every synapse, so ripple is left out. */
  sensorCode(block: number, row: number): number {
    return this.memory.effectiveCode(block, row, 128, false);
  }

  voltage(code: number): number {
    return this.constants.voltageBase + this.constants.voltagePerCode * code;
  }

  /** Voltage (mV) of the test line of a CADC branch; undefined while nothing drives it. */
  debugVoltage(branch: 0 | 1): number | undefined {
    const hemisphere = this.debugLines[branch]!;
    return hemisphere < 0 ? undefined : this.driverVoltage(hemisphere);
  }

  /** Voltage (mV) that the first driver with `en_readout` puts on its hemisphere's debug line; undefined if none does. */
  driverVoltage(hemisphere: number): number | undefined {
    for (let driver = 0; driver < DRIVERS; driver++) {
      const config = this.drivers[hemisphere * DRIVERS + driver]!;
      if (config.en_readout === 0) continue;
      const row =
        config.select_target_voltages === 0 ? Shared.stp_v_recover_0 : Shared.stp_v_recover_1;
      return this.voltage(this.sharedCode(2 * hemisphere + (driver & 1), row));
    }
    return undefined;
  }

  /** What a snapshot copies. */
  stateArrays(): Record<string, Uint16Array | Uint8Array | Int32Array | Float64Array> {
    return {
      ...this.memory.stateArrays(),
      pulseExtensions: this.pulseExtensions,
      cadcOffsets: this.cadcOffsets,
      debugLines: this.debugLines,
    };
  }

  stateRecords(): Record<string, readonly object[]> {
    return {
      neurons: this.neurons,
      backends: this.backends,
      commonBackends: this.commonBackends,
      drivers: this.drivers,
      stp: this.stp,
      columns: this.columns,
    };
  }

  powerUp(): void {
    this.memory.powerUp();
    this.pulseExtensions.fill(0);
    this.cadcOffsets.fill(128);
    this.debugLines.fill(-1);
    for (const list of [
      this.neurons,
      this.backends,
      this.commonBackends,
      this.drivers,
      this.stp,
      this.columns,
    ])
      for (const record of list) clear(record);
  }
}

function clear(record: object): void {
  for (const key of Object.keys(record)) Reflect.set(record, key, 0);
}

/** A setting that does not exist on the chip; the digital side masks values, so this is a caller's mistake. */
export class AnalogSettingError extends RangeError {
  constructor(
    readonly setting: string,
    readonly index: readonly number[],
    readonly value: number,
    readonly most: number,
  ) {
    super(`${setting}[${index.join(', ')}]: ${value} is not in 0..${most}`);
  }
}

/** @throws AnalogSettingError unless `value` is a whole number in 0..most */
export function checkSetting(
  setting: string,
  index: readonly number[],
  value: number,
  most: number,
): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= most))
    throw new AnalogSettingError(setting, index, value, most);
}
