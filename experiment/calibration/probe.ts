/** One playback program that measures: settings, stimuli at known times, conversions of all neurons at once. */
import {
  busOfDriver,
  entryOfColumn,
  neuronLabel,
  quadOfColumn,
  rowSelectOfDriver,
} from '../../isa/registers/coordinates.js';
import type { NeuronParameter } from '../../isa/registers/capmem.js';
import { addressOf } from '../../isa/registers/registers.js';
import { PlaybackWriter } from '../../isa/playback/writer.js';
import type { ResponseReader } from '../../isa/playback/reader.js';
import { limitCode, type Rig, type View } from './rig.js';

/** What the channels of the converter are connected to. */
export type ChannelSource = 'neurons' | 'sensors' | 'test line' | 'nothing';

/** Bits of a quad's four words of correlation switches for each source. */
const switchWords: Readonly<Record<ChannelSource, readonly [number, number, number, number]>> = {
  neurons: [0, 0, 0x20202020, 0x20202020],
  sensors: [0xc0c0c0c0, 0, 0, 0],
  'test line': [0, 0xc0c0c0c0, 0, 0],
  nothing: [0, 0, 0, 0],
};

/** Ticks of 8 ns from one conversion to the next when everything is read. */
export const conversionTicks = 300;

/** Readings: `at(k, i)` is conversion k of neuron i in counts, the mean of its two channels. */
export interface Readings {
  readonly conversions: number;
  at(conversion: number, neuron: number): number;
  /** Single channels: 0 causal, 1 acausal. */
  channel(conversion: number, neuron: number, branch: 0 | 1): number;
  /** Answer to a read of another register, by what `Probe.read` returned. */
  word(ticket: number): number;
}

export class Probe {
  readonly writer = new PlaybackWriter();
  private readonly tickets: number[] = [];

  /** @param view the neurons that are read; all of the rig's unless told otherwise */
  constructor(
    private readonly rig: Rig,
    private readonly view: View = rig,
  ) {}

  /** Connects the channels of the used columns. */
  connect(source: ChannelSource): this {
    const words = switchWords[source];
    for (const hemisphere of this.rig.hemispheres)
      for (const quad of this.rig.quads[hemisphere] ?? [])
        words.forEach((word, k) =>
          this.writer.write(addressOf('ColumnCorrelationQuad', [hemisphere, quad], k), word),
        );
    return this;
  }

  /** Other codes of a cell for this program only; the next one puts them back. Before `begin`. */
  borrow(name: NeuronParameter, change: (code: number, neuron: number) => number): this {
    const { rig, writer } = this;
    rig.lendCodes(
      writer,
      name,
      rig.codesOf(name).map((code, i) => limitCode(change(code, rig.neurons[i] ?? 0))),
    );
    return this;
  }

  /** Lets cells settle and starts the program's time at 0. */
  begin(): this {
    this.rig.settle(this.writer);
    return this;
  }

  /** Converts both halves of the chip at `tick` (the lower half one tick later) and reads all used columns. */
  convert(tick: number, row = 0): this {
    const { writer, view } = this;
    writer.at(tick);
    this.tickets.push(writer.readCount);
    for (const hemisphere of view.hemispheres)
      writer.read(sample(hemisphere, 0, 0, row, view.quads[hemisphere]?.[0] ?? 0));
    for (const hemisphere of view.hemispheres)
      for (const branch of [0, 1])
        for (const quad of view.quads[hemisphere] ?? [])
          writer.read(sample(hemisphere, 1, branch, row, quad));
    return this;
  }

  /** Several conversions, `interval` ticks apart from `tick` on. */
  convertMany(count: number, tick: number, interval = conversionTicks): this {
    for (let k = 0; k < count; k++) this.convert(tick + k * interval);
    return this;
  }

  /** Reads a register. @returns what names the answer */
  read(address: number): number {
    return this.writer.read(address);
  }

  /** Events for all synapse drivers that listen with row mask 0 (address 0 of every bus, both halves), at `tick`. */
  pulseAll(tick: number): this {
    this.writer.at(tick).spikes([0, 1, 2, 3].map((bus) => bus << 14));
    return this;
  }

  /** An event for one driver index of each half (row mask 31). */
  pulseDriver(tick: number, driver: number): this {
    const label = neuronLabel(rowSelectOfDriver(driver), 0);
    this.writer.at(tick).spike((busOfDriver(driver) << 14) | label);
    return this;
  }

  /** Resets every neuron, from `tick` on; two ticks per quad. */
  resetNeurons(tick: number): this {
    this.writer.at(tick);
    for (const hemisphere of this.rig.hemispheres)
      for (const quad of this.rig.quads[hemisphere] ?? [])
        this.writer.write(addressOf('NeuronResetQuad', [hemisphere, quad]), 0);
    return this;
  }

  /** Sends the program. */
  async run(): Promise<Readings> {
    return decode(this.view, this.tickets, await this.rig.send(this.writer));
  }
}

function sample(
  hemisphere: number,
  buffered: number,
  branch: number,
  row: number,
  quad: number,
): number {
  return addressOf('CADCSampleQuad', [hemisphere, buffered, branch, row, quad]);
}

/** Finds the bytes of each neuron among the answers. */
function decode(rig: View, tickets: readonly number[], answers: ResponseReader): Readings {
  const values = answers.reads.values();
  const shifts = new Uint8Array(rig.count);
  const places = new Int32Array(2 * rig.count);
  const position = rig.quads.map((list) => new Map(list.map((quad, k) => [quad, k])));
  const sizes = rig.quads.map((list) => list.length);
  rig.neurons.forEach((neuron, i) => {
    const hemisphere = neuron >> 8;
    const quad = quadOfColumn(neuron & 255);
    let base = rig.hemispheres.length;
    for (const earlier of rig.hemispheres)
      if (earlier < hemisphere) base += 2 * (sizes[earlier] ?? 0);
    const own = base + (position[hemisphere]?.get(quad) ?? 0);
    places[2 * i] = own;
    places[2 * i + 1] = own + (sizes[hemisphere] ?? 0);
    shifts[i] = 24 - 8 * entryOfColumn(neuron & 255);
  });
  const channel = (k: number, i: number, branch: 0 | 1): number =>
    ((values[(tickets[k] ?? 0) + (places[2 * i + branch] ?? 0)] ?? 0) >>> (shifts[i] ?? 0)) & 255;
  return {
    conversions: tickets.length,
    channel,
    at: (k, i) => (channel(k, i, 0) + channel(k, i, 1)) / 2,
    word: (ticket) => values[ticket] ?? 0,
  };
}

/** Mean over conversions `from`..`to` - 1 of every neuron. */
export function meanReading(
  readings: Readings,
  count: number,
  from: number,
  to: number,
): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let k = from; k < to; k++) sum += readings.at(k, i);
    return sum / (to - from);
  });
}
