/** A network on a board: configured once, then run piece by piece; every piece is one playback program. */
import type { Board, RunOptions } from '../board/board.js';
import { barriers } from '../isa/playback/messages.js';
import { ResponseReader } from '../isa/playback/reader.js';
import { PlaybackWriter } from '../isa/playback/writer.js';
import { mailbox } from '../isa/runtime-layout.js';
import { addressOf } from '../isa/registers/registers.js';
import {
  entryOfColumn,
  neuronAt,
  placeOfNeuron,
  quadOfColumn,
} from '../isa/registers/coordinates.js';
import { ExperimentError, RunFailure, unknownName } from './failure.js';
import { backendAddress, ticks, writeInitialisation, writeNetwork } from './network/configure.js';
import type { SensorCodes } from './network/configure.js';
import type { Network, Population, Projection } from './network/network.js';
import { placeNetwork } from './network/placement.js';
import type { PlacedProjection, Placement } from './network/placement.js';
import { writeStimuli } from './network/stimuli.js';
import type { Stimulus } from './network/stimuli.js';
import { fetchRecords } from './records.js';
import type { Recorded } from './records.js';
import { readRuleLog, sramWord, writeRule, writeStop } from './rule.js';
import type { RuleImage, RuleLog } from './rule.js';
import { writeMadcSetup, writeMadcStart, writeMadcStop } from './network/madc.js';

/** Spikes that neurons of one population fired: time (s since the start) and neuron. */
export interface SpikeTrains {
  readonly times: Float64Array;
  readonly neurons: Uint16Array;
}

/** Membrane samples of one neuron. */
export interface MembraneSamples {
  readonly times: Float64Array;
  /** 10-bit codes. */
  readonly codes: Uint16Array;
}

/** What one piece gave. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly spikes: ReadonlyMap<Population, SpikeTrains>;
  /** Weight matrices (source-major) of the projections asked for. */
  readonly weights: ReadonlyMap<Projection, Uint8Array>;
  readonly membrane: MembraneSamples | undefined;
  /** Answers to `reads`. */
  readonly reads: Uint32Array;
  /** Spike messages that could not leave at their time because a bus was taken; at most some 8 ns late each. */
  readonly shifted: number;
  /** Playback words sent. */
  readonly words: number;
}

/** What a piece does besides letting time pass. */
export interface PieceOptions {
  readonly stimuli?: readonly Stimulus[];
  /** Projections whose weights are read at the end. */
  readonly weights?: readonly Projection[];
  /** Record the membrane recorded neuron (named at the start) during the whole piece. */
  readonly membrane?: boolean;
  /** Further messages: `before` the stimuli, `after` the last time of the piece. */
  readonly before?: (writer: PlaybackWriter) => void;
  readonly after?: (writer: PlaybackWriter) => void;
}

/** How a simulation starts. */
export interface SimulationOptions {
  readonly sensors?: SensorCodes;
  readonly noiseSeed?: number;
  readonly image?: RuleImage;
  /** Neuron whose membrane can be recorded. */
  readonly record?: { readonly population: Population; readonly neuron: number };
  readonly run?: RunOptions;
  /** Sees every program before it is sent: for captures and tests. */
  readonly onProgram?: (words: Uint32Array) => void;
}

/** Sensors as in the first published experiments: 1.94 counts per pair, 10 us. */
export const defaultSensors: SensorCodes = { store: 18, ramp: 40 };

/** Timer value at which the simulation's time begins, in ticks of 8 ns. */
const startTicks = 2500;
const tickSeconds = 8e-9;
const cycleSeconds = 4e-9;
const timerLimit = 0xf0000000;

/** Ticks before the end of a piece at which its weights are read: twice what the reads take. */
function readGuard({ used }: Placement): number {
  return ticks(10e-6) + 16 * used.rows;
}

/** See the module's first sentence. Chip time passes only while `run` is under way. */
export class Simulation {
  private nowTicks = startTicks;
  private originCycles = 0;
  private begun = false;
  private readonly neuronOf = new Map<number, { population: Population; index: number }>();
  /** Playback words sent so far. */
  words = 0;

  private constructor(
    readonly board: Board,
    readonly placement: Placement,
    private readonly options: SimulationOptions,
  ) {
    for (const [population, columns] of placement.columns)
      columns.forEach((column, index) => {
        const output = placeOfNeuron(neuronAt(placement.hemisphere, column)).eventOutput;
        this.neuronOf.set((output << 8) | backendAddress(placement.hemisphere, column), {
          population,
          index,
        });
      });
  }

