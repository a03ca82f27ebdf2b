/** What can be chosen about a processor core, with the defaults of the chip. */

/** Settings of a core; every latency is in cycles from the acceptance of a request to its answer, at least 1. */
export interface PpuOptions {
  /** Entries of the branch cache: 16 as on the chip, or 0 for a core without one. */
  readonly branchCache: 16 | 0;
  /** Latency of the data memory for scalar loads and stores. */
  readonly dataLatency: number;
  /** Latency of the data memory for fxvlax and fxvstax. */
  readonly vectorDataLatency: number;
  /** Scalar data requests that may be open at once. */
  readonly dataOutstanding: number;
  /** Parallel-bus requests that may be open at once. */
  readonly busOutstanding: number;
  /** Words per line of the fetch cache in front of external memory; 0 means that every fetch goes outside. */
  readonly fetchCacheLine: number;
  /** Lines of the fetch cache (fully associative, oldest replaced). */
  readonly fetchCacheLines: number;
  /** `core`: behave as the core does; `power`: as the Power architecture says where they differ (twi immediate). */
  readonly quirks: 'core' | 'power';
  /** lha and lhau zero-extend their displacement, a fault of the published source. */
  readonly lhaZeroExtends: boolean;
  /** Results in flight are lost at interrupts, a fault of the published source. */
  readonly interruptFaults: boolean;
  /** Stop on undecoded words, invalid forms, unmapped addresses, unconnected SPRs, reads of unwritten registers. */
  readonly strict: boolean;
  /** `exact`: every cycle is modelled; `none`: one instruction per cycle, for speed. */
  readonly accounting: 'exact' | 'none';
}

/** The chip's settings, as far as anyone outside knows them. */
export const defaultPpuOptions: PpuOptions = {
  branchCache: 16,
  dataLatency: 1,
  vectorDataLatency: 1,
  dataOutstanding: 16,
  busOutstanding: 16,
  fetchCacheLine: 0,
  fetchCacheLines: 16,
  quirks: 'core',
  lhaZeroExtends: false,
  interruptFaults: false,
  strict: false,
  accounting: 'exact',
};
