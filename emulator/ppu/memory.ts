/** A processor memory of 32-bit words, seen as words or as big-endian bytes. */

/**
 * SRAM of a processor. Words are kept in the host's order so that a word access is one array access; byte b of
 * the big-endian view is element b ^ 3 of `bytes` (JavaScript engines in use are little-endian).
 */
export class PpuMemory {
  /** Size in bytes, a power of two; addresses beyond it wrap. */
  readonly size: number;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly halves: Uint16Array;

  /** @param size bytes, rounded up to a power of two of at least 4 */
  constructor(size = 16384) {
    let rounded = 4;
    while (rounded < size) rounded *= 2;
    this.size = rounded;
    this.words = new Int32Array(rounded / 4);
    this.bytes = new Uint8Array(this.words.buffer);
    this.halves = new Uint16Array(this.words.buffer);
  }

  /** Copies `image` (bytes in memory order) to byte address `start`; what does not fit is a RangeError. */
  load(image: Uint8Array, start = 0): void {
    if (start < 0 || start + image.length > this.size) {
      throw new RangeError(`${image.length} bytes at ${start} do not fit into ${this.size} bytes`);
    }
    for (let i = 0; i < image.length; i++) this.bytes[(start + i) ^ 3] = image[i]!;
  }

  /** `length` bytes from byte address `start` in memory order; addresses beyond the end wrap. */
  dump(start: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) out[i] = this.bytes[((start + i) & (this.size - 1)) ^ 3]!;
    return out;
  }
}
