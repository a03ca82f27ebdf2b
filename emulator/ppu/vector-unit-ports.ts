/**
 * The ways out of the vector unit: serial transfers over the data memory port, one word a period, and the parallel
 * bus, one vector a request.
 */
import { spreadEnables } from './data-port.js';
import { Unit, type Operation } from './operation.js';
import { NEVER, STATION, VectorState, WORDS } from './vector-unit-state.js';

/** Requests that may be open on the vector's data memory port. */
const MEMORY_OUTSTANDING = 16;

const BUS = Unit.bus;

export abstract class VectorPorts extends VectorState {
  private readonly busBytes = new Uint8Array(4 * WORDS);
  private readonly busWords = new Int32Array(this.busBytes.buffer);

  /** Captures what the access of an instruction needs later. */
  protected keep(place: number, operation: Operation): void {
    const { machine, payload } = this;
    if (operation.direction === 2) {
      const pairs = machine.vrPairs;
      const to = this.payloadOf(place);
      const from = operation.vectorA * WORDS;
      for (let i = 0; i < WORDS; i++) payload[to + i] = pairs[from + i]!;
    }
    if (operation.unit !== BUS) return;
    const { cond } = operation.fields;
    const enables = this.enablesOf(place);
    if (cond === 0) enables.fill(1);
    else spreadEnables(machine.vcr[cond as 1]!, enables);
  }

  // ---------------------------------------------------------------- data memory

  /** A serial transfer starts in period p; its result period. */
  protected beginTransfer(place: number, operation: Operation, p: number): number {
    const m = this.memoryLatency;
    const last = m <= MEMORY_OUTSTANDING ? p + 2 + WORDS - 1 : p + 2 + MEMORY_OUTSTANDING - 1 + m;
    this.transfer = place;
    this.memoryFirst = p + 2;
    this.memoryWords = 0;
    // Not ready from p + 2 until its result is through.
    this.memoryReady = NEVER;
    return last + m + (operation.direction === 1 ? 2 : 1);
  }

  /** Words of a serial transfer whose requests are accepted in periods up to p. */
  protected transferUpTo(p: number): void {
    const place = this.transfer;
    const { direction, vectorTarget } = this.held[place]!;
    const { words } = this.memory;
    const pairs = this.machine.vrPairs;
    const mask = words.length - 1;
    const first = this.scalar[place]! >>> 2;
    const late =
      this.memoryLatency > MEMORY_OUTSTANDING ? this.memoryLatency - MEMORY_OUTSTANDING : 0;
    while (this.memoryWords < WORDS) {
      const n = this.memoryWords;
      if (this.memoryFirst + n + (n >= MEMORY_OUTSTANDING ? late : 0) > p) return;
      const word = (first + n) & mask;
      // The first halfword is the upper one of a memory word and the lower one of a pair.
      if (direction === 1) {
        const x = words[word]!;
        pairs[vectorTarget * WORDS + n] = (x << 16) | (x >>> 16);
      } else {
        const x = this.payload[this.payloadOf(place) + n]!;
        words[word] = (x << 16) | (x >>> 16);
        this.onMemoryWrite(word);
      }
      this.memoryWords++;
    }
    this.transfer = -1;
  }

  // ---------------------------------------------------------------- parallel bus

  protected busAccepts(): boolean {
    return this.busOpen < this.busOutstanding;
  }

  /** Acceptance of the request, then the input register moves on unless the unit is stalled. Whether anything was done. */
  protected advanceBus(stalled: boolean, p: number): boolean {
    let moved = false;
    if (this.busRequest >= 0 && this.busAccepts()) {
      const place = this.busRequest;
      this.busRequest = -1;
      this.accessBus(place, p);
      moved = true;
    }
    if (this.busLatched >= 0 && this.busRequest < 0 && !stalled) {
      this.busRequest = this.busLatched;
      this.busLatched = -1;
      moved = true;
    }
    return moved;
  }

  private accessBus(place: number, p: number): void {
    const operation = this.held[place]!;
    const address = this.scalar[place]!;
    const { busBytes, busWords, payload } = this;
    const pairs = this.machine.vrPairs;
    const enables = this.enablesOf(place);
    const cycle = this.epoch + p;
    if (operation.direction === 1) {
      this.bus.readVector(address >>> 0, busBytes, enables, cycle);
      const to = operation.vectorTarget * WORDS;
      for (let i = 0; i < WORDS; i++) pairs[to + i] = swapBytes(busWords[i]!);
    } else {
      const from = this.payloadOf(place);
      for (let i = 0; i < WORDS; i++) busWords[i] = swapBytes(payload[from + i]!);
      this.bus.writeVector(address >>> 0, busBytes, enables, cycle);
    }
    this.watcher?.request(p, address);
    this.busOpen++;
    // The answer is on the bus in this period; when its result is due depends on those before it.
    this.answered[place - BUS * STATION] = p + this.bus.latency;
    if (this.busOpen === 1) this.scheduleBusResult();
  }

  /** Sets when the oldest answered request has its result: a period after the answer, two after the last result. */
  protected scheduleBusResult(): void {
    if (this.busOpen === 0) return;
    const { due, head, started, answered } = this;
    // This is called before the head moves: find the oldest accepted one without a result period.
    for (let i = 0; i < started[BUS]!; i++) {
      const k = (head[BUS]! + i) & (STATION - 1);
      const place = BUS * STATION + k;
      if (due[place] !== NEVER) continue;
      if (place === this.busLatched || place === this.busRequest) return;
      const at = Math.max(answered[k]! + 1, this.busLastDone + 2);
      due[place] = at;
      if (at < this.nextDue) this.nextDue = at;
      return;
    }
  }
}

/** The bytes of two halfwords, each from the order of the register file to that of memory, or back. */
function swapBytes(pair: number): number {
  return ((pair >>> 8) & 0x00ff_00ff) | ((pair & 0x00ff_00ff) << 8);
}
