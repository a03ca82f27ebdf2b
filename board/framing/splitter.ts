/** Cuts a stream of bytes at the zeros; nothing longer than a limit is ever kept. */

export class Splitter {
  private readonly buffer: Uint8Array;
  private used = 0;
  private isTooLong = false;

  /** @param limit most bytes between two zeros */
  constructor(limit: number) {
    this.buffer = new Uint8Array(limit);
  }

  /**
   * Takes bytes as they come.
   * @param piece called with what stood before a zero (valid during the call only); undefined: it was too long
   */
  push(bytes: Uint8Array, piece: (bytes: Uint8Array | undefined) => void): void {
    let from = 0;
    while (from < bytes.length) {
      const zero = bytes.indexOf(0, from);
      const end = zero < 0 ? bytes.length : zero;
      this.keep(bytes, from, end);
      if (zero < 0) return;
      const { used, isTooLong } = this;
      this.used = 0;
      this.isTooLong = false;
      if (isTooLong) piece(undefined);
      else if (used > 0) piece(this.buffer.subarray(0, used));
      from = zero + 1;
    }
  }

  clear(): void {
    this.used = 0;
    this.isTooLong = false;
  }

  private keep(bytes: Uint8Array, from: number, end: number): void {
    if (this.used + end - from > this.buffer.length) {
      this.isTooLong = true;
      this.used = 0;
      return;
    }
    if (this.isTooLong) return;
    this.buffer.set(bytes.subarray(from, end), this.used);
    this.used += end - from;
  }
}
