/** The chip as calibration sees it: settings the host has written, and programs that change and measure something. */
import type { Board, RunOptions } from '../../board/board.js';
import { outlineProgram } from '../../board/framing/message-scan.js';
import {
  capmemRowOf,
  sharedCapmemCells,
  type NeuronParameter,
  type SharedParameter,
} from '../../isa/registers/capmem.js';
import {
  columnOf,
  crossbarNodes,
  placeOfNeuron,
  quadOfColumn,
} from '../../isa/registers/coordinates.js';
import {
  backendWords,
  crossbarDropAll,
  crossbarWord,
  driverWords,
  type DriverSettings,
} from '../../isa/registers/logical.js';
import { addressOf, addressesOf, encodeContainer } from '../../isa/registers/registers.js';
import type { FieldName } from '../../isa/registers/registers.js';
import { barriers } from '../../isa/playback/messages.js';
import { PlaybackWriter } from '../../isa/playback/writer.js';
import { RunFailure } from '../failure.js';
import { ResponseReader } from '../../isa/playback/reader.js';
import { settlingTime, ticks, writeInitialisation } from '../network/configure.js';

/** Fields of a neuron's configuration. */
export type NeuronFields = { readonly [F in FieldName<'NeuronConfig'>]?: number };

/** Configuration bits, the same for all neurons or by neuron number. */
export type FieldsOf = NeuronFields | ((neuron: number) => NeuronFields);

/** Highest code of a cell; 1023 would switch its refresh off. */
export const highestCode = 1022;
/** Spread of codes over neighbours that keeps cells from holding the same one. */
const ditherSpan = 11;
const noiseSeedAddress = 0x8800f001;

/** -5..5, by neuron: equal codes in a row disturb each other. */
export function ditherOf(neuron: number): number {
  return ((neuron * 7) % ditherSpan) - (ditherSpan - 1) / 2;
}

export function limitCode(code: number): number {
  return Math.max(0, Math.min(highestCode, Math.round(code)));
}

/** Some neurons and where the converter finds them. */
export interface View {
  /** Neuron numbers 0..511, ascending. */
  readonly neurons: readonly number[];
  readonly count: number;
  readonly hemispheres: readonly (0 | 1)[];
  /** Quads with a neuron, by hemisphere. */
  readonly quads: readonly (readonly number[])[];
}

export function viewOf(numbers: readonly number[]): View {
  const neurons = [...new Set(numbers)].sort((a, b) => a - b);
  return {
    neurons,
    count: neurons.length,
    hemispheres: ([0, 1] as const).filter((h) => neurons.some((n) => n >> 8 === h)),
    quads: [0, 1].map((h) => [
      ...new Set(neurons.filter((n) => n >> 8 === h).map((n) => quadOfColumn(n & 255))),
    ]),
  };
}

/**
 * Keeps what was written, so that a program only writes what changes. Codes and readings are indexed by the position of
 * a neuron in `neurons`.
 */
export class Rig implements View {
  readonly neurons: readonly number[];
  readonly count: number;
  readonly hemispheres: readonly (0 | 1)[];
  readonly quads: readonly (readonly number[])[];
  readonly codes = new Map<NeuronParameter, Int32Array>();
  readonly shared = new Map<SharedParameter, Int32Array>();
  /** Stored offsets of the converter channels by hemisphere * 512 + branch * 256 + column; 128 is none. */
  readonly cadcOffsets = new Uint8Array(1024).fill(128);
  /** Offset 0..15 of the synapse drivers by hemisphere * 128 + driver. */
  readonly driverOffsets = new Uint8Array(256).fill(7);
  /** Playback words sent and chip time used so far. */
  words = 0;
  chipSeconds = 0;
  /** A cell was written since the last settling. */
  unsettled = false;
  /** Codes that a search has chosen; they are written when the next program settles. */
  readonly pending = new Map<NeuronParameter, ArrayLike<number>>();
  /** Codes that come back after the next program that settles. */
  private readonly lent = new Map<NeuronParameter, ArrayLike<number>>();

