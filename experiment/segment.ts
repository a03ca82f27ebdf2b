/** One run of a session from time 0 to the next reset: snippets noted, executed as playback programs, data collected. */
import type { PlaybackWriter } from '../isa/playback/writer.js';
import type { Lab } from './experiment.js';
import { configure, ticks } from './network/configure.js';
import type { ConfigurationOptions } from './network/configure.js';
import {
  generatorActions,
  generatorCells,
  initialActions,
  initialImage,
} from './network/beginning.js';
import type { GeneratorCells } from './network/beginning.js';
import type { Network } from './network/network.js';
import type { Placement } from './network/placement.js';
import type { Projection } from './network/projection.js';
import { RegisterImage } from './network/registers.js';
import { planRecording } from './network/recording.js';
import type { RecordingPlan } from './network/recording.js';
import { trainsOf } from './network/trains.js';
import type { StreamOf, Trains } from './network/trains.js';
import type { Stimulus } from './network/stimuli.js';
import type { Recorded } from './records.js';
import type { Results } from './results.js';
import type { RuleLog } from './rule.js';
import { defaultSensors } from './simulation.js';
import type { Action, Simulation } from './simulation.js';
import type { SessionOptions } from './session.js';
import { WeightReader } from './weight-reader.js';

/** Appends messages of its own to the program; reads are answered after the run. */
export type HookWriter = (writer: PlaybackWriter) => void;

/** A hook with where its answers go. */
export interface Hook {
  readonly at: number;
  readonly write: HookWriter;
  readonly resolve: (answers: Uint32Array) => void;
}

/** What a segment needs of its surroundings. */
export interface SegmentHost {
  readonly start: Lab['start'];
  readonly stream: StreamOf;
  readonly results: Results;
  readonly calibration?: ConfigurationOptions['calibration'];
}

/** A noted piece: from when to when, what the registers shall be in it, and what sources do. */
interface Snippet {
  readonly begin: number;
  readonly end: number;
  readonly image: RegisterImage;
  readonly stimuli: readonly Stimulus[];
  readonly generators: GeneratorCells;
  /** Writes what the rules are given anew when it begins. */
  readonly rules: ((writer: PlaybackWriter) => void) | undefined;
}

/** Ticks that the reads at the end of a program need beyond their number. */
const guard = 1250;
const tick = 8e-9;

/** See the module's first sentence. */
export class Segment {
  /** s: end of what is noted, and of what has run. */
  end = 0;
  executed = 0;
  private readonly plan: RecordingPlan;
  private readonly trains: readonly Trains[];
  private pending: Snippet[] = [];
  private present: RegisterImage | undefined;
  private generators: GeneratorCells | undefined;
  private simulation: Simulation | undefined;

  constructor(
    private readonly network: Network,
    readonly placement: Placement,
    private readonly host: SegmentHost,
    private readonly options: SessionOptions,
  ) {
    this.plan = planRecording(network, placement);
    this.trains = network.sources.flatMap((sources) => {
      const trains = placement.events.has(sources) ? trainsOf(sources, host.stream) : undefined;
      return trains ? [trains] : [];
    });
    for (const population of network.populations) {
      population.provider = () => this.plan.dataOf(population);
      population.isRunning = true;
    }
    for (const sources of network.sources) sources.provider = () => this.plan.spikesOf(sources);
    for (const projection of network.projections)
      projection.provider = () => this.plan.correlationOf(projection);
  }

  get isPending(): boolean {
    return this.pending.length > 0;
  }

  /** Notes a piece with the present state of the network; the first one puts the network on the chip. */
  async append(duration: number): Promise<void> {
    const begin = this.end;
    const end = begin + ticks(duration) * tick;
    const image = this.image();
    this.simulation ??= await this.begin(image);
    const rules = this.simulation.ruleChanges();
    const generators = generatorCells(this.placement);
    const stimuli = this.trains.map((trains) => trains.next(begin, end));
    this.pending.push({ begin, end, image, stimuli, generators, rules });
    this.end = end;
  }

  /** Recordings can be asked for again. */
  close(): void {
    for (const population of this.network.populations) population.isRunning = false;
  }

