/** Where things are: columns, quads, rows, drivers, neurons and the crossbar's nodes. Pure index arithmetic. */

import { addressOf } from './registers.js';

export const hemispheres = 2;
export const columnsPerHemisphere = 256;
export const rowsPerHemisphere = 256;
export const driversPerHemisphere = 128;
export const quadsPerRow = 64;
export const neuronCount = 512;

/** Quad 0..63 of a column; a quad holds four columns of equal parity, not four neighbours. */
export function quadOfColumn(column: number): number {
  return 32 * (column & 1) + (column >> 3);
}

/** Entry 0..3 of a column in its quad; entry 0 is the most significant byte of the quad word. */
export function entryOfColumn(column: number): number {
  return (column >> 1) & 3;
}

/** Column of an entry of a quad. */
export function columnOf(quad: number, entry: number): number {
  return 8 * (quad & 31) + 2 * entry + (quad >> 5);
}

/** Atomic neuron 0..511 of a row (0 top, 1 bottom) and column. */
export function neuronAt(row: number, column: number): number {
  return 256 * row + column;
}

export interface NeuronPlace {
  readonly row: number;
  readonly column: number;
  /** Block of parameter memory and neuron configuration: 0 NW, 1 NE, 2 SW, 3 SE. */
  readonly block: number;
  /** Column in the block, also the slot of its configuration. */
  readonly slot: number;
  /** Half of the back end: 0 columns 0..127, 1 columns 128..255, each for both rows. */
  readonly backendHalf: number;
  /** Index in that half, for back end, reset and spike counter. */
  readonly indexInHalf: number;
  /** Neuron event output, which is the crossbar input. */
  readonly eventOutput: number;
}

/** Everything that the register map needs to know about one neuron 0..511. */
export function placeOfNeuron(neuron: number): NeuronPlace {
  const row = neuron >> 8;
  const column = neuron & 255;
  return {
    row,
    column,
    block: neuron >> 7,
    slot: neuron & 127,
    backendHalf: column >> 7,
    indexInHalf: 128 * row + (column & 127),
    eventOutput: column >> 5,
  };
}

/** Driver 0..127 of a synapse row; it serves rows 2d ("bottom") and 2d + 1 ("top"). */
export function driverOfRow(row: number): number {
  return row >> 1;
}

/** PADI bus 0..3 (in its hemisphere) that a driver listens to. */
export function busOfDriver(driver: number): number {
  return driver & 3;
}

/** Index 0..31 of a driver on its bus, compared with the row-select address of events. */
export function rowSelectOfDriver(driver: number): number {
  return driver >> 2;
}

/** Label 0..16383 with which an event reaches drivers of one row-select address and synapses of one label. */
export function neuronLabel(rowSelect: number, synapseLabel: number): number {
  return (rowSelect << 6) | synapseLabel;
}

/** Crossbar inputs: 0..7 neuron event outputs, 8..11 events from the FPGA, 12..19 background sources. */
export const crossbarInputs = 20;
/** Crossbar outputs: 0..3 PADI buses top, 4..7 bottom, 8..11 to the FPGA. */
export const crossbarOutputs = 12;

/** [output, input] of each crossbar node in the order of its registers: by input, then by output. */
export const crossbarNodes: readonly (readonly [number, number])[] = Array.from(
  { length: crossbarInputs },
  (_, input): [number, number][] => {
    if (input < 8) return [0, 4, 8].map((base) => [base + (input & 3), input]);
    if (input < 12) return [0, 1, 2, 3, 4, 5, 6, 7, input].map((output) => [output, input]);
    const source = input - 12;
    return [source, 8 + (source & 3)].map((output) => [output, input]);
  },
).flat();

/** Number of the crossbar node between an input and an output, or -1 where none exists. */
export function crossbarNodeOf(output: number, input: number): number {
  return crossbarNodes.findIndex(([o, i]) => o === output && i === input);
}

/** Address of the weight word that holds a synapse, and the lowest bit of its byte there. */
export function weightAddress(
  hemisphere: number,
  row: number,
  column: number,
): { readonly address: number; readonly shift: number } {
  return {
    address: addressOf('SynapseWeightQuad', [hemisphere, row, quadOfColumn(column)]),
    shift: 24 - 8 * entryOfColumn(column),
  };
}
