/** Where everything lies in the linear memory that the kernels of the fast engine work on. All offsets are bytes. */
import { NEURONS, SYNAPSES } from '../core.js';
import { NOISE_BLOCK, NOISE_COEFFICIENTS } from '../membrane-noise.js';

/** Neurons of a block: what sleeps and wakes together, and what one turn of a step kernel does. */
export const BLOCK = 16;
export const BLOCKS = NEURONS / BLOCK;
/** Cycles of a step (0.1 us). */
export const STEP = 25;
/** Kinds of neurons by the kernel that steps them. */
export const KINDS = ['leaky', 'exponential', 'conductance'] as const;
export type Kind = (typeof KINDS)[number];

/**
 * Arrays of one float per neuron. Membranes and potentials are relative to the neuron's reference (its threshold), so that
 * floats are finest where it matters. `half` coefficients are for half a step.
 */
export const NEURON_ARRAYS = [
  // State at the end of the step.
  'v',
  'excitatory',
  'inhibitory',
  /** Adaptation at the middle of the step as the drag on the membrane (`split-coefficients.ts`). */
  'w',
  /** Comparator level, less the reach of the noise; Infinity while the neuron cannot fire. */
  'threshold',
  'lowest',
  'highest',
  /** The lower one of comparator level and upper clamp: nothing needs a look below it. */
  'alarm',
  // Leaky: v += constant + slope v + drives.
  'constant',
  'slope',
  'excitatoryGain',
  'inhibitoryGain',
  'excitatoryDecay',
  'inhibitoryDecay',
  'excitatoryHalf',
  'inhibitoryHalf',
  // Exponential term and adaptation; membrane at the beginning of the step.
  'vBefore',
  'constantHalf',
  'slopeHalf',
  'excitatoryHalfGain',
  'inhibitoryHalfGain',
  /** w -> left w + pull v from the middle of a step to that of the next. */
  'adaptationLeft',
  'adaptationPull',
  'slopeFactor',
  /** ln of what the exponential term adds in a step, over ln 2: (v - exponential) inverseSlopeFactor. */
  'inverseSlopeFactor',
  'exponential',
  // Conductance-based inputs: rates per cycle and currents as mV per cycle.
  'rate',
  'rateRest',
  'excitatoryCurrent',
  'inhibitoryCurrent',
  'excitatoryRate',
  'inhibitoryRate',
  'excitatoryReversal',
  'inhibitoryReversal',
  // Effect of an event inside a step: factor plain + tilt v.
  'excitatoryPlain',
  'excitatoryTilt',
  'inhibitoryPlain',
  'inhibitoryTilt',
] as const;
export type NeuronArray = (typeof NEURON_ARRAYS)[number];

const NEURON_BYTES = 4 * NEURONS;
let free = 1024;
/** Room for an array, and a cache line more: arrays of 2 KiB in a row would fall into the same few sets of a cache. */
function place(bytes: number): number {
  const at = free;
  free += Math.ceil(bytes / 64) * 64 + 64;
  return at;
}

/** Counters: active blocks per kind, flagged neurons, delivered events. */
export const COUNTS = 0;
export const HITS = 12;
export const DELIVERED = 16;
/**
 * Constants of the chip as floats: saturation and its inverse, inverse limit of the sensors, what of a trace never
 * decays, and the rest of it, unit of the event noise.
 */
export const SATURATION = 64;
export const INVERSE_SATURATION = 68;
export const INVERSE_LIMIT = 72;
export const TRACE_FLOOR = 76;
export const TRACE_REST = 80;
export const EVENT_NOISE = 84;
/** Membrane noise: keys of its draws, SD and reach (mV), block and place (bytes) of the grid point at the beginning of the step. */
export const BORDER_KEY = 88;
export const BRIDGE_KEY = 92;
export const NOISE_SD = 96;
export const NOISE_REACH = 100;
export const NOISE_BLOCK_NOW = 104;
export const NOISE_PLACE_NOW = 108;
/** Cycle at which the present step ends (a double), and its number (cycle / 25, low 32 bits). */
export const CLOCK = 112;
export const STEP_NUMBER = 120;
/** Not 0: every spike draws its next threshold. */
export const THRESHOLD_NOISE = 124;
/** Bits: cycles of the present step (0: its beginning) at which something is due. */
export const DUE_CYCLES = 128;
/** Spikes that wait in SPIKE_NEURONS and SPIKE_CYCLES to be told. */
export const SPIKE_COUNT = 132;

/** Constants of the kernels, sixteen bytes each. */
export const POOL_SIZE = 160;
export const POOL = place(16 * POOL_SIZE);

