/** What an experiment file exports, and what it is given when it runs. */
import type { Board } from '../board/board.js';
import { Stream } from '../isa/numeric/random.js';
import { quantise, valueOf } from '../isa/runtime-layout.js';
import { checkNames } from './failure.js';
import { unusableFor } from './network/calibrated.js';
import type { ChipCalibration } from './network/calibrated.js';
import type { Network } from './network/network.js';
import { placeNetwork } from './network/placement.js';
import type { Population } from './network/population.js';
import type { RecordedSpikes } from './network/recorded.js';
import { countResources } from './network/resources.js';
import { runPartitioned } from './partition.js';
import type { Partition } from './partition.js';
import type { Placement } from './network/placement.js';
import type { RuleAttachment, RuleValue } from './network/projection.js';
import { loadImages } from './images.js';
import type { CompileRules } from './images.js';
import type { LoadedImage, RuleImage } from './rule.js';
import { Session } from './session.js';
import type { SessionOptions } from './session.js';
import { Simulation } from './simulation.js';
import type { SimulationOptions } from './simulation.js';
import type { Results } from './results.js';

/** A value that `--set name=value` can change. */
export type Setting = number | string | boolean;

/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>;

/** The named streams of randomness; each can be seeded alone. */
export const streamNames = ['noise', 'stimulus', 'split', 'init', 'rule'] as const;
/** Name of a stream of randomness. */
export type StreamName = (typeof streamNames)[number];
/** The seed of every stream. */
export type Seeds = Readonly<Record<StreamName, number>>;

/** What an experiment file exports as its default. */
export interface ExperimentDefinition<S extends Settings = Settings> {
  /** Short name: names the result folder. Lower case, digits, dashes. */
  readonly name: string;
  readonly title: string;
  /** Values that the command line can change; their types are checked. */
  readonly settings: S;
  /** Settings of the short version, `--quick`. */
  readonly quick?: Partial<S>;
  /** The experiment itself; what it puts into `lab.results` is written when it ends. */
  readonly run: (lab: Lab<S>) => Promise<void>;
}

/** Marks a definition as an experiment and infers its settings. */
export function defineExperiment<const S extends Settings>(
  definition: ExperimentDefinition<{ readonly [K in keyof S]: Widened<S[K]> }>,
): ExperimentDefinition<{ readonly [K in keyof S]: Widened<S[K]> }> {
  return definition;
}

type Widened<T> = T extends number
  ? number
  : T extends string
    ? string
    : T extends boolean
      ? boolean
      : T;

/** Options of `Lab.rule`. */
export interface RuleOptions {
  /** Values of parameters and inputs that differ from the file's; `projection.set` changes them later. */
  readonly parameters?: Readonly<Record<string, RuleValue>>;
  readonly baseline?: 'synapse' | 'column' | 'none';
  /** The population behind the rule's `neurons NAME`, by that name. */
  readonly neurons?: Readonly<Record<string, Population>>;
}

/** Everything an experiment may use besides the library: its place on a command line, a board, results. */
export interface Lab<S extends Settings = Settings> {
  readonly settings: S;
  readonly seeds: Seeds;
  readonly board: Board;
  readonly results: Results;
  /** Aborted when the user interrupts; a piece of a simulation then ends the experiment. */
  readonly signal: AbortSignal;
  /** A random stream of its own, named `name/path`. */
  stream(name: StreamName, path?: string): Stream;
  /** Text of a file beside the experiment. @throws ExperimentError when it cannot be read */
  readText(file: string): string;
  /** A rule file beside the experiment, to attach to a projection. @throws ExperimentError when it cannot be read */
  rule(file: string, options?: RuleOptions): RuleAttachment;
  /** Compiles the rule of a network for its block. @throws ExperimentError with the compiler's messages */
  compile(network: Network): RuleImage | undefined;
  /** Resets the board's chip and puts the network on it, with its rules unless `plastic` is false. */
  start(network: Network, options?: StartOptions): Promise<Simulation>;
  /** A session in PyNN's manner: populations, projections, `run`, `reset`. */
  setup(options?: SessionOptions): Session;
  /** Runs a feed-forward network that is too large for the chip in parts, one after another. */
  runPartitioned(
    network: Network,
    duration: number,
    options?: Pick<SessionOptions, 'settling'>,
  ): Promise<{ spikes: Map<Population, RecordedSpikes>; parts: readonly Partition[] }>;
  /** Where a network would lie. @throws ExperimentError when it does not fit, saying what is missing */
  place(network: Network): Placement;
  /** Calibration of the chip; absent on the ideal chip and where a chip is used as it is. */
  readonly calibration?: ChipCalibration | undefined;
  /** Says how far the experiment is: 0..1. */
  progress(share: number, what: string): void;
  /** One line for the user, unless `-q`. */
  log(text: string): void;
}

/** Options of `Lab.start`. */
export type StartOptions = Omit<SimulationOptions, 'image' | 'images' | 'run' | 'calibration'> & {
  readonly plastic?: boolean;
};

/** What the command line hands to an experiment. */
export interface LabSetup {
  readonly settings: Settings;
  readonly seeds: Seeds;
  readonly board: Board;
  readonly results: Results;
  readonly signal: AbortSignal;
  /** Reads a file beside the experiment. */
  readonly readText: (file: string) => string;
  readonly compile: CompileRules;
  readonly calibration?: ChipCalibration | undefined;
  /** Shows how far the experiment is: 0..1. */
  readonly progress: (share: number, what: string) => void;
  /** Shows one line. */
  readonly log: (text: string) => void;
}

/** A lab that counts what went to its board. */
export interface CountingLab extends Lab {
  /** Playback words sent and seconds of chip time, so far. */
  used(): { words: number; chipSeconds: number };
  /** Warns of what its sessions have noted and never done; to be called when the experiment is over. */
  finish(): void;
}

