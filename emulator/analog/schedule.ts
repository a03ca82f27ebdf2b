/** A queue of at most one appointment per item, ordered by (cycle, item); nothing is allocated after construction. */
export class Schedule {
  /** Cycle of each item's appointment; Infinity: none. */
  readonly at: Float64Array;
  private readonly heap: Int32Array;
  private readonly place: Int32Array;
  private count = 0;

  constructor(items: number) {
    this.at = new Float64Array(items).fill(Infinity);
    this.heap = new Int32Array(items);
    this.place = new Int32Array(items).fill(-1);
  }

  get firstCycle(): number {
    return this.count === 0 ? Infinity : this.at[this.heap[0]!]!;
  }

  /** Item of the earliest appointment; call only while `firstCycle` is finite. */
  get first(): number {
    return this.heap[0]!;
  }

  /** Makes, moves or (with Infinity) cancels the appointment of an item. */
  set(item: number, cycle: number): void {
    const place = this.place[item]!;
    if (cycle === Infinity) {
      if (place >= 0) this.remove(item, place);
      this.at[item] = Infinity;
      return;
    }
    const old = this.at[item]!;
    this.at[item] = cycle;
    if (place < 0) {
      this.heap[this.count] = item;
      this.place[item] = this.count;
      this.up(this.count++);
    } else if (cycle < old) this.up(place);
    else if (cycle > old) this.down(place);
  }

  /** Builds the order anew after `at` was written from outside. */
  restore(): void {
    this.count = 0;
    this.place.fill(-1);
    for (let item = 0; item < this.at.length; item++)
      if (this.at[item]! < Infinity) {
        this.heap[this.count] = item;
        this.place[item] = this.count;
        this.up(this.count++);
      }
  }

  private remove(item: number, place: number): void {
    const last = this.heap[--this.count]!;
    this.place[item] = -1;
    if (last === item) return;
    this.heap[place] = last;
    this.place[last] = place;
    this.up(place);
    this.down(this.place[last]!);
  }

  private before(a: number, b: number): boolean {
    const ta = this.at[a]!;
    const tb = this.at[b]!;
    return ta < tb || (ta === tb && a < b);
  }

  private up(from: number): void {
    let place = from;
    const item = this.heap[place]!;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const other = this.heap[parent]!;
      if (!this.before(item, other)) break;
      this.heap[place] = other;
      this.place[other] = place;
      place = parent;
    }
    this.heap[place] = item;
    this.place[item] = place;
  }

  private down(from: number): void {
    let place = from;
    const item = this.heap[place]!;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.count) break;
      if (child + 1 < this.count && this.before(this.heap[child + 1]!, this.heap[child]!)) child++;
      const other = this.heap[child]!;
      if (!this.before(other, item)) break;
      this.heap[place] = other;
      this.place[other] = place;
      place = child;
    }
    this.heap[place] = item;
    this.place[item] = place;
  }
}
