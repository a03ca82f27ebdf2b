/**
 * A network that is built and run in PyNN's manner: populations and projections first, then `run` as often as wanted,
 * with changes in between; data are asked of the populations. All times are hardware time in s.
 */
import { ExperimentError, checkNames, unknownName } from './failure.js';
import type { Connector } from './network/connectors.js';
import type { SensorCodes } from './network/configure.js';
import { Network } from './network/network.js';
import type { PopulationOptions } from './network/network.js';
import type { NeuronSettings } from './network/neuron.js';
import type { Placement } from './network/placement.js';
import type { SourceGroup, TargetGroup } from './network/groups.js';
import type { Population } from './network/population.js';
import type { SpikeSources } from './network/spike-sources.js';
import { Assembly } from './network/views.js';
import type { AssemblyPart } from './network/views.js';
import type { Projection, ProjectionOptions } from './network/projection.js';
import type { SourceCell } from './network/sources.js';
import type { StreamOf } from './network/trains.js';
import { addRecordings } from './output/recordings.js';
import type { Recorded } from './records.js';
import type { Results } from './results.js';
import type { RuleLog } from './rule.js';
import { Segment } from './segment.js';
import type { Hook, HookWriter, SegmentHost } from './segment.js';

const runModes: readonly string[] = ['append', 'execute'];
/** One tick of the playback timer; and the time after which it would overflow. s */
const shortestRun = 8e-9;
const longestSegment = 32;

/** How a session runs. */
export interface SessionOptions {
  /** Codes of the correlation sensors. */
  readonly sensors?: SensorCodes;
  /** s that parameter-memory cells are given to settle at the start; 20 ms if absent, which hardware needs. */
  readonly settling?: number;
}

/** What a session needs of its surroundings. */
export interface SessionHost extends Omit<SegmentHost, 'stream'> {
  readonly place: (network: Network) => Placement;
  readonly stream: (name: 'stimulus', path: string) => ReturnType<StreamOf>;
  readonly results: Results;
}

/** See the module's first sentence. */
export class Session {
  readonly network = new Network();
  private segment: Segment | undefined;
  private hooks: Hook[] = [];
  private ended = 0;

  constructor(
    private readonly host: SessionHost,
    private readonly options: SessionOptions,
  ) {
    checkNames('option', options, ['sensors', 'settling'], 'setup');
  }

  /** Adds neurons. @param name `population 1`, .. if absent */
  population(
    size: number,
    cell: NeuronSettings,
    name = `population ${this.network.populations.length + 1}`,
    options: PopulationOptions = {},
  ): Population {
    this.checkBuilding(`population "${name}"`);
    return this.network.addPopulation(name, size, cell, options);
  }

  /** Adds spike sources. @param name `sources 1`, .. if absent */
  sources(
    size: number,
    cell: SourceCell,
    name = `sources ${this.network.sources.length + 1}`,
  ): SpikeSources {
    this.checkBuilding(`sources "${name}"`);
    return this.network.addSources(name, size, cell);
  }

  /** Connects two groups. */
  projection<S extends SourceGroup, T extends TargetGroup>(
    from: S,
    to: T,
    connector: Connector,
    options: ProjectionOptions = {},
  ): Projection<S, T> {
    this.checkBuilding(`projection to "${to.name}"`);
    return this.network.project(from, to, connector, options);
  }

  /** Groups several populations or views as one. */
  assembly(name: string, ...parts: readonly (AssemblyPart | Assembly)[]): Assembly {
    return new Assembly(name, ...parts);
  }

  /** s since the last reset, appended runs included. */
  get now(): number {
    return this.segment?.end ?? 0;
  }

  /** Where the network lies; it is placed at the latest with the first `run`. */
  get placement(): Placement {
    return this.segment?.placement ?? this.host.place(this.network);
  }

