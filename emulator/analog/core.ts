/**
 * The border of the analog core: what the digital chip tells it, and what it answers.
 *
 * Everything is set in the terms of registers and parameter-memory codes; the core computes the physics from them.
 * Times at this border are integer PPU cycles (4 ns). The caller first brings the core to a cycle with `advance`,
 * then writes settings or delivers events *at* that cycle; a setting written later is a setting from then on.
 */
import type { AnalogConstants } from './constants.js';
import type { Settling } from './parameter-memory.js';
export type { Settling } from './parameter-memory.js';
import type { AnalogSnapshot } from './snapshot.js';

/** Synapse index = hemisphere * 65536 + row * 256 + column. */
export const SYNAPSES = 131072;
/** Neuron circuit n = 256 * hemisphere + column. */
export const NEURONS = 512;
export const COLUMNS = 256;
export const ROWS = 256;
export const DRIVERS = 128;

/** Duration of one PPU cycle in microseconds of hardware time. */
export const MICROSECONDS_PER_CYCLE = 0.004;

/** Which of the random things of a real chip are present; each has its name in the manifest. */
export interface NoiseSwitches {
  /** Ornstein-Uhlenbeck noise on every membrane. */
  readonly membrane: boolean;
  /** White noise of the threshold, drawn per crossing, and its shift between runs. */
  readonly threshold: boolean;
  /** Amplitude of each synaptic event. */
  readonly event: boolean;
  /** One draw per CADC conversion and channel. */
  readonly cadc: boolean;
  /** One draw per MADC sample. */
  readonly madc: boolean;
  /** Jitter of the way from a spike to its synapses. */
  readonly routing: boolean;
  /** Slow drift of every neuron parameter. */
  readonly drift: boolean;
  /** Ripple of the cells of the parameter memory. */
  readonly ripple: boolean;
}

/** The die: nobody's (`ideal`), or the one drawn from a seed, before or after calibration. */
export type Die =
  | 'ideal'
  | {
      readonly seed: number;
      /** `residual`: ideal codes give the target up to the residual spread after calibration; `uncalibrated`: the raw spread. */
      readonly law: 'residual' | 'uncalibrated';
      /** Dead neurons and sensors exist; default false. */
      readonly defects?: boolean;
    };

/** How neurons are computed: `precise` (float64, event by event) or `fast` (float32, steps of 0.1 us). */
export type EngineName = 'precise' | 'fast';

export interface AnalogOptions {
  readonly die: Die;
  /** Default `precise`. */
  readonly engine?: EngineName;
  /** Seed of the trial noise; default 0. Ignored where all sources are off (the ideal chip). */
  readonly noiseSeed?: number;
  /** Switches that differ from the default: all but ripple on for a drawn die, all off for the ideal one. */
  readonly noise?: Partial<NoiseSwitches>;
  /** Constants that differ from the table of constants.ts. */
  readonly constants?: Partial<AnalogConstants>;
  /** How cells of the parameter memory follow their codes; default `instant`. */
  readonly settling?: Settling;
  /** A sensor event consumes the trace it reads (nearest neighbour, default true). */
  readonly consume?: boolean;
  /** Called for every spike, ordered by (cycle, neuron). It must only note the spike, never call the core. */
  readonly onSpike?: (neuron: number, cycle: number) => void;
}

/** Fields of container NeuronConfig, names of the register map; 0 or 1 unless said. */
export interface NeuronConfig {
  en_reset_deg: number;
  en_reset_div: number;
  en_reset_mul: number;
  en_leak_deg: number;
  en_leak_div: number;
  en_leak_mul: number;
  en_strong_fire: number;
  en_synin_coba_inh: number;
  en_synin_coba_exc: number;
  en_unbuf_access: number;
  en_readout_amp: number;
  /** 0 membrane, 1 excitatory line, 2 inhibitory line, 3 adaptation. */
  readout_select: number;
  en_readout: number;
  invert_adapt_b: number;
  invert_adapt_a: number;
  en_adapt: number;
  en_exp: number;
  en_synin_inh_small_cap: number;
  en_synin_exc_small_cap: number;
  en_synin_inh_high_res: number;
  en_synin_exc_high_res: number;
  en_mem_off: number;
  /** 0..63. */
  mem_cap_size: number;
  invert_current: number;
  en_fire: number;
  en_thresh_comp: number;
  en_synin_inh: number;
  en_synin_exc: number;
  en_byp_inh: number;
  en_byp_exc: number;
  connect_somata: number;
  connect_bottom: number;
  en_comp_cond: number;
  connect_membrane_right: number;
  connect_soma: number;
  en_comp_cond_mul: number;
  en_comp_cond_div: number;
  en_pause: number;
}

