/** What the converters see: the outputs of neurons and sensors as voltages, for one cycle and without changing anything. */
import type { AnalogConstants } from './constants.js';
import type { Converters } from './converters.js';
import { COLUMNS } from './core.js';
import { Row, type Settings } from './settings.js';
import { synapseAt } from './synapses.js';

/** A look at neurons: `evaluate` leaves the state of one at a cycle in the fields. */
export interface NeuronView {
  readonly atV: number;
  readonly atExcitatory: number;
  readonly atInhibitory: number;
  readonly atW: number;
  evaluate(n: number, t: number): void;
  /** A membrane with its noise, as comparator and converters see it. */
  noisy(n: number, t: number, v: number): number;
}

/** A look at sensors: what one shows, in counts. */
export interface SensorView {
  shown(synapse: number, branch: 0 | 1): number;
  /** What it shows after a reset. */
  fresh(synapse: number, branch: 0 | 1): number;
}

export class Readouts {
  constructor(
    private readonly settings: Settings,
    private readonly constants: AnalogConstants,
    private readonly sensors: SensorView,
    private readonly neurons: NeuronView,
    private readonly converters: Converters,
  ) {}

  /** Codes of all columns of a hemisphere with synapse row `row` connected. */
  convertRow(
    hemisphere: number,
    row: number,
    causal: Uint8Array,
    acausal: Uint8Array,
    t: number,
  ): void {
    const { converters, settings, constants } = this;
    const idle = converters.voltageOfCounts(constants.sensorBaseline);
    const testCausal = this.testLine(0);
    const testAcausal = this.testLine(1);
    for (let half = 0; half < 2; half++) {
      const block = 2 * hemisphere + half;
      const origin = converters.rampOrigin(block);
      const step = converters.rampStep(block);
      for (let column = half * 128; column < half * 128 + 128; column++) {
        const n = hemisphere * COLUMNS + column;
        const s = settings.columns[n]!;
        const synapse = synapseAt(hemisphere, row, column);
        const channel = hemisphere * 512 + column;
        const atCausal =
          s.enable_cadc_neuron_readout_causal !== 0
            ? this.voltage(n, t)
            : s.enable_internal_causal !== 0
              ? converters.voltageOfCounts(this.sensors.shown(synapse, 0))
              : s.enable_debug_causal !== 0
                ? testCausal
                : idle;
        causal[column] = converters.cadc(channel, atCausal, origin, step, t);
        const atAcausal =
          s.enable_cadc_neuron_readout_acausal !== 0
            ? this.voltage(n, t)
            : s.enable_internal_acausal !== 0
              ? converters.voltageOfCounts(this.sensors.shown(synapse, 1))
              : s.enable_debug_acausal !== 0
                ? testAcausal
                : idle;
        acausal[column] = converters.cadc(channel + 256, atAcausal, origin, step, t);
      }
    }
  }

  /** Codes of the sensors of a row on one branch as they are after a reset. */
  convertResets(
    hemisphere: number,
    row: number,
    branch: 0 | 1,
    codes: Uint8Array,
    t: number,
  ): void {
    const { converters } = this;
    for (let column = 0; column < COLUMNS; column++) {
      const block = 2 * hemisphere + (column >> 7);
      const baseline = this.sensors.fresh(synapseAt(hemisphere, row, column), branch);
      codes[column] = converters.cadc(
        hemisphere * 512 + branch * 256 + column,
        converters.voltageOfCounts(baseline),
        converters.rampOrigin(block),
        converters.rampStep(block),
        t,
      );
    }
  }

  /** Voltage (mV) of the test line of a CADC branch: what drives it, or that of fresh sensors. */
  testLine(branch: 0 | 1): number {
    const idle = this.converters.voltageOfCounts(this.constants.sensorBaseline);
    return this.settings.debugVoltage(branch) ?? idle;
  }

  /** Voltage (mV) of the first column whose line (0 excitatory, 1 inhibitory) is on the debug line; 0 if none is. */
  synapticDebug(line: 0 | 1, at: number): number {
    const n = this.settings.columns.findIndex(
      (s) => (line === 0 ? s.enable_debug_excitatory : s.enable_debug_inhibitory) !== 0,
    );
    if (n < 0) return 0;
    this.neurons.evaluate(n, at);
    return this.lineVoltage(line === 0 ? this.neurons.atExcitatory : this.neurons.atInhibitory);
  }

  /** Inputs pull a line down. */
  private lineVoltage(state: number): number {
    const k = this.constants;
    return Math.max(k.lineMinimum, k.lineRest - k.lineDrop * state);
  }

  /** Voltage (mV) at the output of a neuron's readout amplifier; 0 while the amplifier is off. */
  voltage(n: number, at: number): number {
    const config = this.settings.neurons[n]!;
    if (config.en_readout_amp === 0) return 0;
    const k = this.constants;
    const neurons = this.neurons;
    neurons.evaluate(n, at);
    switch (config.readout_select) {
      case 1:
        return this.lineVoltage(neurons.atExcitatory);
      case 2:
        return this.lineVoltage(neurons.atInhibitory);
      case 3:
        return (
          this.settings.voltage(this.settings.neuronCode(n, Row.v_adapt_ref)) -
          k.adaptationShift +
          neurons.atW / k.adaptationReadout
        );
      default:
        return neurons.noisy(n, at, neurons.atV);
    }
  }
}
