/**
 * Events to come, ordered by key (cycle, then an order number), then by age. They are kept sorted in a ring: whoever pushes
 * them does so nearly in order, so that a new event finds its place a few steps from the end. Nothing is allocated per event.
 */

/** Order numbers are below this. */
const orders = 64;

/** Key of an event: events are taken by cycle, those of one cycle by order number 0..63. Exact for cycles below 2^47. */
export function keyOf(cycle: number, order: number): number {
  return cycle * orders + order;
}

/** Cycle of a key. */
export function cycleOf(key: number): number {
  return Math.floor(key / orders);
}

/** Order number of a key. */
export function orderOf(key: number): number {
  return key & (orders - 1);
}

/** What is above the key of every event up to and including `cycle`, and of no later one. */
export function keysUpTo(cycle: number): number {
  return (cycle + 1) * orders;
}

/** See the module's first sentence. */
export class EventQueue {
  /** Key of the first event; Infinity if there is none. */
  first = Infinity;

  private head = 0;
  private count = 0;
  private keys = new Float64Array(256);
  private loads = new Int32Array(256);

  push(key: number, load: number): void {
    if (this.count === this.keys.length) this.grow();
    const { keys, loads, head } = this;
    const mask = keys.length - 1;
    let at = (head + this.count) & mask;
    this.count++;
    while (at !== head) {
      const before = (at - 1) & mask;
      const other = keys[before]!;
      if (other <= key) break;
      keys[at] = other;
      loads[at] = loads[before]!;
      at = before;
    }
    keys[at] = key;
    loads[at] = load;
    if (at === head) this.first = key;
  }

  /** Removes the first event; there must be one. @returns its payload */
  take(): number {
    const load = this.loads[this.head]!;
    this.head = (this.head + 1) & (this.keys.length - 1);
    this.first = --this.count === 0 ? Infinity : this.keys[this.head]!;
    return load;
  }

  clear(): void {
    this.count = 0;
    this.head = 0;
    this.first = Infinity;
  }

  private grow(): void {
    const { head } = this;
    const wider = <A extends Float64Array | Int32Array>(from: A, to: A): A => {
      to.set(from.subarray(head));
      to.set(from.subarray(0, head), from.length - head);
      return to;
    };
    const size = this.keys.length * 2;
    this.keys = wider(this.keys, new Float64Array(size));
    this.loads = wider(this.loads, new Int32Array(size));
    this.head = 0;
  }
}