/**
 * Bytes per block: it is stepped; it must not sleep (number of reasons); number of its kind; without inhibition nothing pulls
 * a membrane of it below its lower clamp, and no threshold is below 0.
 */
export const AWAKE = place(BLOCKS);
export const PINNED = place(BLOCKS);
export const KIND = place(BLOCKS);
export const CALM = place(BLOCKS);
/** Numbers of the active blocks, one list per kind. */
export const LISTS = place(3 * 4 * BLOCKS);
export const LIST_BYTES = 4 * BLOCKS;
/** Numbers of neurons that reached their threshold in a kernel. */
export const HIT_LIST = place(4 * NEURONS);

export const arrayOffset = Object.fromEntries(
  NEURON_ARRAYS.map((name) => [name, place(NEURON_BYTES)]),
) as Readonly<Record<NeuronArray, number>>;

/** Coefficients that differ between the free membrane and the reset phase; those that the leaky kernel uses come first. */
export const SWITCHED = [
  'constant',
  'slope',
  'excitatoryGain',
  'inhibitoryGain',
  'excitatoryPlain',
  'inhibitoryPlain',
  'excitatoryTilt',
  'inhibitoryTilt',
  'constantHalf',
  'slopeHalf',
  'excitatoryHalfGain',
  'inhibitoryHalfGain',
  'exponential',
  'slopeFactor',
  'rate',
  'rateRest',
  'excitatoryCurrent',
  'inhibitoryCurrent',
  'excitatoryRate',
  'inhibitoryRate',
  'adaptationPull',
] as const satisfies readonly NeuronArray[];
export const LEAKY_SWITCHED = 8;
/** Both sets of them, at (2 n + resetting) * SWITCHED_BYTES. */
export const SWITCHED_BYTES = 4 * SWITCHED.length;
export const SWITCHED_SETS = place(2 * NEURONS * SWITCHED_BYTES);

/** Phases of neurons and what they are to do, as doubles: cycles, potentials in mV. */
const double = (): number => place(8 * NEURONS);
export const APPOINTMENT = double();
export const PHASE_END = double();
export const HOLD_OFF_END = double();
/** Threshold of the next crossing, and of the one after it. */
export const GOAL = double();
export const NEXT_GOAL = double();
/** What floats of membranes are relative to. */
export const REFERENCE = double();
/** Membrane at the crossing that was found last. */
export const CROSSING = double();
/** Adaptation (nA) then, of neurons that are not leaky. */
export const CROSSING_W = double();
export const RESET_CYCLES = double();
export const REFRACTORY_CYCLES = double();
export const SPIKES = place(4 * NEURONS);
/** Bytes per neuron; what an appointment is for; bits of the flags. */
export const PURPOSE = place(NEURONS);
export const PHASE = place(NEURONS);
export const NEURON_KIND = place(NEURONS);
export const FLAGS = place(NEURONS);
export const IS_SPIKE = 1;
export const IS_PHASE_END = 2;
export const CAN_FIRE = 1;
/** Others fire with it: its spikes are told at once. */
export const LEADS = 2;
/** The threshold after its next crossing has not been drawn yet. */
export const IS_SPENT = 4;

/** Appointments of the present step: for each cycle the words of 32 neurons that are not 0, and the words. */
export const DUE_WORDS = place(4 * (STEP + 1));
export const DUE_NEURONS = place(64 * (STEP + 1));
/** Later ones in lists by number of step modulo BUCKETS; entries are neurons plus 1, 0 ends a list. */
export const BUCKETS = 1024;
export const BUCKET_FIRST = place(4 * BUCKETS);
export const BUCKET_NEXT = place(4 * NEURONS);

export const SPIKE_ROOM = 2048;
export const SPIKE_NEURONS = place(4 * SPIKE_ROOM);
export const SPIKE_CYCLES = place(8 * SPIKE_ROOM);

/**
 * Leaky membranes over the last d cycles (0..25) of a step, at (n * 26 + d) * WAY_BYTES: fall of the membrane towards rest,
 * rises per unit of the lines at the END of the step, growth of the excitatory line backwards; the same in reset, with the
 * growth of the inhibitory line. Then rest, rate, drives (mV per cycle) of the free membrane, rest in reset.
 */
export const WAY_BYTES = 32;
export const WAYS = place(WAY_BYTES * (STEP + 1) * NEURONS);
export const LAW_BYTES = 32;
export const LAWS = place(LAW_BYTES * NEURONS);

