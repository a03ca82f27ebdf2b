/** Samples of the parallel converter, read by the host while a network runs: neurons, and correlation sensors. */
import type { PlaybackWriter } from '../../isa/playback/writer.js';
import { entryOfColumn, quadOfColumn } from '../../isa/registers/coordinates.js';
import { addressOf } from '../../isa/registers/registers.js';
import { ExperimentError } from '../failure.js';
import type { Action } from '../piece.js';
import type { Hemisphere } from './neuron-places.js';
import type { RegisterSink } from './registers.js';

/** FPGA ticks (8 ns) that a conversion takes with its sense delay, with some room. */
const conversionTicks = 240;
const tick = 8e-9;

/** Something that is sampled at an interval on one half. */
export interface SampleRequest {
  readonly hemisphere: Hemisphere;
  /** s */
  readonly interval: number;
  /** Columns whose neurons are read, in the order of the values. */
  readonly columns: readonly number[];
}

/** What a sampling has given: ticket of each quad for each sample. */
export interface SampleTickets {
  readonly times: readonly number[];
  readonly tickets: readonly ReadonlyMap<number, number>[];
}

/** Address of the switches that show neurons of a quad to the causal channels. */
function readoutSwitches(hemisphere: number, quad: number): number {
  return addressOf('SynapseWeightQuad', [hemisphere, 0, quad]) + 256 * 64;
}

/** Shows the neurons of these columns to the causal channels of the converter. */
export function writeReadoutSwitches(
  sink: RegisterSink,
  hemisphere: number,
  columns: readonly number[],
  on: boolean,
): void {
  const words = new Map<number, number>();
  for (const column of columns) {
    const address = readoutSwitches(hemisphere, quadOfColumn(column));
    const bit = on ? 0x20 << (24 - 8 * entryOfColumn(column)) : 0;
    words.set(address, (words.get(address) ?? 0) | bit);
  }
  for (const [address, word] of words) sink.write(address, word >>> 0);
}

const causal = 0;
const acausal = 1;
const converting = 0;
const latched = 1;

const quadsOf = (columns: readonly number[]): number[] =>
  [...new Set(columns.map(quadOfColumn))].sort((a, b) => a - b);

/** Times k * interval in [from, to). */
function sampleTimes(interval: number, from: number, to: number): number[] {
  const times: number[] = [];
  for (let k = Math.ceil(from / interval - 1e-9); k * interval < to - 1e-12; k++)
    times.push(k * interval);
  return times;
}

/**
 * Reads that sample neurons; their answers are found by the tickets.
 * @throws ExperimentError when the interval is too short for a conversion and its reads
 */
export function sampleNeurons(
  request: SampleRequest,
  from: number,
  to: number,
): { readonly actions: Action[]; readonly result: SampleTickets } {
  const { hemisphere, interval, columns } = request;
  const quads = quadsOf(columns);
  checkInterval(interval, (conversionTicks + quads.length) * tick, 'neurons');
  const times = sampleTimes(interval, from, to);
  const tickets = times.map(() => new Map<number, number>());
  const actions = times.flatMap((at, k) =>
    quads.map((quad, i): Action => ({
      at: at + i * tick,
      write: (writer) => {
        const type = i === 0 ? converting : latched;
        const address = addressOf('CADCSampleQuad', [hemisphere, type, causal, 0, quad]);
        tickets[k]?.set(quad, writer.read(address));
      },
    })),
  );
  return { actions, result: { times, tickets } };
}

/** Codes of sampled neurons, sample-major. */
export function decodeSamples(
  { columns }: SampleRequest,
  { tickets }: SampleTickets,
  answers: Uint32Array,
): Uint16Array {
  return Uint16Array.from(
    tickets.flatMap((quads) =>
      columns.map((column) => {
        const word = answers[quads.get(quadOfColumn(column)) ?? -1] ?? 0;
        return (word >>> (24 - 8 * entryOfColumn(column))) & 0xff;
      }),
    ),
  );
}

/** Synapses whose sensors are sampled together. */
export interface SensorRequest {
  readonly hemisphere: Hemisphere;
  readonly interval: number;
  readonly synapses: readonly { readonly row: number; readonly column: number }[];
  /** Columns whose neurons are sampled on the same half: their switches are opened meanwhile. */
  readonly neurons: readonly number[];
}