  /**
   * Lets time pass with the present parameters and weights. `append` only notes the piece; `execute` (the default) runs all
   * noted pieces as one playback program, without a gap between them.
   */
  async run(duration: number, mode: 'append' | 'execute' = 'execute'): Promise<void> {
    const end = this.now + duration;
    if (!(duration >= shortestRun && end <= longestSegment))
      throw new ExperimentError(
        `the duration is ${duration} s`,
        'run',
        `Run for 8 ns or more, and up to ${longestSegment} s from reset to reset, in s of hardware time: 1e-3 is 1 ms of the chip, 1 s of the modelled biology.`,
      );
    if (!runModes.includes(mode)) throw unknownName('mode', mode, runModes, 'run');
    this.segment ??= this.open();
    await this.segment.append(duration);
    if (mode === 'execute') await this.execute();
  }

  /** Runs what was appended. */
  private async execute(): Promise<void> {
    const { segment } = this;
    if (!segment) return;
    const due = this.hooks.filter(({ at }) => at <= segment.end);
    this.hooks = this.hooks.filter(({ at }) => at > segment.end);
    await segment.execute(due);
  }

  /**
   * Messages at an absolute time (s since the last reset) while the network runs.
   * @returns what the hook's reads have answered, once that time has been executed: await it after `run`
   */
  at(time: number, write: HookWriter): Promise<Uint32Array> {
    if (!(time >= this.executed))
      throw new ExperimentError(
        `a hook at ${time} s lies in the past`,
        'hook',
        `The network has run up to ${this.executed} s.`,
      );
    return new Promise((resolve) => this.hooks.push({ at: time, write, resolve }));
  }

  /**
   * Sends a signal to the rule of a projection (`on signal NAME`).
   * @param time s since the last reset; when the next piece begins if absent
   */
  signal(projection: Projection, name: string, time = this.now): void {
    void this.at(time, (writer) => this.segment?.writeSignal(writer, projection, name));
  }

  /**
   * Puts what was recorded since the last reset into the results: spikes of all populations and recorded sources, signals,
   * sensors, weights of plastic projections, a raster and pictures of the signals.
   * @param prefix goes before all names, to tell several runs of one experiment apart
   * @throws ExperimentError before anything has run
   */
  writeData(prefix = ''): void {
    addRecordings(this.host.results, this.network, this.executed, prefix);
  }

  /** Ends the rules and gives what they counted and recorded; the weights stay. */
  async end(): Promise<{ readonly logs: RuleLog[]; readonly records: Recorded[] }> {
    if (this.segment?.isPending) await this.execute();
    this.forgetHooks();
    return (await this.segment?.stop()) ?? { logs: [], records: [] };
  }

  /**
   * Back to time 0: the chip is reset, the network stays as it is now. Data recorded so far are forgotten by
   * `getData`, so take them before.
   */
  async reset(): Promise<void> {
    if (this.segment?.isPending) await this.execute();
    this.segment?.close();
    this.segment = undefined;
    this.forgetHooks();
    this.ended++;
  }

  /** What was noted and will not happen any more, in words; the lab asks when the experiment is over. */
  leftovers(): string[] {
    const open: string[] = [];
    if (this.segment?.isPending)
      open.push(
        'pieces were appended and never executed: end a session with `run(t)`, `end` or `reset`',
      );
    if (this.hooks.length > 0) open.push(lateHooks(this.hooks, this.executed));
    return open;
  }

  /** Hooks whose time never came have read nothing. */
  private forgetHooks(): void {
    if (this.hooks.length > 0) this.host.results.warn(lateHooks(this.hooks, this.executed));
    for (const { resolve } of this.hooks) resolve(new Uint32Array(0));
    this.hooks = [];
  }

  private get executed(): number {
    return this.segment?.executed ?? 0;
  }

  private open(): Segment {
    const { host, network, ended } = this;
    const stream: StreamOf = (path) =>
      host.stream('stimulus', ended === 0 ? path : `${path} segment ${ended}`);
    return new Segment(network, host.place(network), { ...host, stream }, this.options);
  }

  private checkBuilding(place: string): void {
    if (this.segment)
      throw new ExperimentError(
        'the network has begun to run',
        place,
        'Add populations and projections before `run`, or after `reset`.',
      );
  }
}

function lateHooks(hooks: readonly Hook[], executed: number): string {
  const first = Math.min(...hooks.map(({ at }) => at));
  return `${hooks.length} hooks from ${first} s on never came: the network ran up to ${executed} s`;
}