/** Membrane and adaptation of an exponential neuron that are worked on (`split-law.ts`). */
export const SPLIT_V = place(8);
export const SPLIT_W = SPLIT_V + 4;
/** Laws of exponential neurons, and how the kernels keep their adaptation, both at 2 n + resetting. */
export const SPLIT_LAW_BYTES = 64;
export const SPLIT_LAWS = place(SPLIT_LAW_BYTES * 2 * NEURONS);
export const SPLIT_KEEPING = place(16 * 2 * NEURONS);

/** What is left of an event d cycles (0..25) after it, on the line and as rise of the membrane: [d][neuron]. */
export const TABLE_BYTES = NEURON_BYTES;
export const EXCITATORY_LEFT = place((STEP + 1) * TABLE_BYTES);
export const EXCITATORY_RISE = place((STEP + 1) * TABLE_BYTES);
export const INHIBITORY_LEFT = place((STEP + 1) * TABLE_BYTES);
export const INHIBITORY_RISE = place((STEP + 1) * TABLE_BYTES);

/** Membrane noise of each neuron: block that is filled (low 32 bits), whether any is, coefficients, values. */
export const NOISE_FILLED = place(4 * NEURONS);
export const NOISE_VALID = place(4 * NEURONS);
export const NOISE_LAW_BYTES = 4 * NOISE_COEFFICIENTS;
export const NOISE_LAW = place(NOISE_LAW_BYTES * NEURONS);
/** Rows of values: 65, and room for what vectors write beyond. */
export const NOISE_ROW_BYTES = 4 * (NOISE_BLOCK + 8);
export const NOISE_VALUES = place(NOISE_ROW_BYTES * NEURONS);

/** Synapses in rows; `STRENGTHS` are floats, true strength (1: ideal full weight). */
export const STRENGTHS = place(4 * SYNAPSES);
export const WEIGHTS = place(SYNAPSES);
export const LABELS = place(SYNAPSES);
/** Labels in columns: (hemisphere * 256 + column) * 256 + row. */
export const LABELS_BY_COLUMN = place(SYNAPSES);
/** Bytes 0xff where a column passes current to a line of its neuron. */
export const EXCITATORY_COLUMNS = place(NEURONS);
export const INHIBITORY_COLUMNS = place(NEURONS);

/** Sensors: acausal in rows, causal in columns; sums in counts, rates per cycle, amplitudes in counts. */
export const ACAUSAL = place(4 * SYNAPSES);
export const ACAUSAL_RATE = place(4 * SYNAPSES);
export const ACAUSAL_AMPLITUDE = place(4 * SYNAPSES);
export const CAUSAL = place(4 * SYNAPSES);
export const CAUSAL_RATE = place(4 * SYNAPSES);
export const CAUSAL_AMPLITUDE = place(4 * SYNAPSES);
/** Last pulse of a row by label, as pairs (cycle, order) of 32 bits, at (hemisphere * 256 + row) * 64 + label. */
export const PRE = place(8 * 2 * 256 * 64);
/** Last pulse of a column. */
export const POST_TIME = place(4 * NEURONS);
export const POST_ORDER = place(4 * NEURONS);
/** Order of the last pulse when a label was written, in rows and in columns. */
export const LABEL_ORDER = place(4 * SYNAPSES);
export const LABEL_ORDER_BY_COLUMN = place(4 * SYNAPSES);
/** Bytes per group of 16 columns or rows: one of them has ever pulsed. */
export const COLUMNS_PULSED = place(NEURONS / 16);
export const ROWS_PULSED = place(NEURONS / 16);
/** Last pulse of each row once more, side by side: its label (255: look it up in `PRE`), cycle and order. */
export const ROW_LABEL = place(512);
export const ROW_TIME = place(4 * 512);
export const ROW_ORDER = place(4 * 512);
/** Bits of the orders of last pulses that count: none where a pulse consumes nothing. */
export const CONSUME = place(4);
/**
 * Hemispheres in which all sensors of a half are alike, `EVEN_BYTES` each: cycle from which ages count; then four decay rates per
 * cycle over -ln 2 (west, east and both negative) and four factors (amplitudes west and east, 1, 1).
 */
export const EVEN = place(2 * 64);
export const EVEN_BYTES = 64;
export const EVEN_RATES = EVEN + 16;
export const EVEN_FACTORS = EVEN + 32;
/** There, traces of columns and (for the western, then for the eastern columns) of rows, undone of their decay since that cycle. */
export const POST_TRACE = place(4 * NEURONS);
export const ROW_TRACE = place(2 * 4 * 512);
export const ROW_TRACE_BYTES = 4 * 512;

export const PAGES = Math.ceil(free / 65536);
