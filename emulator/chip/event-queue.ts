/**
 * Events to come, ordered by cycle, then by an order number, then by age. They are kept sorted in a ring: whoever pushes them
 * does so nearly in order, so that a new event finds its place a few steps from the end. Nothing is allocated per event.
 */
export class EventQueue {
  /** Cycle of the first event; Infinity if there is none. */
  first = Infinity;
  /** Order number of the first event. */
  order = 0;

  private head = 0;
  private count = 0;
  private cycles = new Float64Array(256);
  private orders = new Int32Array(256);
  private loads = new Int32Array(256);

  get length(): number {
    return this.count;
  }

  /** Payload of the first event. */
  get load(): number {
    return this.loads[this.head]!;
  }

  push(cycle: number, order: number, load: number): void {
    if (this.count === this.cycles.length) this.grow();
    const { cycles, orders, loads, head } = this;
    const mask = cycles.length - 1;
    let at = (head + this.count) & mask;
    this.count++;
    while (at !== head) {
      const before = (at - 1) & mask;
      const other = cycles[before]!;
      if (other < cycle || (other === cycle && orders[before]! <= order)) break;
      cycles[at] = other;
      orders[at] = orders[before]!;
      loads[at] = loads[before]!;
      at = before;
    }
    cycles[at] = cycle;
    orders[at] = order;
    loads[at] = load;
    if (at === head) {
      this.first = cycle;
      this.order = order;
    }
  }

  /** Removes the first event. */
  pop(): void {
    this.head = (this.head + 1) & (this.cycles.length - 1);
    this.count--;
    this.look();
  }

  clear(): void {
    this.count = 0;
    this.head = 0;
    this.look();
  }

  private look(): void {
    this.first = this.count === 0 ? Infinity : this.cycles[this.head]!;
    this.order = this.count === 0 ? 0 : this.orders[this.head]!;
  }

  private grow(): void {
    const { head } = this;
    const wider = <A extends Float64Array | Int32Array>(from: A, to: A): A => {
      to.set(from.subarray(head));
      to.set(from.subarray(0, head), from.length - head);
      return to;
    };
    const size = this.cycles.length * 2;
    this.cycles = wider(this.cycles, new Float64Array(size));
    this.orders = wider(this.orders, new Int32Array(size));
    this.loads = wider(this.loads, new Int32Array(size));
    this.head = 0;
  }
}