/** Builds the lab of one run. */
export function openLab(setup: LabSetup): CountingLab {
  const simulations: Simulation[] = [];
  const sessions: Session[] = [];
  let chipSeconds = 0;
  const { calibration } = setup;
  const compiled = new Map<string, RuleImage>();
  const compile: CompileRules = (attachments, rows, external) => {
    // Arms of one experiment share a rule: it is compiled once for each block.
    const list = 'file' in attachments ? [attachments] : attachments;
    const key = `${rows} ${external} ${list.map(({ baseline, text }) => `${baseline} ${text}`).join()}`;
    const image = compiled.get(key) ?? setup.compile(attachments, rows, external);
    compiled.set(key, image);
    for (const warning of image.warnings ?? []) setup.results.warn(warning);
    return image;
  };
  const place = (network: Network): Placement =>
    placeNetwork(network, { unusable: unusableFor(network, calibration) });
  const start: Lab['start'] = async (network, { plastic = true, ...options } = {}) => {
    const placement = options.placement ?? place(network);
    const images = plastic ? loadImages(placement, compile) : [];
    let before = 0;
    const simulation = await Simulation.start(setup.board, network, {
      noiseSeed: setup.seeds.noise,
      ...options,
      placement,
      images,
      calibration,
      run: {
        signal: setup.signal,
        onProgress: ({ chipSeconds: seconds = 0 }) => {
          // Each program counts from 0: a smaller figure is the next program.
          chipSeconds += seconds >= before ? seconds - before : seconds;
          before = seconds;
        },
      },
    });
    simulations.push(simulation);
    setup.results.facts['network'] ??= describePlacement(simulation.placement);
    const [image] = images;
    if (image) setup.results.facts['rule'] ??= describeRule(image);
    if (images.length > 1 || (image?.rules.length ?? 0) > 1)
      setup.results.facts['rules'] ??= images.map(describeRule);
    return simulation;
  };
  const stream: Lab['stream'] = (name, path = '') =>
    new Stream(setup.seeds[name], path ? `${name}/${path}` : name);
  return {
    settings: setup.settings,
    seeds: setup.seeds,
    board: setup.board,
    results: setup.results,
    signal: setup.signal,
    stream,
    calibration,
    readText: setup.readText,
    rule: (file, options = {}) => {
      checkNames('option', options, ['parameters', 'baseline', 'neurons'], file);
      return {
        file,
        text: setup.readText(file),
        parameters: options.parameters ?? {},
        baseline: options.baseline ?? 'synapse',
        neurons: options.neurons,
      };
    },
    compile: (network) => loadImages(place(network), compile)[0]?.image,
    start,
    place,
    runPartitioned: (network, duration, options) =>
      runPartitioned(
        { start, stream, progress: setup.progress },
        network,
        duration,
        place,
        options,
      ),
    setup: (options = {}) => {
      const { results } = setup;
      const session = new Session({ start, place, stream, results, calibration }, options);
      sessions.push(session);
      return session;
    },
    finish: () => {
      for (const text of sessions.flatMap((session) => session.leftovers()))
        setup.results.warn(text);
    },
    progress: setup.progress,
    log: setup.log,
    used: () => ({
      words: simulations.reduce((sum, simulation) => sum + simulation.words, 0),
      chipSeconds,
    }),
  };
}

/** Where the parts of a network lie, for the manifest. */
function describePlacement(placement: Placement): unknown {
  const { hemisphere, halves, columns, projections, generators, used } = placement;
  return {
    hemisphere,
    resources: countResources(placement),
    ...(halves.length > 1 ? { halves: halves.map((half) => half.hemisphere) } : {}),
    used,
    populations: Object.fromEntries(
      [...columns].map(([{ name }, own]) => [name, { columns: own }]),
    ),
    projections: Object.fromEntries(
      projections.map(({ projection, firstRow, rowCount, synapses }) => [
        projection.name,
        { receptor: projection.receptor, firstRow, rowCount, synapses: synapses.length },
      ]),
    ),
    ...(generators.length > 0
      ? {
          generators: generators.map(({ sources, generator, settings }) => ({
            sources: sources.name,
            generator,
            rate: settings.rate,
          })),
        }
      : {}),
  };
}

/** The rules of a processor with the values of their parameters as the chip has them. */
function describeRule({ image, rules }: LoadedImage): unknown {
  const { layout, worstCycles = [] } = image;
  const rule = rules[0]?.attachment;
  return {
    file: rules.map(({ attachment }) => attachment.file).join(', '),
    text: rules.map(({ attachment }) => attachment.text).join('\n'),
    baseline: rule?.baseline,
    parameters: Object.fromEntries(
      layout.parameters.map((slot) => {
        const owner = layout.rules.findIndex(({ name }) => name === slot.rule);
        const wanted = rules[owner]?.attachment.parameters[slot.name];
        const given = typeof wanted === 'object' ? wanted.flat() : wanted;
        const codes = Array.from({ length: slot.count }, (_, i) => {
          const value =
            typeof given === 'function'
              ? given(i, 0)
              : typeof given === 'object'
                ? given[i]
                : given;
          return value === undefined ? (slot.initial[i] ?? 0) : quantise(slot.format, value);
        });
        const values = codes.map((code) => valueOf(slot.format, code));
        const name = rules.length > 1 ? `${slot.rule}.${slot.name}` : slot.name;
        const [value, code] = [values[0], codes[0]];
        return [name, slot.count > 1 ? { values, codes } : { value, code }];
      }),
    ),
    triggers: layout.triggers.map(({ name, period, first }, i) => ({
      name,
      periodCycles: period,
      firstCycle: first,
      worstCycles: worstCycles[i],
    })),
  };
}
