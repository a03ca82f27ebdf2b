/**
 * Elementary functions that give the same bits in every JavaScript engine.
 *
 * The language leaves the last bits of Math.exp and its relatives to the engine. Tables that become machine code and
 * arrays that are compared between machines must not depend on that, so these use only + - * /, square root and floor,
 * whose results IEEE 754 fixes. Errors against the exact value stay below 1 unit in the last place (pow: 2), which
 * `test/isa/elementary.test.ts` checks on high-precision values.
 */

/** ln 2 in two parts; the first has 21 trailing zero bits, so that its product with an exponent is exact. */
const LN2_HI = 0.6931471803691238;
const LN2_LO = 1.9082149292705877e-10;
const LOG2_E = 1.4426950408889634;
/** pi/2 in three parts of at most 33 bits; products with integers below 2^20 are exact for the first two. */
const HALF_PI_1 = 1.5707963267341256;
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_3 = 2.0222662487959506e-21;
const TWO_OVER_PI = 0.6366197723675814;
const SIN_LIMIT = 1e6;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
float[0] = 1;
/** Index of the word that holds sign and exponent on this machine. */
const HIGH = words[1] === 0x3ff00000 ? 1 : 0;

/** Powers of two from 2^-1074 to 2^1023, made by exact doubling. */
const powersOfTwo = ((): Float64Array => {
  const table = new Float64Array(2098);
  let value = 5e-324;
  for (let i = 0; i < table.length; i++) {
    table[i] = value;
    value *= 2;
  }
  return table;
})();

/** value * 2^k without intermediate overflow; correctly rounded once where the result is subnormal. */
function scale(value: number, k: number): number {
  if (k > 1023) return value * 2 * powersOfTwo[k - 1 + 1074]!;
  if (k >= -1022) return value * powersOfTwo[k + 1074]!;
  return value * powersOfTwo[k + 54 + 1074]! * 5.551115123125783e-17;
}

/** exp(r) - 1 for |r| <= 0.35: Taylor series; the first term left out is below 4e-18. */
function expm1Kernel(r: number): number {
  const p =
    1 / 6 +
    r *
      (1 / 24 +
        r *
          (1 / 120 +
            r *
              (1 / 720 +
                r *
                  (1 / 5040 +
                    r *
                      (1 / 40320 +
                        r *
                          (1 / 362880 +
                            r *
                              (1 / 3628800 +
                                r * (1 / 39916800 + r * (1 / 479001600 + r / 6227020800)))))))));
  return r + r * r * (0.5 + r * p);
}

/** exp(x + low) where low is a correction far below one unit in the last place of x. */
function expWithTail(x: number, low: number): number {
  if (x !== x) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  const k = Math.floor(x * LOG2_E + 0.5);
  const high = x - k * LN2_HI;
  const correction = k * LN2_LO - low;
  const r = high - correction;
  const lost = high - r - correction;
  // 1 is added last: the sum of the small terms keeps the bits that r alone has lost.
  return scale(1 + (expm1Kernel(r) + lost), k);
}

/** e^x. */
export function exp(x: number): number {
  return expWithTail(x, 0);
}

/** e^x - 1 without cancellation near 0. */
export function expm1(x: number): number {
  if (x !== x || x === 0) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -40) return -1;
  const k = Math.floor(x * LOG2_E + 0.5);
  if (k === 0) return expm1Kernel(x);
  const high = x - k * LN2_HI;
  const correction = k * LN2_LO;
  const r = high - correction;
  const lost = high - r - correction;
  const p = expm1Kernel(r) + lost;
  if (k > 1000) return scale(1 + p, k);
  const power = powersOfTwo[k + 1074]!;
  return power - 1 + power * p;
}

/** The result of `logParts`: log(x) = high + low. One record, reused: read it before the next call. */
const parts = { high: 0, low: 0 };

