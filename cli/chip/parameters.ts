/** What is drawn for a virtual chip: every parameter with its law, and its values on one die. */
import { log } from '../../isa/numeric/elementary.js';
import type { AnalogConstants } from '../../emulator/analog/constants.js';
import type { Die } from '../../emulator/analog/core.js';
import { FixedPattern, type NeuronPattern } from '../../emulator/analog/die.js';

/** Spread of a law: standard deviations of the parts, and of what noise changes from trial to trial. */
export interface Law {
  readonly quadrant: number;
  readonly instance: number;
  readonly trial: number;
}

export interface DrawnParameter {
  readonly name: string;
  /** Unit of the values; "ln" is the natural logarithm of a factor. */
  readonly unit: string;
  readonly about: string;
  readonly tag: 'C' | 'A' | 'C, A';
  readonly law: Law;
  /** Value of every instance and its quadrant. */
  readonly values: Float64Array;
  readonly quadrants: Uint8Array;
  /** How the instances lie on the chip, for maps; none: a sample. */
  readonly shape: 'neurons' | 'channels' | 'sample';
}

const neurons = 512;
/** Synapses and sensors are too many to be shown one by one: every 37th row and column pair is. */
const synapseStep = 37;

const neuronQuadrants = Uint8Array.from({ length: neurons }, (_, n) => n >> 7);
const root = (...parts: readonly number[]): number =>
  Math.sqrt(parts.reduce((sum, part) => sum + part * part, 0));

/** All parameters of a die. `law` residual: what calibration leaves. */
export function drawnParameters(
  die: Exclude<Die, 'ideal'>,
  k: AnalogConstants,
): readonly DrawnParameter[] {
  const pattern = new FixedPattern(die, k);
  return [...potentials(pattern, die, k), ...factors(pattern, die, k), ...arrays(pattern, die, k)];
}

function potentials(
  pattern: FixedPattern,
  die: { law: string },
  k: AnalogConstants,
): DrawnParameter[] {
  const p = pattern.neurons;
  const residual = die.law === 'residual';
  const shift = (
    name: string,
    about: string,
    values: Float64Array,
    quadrant: number,
    instance: number,
    left: number,
    trial: number,
    unit = 'mV',
    tag: DrawnParameter['tag'] = 'C',
  ): DrawnParameter => ({
    name,
    unit,
    about,
    tag,
    values,
    quadrants: neuronQuadrants,
    shape: 'neurons',
    law: residual ? { quadrant: 0, instance: left, trial } : { quadrant, instance, trial },
  });
  const counts = k.potentialResidual * k.cadcStep;
  // Potentials of the common working point, in mV: leak 420, reset 375, threshold 622.5, V_T half-way, E_w as the leak.
  return [
    shift(
      'E_l',
      'leak potential',
      p.leakShift,
      k.leakQuadrant,
      k.leakInstance,
      counts,
      root(420 * k.drift, k.membraneNoise),
    ),
    shift(
      'V_r',
      'reset potential',
      p.resetShift,
      k.resetQuadrant,
      k.resetInstance,
      counts,
      root(375 * k.drift, k.membraneNoise),
    ),
    shift(
      'V_th',
      'threshold',
      p.thresholdShift,
      k.thresholdQuadrant,
      k.thresholdInstance,
      counts,
      root(622.5 * k.drift, 202.5 * k.thresholdRun, k.thresholdNoise),
    ),
    shift(
      'V_T',
      'onset of the exponential term',
      p.exponentialShift,
      k.otherShiftQuadrant,
      k.otherShiftInstance,
      k.otherShiftResidual * k.cadcStep,
      520 * k.drift,
      'mV',
      'A',
    ),
    shift(
      'E_w',
      'reference of the adaptation',
      p.adaptationShift,
      k.otherShiftQuadrant,
      k.otherShiftInstance,
      k.otherShiftResidual * k.cadcStep,
      420 * k.drift,
      'mV',
      'A',
    ),
    shift(
      'shift_E',
      'shift code of zero offset, excitatory',
      p.excitatoryShift,
      k.shiftQuadrant,
      k.shiftInstance,
      k.shiftResidual,
      0,
      'codes',
    ),
    shift(
      'shift_I',
      'shift code of zero offset, inhibitory',
      p.inhibitoryShift,
      k.shiftQuadrant,
      k.shiftInstance,
      k.shiftResidual,
      0,
      'codes',
    ),
  ];
}

