/** Playback words that wait, in order; two entries a word. */
export class WordQueue {
  private readonly chunks: Uint32Array[] = [];
  private head = 0;
  private entries = 0;

  /** Words that wait. */
  get length(): number {
    return this.entries / 2;
  }

  /** Appends words (not copied: the caller leaves them alone). */
  push(words: Uint32Array): void {
    if (words.length === 0) return;
    this.chunks.push(words);
    this.entries += words.length;
  }

  /** The next `count` words at most, as a copy. */
  take(count: number): Uint32Array {
    const out = new Uint32Array(Math.min(2 * count, this.entries));
    let used = 0;
    while (used < out.length) {
      const chunk = this.chunks[0]!;
      const part = chunk.subarray(this.head, this.head + out.length - used);
      out.set(part, used);
      used += part.length;
      this.head += part.length;
      if (this.head === chunk.length) {
        this.chunks.shift();
        this.head = 0;
      }
    }
    this.entries -= out.length;
    return out;
  }

  clear(): void {
    this.chunks.length = 0;
    this.head = 0;
    this.entries = 0;
  }
}