  private readonly neuronWords = new Map<number, readonly number[]>();
  private fields: (neuron: number) => NeuronFields = () => ({});
  /** Where the playback timer stands, as far as programs say. */
  private timer = 0;

  constructor(
    readonly board: Board,
    neurons: readonly number[],
    private readonly run: RunOptions = {},
  ) {
    const view = viewOf(neurons);
    this.neurons = view.neurons;
    this.count = view.count;
    this.hemispheres = view.hemispheres;
    this.quads = view.quads;
  }

  /** True if a neuron of this parameter-memory block (quadrant) is calibrated. */
  usesBlock(block: number): boolean {
    return this.neurons.some((neuron) => neuron >> 7 === block);
  }

  /** Resets the chip and brings it to a state in which everything can be measured; no neuron fires. */
  async begin(noiseSeed: number): Promise<void> {
    const writer = new PlaybackWriter();
    writeInitialisation(writer, this.board.info.emulator ? noiseSeed : undefined);
    // Nothing is recorded: spikes of the threshold search would only fill the way to the host.
    writer.write(addressOf('EventRecordingConfig', []), 0);
    writer.write(addressOf('SynapseBiasSelection', []), 0);
    for (const half of [0, 1]) this.writeCommonBackend(writer, half, 0);
    for (const neuron of this.neurons) {
      const { backendHalf, indexInHalf } = placeOfNeuron(neuron);
      // 250 periods of 8 ns of reset; the hold-off is its last period.
      writer.writeWords(
        'NeuronBackendConfig',
        [backendHalf, indexInHalf],
        backendWords({ refractory_time: 250, reset_holdoff: 15, post_overwrite: 1 }),
      );
    }
    for (const hemisphere of [0, 1] as const) {
      writer.writeWords('CommonCorrelationConfig', [hemisphere], [1, 200, 5, 0]);
      writer.writeContainer('CADCConfig', [hemisphere], {
        enable: 1,
        reset_wait: 100,
        dead_time: 20,
      });
      writer.writeContainer('CommonPADIBusConfig', [hemisphere], {
        enable_spl1_0: 1,
        enable_spl1_1: 1,
        enable_spl1_2: 1,
        enable_spl1_3: 1,
      });
      writer.writeContainer('CommonSTPConfig', [hemisphere], { enable_recovery_clock: 1 });
      this.writeCurrentSwitches(writer, hemisphere);
      this.writeCadcOffsets(writer, hemisphere);
      // Both channels of every used column read its neuron.
      for (const quad of this.quads[hemisphere] ?? [])
        [0, 0, 0x20202020, 0x20202020].forEach((word, k) =>
          writer.write(addressOf('ColumnCorrelationQuad', [hemisphere, quad], k), word),
        );
    }
    // Spikes of the host reach both halves of the chip; nothing else goes anywhere.
    crossbarNodes.forEach(([output, input], node) => {
      const open = input >= 8 && input < 12 && (output & 3) === input - 8 && output < 8;
      writer.write(addressOf('CrossbarNode', [node]), open ? crossbarWord(0, 0) : crossbarDropAll);
    });
    for (const [name, codes] of this.shared)
      for (let block = 0; block < 4; block++)
        this.writeShared(writer, name, block, codes[block] ?? 0);
    for (const [name, codes] of this.codes)
      this.neurons.forEach((neuron, i) => this.writeCell(writer, name, neuron, codes[i] ?? 0));
    this.neuronWords.clear();
    this.fields = () => ({});
    await this.send(writer);
    this.unsettled = true;
  }

  /** Resets force_reset or sets it in both halves: the membranes then stay at their reset potential. */
  holdInReset(writer: PlaybackWriter, held: boolean): void {
    for (const half of [0, 1]) this.writeCommonBackend(writer, half, held ? 1 : 0);
  }

