/** Events to come, ordered by cycle, then by an order number, then by age. A binary heap in typed arrays. */
export class EventQueue {
  /** Cycle of the first event; Infinity if there is none. */
  first = Infinity;

  private count = 0;
  private age = 0;
  private cycles = new Float64Array(256);
  private orders = new Int32Array(256);
  private ages = new Float64Array(256);
  private loads = new Int32Array(256);

  get length(): number {
    return this.count;
  }

  /** Order number of the first event. */
  get order(): number {
    return this.orders[0]!;
  }

  /** Payload of the first event. */
  get load(): number {
    return this.loads[0]!;
  }

  push(cycle: number, order: number, load: number): void {
    if (this.count === this.cycles.length) this.grow();
    let at = this.count++;
    const age = this.age++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.isBefore(parent, cycle, order, age)) break;
      this.move(parent, at);
      at = parent;
    }
    this.put(at, cycle, order, age, load);
    this.first = this.cycles[0]!;
  }

  /** Removes the first event. */
  pop(): void {
    const last = --this.count;
    if (last === 0) {
      this.first = Infinity;
      this.age = 0;
      return;
    }
    const cycle = this.cycles[last]!;
    const order = this.orders[last]!;
    const age = this.ages[last]!;
    const load = this.loads[last]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      const right = child + 1;
      if (
        right < last &&
        this.isBefore(right, this.cycles[child]!, this.orders[child]!, this.ages[child]!)
      )
        child = right;
      if (!this.isBefore(child, cycle, order, age)) break;
      this.move(child, at);
      at = child;
    }
    this.put(at, cycle, order, age, load);
    this.first = this.cycles[0]!;
  }

  clear(): void {
    this.count = 0;
    this.age = 0;
    this.first = Infinity;
  }

  private isBefore(at: number, cycle: number, order: number, age: number): boolean {
    const own = this.cycles[at]!;
    if (own !== cycle) return own < cycle;
    const ownOrder = this.orders[at]!;
    if (ownOrder !== order) return ownOrder < order;
    return this.ages[at]! < age;
  }

  private move(from: number, to: number): void {
    this.cycles[to] = this.cycles[from]!;
    this.orders[to] = this.orders[from]!;
    this.ages[to] = this.ages[from]!;
    this.loads[to] = this.loads[from]!;
  }

  private put(at: number, cycle: number, order: number, age: number, load: number): void {
    this.cycles[at] = cycle;
    this.orders[at] = order;
    this.ages[at] = age;
    this.loads[at] = load;
  }

  private grow(): void {
    const size = this.cycles.length * 2;
    const wider = <A extends Float64Array | Int32Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    this.cycles = wider(this.cycles, new Float64Array(size));
    this.ages = wider(this.ages, new Float64Array(size));
    this.orders = wider(this.orders, new Int32Array(size));
    this.loads = wider(this.loads, new Int32Array(size));
  }
}