  /** Appends a signal to the rule of a projection. */
  writeSignal(writer: PlaybackWriter, projection: Projection, name: string): void {
    this.simulation?.writeSignal(writer, projection, name);
  }

  /** Runs what is noted. */
  async execute(hooks: readonly Hook[]): Promise<void> {
    const { simulation } = this;
    if (!simulation || this.pending.length === 0) return;
    const from = this.executed;
    const to = this.end;
    const hookReads: { readonly hook: Hook; first: number; end: number }[] = [];
    const weights = new WeightReader(this.placement);
    const sampling = this.plan.sample(from, to);
    const changes = this.changeActions();
    const actions: Action[] = [
      ...(from === 0 ? initialActions(this.placement) : []),
      ...changes,
      ...this.generatorActions(),
      ...hooks.map((hook): Action => {
        const reads = { hook, first: 0, end: 0 };
        hookReads.push(reads);
        return {
          at: hook.at,
          write: (writer) => {
            reads.first = writer.readCount;
            hook.write(writer);
            reads.end = writer.readCount;
          },
        };
      }),
      ...sampling.actions,
      {
        at: Math.max(from, to - (weights.count + guard) * tick),
        write: (writer) => weights.write(writer),
      },
    ];
    const stimuli = this.pending.flatMap((snippet) => snippet.stimuli);
    const piece = await simulation.run(to - from, {
      stimuli,
      membrane: this.plan.madc !== undefined,
      actions: weights.count > 0 ? actions : actions.slice(0, -1),
    });
    this.pending = [];
    this.executed = to;
    sampling.collect(piece, stimuli);
    weights.take(piece.answers);
    // What a rule has changed is what the chip holds: it is not written again.
    if (weights.count > 0) this.present = this.image();
    for (const { hook, first: begin, end } of hookReads)
      hook.resolve(piece.answers.slice(begin, end));
    if (piece.late > 0)
      this.host.results.warn(
        `${piece.late} spikes left more than 100 ns late, because configuration, hooks or samples were in their way`,
      );
  }

  /** Ends the rules. */
  async stop(): Promise<{ readonly logs: RuleLog[]; readonly records: Recorded[] }> {
    const { simulation } = this;
    if (!simulation) return { logs: [], records: [] };
    await simulation.stopRule();
    this.executed = simulation.now;
    this.end = simulation.now;
    return {
      logs: await simulation.readRuleLogs(),
      records: await simulation.readAllRecords(),
    };
  }

  private async begin(image: RegisterImage): Promise<Simulation> {
    const { options, placement } = this;
    const { madc } = this.plan;
    const simulation = await this.host.start(this.network, {
      placement,
      readouts: this.plan.readouts,
      registers: initialImage(image, placement),
      ...(options.sensors ? { sensors: options.sensors } : {}),
      ...(options.settling === undefined ? {} : { settling: options.settling }),
      ...(madc ? { record: madc } : {}),
    });
    this.present = image;
    await this.plan.measureBaselines(simulation);
    return simulation;
  }

  /** Register writes where a snippet differs from the one before. */
  private changeActions(): Action[] {
    const actions: Action[] = [];
    for (const { begin, image, rules } of this.pending) {
      if (rules) actions.push({ at: begin, write: rules });
      const changes = this.present ? image.changesFrom(this.present) : [];
      this.present = image;
      if (changes.length > 0)
        actions.push({
          at: begin,
          write: (writer) => {
            for (const [address, value] of changes) writer.write(address, value);
          },
        });
    }
    return actions;
  }

  /** Generators switched on and off, and changed where a snippet begins. */
  private generatorActions(): Action[] {
    return this.pending.flatMap(({ begin, end, generators }) => {
      const actions = generatorActions(this.placement, generators, this.generators, begin, end);
      this.generators = generators;
      return actions;
    });
  }

  /** The registers that the network wants to see now. */
  private image(): RegisterImage {
    const image = new RegisterImage();
    configure(image, this.placement, {
      sensors: this.options.sensors ?? defaultSensors,
      calibration: this.host.calibration,
      readouts: this.plan.readouts,
    });
    this.plan.writeSwitches(image);
    return image;
  }
}
