/**
 * The fixed pattern of a virtual chip: what its seed makes of every neuron, synapse, sensor, driver and converter channel.
 *
 * Every value is a pure function of (seed, parameter, level, index), so one neuron can be asked without drawing the chip,
 * and a new parameter never changes an existing chip. Deviates are cut off at four standard deviations.
 */
import { exp, sin } from '../../isa/numeric/elementary.js';
import {
  streamKey,
  truncatedNormalAt,
  uniformAt,
  type StreamKey,
} from '../../isa/numeric/random.js';
import type { AnalogConstants, ConstantName } from './constants.js';
import { NEURONS, type Die } from './core.js';

const LIMIT = 4;

/** What distinguishes the neuron circuits from the nominal one; shifts add, factors multiply. All of length 512. */
export interface NeuronPattern {
  readonly leakShift: Float64Array;
  readonly resetShift: Float64Array;
  readonly thresholdShift: Float64Array;
  readonly conductance: Float64Array;
  readonly capacitance: Float64Array;
  readonly excitatoryTime: Float64Array;
  readonly inhibitoryTime: Float64Array;
  readonly excitatoryGain: Float64Array;
  readonly inhibitoryGain: Float64Array;
  readonly excitatoryShift: Float64Array;
  readonly inhibitoryShift: Float64Array;
  readonly slopeFactor: Float64Array;
  readonly adaptationTime: Float64Array;
  readonly adaptationConductance: Float64Array;
  readonly adaptationStep: Float64Array;
  readonly offsetCurrent: Float64Array;
  readonly compartment: Float64Array;
  readonly exponentialShift: Float64Array;
  readonly adaptationShift: Float64Array;
  /** 1: the circuit never spikes. */
  readonly dead: Uint8Array;
}

/** Quadrant (parameter-memory block) of a neuron or of a synapse column. */
export function quadrantOf(hemisphere: number, column: number): number {
  return 2 * hemisphere + (column >> 7);
}

