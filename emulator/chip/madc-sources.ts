/** What the MADC's two multiplexers can see, and which of it a setting of theirs connects. */

import { addressOf, columnsPerHemisphere, decodeContainer } from '../../isa/registers/index.js';
import type { AnalogCore } from '../analog/core.js';
import type { RegisterFile } from './register-file.js';

/** Bits of a multiplexer's word, from the lowest. */
const source = {
  currentDac: 2,
  inhibitoryLine: 3,
  excitatoryLine: 4,
  causalTestLine: 5,
  acausalTestLine: 6,
  driversTop: 7,
  driversBottom: 8,
  firstNeuronLine: 9,
} as const;

/** Readout lines of neurons by multiplexer bit: row, and parity of the columns. */
const neuronLines: readonly (readonly [row: number, parity: number])[] = [
  [0, 1],
  [0, 0],
  [1, 1],
  [1, 0],
];

const selectionAddress = addressOf('ReadoutSourceSelection', []);
const dacAddress = addressOf('CurrentDAC', []);
/** Voltage (mV) that the full current of the DAC makes at the converter. */
const dacSpan = 1200;

/** A source with its kind in one number, so that it can be saved: kind * 1024 + index; -1: nothing. */
export type ConnectedSource = number;
const enum Kind {
  Neuron = 0,
  SynapticLine = 1,
  TestLine = 2,
  Drivers = 3,
  CurrentDac = 4,
}

/** The first source that a multiplexer connects: neuron lines before test lines, by bit. */
export function connectedSource(registers: RegisterFile, multiplexer: number): ConnectedSource {
  const word = registers.get(selectionAddress + multiplexer);
  const has = (bit: number): boolean => ((word >>> bit) & 1) === 1;
  for (const [i, [row, parity]] of neuronLines.entries()) {
    if (!has(source.firstNeuronLine + i)) continue;
    const neuron = lineDriver(registers, row, parity);
    if (neuron >= 0) return neuron;
  }
  if (has(source.currentDac)) return Kind.CurrentDac * 1024;
  if (has(source.excitatoryLine)) return Kind.SynapticLine * 1024;
  if (has(source.inhibitoryLine)) return Kind.SynapticLine * 1024 + 1;
  // A drivers' line that a test line meets drives it too.
  if (has(source.driversTop)) return Kind.Drivers * 1024;
  if (has(source.driversBottom)) return Kind.Drivers * 1024 + 1;
  if (has(source.causalTestLine)) return Kind.TestLine * 1024;
  if (has(source.acausalTestLine)) return Kind.TestLine * 1024 + 1;
  return -1;
}

/** MADC code of a source at a time in cycles (fractions allowed); nothing connected reads 0 mV. */
export function sampleOf(
  analog: AnalogCore,
  registers: RegisterFile,
  connected: ConnectedSource,
  at: number,
): number {
  const index = connected & 1023;
  switch (connected < 0 ? -1 : connected >> 10) {
    case Kind.Neuron:
      return analog.madcNeuron(index, at);
    case Kind.SynapticLine:
      return analog.madcVoltage(analog.synapticDebugVoltage(index === 0 ? 0 : 1, at), at);
    case Kind.TestLine:
      return analog.madcVoltage(analog.testLineVoltage(index === 0 ? 0 : 1), at);
    case Kind.Drivers:
      return analog.madcVoltage(analog.driverVoltage(index), at);
    case Kind.CurrentDac:
      return analog.madcVoltage(dacVoltage(registers), at);
    default:
      return analog.madcVoltage(0, at);
  }
}

/** The first neuron whose readout amplifier drives the line of its row and column parity, or -1. */
function lineDriver(registers: RegisterFile, row: number, parity: number): number {
  for (let column = parity; column < columnsPerHemisphere; column += 2) {
    const first = addressOf('NeuronConfig', [2 * row + (column >> 7), column & 127]);
    const words = [0, 1, 2, 3, 4, 5].map((word) => registers.get(first + word));
    const fields = decodeContainer('NeuronConfig', words);
    if (fields.en_readout === 1 && fields.en_readout_amp === 1) return 256 * row + column;
  }
  return -1;
}

function dacVoltage(registers: RegisterFile): number {
  const dac = decodeContainer('CurrentDAC', [registers.get(dacAddress)]);
  if (dac.enable_current === 0 || dac.direction === 1) return 0;
  const ones = [0, 1, 2].reduce((sum, bit) => sum + ((dac.thermometer_code >> bit) & 1), 0);
  return (dacSpan * (dac.binary_code + 64 * ones)) / 255;
}
