/** Latencies outside the core, as named sets: what a static bound is a bound for. */

/** Cycles from a request to its answer. */
export interface LatencyProfile {
  readonly name: string;
  /** Words over the Omnibus. */
  readonly omnibus: number;
  /** Vectors over the parallel bus. */
  readonly parallelBus: number;
  /** Words and vectors in the memory behind the FPGA. */
  readonly externalWord: number;
  readonly externalVector: number;
  /** A vector read that starts a conversion of the CADC, its bus latency included. */
  readonly conversion: number;
}

/** The emulated chip at its defaults: a conversion takes about 1.7 us. */
export const chipProfile: LatencyProfile = {
  name: 'chip',
  omnibus: 8,
  parallelBus: 4,
  externalWord: 250,
  externalVector: 314,
  conversion: 428,
};

/** Everything outside twice as slow as assumed, for those who want to be sure. */
export const slowBusProfile: LatencyProfile = {
  name: 'slow-bus',
  omnibus: 16,
  parallelBus: 8,
  externalWord: 500,
  externalVector: 628,
  conversion: 856,
};

export const latencyProfiles: readonly LatencyProfile[] = [chipProfile, slowBusProfile];