  /** Resets the chip, places and configures the network, loads the rule; chip time of the experiment is still 0. */
  static async start(
    board: Board,
    network: Network,
    options: SimulationOptions = {},
  ): Promise<Simulation> {
    const placement = placeNetwork(network);
    const simulation = new Simulation(board, placement, options);
    const writer = new PlaybackWriter();
    writeInitialisation(writer, board.info.emulator ? (options.noiseSeed ?? 0) : undefined);
    writeNetwork(writer, placement, options.sensors ?? defaultSensors);
    const plastic = placement.projections.find(({ projection }) => projection.rule);
    if (options.image && plastic) writeRule(writer, options.image, plastic, placement);
    if (options.record) {
      const column = placement.columns.get(options.record.population)?.[options.record.neuron];
      if (column === undefined)
        throw new ExperimentError(
          `neuron ${options.record.neuron} cannot be recorded`,
          `population "${options.record.population.name}"`,
          `It has neurons 0..${options.record.population.size - 1}.`,
        );
      writeMadcSetup(
        writer,
        placement.hemisphere,
        column,
        options.record.population.settings.capacitance,
      );
    }
    await simulation.send(writer);
    return simulation;
  }

  /** Seconds of experiment time so far. */
  get now(): number {
    return (this.nowTicks - startTicks) * tickSeconds;
  }

  /** Where a projection lies. @throws ExperimentError when it is not part of the network */
  placed(projection: Projection): PlacedProjection {
    const found = this.placement.projections.find((placed) => placed.projection === projection);
    if (!found)
      throw unknownName(
        'projection',
        projection.name,
        this.placement.network.projections.map((p) => p.name),
        'simulation',
      );
    return found;
  }

  /**
   * Lets `duration` seconds pass with the given stimuli. The rule starts with the first piece: its triggers count from
   * experiment time 0.
   * @throws RunFailure when the board does not answer as it must
   */
  async run(duration: number, options: PieceOptions = {}): Promise<Piece> {
    const writer = new PlaybackWriter();
    const from = this.nowTicks;
    const to = from + ticks(duration);
    if (to > timerLimit)
      throw new RunFailure(
        'the playback timer would overflow: an experiment lasts 32 s of chip time at most',
      );
    if (!this.begun) {
      writer.timerSetup();
      if (options.membrane) {
        writer.waitUntil(startTicks - ticks(10e-6));
        writeMadcStart(writer);
      }
      writer.waitUntil(startTicks).tick();
      if (this.options.image) writer.write(sramWord(this.placement.hemisphere, mailbox.go), 1);
    } else if (options.membrane) writeMadcStart(writer);
    options.before?.(writer);
    const shifted = writeStimuli(writer, this.placement, options.stimuli ?? [], {
      from,
      to,
      origin: startTicks,
    });
    const reads = options.weights ?? [];
    // Weights are read shortly before the end, so that the next piece begins on time.
    if (reads.length > 0) writer.at(Math.max(from, to - readGuard(this.placement)));
    const weightReads = reads.map((projection) => this.writeWeightReads(writer, projection));
    writer.at(to);
    if (options.membrane) writeMadcStop(writer);
    const own = writer.readCount;
    options.after?.(writer);
    const answers = await this.send(writer);
    if (!this.begun) {
      const tick = answers.ticks.at(0);
      if (tick === undefined) throw new RunFailure('the board did not echo the time mark');
      this.originCycles = 2 * tick;
      this.begun = true;
    }
    this.nowTicks = to;
    const values = answers.reads.values();
    return {
      from: (from - startTicks) * tickSeconds,
      to: (to - startTicks) * tickSeconds,
      spikes: this.sortSpikes(answers),
      weights: new Map(weightReads.map((read) => [read.projection, read.decode(values)])),
      membrane: options.membrane
        ? {
            times: Float64Array.from(
              answers.madcTimes.values(),
              (t) => (t - this.originCycles) * cycleSeconds,
            ),
            codes: answers.madcValues.values(),
          }
        : undefined,
      reads: values.subarray(own),
      shifted,
      words: writer.length,
    };
  }

  /** Ends the rule after its running trigger; the weights stay. */
  async stopRule(): Promise<void> {
    if (!this.options.image || !this.begun) return;
    const writer = new PlaybackWriter();
    writeStop(writer, this.placement.hemisphere);
    // Polling takes chip time: the next piece begins a round millisecond later.
    this.nowTicks += ticks(1e-3);
    writer.at(this.nowTicks);
    await this.send(writer);
  }

  /** Counters and time-line of the rule, after `stopRule`; undefined without a rule. */
  async readRuleLog(): Promise<RuleLog | undefined> {
    const { image } = this.options;
    if (!image) return undefined;
    return readRuleLog((addresses) => this.read(addresses), image, this.placement.hemisphere);
  }