/** The part of the neuron back end that acts on the analog circuit, in logical values (inversions and splits undone). */
export interface BackendConfig {
  /** 0..255, in clock periods. */
  refractory_time: number;
  /** h, 0..15: the reset is released 31 - 2h clock periods (at least one) before the refractory period ends. */
  reset_holdoff: number;
  /** 0 slow clock, 1 fast clock. */
  select_input_clock: number;
  /** The column's sensors see only `globalPost`, not the neuron's own spikes. */
  post_overwrite: number;
  /** Drives its fire line when it fires. */
  en_neuron_master: number;
  /** Fires when its fire line says so. */
  en_neuron_slave: number;
  /** Joins the fire lines of the two rows of the column (set in either row). */
  connect_fire_bottom: number;
  /** Passes the fire line on to the next column, takes it from there. */
  connect_fire_to_right: number;
  connect_fire_from_right: number;
}

/** CommonNeuronBackendConfig of one half (0 west, columns 0-127; 1 east). */
export interface CommonBackendConfig {
  force_reset: number;
  /** Without clocks no neuron of the half can fire. */
  en_clocks: number;
  /** Clock = 250 MHz / 2^(value+1). */
  clock_scale_slow: number;
  clock_scale_fast: number;
}

/** A synapse driver in logical values: inversions and the reversed bit order of `recovery` are undone by the caller. */
export interface DriverConfig {
  utilization: number;
  offset: number;
  en_hagen: number;
  /** 1: the five low address bits reach the synapses (register bit en_address_out is 0). */
  forward_address: number;
  recovery: number;
  en_exc_bottom: number;
  en_exc_top: number;
  en_inh_bottom: number;
  en_inh_top: number;
  hagen_dac_offset: number;
  select_target_voltages: number;
  en_readout: number;
  en_hagen_modulation: number;
  en_stp: number;
  en_recovery: number;
}

/** CommonSTPConfig of a hemisphere. */
export interface StpConfig {
  recovery_clock_speed: number;
  enable_recovery_clock: number;
}

/** Switch rows of one column: currents to the neuron, and what the two CADC channels see. */
export interface ColumnSwitches {
  enable_synaptic_current_excitatory: number;
  enable_synaptic_current_inhibitory: number;
  /** The column's lines are on the debug lines of the synapses. */
  enable_debug_excitatory: number;
  enable_debug_inhibitory: number;
  enable_internal_causal: number;
  enable_internal_acausal: number;
  /** The channel sees the test line (see `setDebugLine`) instead of a sensor. */
  enable_debug_causal: number;
  enable_debug_acausal: number;
  enable_cadc_neuron_readout_causal: number;
  enable_cadc_neuron_readout_acausal: number;
}

/** What happened since power-up. */
export interface ActivityCounts {
  readonly spikes: number;
  /** Events that reached a neuron's line. */
  readonly synapticEvents: number;
}

/** Events for synapse drivers, cycles ascending; entries beyond `count` mean nothing. */
export interface DriverEvents {
  readonly count: number;
  readonly cycles: Float64Array;
  /** hemisphere * 128 + driver. */
  readonly drivers: Int32Array;
  /** 6-bit addresses. */
  readonly addresses: Int32Array;
}

export interface AnalogCore {
  readonly counts: ActivityCounts;
  /** The cycle the core has been brought to; settings and events act here. */
  readonly cycle: number;

  /** Storage of the synapse array, one byte per synapse; read freely, write through the setters below. */
  readonly weights: Readonly<Uint8Array>;
  readonly labels: Readonly<Uint8Array>;
  readonly timeTrims: Readonly<Uint8Array>;
  readonly amplitudeTrims: Readonly<Uint8Array>;
  setWeight(synapse: number, value: number): void;
  /** Writing a label drops the sensor traces that wait at this synapse. */
  setLabel(synapse: number, value: number): void;
  setTimeTrim(synapse: number, value: number): void;
  setAmplitudeTrim(synapse: number, value: number): void;