  /** New codes of one parameter, for each neuron; writes those that differ. */
  setCodes(writer: PlaybackWriter, name: NeuronParameter, codes: ArrayLike<number>): void {
    const now = this.codes.get(name) ?? new Int32Array(this.count).fill(-1);
    this.pending.delete(name);
    this.neurons.forEach((neuron, i) => {
      const code = limitCode(codes[i] ?? 0);
      if (now[i] === code) return;
      now[i] = code;
      this.writeCell(writer, name, neuron, code);
      this.unsettled = true;
    });
    this.codes.set(name, now);
  }

  /** One code for all neurons, dithered unless told otherwise. */
  setAll(writer: PlaybackWriter, name: NeuronParameter, code: number, dithered = true): void {
    this.setCodes(
      writer,
      name,
      this.neurons.map((neuron) => code + (dithered ? ditherOf(neuron) : 0)),
    );
  }

  /** Other codes for the next program that settles; the one after it has the present ones again. */
  lendCodes(writer: PlaybackWriter, name: NeuronParameter, codes: ArrayLike<number>): void {
    if (!this.lent.has(name)) this.lent.set(name, this.codesOf(name));
    this.setCodes(writer, name, codes);
  }

  /** Codes as they are, or will be when the next program begins. */
  codesOf(name: NeuronParameter): Int32Array {
    return Int32Array.from(
      this.pending.get(name) ?? this.codes.get(name) ?? new Int32Array(this.count),
    );
  }

  /** New codes of a shared cell in the four blocks. */
  setShared(writer: PlaybackWriter, name: SharedParameter, codes: ArrayLike<number>): void {
    const now = this.shared.get(name) ?? new Int32Array(4).fill(-1);
    for (let block = 0; block < 4; block++) {
      const code = limitCode(codes[block] ?? 0);
      if (now[block] === code) continue;
      now[block] = code;
      this.writeShared(writer, name, block, code);
      this.unsettled = true;
    }
    this.shared.set(name, now);
  }

  sharedOf(name: SharedParameter): Int32Array {
    return Int32Array.from(this.shared.get(name) ?? new Int32Array(4));
  }

  /** Configuration bits of all neurons; only words that change are written. */
  configure(writer: PlaybackWriter, fields: FieldsOf): void {
    const of = typeof fields === 'function' ? fields : (): NeuronFields => fields;
    this.fields = of;
    const encoded = new Map<NeuronFields, readonly number[]>();
    for (const neuron of this.neurons) {
      const own = of(neuron);
      const words = encoded.get(own) ?? encodeContainer('NeuronConfig', own);
      encoded.set(own, words);
      const { block, slot } = placeOfNeuron(neuron);
      const old = this.neuronWords.get(neuron);
      addressesOf('NeuronConfig', [block, slot]).forEach((address, k) => {
        if (old?.[k] !== words[k]) writer.write(address, words[k] ?? 0);
      });
      this.neuronWords.set(neuron, words);
    }
  }

  /** Changes some of the present configuration bits. */
  reconfigure(writer: PlaybackWriter, fields: NeuronFields): void {
    const { fields: before } = this;
    this.configure(writer, (neuron) => ({ ...before(neuron), ...fields }));
  }

  /** Stored offsets of all used channels. */
  writeCadcOffsets(writer: PlaybackWriter, hemisphere: 0 | 1): void {
    for (const quad of this.quads[hemisphere] ?? [])
      for (let entry = 0; entry < 4; entry++) {
        const column = columnOf(quad, entry);
        for (const branch of [0, 1])
          writer.write(
            addressOf('CADCChannelConfig', [hemisphere, branch, column >> 7, column & 127]),
            this.cadcOffsets[hemisphere * 512 + branch * 256 + column] ?? 128,
          );
      }
  }

  /** The same settings for drivers 0..`count` - 1 of both halves, but each driver's own offset; some may not listen. */
  setDrivers(
    writer: PlaybackWriter,
    count: number,
    settings: Partial<DriverSettings>,
    listens: (driver: number) => boolean = () => true,
  ): void {
    for (const hemisphere of this.hemispheres)
      for (let driver = 0; driver < count; driver++)
        writer.writeWords(
          'SynapseDriverConfig',
          [hemisphere, driver],
          driverWords({
            forward_address: 1,
            offset: this.driverOffsets[hemisphere * 128 + driver] ?? 7,
            ...settings,
            ...(listens(driver) ? {} : { enable_receiver: 0 }),
          }),
        );
  }

