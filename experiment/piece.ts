/** What pieces of a simulation are asked for and what they give. */
import type { RunOptions } from '../board/board.js';
import type { PlaybackWriter } from '../isa/playback/writer.js';
import type { ChipCalibration } from './network/calibrated.js';
import type { Readouts, SensorCodes } from './network/configure.js';
import type { Placement } from './network/placement.js';
import type { Population } from './network/population.js';
import type { Projection } from './network/projection.js';
import type { RegisterImage } from './network/registers.js';
import type { SpikeSources } from './network/spike-sources.js';
import type { Stimulus } from './network/stimuli.js';
import type { LoadedImage, RuleImage } from './rule.js';

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
  /** All answers by ticket: what actions, hooks and weights have read. */
  readonly answers: Uint32Array;
  /** Events of background generators that go to the host: time, and source of its group. */
  readonly background: ReadonlyMap<SpikeSources, SpikeTrains>;
  /** Spikes that left more than 100 ns late because other messages of this piece were in their way. */
  readonly late: number;
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
  /** Messages at times of their own (s of experiment time), among the stimuli. */
  readonly actions?: readonly Action[];
  /** Messages after the last time of the piece. */
  readonly after?: (writer: PlaybackWriter) => void;
}

/** Messages at an absolute time; before experiment time 0 only in the first piece, at most 15 us. */
export interface Action {
  /** s of experiment time. */
  readonly at: number;
  /** Appends the messages; the writer stands at the time of the action. */
  write(writer: PlaybackWriter): void;
}

/** How a simulation starts. */
export interface SimulationOptions {
  readonly sensors?: SensorCodes;
  readonly noiseSeed?: number;
  /** The compiled rule of the network's only plastic block; `images` for several. */
  readonly image?: RuleImage;
  readonly images?: readonly LoadedImage[];
  /** Where the network lies; placed anew if absent. */
  readonly placement?: Placement;
  readonly calibration?: ChipCalibration | undefined;
  readonly readouts?: Readouts;
  /** s that parameter-memory cells are given to settle at the start; 20 ms if absent, which hardware needs. */
  readonly settling?: number;
  /** Register contents to start from instead of the network's present ones. */
  readonly registers?: RegisterImage;
  /** Neuron that the fast converter can record, and what of it (0 membrane, 1, 2 lines, 3 adaptation). */
  readonly record?: {
    readonly population: Population;
    readonly neuron: number;
    readonly compartment?: string;
    readonly select?: number;
  };
  readonly run?: RunOptions;
  /** Sees every program before it is sent: for captures and tests. */
  readonly onProgram?: (words: Uint32Array) => void;
}
