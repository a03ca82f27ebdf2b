/** What an experiment file exports, and what it is given when it runs. */
import type { Board } from '../board/board.js';
import { Stream } from '../isa/numeric/random.js';
import { quantise, valueOf } from '../isa/runtime-layout.js';
import type { RuleImage } from './rule.js';
import type { Placement } from './network/placement.js';
import type { Network, RuleAttachment } from './network/network.js';
import { Simulation } from './simulation.js';
import type { SimulationOptions } from './simulation.js';
import type { Results } from './results.js';

/** A value that `--set name=value` can change. */
export type Setting = number | string | boolean;

/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>;

/** The named streams of randomness; each can be seeded alone. */
export const streamNames = ['noise', 'stimulus', 'split', 'init', 'rule'] as const;
export type StreamName = (typeof streamNames)[number];
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
  readonly parameters?: Readonly<Record<string, number>>;
  readonly baseline?: 'synapse' | 'column' | 'none';
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
  /** Resets the board's chip and puts the network on it, with its rule unless `plastic` is false. */
  start(network: Network, options?: StartOptions): Promise<Simulation>;
  /** Says how far the experiment is: 0..1. */
  progress(share: number, what: string): void;
  /** One line for the user, unless `-q`. */
  log(text: string): void;
}

/** Options of `Lab.start`. */
export type StartOptions = Omit<SimulationOptions, 'image' | 'run'> & {
  readonly plastic?: boolean;
};

/** What the command line hands to an experiment. */
export interface LabSetup {
  readonly settings: Settings;
  readonly seeds: Seeds;
  readonly board: Board;
  readonly results: Results;
  readonly signal: AbortSignal;
  readonly readText: (file: string) => string;
  readonly compile: (attachment: RuleAttachment, rows: number) => RuleImage;
  readonly progress: (share: number, what: string) => void;
  readonly log: (text: string) => void;
}

/** Builds the lab of one run. */
export function openLab(
  setup: LabSetup,
): Lab & { readonly used: () => { words: number; chipSeconds: number } } {
  const simulations: Simulation[] = [];
  let chipSeconds = 0;
  const images = new Map<string, RuleImage>();
  const compile = (network: Network): RuleImage | undefined => {
    const projection = network.projections.find(({ rule }) => rule);
    if (!projection?.rule) return undefined;
    // Arms of one experiment share a rule: it is compiled once for each block.
    const { text, baseline } = projection.rule;
    const key = `${baseline} ${projection.source.size} ${text}`;
    const image = images.get(key) ?? setup.compile(projection.rule, projection.source.size);
    images.set(key, image);
    for (const warning of image.warnings ?? []) setup.results.warn(warning);
    return image;
  };
  return {
    settings: setup.settings,
    seeds: setup.seeds,
    board: setup.board,
    results: setup.results,
    signal: setup.signal,
    stream: (name, path = '') => new Stream(setup.seeds[name], path ? `${name}/${path}` : name),
    readText: setup.readText,
    rule: (file, options = {}) => ({
      file,
      text: setup.readText(file),
      parameters: options.parameters ?? {},
      baseline: options.baseline ?? 'synapse',
    }),
    compile,
    start: async (network, { plastic = true, ...options } = {}) => {
      const image = plastic ? compile(network) : undefined;
      let before = 0;
      const simulation = await Simulation.start(setup.board, network, {
        noiseSeed: setup.seeds.noise,
        ...options,
        ...(image ? { image } : {}),
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
      if (image) setup.results.facts['rule'] ??= describeRule(network, image);
      return simulation;
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
function describePlacement({ hemisphere, columns, projections, used }: Placement): unknown {
  return {
    hemisphere,
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
  };
}

/** The attached rule with the values of its parameters as the chip has them. */
function describeRule(network: Network, { layout, worstCycles = [] }: RuleImage): unknown {
  const rule = network.projections.find((projection) => projection.rule)?.rule;
  return {
    file: rule?.file,
    text: rule?.text,
    baseline: rule?.baseline,
    parameters: Object.fromEntries(
      layout.parameters.map((slot) => {
        const wanted = rule?.parameters[slot.name];
        const code = wanted === undefined ? (slot.initial[0] ?? 0) : quantise(slot.format, wanted);
        return [slot.name, { value: valueOf(slot.format, code), code }];
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