/** Lower triangular factor of a correlation matrix, row by row. */
export function choleskyFactor(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const factor: number[][] = [];
  for (let i = 0; i < n; i++) {
    const line: number[] = [];
    for (let j = 0; j <= i; j++) {
      const other = j === i ? line : (factor[j] ?? []);
      let sum = matrix[i]?.[j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (line[k] ?? 0) * (other[k] ?? 0);
      line.push(j === i ? Math.sqrt(sum) : sum / (other[j] ?? 1));
    }
    factor.push(line);
  }
  return factor;
}

/** Published correlations inside quadrants, in the sign of the circuit (not of the code that cures it). */
const POTENTIALS = choleskyFactor([
  [1, 0.61, 0.21, -0.25],
  [0.61, 1, 0.28, 0],
  [0.21, 0.28, 1, 0],
  [-0.25, 0, 0, 1],
]);
const INPUTS = choleskyFactor([
  [1, 0.42, 0.28],
  [0.42, 1, 0],
  [0.28, 0, 1],
]);

/** A die; `undefined` seed draws nothing (the ideal chip). */
export class FixedPattern {
  readonly neurons: NeuronPattern;
  readonly ideal: boolean;
  readonly calibrated: boolean;
  private readonly seed: number;
  private readonly defects: boolean;
  private readonly constants: AnalogConstants;
  private readonly keys = new Map<string, StreamKey>();
  private readonly synapseKey: StreamKey;
  private readonly inlKey: StreamKey;
  private readonly sensorKeys: readonly StreamKey[];
  /** Gains of blocks and offsets of cells as drawn so far; NaN: not yet. Settings ask for them at every change. */
  private readonly cellGains = new Float64Array(4).fill(NaN);
  private readonly cellOffsets = new Float64Array(4 * 24 * 130).fill(NaN);

  constructor(die: Die, constants: AnalogConstants) {
    this.ideal = die === 'ideal';
    this.seed = die === 'ideal' ? 0 : die.seed;
    this.calibrated = die !== 'ideal' && die.law === 'residual';
    this.defects = die !== 'ideal' && die.defects === true;
    this.constants = constants;
    this.synapseKey = this.key('synapse gain', 'instance');
    this.inlKey = this.key('weight curve', 'instance');
    this.sensorKeys = ['amplitude', 'tau'].flatMap((what) =>
      ['synapse', 'causal', 'acausal'].map((level) => this.key(`sensor ${what}`, level)),
    );
    this.neurons = this.drawNeurons();
  }

  /** Standard normal of one parameter at one level and index, cut off at 4. */
  deviate(name: string, level: string, index: number): number {
    return truncatedNormalAt(this.key(name, level), index, LIMIT);
  }

  private key(name: string, level: string): StreamKey {
    const text = `${name}/${level}`;
    let key = this.keys.get(text);
    if (key === undefined) {
      key = streamKey(this.seed, text);
      this.keys.set(text, key);
    }
    return key;
  }

  /** Deviate that neighbouring columns share in part. */
  private neighbourly(name: string, neuron: number): number {
    const c = this.constants;
    const base = (neuron >> 8) * 1024 + (neuron & 255);
    let sum = 0;
    for (let d = 0; d < 5; d++) sum += this.deviate(name, 'column neighbourhood', base + d);
    const mean = sum / Math.sqrt(5);
    const size = Math.sqrt(c.neighbourOwn * c.neighbourOwn + c.neighbourMean * c.neighbourMean);
    return (
      (c.neighbourOwn * this.deviate(name, 'instance', neuron) + c.neighbourMean * mean) / size
    );
  }

  private drawNeurons(): NeuronPattern {
    const c = this.constants;
    const shift = (): Float64Array => new Float64Array(NEURONS);
    const factor = (): Float64Array => new Float64Array(NEURONS).fill(1);
    const p: NeuronPattern = {
      leakShift: shift(),
      resetShift: shift(),
      thresholdShift: shift(),
      conductance: factor(),
      capacitance: factor(),
      excitatoryTime: factor(),
      inhibitoryTime: factor(),
      excitatoryGain: factor(),
      inhibitoryGain: factor(),
      excitatoryShift: shift(),
      inhibitoryShift: shift(),
      slopeFactor: factor(),
      adaptationTime: factor(),
      adaptationConductance: factor(),
      adaptationStep: factor(),
      offsetCurrent: factor(),
      compartment: factor(),
      exponentialShift: shift(),
      adaptationShift: shift(),
      dead: new Uint8Array(NEURONS),
    };
    if (this.ideal) return p;
    const others = [
      ['slope factor', p.slopeFactor],
      ['adaptation time', p.adaptationTime],
      ['adaptation conductance', p.adaptationConductance],
      ['adaptation step', p.adaptationStep],
      ['offset current', p.offsetCurrent],
      ['compartment conductance', p.compartment],
    ] as const;
    const otherShifts = [
      ['exponential voltage', p.exponentialShift],
      ['adaptation voltage', p.adaptationShift],
    ] as const;
    for (let n = 0; n < NEURONS; n++) {
      const q = quadrantOf(n >> 8, n & 255);
      p.capacitance[n] =
        1 +
        c.capacitanceQuadrant * this.deviate('capacitance', 'quadrant', q) +
        c.capacitanceInstance * this.deviate('capacitance', 'instance', n);
      if (this.calibrated) this.drawResidual(p, n);
      else this.drawUncalibrated(p, n, q);
      for (const [name, target] of others)
        target[n] = exp(this.spread(name, q, n, 'otherQuadrant', 'otherInstance', c.otherResidual));
      for (const [name, target] of otherShifts)
        target[n] = this.spread(
          name,
          q,
          n,
          'otherShiftQuadrant',
          'otherShiftInstance',
          c.otherShiftResidual * c.cadcStep,
        );
      if (this.defects)
        p.dead[n] = uniformAt(this.key('dead neuron', 'instance'), n) < c.deadNeurons ? 1 : 0;
    }
    return p;
  }

  /** Spread of one parameter: quadrant and instance parts before calibration, the residual after it. */
  private spread(
    name: string,
    quadrant: number,
    index: number,
    quadrantSd: ConstantName,
    instanceSd: ConstantName,
    residual: number,
  ): number {
    if (this.ideal) return 0;
    if (this.calibrated) return residual * this.deviate(name, 'residual', index);
    const c = this.constants;
    return (
      c[quadrantSd] * this.deviate(name, 'quadrant', quadrant) +
      c[instanceSd] * this.deviate(name, 'instance', index)
    );
  }

  private drawResidual(p: NeuronPattern, n: number): void {
    const c = this.constants;
    const z = (name: string): number => this.deviate(name, 'residual', n);
    const potential = c.potentialResidual * c.cadcStep;
    p.leakShift[n] = potential * z('leak');
    p.resetShift[n] = potential * z('reset');
    p.thresholdShift[n] = potential * z('threshold');
    p.conductance[n] = exp(c.conductanceResidual * z('conductance')) * (p.capacitance[n] ?? 1);
    p.excitatoryTime[n] = exp(c.synapticTimeResidual * z('excitatory time'));
    p.inhibitoryTime[n] = exp(c.synapticTimeResidual * z('inhibitory time'));
    p.excitatoryGain[n] = exp(c.lineGainResidual * z('excitatory gain')) * (p.capacitance[n] ?? 1);
    p.inhibitoryGain[n] = exp(c.lineGainResidual * z('inhibitory gain')) * (p.capacitance[n] ?? 1);
    p.excitatoryShift[n] = c.shiftResidual * z('excitatory shift');
    p.inhibitoryShift[n] = c.shiftResidual * z('inhibitory shift');
  }

  private drawUncalibrated(p: NeuronPattern, n: number, q: number): void {
    const c = this.constants;
    const zq = (name: string): number => this.deviate(name, 'quadrant', q);
    const group = (names: readonly string[], factor: number[][], neighbours: boolean): number[] => {
      const own = names.map((name) =>
        neighbours ? this.neighbourly(name, n) : this.deviate(name, 'instance', n),
      );
      return factor.map((line) => line.reduce((sum, x, j) => sum + x * (own[j] ?? 0), 0));
    };
    const [leak = 0, reset = 0, threshold = 0, conductance = 0] = group(
      ['leak', 'reset', 'threshold', 'conductance'],
      POTENTIALS,
      true,
    );
    p.leakShift[n] = c.leakQuadrant * zq('leak') + c.leakInstance * leak;
    p.resetShift[n] = c.resetQuadrant * zq('reset') + c.resetInstance * reset;
    p.thresholdShift[n] = c.thresholdQuadrant * zq('threshold') + c.thresholdInstance * threshold;
    p.conductance[n] = exp(
      c.conductanceQuadrant * zq('conductance') + c.conductanceInstance * conductance,
    );
    const time = (name: string): number =>
      exp(c.synapticTimeQuadrant * zq(name) + c.synapticTimeInstance * this.neighbourly(name, n));
    p.excitatoryTime[n] = time('excitatory time');
    p.inhibitoryTime[n] = time('inhibitory time');
    const [excitatory = 0, inhibitory = 0, shift = 0] = group(
      ['excitatory gain', 'inhibitory gain', 'excitatory shift'],
      INPUTS,
      false,
    );
    const common = c.lineGainQuadrant * zq('line gain');
    p.excitatoryGain[n] = exp(common + c.lineGainInstance * excitatory);
    p.inhibitoryGain[n] = exp(common + c.lineGainInstance * inhibitory);
    p.excitatoryShift[n] = c.shiftQuadrant * zq('excitatory shift') + c.shiftInstance * shift;
    p.inhibitoryShift[n] =
      c.shiftQuadrant * zq('inhibitory shift') +
      c.shiftInstance * this.deviate('inhibitory shift', 'instance', n);
  }

  /** Gain of one synapse (1 on the ideal chip). */
  synapseGain(synapse: number): number {
    if (this.ideal) return 1;
    return 1 + this.constants.synapseGain * truncatedNormalAt(this.synapseKey, synapse, LIMIT);
  }

  /** Effective weight in LSB of a 6-bit weight at one synapse, its static nonlinearity included; 0 stays 0. */
  effectiveWeight(synapse: number, weight: number): number {
    if (this.ideal || weight === 0) return weight;
    const k = truncatedNormalAt(this.inlKey, synapse, LIMIT);
    const bent = weight + this.constants.weightInl * k * sin((2 * Math.PI * weight) / 64);
    return this.synapseGain(synapse) * (bent > 0 ? bent : 0);
  }

  /** Factor of a sensor's amplitude; branch 0 causal, 1 acausal. 0 where the sensor is dead. */
  sensorAmplitude(synapse: number, branch: 0 | 1): number {
    if (this.ideal) return 1;
    const c = this.constants;
    if (this.defects && uniformAt(this.key('dead sensor', 'instance'), synapse) < c.deadSensors)
      return 0;
    const [common, causal, acausal] = this.sensorKeys as [StreamKey, StreamKey, StreamKey];
    const column = synapse & 255;
    const row = (synapse >> 8) & 255;
    const slope =
      (this.deviate('sensor gradient', 'left-right', synapse >> 16) * (column - 127.5)) / 127.5 +
      (this.deviate('sensor gradient', 'top-bottom', synapse >> 16) * (row - 127.5)) / 127.5;
    return (
      exp(
        this.sensorQuadrant('sensor amplitude', synapse, c.sensorAmplitudeQuadrant) +
          c.sensorAmplitudeSynapse * truncatedNormalAt(common, synapse, LIMIT) +
          c.sensorAmplitudeBranch *
            truncatedNormalAt(branch === 0 ? causal : acausal, synapse, LIMIT),
      ) *
      (1 + Math.max(-1, Math.min(1, slope)) * c.sensorGradient)
    );
  }

  /** Factor of a sensor's time constant. */
  sensorTime(synapse: number, branch: 0 | 1): number {
    if (this.ideal) return 1;
    const c = this.constants;
    const common = this.sensorKeys[3] as StreamKey;
    const own = this.sensorKeys[4 + branch] as StreamKey;
    return exp(
      this.sensorQuadrant('sensor tau', synapse, c.sensorTimeQuadrant) +
        c.sensorTimeSynapse * truncatedNormalAt(common, synapse, LIMIT) +
        c.sensorTimeBranch * truncatedNormalAt(own, synapse, LIMIT),
    );
  }

  /** Calibration puts the median of a quadrant on target, so that its part is gone. */
  private sensorQuadrant(name: string, synapse: number, sd: number): number {
    if (this.calibrated) return 0;
    return sd * this.deviate(name, 'quadrant', quadrantOf(synapse >> 16, synapse & 255));
  }

  /** Sensor code after a reset, in counts above the nominal baseline. */
  sensorBaseline(synapse: number, branch: 0 | 1): number {
    if (this.ideal) return 0;
    return this.constants.sensorBaselineSd * this.deviate('sensor baseline', `${branch}`, synapse);
  }

  /** Offset of a synapse driver in codes of the driver voltage; index = hemisphere * 128 + driver. */
  driverOffset(index: number): number {
    const quadrant = 2 * (index >> 7) + (index & 1);
    return this.spread(
      'driver offset',
      quadrant,
      index,
      'driverQuadrant',
      'driverInstance',
      this.constants.driverResidual,
    );
  }

  /** Offset of a CADC channel in counts; index = hemisphere * 512 + channel * 256 + column. */
  cadcOffset(index: number): number {
    return this.spread(
      'cadc offset',
      quadrantOf(index >> 9, index & 255),
      index,
      'cadcOffsetQuadrant',
      'cadcOffsetInstance',
      this.constants.cadcOffsetResidual,
    );
  }

  /** Gain factor of a CADC channel. */
  cadcGain(index: number): number {
    if (this.ideal) return 1;
    return 1 + this.constants.cadcGainSd * this.deviate('cadc gain', 'instance', index);
  }

  /** Factor of a parameter-memory block and shift of one of its cells, in codes; none once calibrated. */
  cellGain(block: number): number {
    if (this.ideal || this.calibrated) return 1;
    let gain = this.cellGains[block] ?? 1;
    if (Number.isNaN(gain)) {
      gain = 1 + this.constants.blockGainSd * this.deviate('cell gain', 'block', block);
      this.cellGains[block] = gain;
    }
    return gain;
  }

  cellOffset(cell: number): number {
    if (this.ideal || this.calibrated) return 0;
    let offset = this.cellOffsets[cell] ?? 0;
    if (Number.isNaN(offset)) {
      offset = this.constants.cellOffsetSd * this.deviate('cell offset', 'instance', cell);
      this.cellOffsets[cell] = offset;
    }
    return offset;
  }
}
