/** A typed array that grows at its end. */

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** See `Numbers`; `values()` gives what has been pushed. */
export class Column<A extends Numbers> {
  private store: A;
  private used = 0;

  constructor(private readonly make: new (length: number) => A) {
    this.store = new make(64);
  }

  get length(): number {
    return this.used;
  }

  push(value: number): void {
    if (this.used === this.store.length) {
      const larger = new this.make(this.used * 2);
      larger.set(this.store);
      this.store = larger;
    }
    this.store[this.used++] = value;
  }

  /** The value at a position, or undefined beyond the end. */
  at(position: number): number | undefined {
    return position < this.used ? this.store[position] : undefined;
  }

  /** A copy of all values. */
  values(): A {
    return this.store.slice(0, this.used) as A;
  }

  clear(): void {
    this.used = 0;
  }
}