  /** Parameter memory: block 0..3 (quadrant), row 0..23, column 0..129 (128, 129: shared cells), code 0..1023. */
  setCapmem(block: number, row: number, column: number, code: number): void;
  setNeuron(neuron: number, fields: Readonly<Partial<NeuronConfig>>): void;
  setBackend(neuron: number, fields: Readonly<Partial<BackendConfig>>): void;
  setCommonBackend(half: number, fields: Readonly<Partial<CommonBackendConfig>>): void;
  setDriver(hemisphere: number, driver: number, fields: Readonly<Partial<DriverConfig>>): void;
  setStp(hemisphere: number, fields: Readonly<Partial<StpConfig>>): void;
  /** dacen_pulse_extension of a PADI bus, 0..15. */
  setPulseExtension(hemisphere: number, bus: number, value: number): void;
  setColumn(hemisphere: number, column: number, fields: Readonly<Partial<ColumnSwitches>>): void;
  /**
   * Connects the test line of a CADC branch (0 causal, 1 acausal) to the debug line of a hemisphere's synapse drivers
   * (-1: to nothing). The first driver with `en_readout` drives that one with its recovery voltage.
   */
  setDebugLine(branch: 0 | 1, hemisphere: -1 | 0 | 1): void;
  /** channel 0 causal, 1 acausal; stored = offset + 128. */
  setCadcOffset(hemisphere: number, channel: number, column: number, stored: number): void;

  /**
   * The earliest cycle (never before the present one) at which something may happen by itself: a lower bound of the
   * next spike. Infinity when all is silent. A caller that feeds spikes back never advances beyond it in one call.
   */
  nextEventCycle(): number;
  /** Bring the core to `cycle` (>= the present one) inclusive: spikes due at `cycle` are reported before it returns. */
  advance(cycle: number): void;

  /**
   * Like `advance`, with drivers that take events on the way (see `driverEvent`), each after the spikes due at its cycle.
   * Events of cycles that are over act at the present one.
   */
  run(events: DriverEvents, cycle: number): void;

  /**
   * A driver takes an event at the present cycle and pulses its two rows; `address` is the 6-bit address of the event
   * (the receiver enable and the row-select comparison are the caller's).
   */
  driverEvent(hemisphere: number, driver: number, address: number): void;
  /** Global post pulse: every column of the half with post_overwrite sees one, in both hemispheres. */
  globalPost(half: number): void;
  /** Write to a neuron's reset: pulls it to the reset potential for one refractory period; no spike. */
  resetNeuron(neuron: number): void;
  /** Both accumulators of one sensor to zero; running traces are kept. */
  resetCorrelation(synapse: number): void;

  /**
   * All 2 x 256 CADC codes of a hemisphere for synapse row `row` as sampled at the present cycle; a pure look.
   * Codes are indexed by column and include the channel offsets.
   */
  convertCadc(hemisphere: number, row: number, causal: Uint8Array, acausal: Uint8Array): void;
  /** CADC codes of a row's sensors on one branch (0 causal, 1 acausal) as if they were fresh; a pure look. */
  convertReset(hemisphere: number, row: number, branch: 0 | 1, codes: Uint8Array): void;
  /**
   * One MADC sample (10 bit) of the readout line a neuron's amplifier drives, `at` in cycles (fractions allowed, not
   * later than nextEventCycle()); a pure look.
   */
  madcNeuron(neuron: number, at: number): number;
  /** Voltage (mV) of the synapses' debug line (0 excitatory, 1 inhibitory): that of the first column on it; 0 if none is. */
  synapticDebugVoltage(line: 0 | 1, at: number): number;
  /** Voltage (mV) of the test line of a CADC branch. */
  testLineVoltage(branch: 0 | 1): number;
  /** Voltage (mV) of the debug line of a hemisphere's drivers: that of the first with `en_readout`; 0 if none has. */
  driverVoltage(hemisphere: number): number;
  /** MADC code of a voltage in mV (debug lines, current DAC) with the converter's noise. */
  madcVoltage(millivolts: number, at: number): number;

  /** Jitter in whole cycles of the `event`-th event on a bus (0..7 PADI); 0 when switched off. */
  routingJitter(bus: number, event: number): number;

  /** Power-up state: every setting 0, every membrane at 0 mV, cycle 0. The die and the noise seed stay. */
  powerUp(): void;
  /** Another seed for the trial noise from the present cycle on. */
  setNoiseSeed(seed: number): void;

  /** Everything that is needed to go on later with the same bits (the die is not in it). */
  save(): AnalogSnapshot;
  /** Goes on from a snapshot of a core with the same die and constants. @throws AnalogSnapshotError for another version */
  load(snapshot: AnalogSnapshot): void;

  /** For traces and tests: a physical quantity now, without changing anything. */
  membrane(neuron: number): number;
  synapticLine(neuron: number, line: 0 | 1): number;
  adaptation(neuron: number): number;
  /** Accumulated correlation in CADC counts: branch 0 causal, 1 acausal. */
  correlation(synapse: number, branch: 0 | 1): number;
}