/** log(x) as an unevaluated sum of two numbers, good to about 1e-18 relative; x positive and finite. */
function logParts(x: number): void {
  let exponent = 0;
  let value = x;
  if (value < 2.2250738585072014e-308) {
    value *= 18014398509481984;
    exponent = -54;
  }
  float[0] = value;
  const top = words[HIGH]!;
  exponent += (top >>> 20) - 1023;
  words[HIGH] = (top & 0x000fffff) | 0x3ff00000;
  let mantissa = float[0]!;
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    exponent += 1;
  }
  // log m = 2 artanh(s) with s = f / (2 + f), |s| < 0.172.
  const f = mantissa - 1;
  const d = 2 + f;
  const s = f / d;
  const dLow = f - (d - 2);
  const rest = remainderOfProduct(f, s, d) - s * dLow;
  const sLow = rest / d;
  const z = s * s;
  const series =
    z *
    (2 / 3 +
      z *
        (2 / 5 +
          z *
            (2 / 7 +
              z *
                (2 / 9 +
                  z *
                    (2 / 11 +
                      z *
                        (2 / 13 +
                          z *
                            (2 / 15 +
                              z * (2 / 17 + z * (2 / 19 + z * (2 / 21 + z * (2 / 23)))))))))));
  const big = exponent * LN2_HI;
  const main = 2 * s;
  const sum = big + main;
  const bits = sum - big;
  const error = big - (sum - bits) + (main - bits);
  const low = error + (2 * sLow + s * series + exponent * LN2_LO);
  parts.high = sum + low;
  parts.low = sum - parts.high + low;
}

const SPLIT = 134217729;

/** a - b*c with the product formed exactly (Dekker). */
function remainderOfProduct(a: number, b: number, c: number): number {
  const bs = SPLIT * b;
  const bh = bs - (bs - b);
  const bl = b - bh;
  const cs = SPLIT * c;
  const ch = cs - (cs - c);
  const cl = c - ch;
  return a - bh * ch - bh * cl - bl * ch - bl * cl;
}

/** Natural logarithm; -Infinity at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  logParts(x);
  return parts.high;
}

/** log(1 + x) without cancellation near 0. */
export function log1p(x: number): number {
  if (x <= -1) return x === -1 ? -Infinity : NaN;
  const u = 1 + x;
  if (u === 1) return x;
  if (u === Infinity) return u;
  return log(u) + (x - (u - 1)) / u;
}

/** Logarithm to base 2. */
export function log2(x: number): number {
  if (!(x > 0) || x === Infinity) return log(x);
  logParts(x);
  const y = parts.high * LOG2_E;
  const nearest = Math.floor(y + 0.5);
  if (nearest >= -1074 && nearest <= 1023 && powersOfTwo[nearest + 1074] === x) return nearest;
  // 2.035e-17 is log2(e) - LOG2_E.
  return (
    y +
    (-remainderOfProduct(y, parts.high, LOG2_E) +
      parts.high * 2.0355273740931033e-17 +
      parts.low * LOG2_E)
  );
}

/** x^y with the conventions of IEEE 754 pow for the cases that occur: integer y for negative x, 0 and Infinity. */
export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (x !== x || y !== y) return NaN;
  const isInteger = Math.floor(y) === y;
  const isOdd = isInteger && Math.abs(y) < 9007199254740992 && y - 2 * Math.floor(y / 2) === 1;
  const sign = (x < 0 || Object.is(x, -0)) && isOdd ? -1 : 1;
  const size = Math.abs(x);
  if (size === 0) return y > 0 ? sign * 0 : sign * Infinity;
  if (size === Infinity) return y > 0 ? sign * Infinity : sign * 0;
  if (x < 0 && !isInteger) return NaN;
  if (size === 1) return sign;
  if (!(Math.abs(y) < 1e300)) return size > 1 === y > 0 ? sign * Infinity : sign * 0;
  logParts(size);
  const product = y * parts.high;
  if (product > 710) return sign * Infinity;
  if (product < -746) return sign * 0;
  const low = -remainderOfProduct(product, y, parts.high) + y * parts.low;
  return sign * expWithTail(product, low);
}

