/**
 * Periods and sizes of the core's pipeline and of its vector unit, as the manual of the core measures them. The exact
 * core and the compiler's static analysis both take them from here.
 */
import type { Timing } from './instruction.js';

/** Units behind the vector instruction queue, in the order in which they are served at the register port. */
export const vectorUnits = { madd: 0, compare: 1, permute: 2, memory: 3, bus: 4 } as const;
export const vectorUnitCount = 5;

/** The unit that takes a kind of instruction; absent: the scalar core does it alone. */
export const vectorUnitOf: Partial<Record<Timing, number>> = {
  madd: vectorUnits.madd,
  'vector-compare': vectorUnits.compare,
  permute: vectorUnits.permute,
  'vector-load': vectorUnits.memory,
  'vector-store': vectorUnits.memory,
  'bus-in': vectorUnits.bus,
  'bus-out': vectorUnits.bus,
};

/** Entries of each unit's reservation station. */
export const stationCapacity: readonly number[] = [4, 2, 2, 2, 16];
/** Periods from start to result of the units with a fixed pipeline: multiplier 4, adder 1 and 2 more; and so on. */
export const unitDepth: readonly number[] = [7, 2, 3];
/** Words of a transfer between SRAM and a vector register. */
export const transferWords = 32;
/** Requests of the vector unit that may be open on the parallel bus, and on the data memory. */
export const busOutstanding = 16;
/** Units in the order in which their bits of the register port's mask are cleared. */
export const portMaskOrder: readonly number[] = [
  vectorUnits.madd,
  vectorUnits.compare,
  vectorUnits.memory,
  vectorUnits.bus,
  vectorUnits.permute,
];
/** A vector instruction may issue while fewer than this many wait to be dispatched. */
export const vectorQueueRoom = 2;
/** Periods from issue until a vector instruction can be dispatched. */
export const vectorQueueDelay = 3;

/** Periods from issue to the result of a scalar instruction; 1 where nothing is said. */
export const scalarLatency: Partial<Record<Timing, number>> = {
  multiply: 4,
  'store-update': 2,
  'load-update': 2,
};
/** Periods that a division keeps everything else from issuing. */
export const divisionPeriods = 32;
/** Periods from a branch to its target if the predictor did not see it coming. */
export const redirectPeriods = 5;
/** Entries of the branch cache. */
export const branchCacheEntries = 16;
/** Loads and stores stop issuing while a queue of the memory port holds this many. */
export const memoryQueueCrowded = 13;
