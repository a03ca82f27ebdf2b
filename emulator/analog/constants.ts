/**
 * The assumed and read constants of the analog core in one table, so that a measurement can replace any of them.
 *
 * Tags: C read in a public source of the chip's makers, P published and seen, R recalled from a publication,
 * A assumed here. Units: mV, pF, nA, uS, nS, us, counts (CADC), codes (parameter memory).
 */

/** Raise when a default or the meaning of a constant changes: it is part of a virtual chip's identity. */
export const CONSTANTS_VERSION = 1;

export interface ConstantRow {
  readonly value: number;
  readonly unit: string;
  readonly tag: 'C' | 'P' | 'R' | 'A';
  readonly about: string;
}

const row = (value: number, unit: string, tag: ConstantRow['tag'], about: string): ConstantRow => ({
  value,
  unit,
  tag,
  about,
});

export const CONSTANT_TABLE = {
  // Parameter memory.
  voltageBase: row(18.75, 'mV', 'C', 'voltage of code 0'),
  voltagePerCode: row(1.875, 'mV', 'C', 'voltage step of one code'),
  crosstalk: row(
    2,
    'codes',
    'A',
    'shift of a cell when all 128 cells of its row hold the same code',
  ),
  cellOffsetSd: row(2, 'codes', 'A', 'spread of a cell'),
  blockGainSd: row(0.01, '1', 'A', 'spread of the gain of a block'),
  refreshPeriod: row(1000, 'us', 'A', 'time between two refreshes of all cells'),
  settlingTime: row(4000, 'us', 'A', 'time constant with which a cell follows its code'),
  refreshOffTime: row(50000, 'us', 'A', 'time constant with which a cell without refresh decays'),
  rippleSd: row(0.3, 'codes', 'A', 'ripple of a cell, drawn anew at each refresh'),

  // Membrane.
  capacitanceScale: row(2.2, 'pF', 'C', 'capacitance added by size 63'),
  capacitanceFloor: row(0.2, 'pF', 'A', 'capacitance at size 0'),
  leakShift: row(778, 'mV', 'C', 'v_leak voltage above the leak potential'),
  resetShift: row(770, 'mV', 'C', 'v_reset voltage above the reset potential'),
  thresholdShift: row(13, 'mV', 'C', 'v_threshold voltage above the threshold'),
  leakPerCode: row(2.53, 'nS', 'C', 'leak and reset conductance per code of their bias'),
  conductanceDivision: row(0.125, '1', 'A', 'factor of en_leak_div, en_reset_div'),
  conductanceMultiplication: row(8, '1', 'A', 'factor of en_leak_mul, en_reset_mul'),
  offsetCurrentPerCode: row(0.39, 'nA', 'C', 'offset current per code of i_mem_offset'),
  membraneMinimum: row(0, 'mV', 'A', 'membranes are clamped here'),
  membraneMaximum: row(1200, 'mV', 'A', 'membranes are clamped here'),

  // Exponential term and adaptation.
  exponentialShift: row(600, 'mV', 'A', 'v_exp voltage above V_T'),
  slopeFactor: row(20, 'mV', 'A', 'D_T at i_bias_exp 300'),
  slopeFactorCode: row(300, 'codes', 'A', 'code of that D_T'),
  adaptationTime: row(10000, 'us', 'A', 'tau_w times the code of i_bias_adapt_tau'),
  adaptationConductance: row(1, 'nS', 'A', 'a per code of i_bias_adapt_a'),
  adaptationStep: row(0.1, 'nA', 'A', 'b per code of i_bias_adapt_b'),
  adaptationShift: row(778, 'mV', 'C', 'v_adapt_leak voltage above E_w'),

  // Synaptic inputs.
  excitatoryTime: row(
    503,
    'us',
    'C',
    'tau_syn times the code, small capacitance, normal resistance',
  ),
  inhibitoryTime: row(470, 'us', 'C', 'likewise for the inhibitory line'),
  highResistance: row(6, '1', 'A', 'factor of tau_syn with high resistance'),
  largeCapacitance: row(3, '1', 'A', 'factor of tau_syn with the large line capacitance'),
  lineCurrent: row(40, 'nA', 'A', 'current of one full-weight event at gm 500'),
  gmCode: row(500, 'codes', 'C', 'code of that current'),
  dacCode: row(600, 'codes', 'C', 'syn_i_bias_dac at which a full-weight event counts 1'),
  saturation: row(20, 'events', 'A', 'soft limit S of a line; infinite on the ideal chip'),
  excitatoryShiftCode: row(314, 'codes', 'C', 'shift code of zero offset current'),
  inhibitoryShiftCode: row(294, 'codes', 'C', 'likewise for the inhibitory line'),
  shiftCurrent: row(0.02, 'nA', 'A', 'offset current per shift code'),
  bypassThreshold: row(0.5, 'events', 'A', 'line state that fires a bypassed neuron'),
  compartmentPerCode: row(2.4, 'nS', 'A', 'compartment conductance per code of i_bias_nmda'),
  compartmentFactor: row(
    4,
    '1',
    'A',
    'en_comp_cond_mul multiplies, en_comp_cond_div divides by it',
  ),

  // Synapses and drivers.
  weightInl: row(
    0.3,
    'LSB',
    'A',
    'integral nonlinearity of a synapse weight, per standard deviation',
  ),
  stpFull: row(600, 'codes', 'A', 'driver voltage of full amplitude'),
  stpEqual: row(180, 'codes', 'C', 'driver voltage at which offsets are equalised'),
  stpOffsetStep: row(8, 'codes', 'A', 'effect of one step of the driver offset'),
  stpRampCode: row(600, 'codes', 'A', 'stp_i_ramp of gain 1'),
  stpUtilizationBase: row(0.05, '1', 'A', 'U at utilization 0'),
  stpUtilizationStep: row(0.05, '1', 'A', 'U per step'),
  stpRecovery: row(1, 'us', 'A', 'recovery time at recovery 0'),
  stpRecoveryOctaves: row(10, 'octaves', 'A', 'recovery 15 is this many octaves slower'),

  // Correlation sensors.
  sensorTime: row(400, 'us', 'A', 'tau times the code of syn_i_bias_ramp'),
  sensorAmplitude: row(35, 'counts', 'A', 'amplitude times the code of syn_i_bias_store'),
  sensorBaseline: row(205, 'counts', 'A', 'code after a reset'),
  sensorLimit: row(180, 'counts', 'A', 'soft limit X; infinite on the ideal chip'),
  timeTrimStep: row(0.15, '1', 'A', 'tau loses this part per trim step'),
  amplitudeTrimStep: row(0.2, '1', 'A', 'the amplitude gains this part per trim step'),
  sensorGradient: row(
    0.1,
    '1',
    'A',
    'amplitude gradient from the middle to the border of the array',
  ),
  sensorMemory: row(0, '1', 'A', 'part of a trace that never decays (0: none)'),

  // Converters.
  cadcOrigin: row(17, 'mV', 'C', 'ramp offset voltage above the voltage of code 0'),
  cadcStep: row(4.5, 'mV', 'C', 'one count at slope code 369'),
  cadcSlopeCode: row(369, 'codes', 'C', 'slope code of that count'),
  cadcNoise: row(1, 'counts', 'A', 'noise of a conversion, rms'),
  cadcGainSd: row(0.005, '1', 'A', 'gain mismatch between channels'),
  lineRest: row(1000, 'mV', 'A', 'voltage of a synaptic line at rest as read out'),
  lineDrop: row(60, 'mV', 'A', 'drop per full-weight event'),
  lineMinimum: row(200, 'mV', 'A', 'a line reads no lower'),
  adaptationReadout: row(
    1,
    'uS',
    'A',
    'an adaptation current over this is its voltage as read out',
  ),
  madcZero: row(100, 'counts', 'A', 'MADC code of 0 mV'),
  madcSpan: row(700, 'counts', 'A', 'MADC counts per 1200 mV'),
  madcNoise: row(1.5, 'counts', 'A', 'MADC noise, rms'),
  madcInl: row(2, 'counts', 'A', 'integral nonlinearity of the MADC'),

  // Fixed pattern before calibration: quadrant part and instance part.
  leakQuadrant: row(36, 'mV', 'C', 'E_l shift'),
  leakInstance: row(64, 'mV', 'C', 'E_l shift'),
  resetQuadrant: row(43, 'mV', 'C', 'V_r shift'),
  resetInstance: row(61, 'mV', 'C', 'V_r shift'),
  thresholdQuadrant: row(19, 'mV', 'C', 'V_th shift'),
  thresholdInstance: row(27, 'mV', 'C', 'V_th shift'),
  conductanceQuadrant: row(0.047, 'ln', 'C', 'g_l'),
  conductanceInstance: row(0.127, 'ln', 'C', 'g_l'),
  synapticTimeQuadrant: row(0.17, 'ln', 'C', 'tau_syn of a line'),
  synapticTimeInstance: row(0.2, 'ln', 'C', 'tau_syn of a line'),
  lineGainQuadrant: row(0.25, 'ln', 'C', 'gain, one value for both lines'),
  lineGainInstance: row(0.06, 'ln', 'C', 'gain of a line'),
  shiftQuadrant: row(20, 'codes', 'C', 'shift code of zero offset'),
  shiftInstance: row(120, 'codes', 'C', 'shift code of zero offset'),
  capacitanceQuadrant: row(0.01, '1', 'A', 'C'),
  capacitanceInstance: row(0.02, '1', 'A', 'C'),
  otherQuadrant: row(0.05, 'ln', 'A', 'D_T, tau_w, a, b, I_off, g_icc'),
  otherInstance: row(0.15, 'ln', 'A', 'D_T, tau_w, a, b, I_off, g_icc'),
  otherShiftQuadrant: row(15, 'mV', 'A', 'V_T and E_w'),
  otherShiftInstance: row(30, 'mV', 'A', 'V_T and E_w'),
  driverQuadrant: row(20, 'codes', 'A', 'driver offset'),
  driverInstance: row(25, 'codes', 'A', 'driver offset'),
  synapseGain: row(0.08, '1', 'A', 'gain of a synapse; not calibrated'),
  sensorAmplitudeQuadrant: row(0.1, 'ln', 'A', 'sensor amplitude'),
  sensorAmplitudeSynapse: row(0.3, 'ln', 'A', 'sensor amplitude, common to both branches'),
  sensorAmplitudeBranch: row(0.2, 'ln', 'A', 'sensor amplitude of a branch'),
  sensorTimeQuadrant: row(0.1, 'ln', 'A', 'sensor tau'),
  sensorTimeSynapse: row(0.2, 'ln', 'A', 'sensor tau, common to both branches'),
  sensorTimeBranch: row(0.15, 'ln', 'A', 'sensor tau of a branch'),
  sensorBaselineSd: row(5, 'counts', 'A', 'sensor baseline'),
  cadcOffsetQuadrant: row(3, 'counts', 'A', 'CADC channel offset'),
  cadcOffsetInstance: row(9.5, 'counts', 'C', 'CADC channel offset'),
  neighbourOwn: row(0.8, '1', 'A', 'weight of the own draw where neighbours correlate'),
  neighbourMean: row(0.6, '1', 'A', 'weight of the moving average over five columns'),
  deadNeurons: row(0.002, '1', 'A', 'fraction of dead neurons with defects on'),
  deadSensors: row(0.001, '1', 'A', 'fraction of dead sensors with defects on'),

  // What is left after calibration.
  potentialResidual: row(1.5, 'counts', 'A', 'E_l, V_r, V_th'),
  conductanceResidual: row(0.04, 'ln', 'A', 'tau_m'),
  synapticTimeResidual: row(0.03, 'ln', 'A', 'tau_syn'),
  lineGainResidual: row(0.05, 'ln', 'A', 'line gain'),
  shiftResidual: row(10, 'codes', 'A', 'shift code of zero offset'),
  otherResidual: row(0.05, 'ln', 'A', 'D_T, tau_w, a, b, I_off, g_icc'),
  otherShiftResidual: row(2, 'counts', 'A', 'V_T and E_w'),
  driverResidual: row(10, 'codes', 'A', 'driver offset'),
  cadcOffsetResidual: row(1, 'counts', 'A', 'CADC channel offset'),

  // Trial noise.
  membraneNoise: row(1, 'mV', 'A', 'membrane noise, rms; correlation time is tau_m'),
  thresholdNoise: row(2, 'mV', 'A', 'threshold per crossing'),
  thresholdRun: row(0.015, '1', 'C', 'threshold between runs, part of V_th - E_l'),
  eventNoise: row(0.02, '1', 'A', 'amplitude of a synaptic event'),
  routingJitter: row(0.004, 'us', 'A', 'way from a spike to its synapses'),
  drift: row(0.005, '1', 'A', 'slow drift of every neuron parameter'),
  driftTime: row(1e8, 'us', 'A', 'correlation time of the drift'),

  // Temperature.
  temperature: row(0, 'K', 'A', 'how much warmer the chip is than the one of this table'),
  temperatureConductance: row(0.002, '1/K', 'A', 'gain of all conductances'),
  temperatureShift: row(0.5, 'mV/K', 'A', 'shift of all potentials'),

  // Energy meter.
  chipPower: row(0.175, 'W', 'P', 'whole chip while classifying'),
  synapticEventEnergy: row(10, 'pJ', 'A', 'one synaptic event'),
  spikeEnergy: row(50, 'pJ', 'A', 'one spike'),
  processorEnergy: row(1000, 'pJ', 'A', 'a thousand cycles of a processor'),
} as const satisfies Record<string, ConstantRow>;

export type ConstantName = keyof typeof CONSTANT_TABLE;
export type AnalogConstants = Readonly<Record<ConstantName, number>>;

/** The table's values with some of them replaced. */
export function constantsWith(changes: Partial<AnalogConstants> = {}): AnalogConstants {
  const values: Record<string, number> = {};
  for (const [name, entry] of Object.entries(CONSTANT_TABLE)) values[name] = entry.value;
  for (const [name, value] of Object.entries(changes)) {
    if (!(name in CONSTANT_TABLE)) throw new RangeError(`unknown analog constant '${name}'`);
    if (value !== undefined) values[name] = value;
  }
  return values as AnalogConstants;
}
