/** Instructions outside the instruction memory: fetched through the bus, with an optional cache of lines. */
import type { PpuBus } from './bus.js';
import { Operation } from './operation.js';
import type { PpuOptions } from './options.js';

/** Cycles per further word of a line after the first. */
const CYCLES_PER_WORD = 2;

export class ExternalCode {
  private readonly decoded = new Map<number, Operation>();
  /** Line addresses in the order in which they were fetched. */
  private lines: number[] = [];
  /** Cycles that the last fetch took longer than one from the instruction memory. */
  delay = 0;

  constructor(
    private readonly bus: PpuBus,
    private readonly options: PpuOptions,
  ) {}

  reset(): void {
    this.decoded.clear();
    this.lines = [];
  }

  /** Whether fetching `address` needs the bus. */
  needsBus(address: number): boolean {
    return !this.lines.includes(this.lineOf(address));
  }

  private lineOf(address: number): number {
    const bytes = 4 * this.options.fetchCacheLine;
    return bytes === 0 ? -1 : Math.floor((address >>> 0) / bytes) * bytes;
  }

  /** The instruction at an address, fetched in `cycle`; undefined if nothing is there. Sets `delay`. */
  fetch(address: number, cycle: number): Operation | undefined {
    this.delay = 0;
    if (!this.needsBus(address)) return this.decoded.get(address | 0);
    const { fetchCacheLine, fetchCacheLines } = this.options;
    if (fetchCacheLine === 0) {
      const op = this.fetchWord(address, cycle);
      this.delay = this.bus.latency;
      return op;
    }
    const line = this.lineOf(address);
    for (let i = 0; i < fetchCacheLine; i++) this.fetchWord((line + 4 * i) | 0, cycle);
    this.delay = this.bus.latency + CYCLES_PER_WORD * (fetchCacheLine - 1);
    this.lines.push(line);
    if (this.lines.length > fetchCacheLines) this.lines.shift();
    return this.decoded.get(address | 0);
  }

  private fetchWord(address: number, cycle: number): Operation | undefined {
    const word = this.bus.fetchWord(address, cycle);
    if (word === undefined) return undefined;
    let op = this.decoded.get(address | 0);
    if (op === undefined || op.word !== (word | 0)) {
      op = new Operation(word);
      this.decoded.set(address | 0, op);
    }
    return op;
  }

  /** What was fetched from there last, without looking. */
  peek(address: number): Operation | undefined {
    return this.decoded.get(address | 0);
  }
}
