/** A network on a board: configured once, then run piece by piece; every piece is one playback program. */
import { unusableFor } from './network/calibrated.js';
import type { Board } from '../board/board.js';
import { barriers } from '../isa/playback/messages.js';
import { ResponseReader } from '../isa/playback/reader.js';
import { PlaybackWriter } from '../isa/playback/writer.js';
import { mailbox } from '../isa/runtime-layout.js';
import { addressOf } from '../isa/registers/registers.js';
import { entryOfColumn, quadOfColumn } from '../isa/registers/coordinates.js';
import { ExperimentError, RunFailure, unknownName } from './failure.js';
import { ticks, writeInitialisation, writeNetwork } from './network/configure.js';
import type { ConfigurationOptions, SensorCodes } from './network/configure.js';
import type { Network } from './network/network.js';
import { placeNetwork } from './network/placement.js';
import type { PlacedProjection, Placement } from './network/placement.js';
import { neuronsOf } from './network/groups.js';
import type { Projection } from './network/projection.js';
import { SpikeSorter } from './network/spike-sorter.js';
import { spikeEvents } from './network/stimuli.js';
import { writeTimeline } from './network/timeline.js';
import type { TimedAction } from './network/timeline.js';
import { fetchRecords } from './records.js';
import type { Recorded } from './records.js';
import { readRuleLog, sramWord, writeRule, writeStop } from './rule.js';
import { changedBytes, encodeRuleValues, writeRuleBytes, writeSignal } from './rule-values.js';
import type { LoadedImage, RuleBytes, RuleLog } from './rule.js';
import { onlyImage } from './images.js';
import type { Piece, PieceOptions, SimulationOptions } from './piece.js';
import { setUpRecording, writeMadcStart, writeMadcStop } from './network/madc.js';