  /** One weight for rows `first`..`rows` - 1 of all used columns. */
  setWeights(writer: PlaybackWriter, rows: number, weight: number, first = 0): void {
    const word = (weight * 0x01010101) >>> 0;
    for (const hemisphere of this.hemispheres)
      for (const quad of this.quads[hemisphere] ?? [])
        for (let row = first; row < rows; row++)
          writer.write(addressOf('SynapseWeightQuad', [hemisphere, row, quad]), word);
  }

  /** Another run as far as trial noise is concerned; only an emulated board can be told to have one. */
  writeNoiseSeed(writer: PlaybackWriter, seed: number): void {
    if (!this.board.info.emulator) return;
    writer.write(noiseSeedAddress, seed >>> 0);
    writer.write(noiseSeedAddress + 1, Math.floor(seed / 4294967296) >>> 0);
  }

  /** Lets written cells settle; the playback timer is at 0 afterwards. */
  settle(writer: PlaybackWriter): void {
    for (const [name, codes] of this.pending) this.setCodes(writer, name, codes);
    this.pending.clear();
    for (const [name, codes] of this.lent) this.pending.set(name, codes);
    this.lent.clear();
    if (this.unsettled) {
      writer.timerSetup().waitUntil(ticks(settlingTime));
      this.unsettled = false;
    }
    writer.timerSetup();
  }

  /** Sends a program that only writes. */
  async change(write: (writer: PlaybackWriter) => void): Promise<void> {
    const writer = new PlaybackWriter();
    write(writer);
    await this.send(writer);
  }

  /** Sends a program and waits for its answers. @throws RunFailure, BoardError */
  async send(writer: PlaybackWriter): Promise<ResponseReader> {
    const expected = writer.readCount;
    writer.barrier(barriers.omnibus).halt();
    const words = writer.words();
    const answers = new ResponseReader().push(await this.board.run(words, this.run));
    // What the program asks for, not what a board says of it: the same on every link.
    const outline = outlineProgram(words, this.timer);
    this.words += outline.words;
    this.chipSeconds += outline.chipSeconds;
    this.timer = outline.timer;
    if (answers.timeouts.length > 0)
      throw new RunFailure('a playback instruction of the calibration never ended (time-out)');
    if (answers.reads.length !== expected)
      throw new RunFailure(`${answers.reads.length} answers to ${expected} reads`);
    return answers;
  }

  private writeCell(
    writer: PlaybackWriter,
    name: NeuronParameter,
    neuron: number,
    code: number,
  ): void {
    const { block, slot } = placeOfNeuron(neuron);
    writer.write(addressOf('CapMemCell', [block, capmemRowOf(name), slot]), code);
  }

  private writeShared(
    writer: PlaybackWriter,
    name: SharedParameter,
    block: number,
    code: number,
  ): void {
    const { row, column } = sharedCapmemCells[name];
    writer.write(addressOf('CapMemCell', [block, row, column]), code);
  }

  private writeCommonBackend(writer: PlaybackWriter, half: number, held: number): void {
    writer.writeContainer('CommonNeuronBackendConfig', [half], {
      en_event_regs: 1,
      force_reset: held,
      en_clocks: 1,
      sample_pos_edge: 15,
      wait_global_post_pulse: 1,
      wait_spike_counter_reset: 4,
      wait_spike_counter_read: 4,
      wait_fire_neuron: 4,
    });
  }

  /** Both lines of every used column reach its neuron, and both converter channels read it. */
  private writeCurrentSwitches(writer: PlaybackWriter, hemisphere: 0 | 1): void {
    for (const quad of this.quads[hemisphere] ?? [])
      writer.write(addressOf('ColumnCurrentQuad', [hemisphere, quad]), 0x03030303);
  }
}