function factors(
  pattern: FixedPattern,
  die: { law: string },
  k: AnalogConstants,
): DrawnParameter[] {
  const p: NeuronPattern = pattern.neurons;
  const residual = die.law === 'residual';
  const factor = (
    name: string,
    about: string,
    values: Float64Array,
    law: { quadrant: number; instance: number },
    trial: number,
    tag: DrawnParameter['tag'] = 'C',
  ): DrawnParameter => ({
    name,
    unit: 'ln',
    about,
    tag,
    values: values.map((x) => log(x)),
    quadrants: neuronQuadrants,
    shape: 'neurons',
    law: { ...law, trial },
  });
  /** After calibration; `withC`: what is left hides the capacitance, so that tau or amplitude come out. */
  const spread = (
    quadrant: number,
    instance: number,
    left: number,
    withC = false,
  ): { quadrant: number; instance: number } =>
    residual
      ? withC
        ? { quadrant: k.capacitanceQuadrant, instance: root(left, k.capacitanceInstance) }
        : { quadrant: 0, instance: left }
      : { quadrant, instance };
  const other = spread(k.otherQuadrant, k.otherInstance, k.otherResidual);
  return [
    factor(
      'g_l',
      'leak conductance',
      p.conductance,
      spread(k.conductanceQuadrant, k.conductanceInstance, k.conductanceResidual, true),
      k.drift,
    ),
    factor(
      'tau_E',
      'time constant of the excitatory input',
      p.excitatoryTime,
      spread(k.synapticTimeQuadrant, k.synapticTimeInstance, k.synapticTimeResidual),
      k.drift,
    ),
    factor(
      'tau_I',
      'time constant of the inhibitory input',
      p.inhibitoryTime,
      spread(k.synapticTimeQuadrant, k.synapticTimeInstance, k.synapticTimeResidual),
      k.drift,
    ),
    factor(
      'gain_E',
      'gain of the excitatory input',
      p.excitatoryGain,
      spread(k.lineGainQuadrant, k.lineGainInstance, k.lineGainResidual, true),
      root(k.drift, k.eventNoise),
    ),
    factor(
      'gain_I',
      'gain of the inhibitory input',
      p.inhibitoryGain,
      spread(k.lineGainQuadrant, k.lineGainInstance, k.lineGainResidual, true),
      root(k.drift, k.eventNoise),
    ),
    factor(
      'C',
      'membrane capacitance',
      p.capacitance,
      { quadrant: k.capacitanceQuadrant, instance: k.capacitanceInstance },
      0,
      'A',
    ),
    factor('D_T', 'slope of the exponential term', p.slopeFactor, other, k.drift, 'A'),
    factor('tau_w', 'time constant of the adaptation', p.adaptationTime, other, k.drift, 'A'),
    factor('a', 'adaptation conductance', p.adaptationConductance, other, k.drift, 'A'),
    factor('b', 'adaptation step', p.adaptationStep, other, k.drift, 'A'),
    factor('I_off', 'offset current', p.offsetCurrent, other, k.drift, 'A'),
    factor('g_icc', 'compartment conductance', p.compartment, other, k.drift, 'A'),
  ];
}