export type {
  Action,
  MembraneSamples,
  Piece,
  PieceOptions,
  SimulationOptions,
  SpikeTrains,
} from './piece.js';

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
  private readonly sorter: SpikeSorter;
  /** What the rules have been given so far, image by image. */
  private ruleBytes: readonly RuleBytes[];
  private commits = 0;
  /** Playback words sent so far. */
  words = 0;

  private constructor(
    readonly board: Board,
    readonly placement: Placement,
    private readonly options: SimulationOptions,
    private readonly images: readonly LoadedImage[],
  ) {
    this.sorter = new SpikeSorter(placement);
    this.ruleBytes = this.encodeRules();
  }

  /** Resets the chip, places and configures the network, loads the rules; chip time of the experiment is still 0. */
  static async start(
    board: Board,
    network: Network,
    options: SimulationOptions = {},
  ): Promise<Simulation> {
    const placement =
      options.placement ??
      placeNetwork(network, { unusable: unusableFor(network, options.calibration) });
    const images = options.images ?? (options.image ? [onlyImage(placement, options.image)] : []);
    const simulation = new Simulation(board, placement, options, images);
    const writer = new PlaybackWriter();
    writeInitialisation(writer, board.info.emulator ? (options.noiseSeed ?? 0) : undefined);
    writeNetwork(writer, placement, configurationOf(options));
    for (const image of images) writeRule(writer, image, encodeRuleValues(image, placement));
    if (options.record) setUpRecording(writer, placement, options.record);
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
      throw new ExperimentError(
        `a piece of ${duration} s would end at ${((to - startTicks) * tickSeconds).toFixed(3)} s`,
        'simulation',
        'The playback timer holds 32 s: start the network again for what comes later. Times are in s of hardware time.',
      );
    const actions = (options.actions ?? []).map(({ at, write }): TimedAction => ({
      tick: startTicks + Math.floor(at * 125e6 + 1e-6),
      write,
    }));
    checkTimes(actions, this.begun ? from : 625, to);
    if (!this.begun) this.writeBegin(writer, options.membrane === true, actions);
    else if (options.membrane) writeMadcStart(writer);
    options.before?.(writer);
    const spikes = spikeEvents(this.placement, options.stimuli ?? [], {
      from,
      to,
      origin: startTicks,
    });
    const own = actions.filter(({ tick }) => tick >= startTicks);
    const late = writeTimeline(writer, spikes, own, from);
    const reads = options.weights ?? [];
    // Weights are read shortly before the end, so that the next piece begins on time.
    if (reads.length > 0) writer.at(Math.max(from, to - readGuard(this.placement)));
    const weightReads = reads.map((projection) => this.writeWeightReads(writer, projection));
    writer.at(to);
    if (options.membrane) writeMadcStop(writer);
    const before = writer.readCount;
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
    const sorted = this.sorter.sort(answers, this.originCycles);
    return {
      from: (from - startTicks) * tickSeconds,
      to: (to - startTicks) * tickSeconds,
      spikes: sorted.neurons,
      background: sorted.background,
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
      reads: values.subarray(before),
      answers: values,
      shifted: spikes.shifted,
      late,
      words: writer.length,
    };
  }

  /** The timer starts; what belongs before experiment time 0; the mark of time 0; the rules go. */
  private writeBegin(
    writer: PlaybackWriter,
    membrane: boolean,
    actions: readonly TimedAction[],
  ): void {
    const early = actions.filter(({ tick }) => tick < startTicks);
    if (membrane)
      early.push({ tick: startTicks - ticks(10e-6), write: (each) => writeMadcStart(each) });
    writer.timerSetup();
    for (const { tick, write } of early.sort((a, b) => a.tick - b.tick)) {
      writer.waitUntil(tick);
      write(writer);
    }
    writer.waitUntil(startTicks).tick();
    for (const { hemisphere } of this.images) writer.write(sramWord(hemisphere, mailbox.go), 1);
  }

  /**
   * The present values of all rules' parameters and inputs (`projection.set`) as something to be written later.
   * @returns appends the words that have changed since the values written before; undefined if none have
   * @throws ExperimentError for a name that a rule does not declare, or a value that it cannot have
   */
  ruleChanges(): ((writer: PlaybackWriter) => void) | undefined {
    const before = this.ruleBytes;
    const now = this.encodeRules();
    const changes = now.map((bytes, k) => changedBytes(bytes, before[k] ?? bytes));
    this.ruleBytes = now;
    if (changes.every(({ sram, external }) => sram.size + external.size === 0)) return undefined;
    return (writer) => {
      const commit = ++this.commits;
      this.images.forEach((image, k) => {
        const bytes = changes[k];
        if (bytes) writeRuleBytes(writer, image, bytes, commit);
      });
    };
  }

  private encodeRules(): readonly RuleBytes[] {
    return this.images.map((image) => encodeRuleValues(image, this.placement));
  }

  /** Appends the signal `name` to the rule of a projection. @throws ExperimentError for a signal that it does not know */
  writeSignal(writer: PlaybackWriter, projection: Projection, name: string): void {
    writeSignal(writer, this.images, this.placed(projection), name);
  }

  /** Ends the rule after its running trigger; the weights stay. */
  async stopRule(): Promise<void> {
    if (this.images.length === 0 || !this.begun) return;
    const writer = new PlaybackWriter();
    for (const { hemisphere } of this.images) writeStop(writer, hemisphere);
    // Polling takes chip time: the next piece begins a round millisecond later.
    this.nowTicks += ticks(1e-3);
    writer.at(this.nowTicks);
    await this.send(writer);
  }

  /** Counters and time-line of the first processor's rules, after `stopRule`; undefined without a rule. */
  async readRuleLog(): Promise<RuleLog | undefined> {
    return (await this.readRuleLogs())[0];
  }

  /** The log of each processor that ran rules. */
  async readRuleLogs(): Promise<RuleLog[]> {
    const logs: RuleLog[] = [];
    for (const image of this.images)
      logs.push(await readRuleLog((addresses) => this.read(addresses), image));
    return logs;
  }

  /** Everything the first processor's rules recorded with `record`, per neuron of their projections; after `stopRule`. */
  async readRecords(): Promise<Recorded | undefined> {
    return (await this.readAllRecords())[0];
  }

  /** The records of each processor that ran rules. */
  async readAllRecords(): Promise<Recorded[]> {
    const records: Recorded[] = [];
    for (const image of this.images)
      records.push(await fetchRecords((list) => this.read(list), image));
    return records;
  }

  /** Reads register words while no experiment time passes (a few microseconds of chip time do). */
  async read(addresses: readonly number[]): Promise<Uint32Array> {
    return this.exchange((writer) => {
      for (const address of addresses) writer.read(address);
    });
  }

  /** Sends messages between two pieces. @returns the answers to their reads */
  async exchange(write: (writer: PlaybackWriter) => void): Promise<Uint32Array> {
    const writer = new PlaybackWriter();
    write(writer);
    const answers = await this.send(writer);
    // Before the first piece the timer has not started yet.
    if (this.begun)
      this.nowTicks += ticks(1e-3 * Math.ceil((writer.readCount * 40 * tickSeconds) / 1e-3));
    return answers.reads.values();
  }

  /** Writes weights (source-major, 0..63) as the host; `writer` lets it be part of a piece. */
  writeWeights(writer: PlaybackWriter, projection: Projection, weights: ArrayLike<number>): void {
    const words = new Map<number, number>();
    for (const [index, { hemisphere, row, column }] of this.synapsesOf(projection).entries()) {
      const address = addressOf('SynapseWeightQuad', [hemisphere, row, quadOfColumn(column)]);
      words.set(
        address,
        (words.get(address) ?? 0) | ((weights[index] ?? 0) << (24 - 8 * entryOfColumn(column))),
      );
    }
    for (const [address, word] of words) writer.write(address, word >>> 0);
  }

  /** Place of every synapse of a projection with one row per source, source-major. */
  synapsesOf(projection: Projection): {
    readonly hemisphere: 0 | 1;
    readonly row: number;
    readonly column: number;
  }[] {
    const placed = this.placed(projection);
    const { size } = projection.target;
    const known = new Map<number, { hemisphere: 0 | 1; row: number; column: number }>();
    projection.connections.forEach(({ source, target }, k) => {
      const synapse = placed.synapses[placed.synapsesOf[k]?.[0] ?? -1];
      if (synapse) known.set(source * size + target, synapse);
    });
    const neurons = neuronsOf(projection.target).map(
      ({ population, index }) => this.placement.neurons.get(population)?.[index],
    );
    // Pairs without a connection name the place where one would be.
    return Array.from({ length: projection.source.size * size }, (_, i) => {
      const neuron = neurons[i % size];
      return (
        known.get(i) ?? {
          hemisphere: neuron?.hemisphere ?? this.placement.hemisphere,
          row: placed.rowsOfSource[Math.floor(i / size)]?.[0] ?? 0,
          column: neuron?.column ?? 0,
        }
      );
    });
  }

  private writeWeightReads(
    writer: PlaybackWriter,
    projection: Projection,
  ): { projection: Projection; decode: (reads: Uint32Array) => Uint8Array } {
    const synapses = this.synapsesOf(projection);
    const tickets = new Map<number, number>();
    const place = synapses.map(({ hemisphere, row, column }) => {
      const address = addressOf('SynapseWeightQuad', [hemisphere, row, quadOfColumn(column)]);
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

/** What configures the registers of a simulation. */
export function configurationOf(options: SimulationOptions): ConfigurationOptions {
  return {
    sensors: options.sensors ?? defaultSensors,
    calibration: options.calibration,
    readouts: options.readouts,
    registers: options.registers,
    settling: options.settling,
  };
}

function checkTimes(actions: readonly TimedAction[], from: number, to: number): void {
  const outside = actions.find(({ tick }) => tick < from || tick > to);
  if (outside)
    throw new ExperimentError(
      `messages at ${(outside.tick - startTicks) * tickSeconds} s lie outside of the piece that is run`,
      'simulation',
      `This piece covers ${(from - startTicks) * tickSeconds} s up to ${(to - startTicks) * tickSeconds} s.`,
    );
}
