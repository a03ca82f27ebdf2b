/** Powers of two, exactly. */

/** 2^n for |n| < 1000. */
export function powerOfTwo(n: number): number {
  let result = 1;
  const factor = n < 0 ? 0.5 : 2;
  for (let i = Math.abs(n); i > 0; i--) result *= factor;
  return result;
}

/** The largest n with 2^n <= x, for x > 0. */
export function floorLog2(x: number): number {
  let n = 0;
  let y = x;
  while (y >= 2) {
    y /= 2;
    n++;
  }
  while (y < 1) {
    y *= 2;
    n--;
  }
  return n;
}

/** The exponent if |x| is a power of two. */
export function exactLog2(x: number): number | undefined {
  if (x === 0 || !Number.isFinite(x)) return undefined;
  const n = floorLog2(Math.abs(x));
  return powerOfTwo(n) === Math.abs(x) ? n : undefined;
}

/** The fewest binary places f >= 0 with x * 2^f whole, up to `most`; undefined if there are more. */
export function binaryPlaces(x: number, most = 40): number | undefined {
  let y = x;
  for (let f = 0; f <= most; f++) {
    if (Number.isInteger(y)) return f;
    y *= 2;
  }
  return undefined;
}

/** Nearest integer, ties up: the language's `round`. */
export const nearest = (x: number): number => Math.floor(x + 0.5);