function arrays(pattern: FixedPattern, die: { law: string }, k: AnalogConstants): DrawnParameter[] {
  const residual = die.law === 'residual';
  const places: number[] = [];
  for (let row = 0; row < 512; row += 3)
    for (let column = row % synapseStep; column < 256; column += synapseStep)
      places.push(row * 256 + column);
  const synapseQuadrants = Uint8Array.from(places, (s) => 2 * (s >> 16) + ((s & 255) >> 7));
  const sample = (
    name: string,
    unit: string,
    about: string,
    tag: DrawnParameter['tag'],
    law: Law,
    value: (synapse: number) => number,
  ): DrawnParameter => ({
    name,
    unit,
    about,
    tag,
    law,
    values: Float64Array.from(places, value),
    quadrants: synapseQuadrants,
    shape: 'sample',
  });
  const quadrant = (sd: number): number => (residual ? 0 : sd);
  // Two gradients over the array, uniform between the borders: SD of their sum, before it is cut off.
  const gradient = k.sensorGradient * 0.72;
  const amplitude = {
    quadrant: quadrant(k.sensorAmplitudeQuadrant),
    instance: root(k.sensorAmplitudeSynapse, k.sensorAmplitudeBranch, gradient),
    trial: 0,
  };
  const time = {
    quadrant: quadrant(k.sensorTimeQuadrant),
    instance: root(k.sensorTimeSynapse, k.sensorTimeBranch),
    trial: 0,
  };
  return [
    sample(
      'e_syn',
      '1',
      'gain error of a synapse',
      'A',
      { quadrant: 0, instance: k.synapseGain, trial: k.eventNoise },
      (s) => pattern.synapseGain(s) - 1,
    ),
    sample(
      'INL',
      'LSB',
      'nonlinearity of a weight of 16, where it is largest',
      'A',
      { quadrant: 0, instance: k.weightInl, trial: 0 },
      (s) => pattern.effectiveWeight(s, 16) / pattern.synapseGain(s) - 16,
    ),
    sample('A_causal', 'ln', 'amplitude of the causal sensor', 'C, A', amplitude, (s) =>
      log(pattern.sensorAmplitude(s, 0) || 1e-3),
    ),
    sample('A_acausal', 'ln', 'amplitude of the acausal sensor', 'C, A', amplitude, (s) =>
      log(pattern.sensorAmplitude(s, 1) || 1e-3),
    ),
    sample('tau_causal', 'ln', 'time constant of the causal sensor', 'C, A', time, (s) =>
      log(pattern.sensorTime(s, 0)),
    ),
    sample('tau_acausal', 'ln', 'time constant of the acausal sensor', 'C, A', time, (s) =>
      log(pattern.sensorTime(s, 1)),
    ),
    sample(
      'baseline',
      'counts',
      'sensor code after a reset',
      'A',
      { quadrant: 0, instance: k.sensorBaselineSd, trial: k.cadcNoise },
      (s) => pattern.sensorBaseline(s, 0),
    ),
    {
      name: 'o_d',
      unit: 'codes',
      about: 'offset of a synapse driver',
      tag: 'A',
      shape: 'sample',
      law: residual
        ? { quadrant: 0, instance: k.driverResidual, trial: 0 }
        : { quadrant: k.driverQuadrant, instance: k.driverInstance, trial: 0 },
      values: Float64Array.from({ length: 256 }, (_, i) => pattern.driverOffset(i)),
      quadrants: Uint8Array.from({ length: 256 }, (_, i) => 2 * (i >> 7) + (i & 1)),
    },
    {
      name: 'off_ch',
      unit: 'counts',
      about: 'offset of a converter channel',
      tag: 'C, A',
      shape: 'channels',
      law: residual
        ? { quadrant: 0, instance: k.cadcOffsetResidual, trial: k.cadcNoise }
        : { quadrant: k.cadcOffsetQuadrant, instance: k.cadcOffsetInstance, trial: k.cadcNoise },
      values: Float64Array.from({ length: 1024 }, (_, i) => pattern.cadcOffset(i)),
      quadrants: channelQuadrants,
    },
    {
      name: 'gain_ch',
      unit: '1',
      about: 'gain error of a converter channel',
      tag: 'A',
      shape: 'channels',
      law: { quadrant: 0, instance: k.cadcGainSd, trial: 0 },
      values: Float64Array.from({ length: 1024 }, (_, i) => pattern.cadcGain(i) - 1),
      quadrants: channelQuadrants,
    },
    // Calibration has absorbed what cells are off.
    ...(residual ? [] : [cells(pattern, k)]),
  ];
}

const channelQuadrants = Uint8Array.from(
  { length: 1024 },
  (_, i) => 2 * (i >> 9) + ((i & 255) >> 7),
);

/** Every fifth cell of the parameter memory, over its 4 blocks of 24 rows and 130 columns. */
function cells(pattern: FixedPattern, k: AnalogConstants): DrawnParameter {
  const step = 5;
  const perBlock = 24 * 130;
  const count = (4 * perBlock) / step;
  return {
    name: 'cell',
    unit: 'codes',
    about: 'offset of a cell of the parameter memory',
    tag: 'A',
    shape: 'sample',
    law: { quadrant: 0, instance: k.cellOffsetSd, trial: k.rippleSd },
    values: Float64Array.from({ length: count }, (_, i) => pattern.cellOffset(step * i)),
    quadrants: Uint8Array.from({ length: count }, (_, i) => Math.floor((step * i) / perBlock)),
  };
}

/** Blocks of the sensor map along rows and columns of a half. */
export const mapSide = 32;
const perBlock = 256 / mapSide;

/** Mean ln amplitude of the causal sensors in blocks of 8 x 8 synapses: hemisphere, row block, column block. */
export function sensorMap(die: Exclude<Die, 'ideal'>, k: AnalogConstants): Float64Array {
  const pattern = new FixedPattern(die, k);
  return Float64Array.from({ length: 2 * mapSide * mapSide }, (_, block) => {
    const hemisphere = Math.floor(block / (mapSide * mapSide));
    const row = (Math.floor(block / mapSide) % mapSide) * perBlock;
    const column = (block % mapSide) * perBlock;
    let sum = 0;
    for (let i = 0; i < perBlock; i++)
      for (let j = i % 2; j < perBlock; j += 2)
        sum += log(
          pattern.sensorAmplitude(hemisphere * 65536 + (row + i) * 256 + column + j, 0) || 1e-3,
        );
    return sum / ((perBlock * perBlock) / 2);
  });
}