/** Tickets by `branch row quad`. */
export interface SensorTickets {
  readonly times: readonly number[];
  readonly tickets: readonly ReadonlyMap<string, number>[];
}

/** Reads one conversion of a row: all quads of both branches. */
function readRow(
  writer: PlaybackWriter,
  hemisphere: Hemisphere,
  row: number,
  quads: readonly number[],
  tickets: Map<string, number>,
): void {
  for (const branch of [causal, acausal])
    quads.forEach((quad, i) => {
      const type = branch === causal && i === 0 ? converting : latched;
      const address = addressOf('CADCSampleQuad', [hemisphere, type, branch, row, quad]);
      tickets.set(`${branch} ${row} ${quad}`, writer.read(address));
    });
}

/** Reads that sample the sensors of synapses, row by row. */
export function sampleSensors(
  request: SensorRequest,
  from: number,
  to: number,
): { readonly actions: Action[]; readonly result: SensorTickets } {
  const { hemisphere, interval, synapses, neurons } = request;
  const rows = [...new Set(synapses.map(({ row }) => row))].sort((a, b) => a - b);
  const quads = quadsOf(synapses.map(({ column }) => column));
  const rowTicks = conversionTicks + 2 * quads.length;
  const switching = 2 * quadsOf(neurons).length;
  checkInterval(interval, (rows.length * rowTicks + 2 * switching) * tick, 'sensors');
  const times = sampleTimes(interval, from, to);
  const tickets = times.map(() => new Map<string, number>());
  const actions: Action[] = [];
  times.forEach((at, k) => {
    const own = tickets[k] ?? new Map<string, number>();
    // Neurons of this half are sampled at the same times: they go first.
    const begin = at + (neurons.length > 0 ? conversionTicks * tick : 0);
    const end = begin + (switching + rows.length * rowTicks) * tick;
    if (neurons.length > 0) {
      actions.push({
        at: begin,
        write: (w) => writeReadoutSwitches(w, hemisphere, neurons, false),
      });
      actions.push({
        at: Math.min(end, to),
        write: (w) => writeReadoutSwitches(w, hemisphere, neurons, true),
      });
    }
    rows.forEach((row, i) =>
      actions.push({
        at: Math.min(to, begin + (switching + i * rowTicks) * tick),
        write: (writer) => readRow(writer, hemisphere, row, quads, own),
      }),
    );
  });
  return { actions, result: { times, tickets } };
}

/** One conversion of every row, each after the other has ended: for baselines. */
export function writeSensorReads(
  writer: PlaybackWriter,
  { hemisphere, synapses }: Pick<SensorRequest, 'hemisphere' | 'synapses'>,
): SensorTickets {
  const tickets = new Map<string, number>();
  const quads = quadsOf(synapses.map(({ column }) => column));
  for (const row of new Set(synapses.map(({ row: each }) => each))) {
    readRow(writer, hemisphere, row, quads, tickets);
    writer.barrier();
  }
  return { times: [0], tickets: [tickets] };
}

/** Codes of sampled sensors, sample x synapse. */
export function decodeSensors(
  { synapses }: Pick<SensorRequest, 'synapses'>,
  { tickets }: SensorTickets,
  answers: Uint32Array,
): { readonly causal: Float64Array; readonly acausal: Float64Array } {
  const codes = (branch: number): Float64Array =>
    Float64Array.from(
      tickets.flatMap((own) =>
        synapses.map(({ row, column }) => {
          const ticket = own.get(`${branch} ${row} ${quadOfColumn(column)}`) ?? -1;
          return ((answers[ticket] ?? 0) >>> (24 - 8 * entryOfColumn(column))) & 0xff;
        }),
      ),
    );
  return { causal: codes(causal), acausal: codes(acausal) };
}

function checkInterval(interval: number, least: number, what: string): void {
  if (interval < least)
    throw new ExperimentError(
      `the interval is ${interval} s`,
      `recording of ${what}`,
      `Conversions and reads of these ${what} take ${(least * 1e6).toFixed(2)} us: choose a longer interval, or record fewer.`,
    );
}