function sinKernel(r: number, tail: number): number {
  const z = r * r;
  const p =
    -1 / 6 +
    z *
      (1 / 120 +
        z *
          (-1 / 5040 +
            z *
              (1 / 362880 +
                z *
                  (-1 / 39916800 +
                    z * (1 / 6227020800 + z * (-1 / 1307674368000 + z / 355687428096000))))));
  return r + (z * r * p + tail);
}

function cosKernel(r: number, tail: number): number {
  const z = r * r;
  const p =
    1 / 24 +
    z *
      (-1 / 720 +
        z *
          (1 / 40320 +
            z *
              (-1 / 3628800 +
                z *
                  (1 / 479001600 +
                    z * (-1 / 87178291200 + z * (1 / 20922789888000 - z / 6402373705728000))))));
  const half = 0.5 * z;
  const one = 1 - half;
  return one + (1 - one - half + (z * z * p - r * tail));
}

function circular(x: number, quarterTurns: number): number {
  if (!(Math.abs(x) <= SIN_LIMIT)) {
    if (x !== x || Math.abs(x) === Infinity) return NaN;
    throw new RangeError(`angle ${x} outside +-${SIN_LIMIT} rad: reduce it first`);
  }
  const k = Math.floor(x * TWO_OVER_PI + 0.5);
  const a = x - k * HALF_PI_1;
  const b = k * HALF_PI_2;
  const first = a - b;
  const lost = a - first - b;
  const c = k * HALF_PI_3 - lost;
  const r = first - c;
  const tail = first - r - c;
  const quadrant = (((k + quarterTurns) % 4) + 4) % 4;
  const value = quadrant % 2 === 0 ? sinKernel(r, tail) : cosKernel(r, tail);
  return quadrant < 2 ? value : -value;
}

/** Sine of x radians, |x| <= 1e6. @throws RangeError beyond. */
export function sin(x: number): number {
  return x === 0 ? x : circular(x, 0);
}

/** Cosine of x radians, |x| <= 1e6. @throws RangeError beyond. */
export function cos(x: number): number {
  return circular(x, 1);
}

/** Hyperbolic tangent. */
export function tanh(x: number): number {
  if (x !== x || x === 0) return x;
  const size = Math.abs(x);
  if (size > 22) return x < 0 ? -1 : 1;
  const t = expm1(2 * size);
  const value = size < 1 ? t / (t + 2) : 1 - 2 / (t + 2);
  return x < 0 ? -value : value;
}

/** Hyperbolic cosine. */
export function cosh(x: number): number {
  const e = exp(Math.abs(x));
  return 0.5 * e + 0.5 / e;
}

/** Inverse hyperbolic cosine, x >= 1. */
export function acosh(x: number): number {
  return log(x + Math.sqrt((x - 1) * (x + 1)));
}

/** Arc tangent of y/x in the right quadrant, -pi..pi. */
export function atan2(y: number, x: number): number {
  if (x !== x || y !== y) return NaN;
  if (y === 0) return x > 0 || Object.is(x, 0) ? y : Object.is(y, -0) ? -Math.PI : Math.PI;
  const ax = Math.abs(x);
  const ay = Math.abs(y);
  const swap = ay > ax;
  let angle = atanUnit(swap ? ax / ay : ay / ax);
  if (swap) angle = Math.PI / 2 - angle;
  if (x < 0) angle = Math.PI - angle;
  return y < 0 ? -angle : angle;
}

/** Arc tangent of 0..1: two halvings of the angle, then the series. */
function atanUnit(t: number): number {
  const once = t / (1 + Math.sqrt(1 + t * t));
  const u = once / (1 + Math.sqrt(1 + once * once));
  const z = u * u;
  let sum = 0;
  for (let n = 11; n >= 1; n--) sum = z * ((n % 2 === 1 ? -1 : 1) / (2 * n + 1) + sum);
  return 4 * (u + u * sum);
}
