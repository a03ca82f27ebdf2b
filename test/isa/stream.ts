/** A small stream of 31-bit numbers for tests: the same for the same seed. */
export function streamOf(seed: number): () => number {
  let state = (seed ^ 0x9e37_79b9) | 0;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 1) | 0;
  };
}
