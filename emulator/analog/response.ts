/**
 * Closed responses of a leaky membrane to exponentially decaying drives: the exact propagators of the precise engine.
 *
 * All of them solve y' = -k y + f(t), y(0) = 0; rates are per cycle, times in cycles.
 */
import { exp, log, tanh } from '../../isa/numeric/elementary.js';

/** Response to exp(-l t) after dt, given exp(-k dt) and exp(-l dt); well conditioned where k and l come together. */
export function response(k: number, l: number, dt: number, ek: number, el: number): number {
  const x = (k - l) * dt;
  if (x < 1e-3 && x > -1e-3)
    return dt * ek * (1 + x * (0.5 + x * (1 / 6 + x * (1 / 24 + x / 120))));
  return (el - ek) / (k - l);
}

/** tanh(x)/x - 1 on [0, 1.6] as a polynomial in x^2 (least squares on Chebyshev nodes, error 7e-6). */
const C3 = -0.3331424838372809;
const C5 = 0.1316830588983842;
const C7 = -0.04909326642873974;
const C9 = 0.01479834755626161;
const C11 = -0.0029059819038439396;
const C13 = 0.000261039548382097;
const POLYNOMIAL_LIMIT = 1.6;

/**
 * Response to S tanh(s(t)/S) with s(t) = s exp(-l t): every odd power of s is again an exponential. Above 1.6 S the
 * current is followed in short pieces, each replaced by the exponential through its ends.
 */
export function saturatedResponse(
  s: number,
  S: number,
  k: number,
  l: number,
  dt: number,
  ek: number,
  el: number,
): number {
  const x = s / S;
  if (x < 0.004) return s * response(k, l, dt, ek, el);
  const xx = x * x;
  const el2 = el * el;
  if (x < 0.05)
    return s * (response(k, l, dt, ek, el) - (xx / 3) * response(k, 3 * l, dt, ek, el * el2));
  if (x > POLYNOMIAL_LIMIT) return deepResponse(s, S, k, l, dt);
  let power = el;
  let sum = response(k, l, dt, ek, power);
  let weight = xx;
  power *= el2;
  sum += C3 * weight * response(k, 3 * l, dt, ek, power);
  weight *= xx;
  power *= el2;
  sum += C5 * weight * response(k, 5 * l, dt, ek, power);
  weight *= xx;
  power *= el2;
  sum += C7 * weight * response(k, 7 * l, dt, ek, power);
  weight *= xx;
  power *= el2;
  sum += C9 * weight * response(k, 9 * l, dt, ek, power);
  weight *= xx;
  power *= el2;
  sum += C11 * weight * response(k, 11 * l, dt, ek, power);
  weight *= xx;
  power *= el2;
  sum += C13 * weight * response(k, 13 * l, dt, ek, power);
  return s * sum;
}

/** The same far in saturation: pieces in which s falls by a twentieth of an e-fold. */
function deepResponse(s: number, S: number, k: number, l: number, dt: number): number {
  let left = dt;
  let state = s;
  let y = 0;
  while (left > 0 && state > POLYNOMIAL_LIMIT * S) {
    const h = left * l < 0.05 ? left : 0.05 / l;
    const end = state * exp(-l * h);
    const f0 = S * tanh(state / S);
    const f1 = S * tanh(end / S);
    const fall = log(f0 / f1) / h;
    const ek = exp(-k * h);
    y = y * ek + f0 * response(k, fall, h, ek, f1 / f0);
    state = end;
    left -= h;
  }
  if (left > 0) {
    const ek = exp(-k * left);
    y = y * ek + saturatedResponse(state, S, k, l, left, ek, exp(-l * left));
  }
  return y;
}

/** When the response to one event, exp(-l t), is highest; the common time constant if both are equal. */
export function responsePeak(k: number, l: number): number {
  const x = (k - l) / l;
  if (x < 1e-6 && x > -1e-6) return 1 / k;
  return log(k / l) / (k - l);
}

/** Time a membrane needs from `from` to `to` when it tends to `rest` with rate k; Infinity if it never gets there. */
export function crossingTime(from: number, to: number, rest: number, k: number): number {
  if (from >= to) return 0;
  if (rest <= to) return Infinity;
  return log((rest - from) / (rest - to)) / k;
}

/**
 * Lower bound (cycles) of the time a membrane needs from `v` to `goal` under a decaying drive and a decaying brake, both
 * in mV/cycle now; 0 if it is there, Infinity if it cannot get there.
 * @param peak largest rise per unit of drive
 * @param depth inhibitory line state over the saturation limit (0: no saturation)
 */
export function earliestCrossing(
  v: number,
  goal: number,
  rest: number,
  k: number,
  drive: number,
  peak: number,
  brake: number,
  brakeRate: number,
  depth: number,
): number {
  if (v >= goal) return 0;
  const top = (rest > v ? rest : v) + drive * peak;
  if (top < goal) return Infinity;
  if (drive === 0 && brake === 0) return crossingTime(v, goal, rest, k);
  // While it is above v, the membrane never rises faster than at v under the present drive, which only decays.
  const slope = k * (rest - v) + drive;
  if (slope <= 0) return Infinity;
  const gap = goal - v;
  const plain = gap / slope;
  if (brake === 0) return plain;
  // Within ln 2 time constants of its line, at least this much inhibition is left (tanh x >= x / (1 + x)).
  const horizon = 0.6931471805599453 / brakeRate;
  const slower = slope - (0.5 * brake) / (1 + 0.5 * depth);
  const braked = slower <= 0 ? horizon : Math.min(horizon, gap / slower);
  return braked > plain ? braked : plain;
}