  /** Everything the rule recorded with `record`, with a value per neuron of its projection; after `stopRule`. */
  async readRecords(): Promise<Recorded | undefined> {
    const { image } = this.options;
    const plastic = this.placement.projections.find(({ projection }) => projection.rule);
    if (!image || !plastic) return undefined;
    const columns = this.placement.columns.get(plastic.projection.target) ?? [];
    return fetchRecords(
      (list) => this.read(list),
      image.layout,
      this.placement.hemisphere,
      columns,
    );
  }

  /** Reads register words while no experiment time passes (a few microseconds of chip time do). */
  async read(addresses: readonly number[]): Promise<Uint32Array> {
    const writer = new PlaybackWriter();
    for (const address of addresses) writer.read(address);
    const answers = await this.send(writer);
    this.nowTicks += ticks(1e-3 * Math.ceil((addresses.length * 40 * tickSeconds) / 1e-3));
    return answers.reads.values();
  }

  /** Writes weights (source-major, 0..63) as the host; `writer` lets it be part of a piece. */
  writeWeights(writer: PlaybackWriter, projection: Projection, weights: ArrayLike<number>): void {
    const { hemisphere } = this.placement;
    const words = new Map<number, number>();
    for (const [index, { row, column }] of this.synapsesOf(projection).entries()) {
      const address = addressOf('SynapseWeightQuad', [hemisphere, row, quadOfColumn(column)]);
      words.set(
        address,
        (words.get(address) ?? 0) | ((weights[index] ?? 0) << (24 - 8 * entryOfColumn(column))),
      );
    }
    for (const [address, word] of words) writer.write(address, word >>> 0);
  }

  /** Row and column of every synapse of a projection with one row per source, source-major. */
  synapsesOf(projection: Projection): { readonly row: number; readonly column: number }[] {
    const placed = this.placed(projection);
    const columns = this.placement.columns.get(projection.target) ?? [];
    return placed.rowsOfSource.flatMap((rows) =>
      columns.map((column) => ({ row: rows[0] ?? 0, column })),
    );
  }

  private writeWeightReads(
    writer: PlaybackWriter,
    projection: Projection,
  ): { projection: Projection; decode: (reads: Uint32Array) => Uint8Array } {
    const synapses = this.synapsesOf(projection);
    const tickets = new Map<number, number>();
    const place = synapses.map(({ row, column }) => {
      const address = addressOf('SynapseWeightQuad', [
        this.placement.hemisphere,
        row,
        quadOfColumn(column),
      ]);
      let ticket = tickets.get(address);
      if (ticket === undefined) tickets.set(address, (ticket = writer.read(address)));
      return { ticket, shift: 24 - 8 * entryOfColumn(column) };
    });
    return {
      projection,
      decode: (reads) =>
        Uint8Array.from(place, ({ ticket, shift }) => ((reads[ticket] ?? 0) >>> shift) & 63),
    };
  }

  private sortSpikes(answers: ResponseReader): Map<Population, SpikeTrains> {
    const times = answers.spikeTimes.values();
    const labels = answers.spikeLabels.values();
    const found = new Map<Population, { times: number[]; neurons: number[] }>();
    for (const population of this.placement.network.populations)
      found.set(population, { times: [], neurons: [] });
    for (let i = 0; i < times.length; i++) {
      const neuron = this.neuronOf.get((labels[i] ?? 0) & 0x7ff);
      const list = neuron && found.get(neuron.population);
      if (!neuron || !list) continue;
      list.times.push(((times[i] ?? 0) - this.originCycles) * cycleSeconds);
      list.neurons.push(neuron.index);
    }
    return new Map(
      [...found].map(([population, list]) => [
        population,
        { times: Float64Array.from(list.times), neurons: Uint16Array.from(list.neurons) },
      ]),
    );
  }

  private async send(writer: PlaybackWriter): Promise<ResponseReader> {
    writer.barrier(barriers.omnibus).halt();
    const words = writer.words();
    this.words += words.length / 2;
    this.options.onProgram?.(words);
    const answers = new ResponseReader().push(await this.board.run(words, this.options.run));
    const timeout = answers.timeouts[0];
    if (timeout)
      throw new RunFailure(
        `playback instruction ${timeout.instruction} of ${writer.length} never ended (time-out): ` +
          'the processor did not reach the state that the host waited for',
      );
    if (answers.reads.length !== writer.readCount)
      throw new RunFailure(`${answers.reads.length} answers to ${writer.readCount} reads`);
    return answers;
  }
}
