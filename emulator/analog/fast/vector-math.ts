/** Elementary functions of four floats at once, as code. Accuracy is that of a float but for a few last bits. */
import { all, allBits } from './pool.js';
import {
  f32x4,
  flow,
  i32,
  i32x4,
  v128,
  type Code,
  type FunctionWriter,
  type Local,
} from './wasm.js';

const { add, mul, pmax, pmin, sub } = f32x4;

/** Coefficients of a polynomial, constant first, by Horner's rule. */
function polynomial(x: Code, coefficients: readonly number[]): Code {
  const [last = 0, ...others] = [...coefficients].reverse();
  return others.reduce<Code>((sum, c) => add(all(c), mul(sum, x)), all(last));
}

/** 2^x on [-1/2, 1/2], relative error 8e-8. */
const POWER = [1.0000001, 0.693146944, 0.2402212024, 0.0555071309, 0.0096755409, 0.0013276471];
/** The same with relative error 3e-6. */
const SHORT_POWER = [0.9999992847, 0.6931217909, 0.2402474433, 0.0559178591, 0.0095701013];
/** Adding this rounds a float to a whole number, which then stands in its low bits. */
const ROUNDER = 12582912;

/** 2^x by a polynomial for what is left of x beside a whole number. */
abstract class VectorPowerOfTwo {
  private readonly scaled: Local;
  private readonly whole: Local;

  constructor(
    f: FunctionWriter,
    private readonly coefficients: readonly number[],
  ) {
    this.scaled = f.local('v128');
    this.whole = f.local('v128');
  }

  protected abstract limited(x: Code): Code;

  of(x: Code): Code {
    const { scaled, whole } = this;
    return [
      scaled.set(this.limited(x)),
      whole.set(add(scaled.get, all(ROUNDER))),
      scaled.set(sub(scaled.get, sub(whole.get, all(ROUNDER)))),
      i32x4.add(polynomial(scaled.get, this.coefficients), i32x4.shl(whole.get, i32.const(23))),
    ];
  }
}

/** 2^x for x in -100..126, outside as at the ends: no product with it becomes denormal. */
export class VectorPower extends VectorPowerOfTwo {
  constructor(f: FunctionWriter) {
    super(f, POWER);
  }

  protected limited(x: Code): Code {
    return pmin(f32x4.pmax(x, all(-100)), all(126));
  }
}

/** 2^x for x <= 0, as 2^-100 below that (x > -4e6); relative error 3e-6. Short chains of operations: many go side by side. */
export class VectorTrace {
  private readonly part: Local;
  private readonly whole: Local;

  constructor(f: FunctionWriter) {
    this.part = f.local('v128');
    this.whole = f.local('v128');
  }

  of(x: Code): Code {
    const { part, whole } = this;
    const [c0 = 0, c1 = 0, c2 = 0, c3 = 0, c4 = 0] = SHORT_POWER;
    const low = add(all(c0), mul(all(c1), part.get));
    const high = add(all(c2), mul(all(c3), part.get));
    const square = mul(part.get, part.get);
    return [
      part.set(x),
      whole.set(add(part.get, all(ROUNDER))),
      part.set(sub(part.get, sub(whole.get, all(ROUNDER)))),
      i32x4.add(
        add(low, mul(square, add(high, mul(all(c4), square)))),
        i32x4.shl(pmax(whole.get, all(ROUNDER - 100)), i32.const(23)),
      ),
    ];
  }
}

/** e^x, likewise limited. */
export class VectorExp {
  private readonly power: VectorPower;

  constructor(f: FunctionWriter) {
    this.power = new VectorPower(f);
  }

  of(x: Code): Code {
    return this.power.of(mul(x, all(1.4426950408889634)));
  }
}

/**
 * -ln(1 - x): a series where all four are small, else the logarithm by mantissa and exponent. From x = 0.9999 on
 * something has run away: the result is then far above all voltages.
 */
export class VectorLog {
  private readonly x: Local;
  private readonly exponent: Local;
  private readonly result: Local;

  constructor(f: FunctionWriter) {
    this.x = f.local('v128');
    this.exponent = f.local('v128');
    this.result = f.local('v128');
  }

  of(value: Code): Code {
    const { x, exponent, result } = this;
    const series = mul(x.get, polynomial(x.get, [1, 1 / 2, 1 / 3, 1 / 4]));
    const general: Code = [
      result.set(v128.and(f32x4.ge(x.get, all(0.9999)), all(1e5))),
      x.set(sub(all(1), pmin(x.get, all(0.9999)))),
      exponent.set(i32x4.shrS(i32x4.sub(x.get, allBits(0x3f3504f3)), i32.const(23))),
      x.set(sub(i32x4.sub(x.get, i32x4.shl(exponent.get, i32.const(23))), all(1))),
      exponent.set(mul(f32x4.fromI32(exponent.get), all(0.6931471805599453))),
      result.set(
        sub(
          result.get,
          add(
            exponent.get,
            add(
              x.get,
              mul(mul(x.get, x.get), add(all(-0.5), mul(x.get, polynomial(x.get, LOGARITHM)))),
            ),
          ),
        ),
      ),
    ];
    return [
      x.set(value),
      flow.if(v128.anyTrue(f32x4.gt(f32x4.abs(x.get), all(0.02))), general, result.set(series)),
      result.get,
    ];
  }
}

/**
 * (-ln(1 - x) / x - 1) / x of x and its square, for 0 <= x <= 1/4. The logarithm is then good to 2.3e-5, and to 4e-7 below 0.005.
 */
export function shortRise(x: Code, xx: Code): Code {
  return add(add(all(0.5), mul(all(0.32285976), x)), mul(all(0.3535159), xx));
}

/** (ln(1 + f) - f + f^2/2) / f^3 on [-0.3, 0.42]. */
const LOGARITHM = [
  0.33333331174, -0.24999993993, 0.20000714765, -0.16668057665, 0.14249322787, -0.12420140846,
  0.1167699874, -0.1151461031, 0.070376836292,
];

/** 1 - e^-x for x >= 0, without loss of digits where x is small. */
export class VectorFall {
  private readonly x: Local;
  private readonly result: Local;
  private readonly exp: VectorExp;

  constructor(f: FunctionWriter) {
    this.x = f.local('v128');
    this.result = f.local('v128');
    this.exp = new VectorExp(f);
  }

  of(value: Code): Code {
    const { x, result } = this;
    return [
      x.set(value),
      flow.if(
        v128.anyTrue(f32x4.gt(x.get, all(0.4))),
        result.set(sub(all(1), this.exp.of(f32x4.neg(x.get)))),
        result.set(
          mul(x.get, polynomial(x.get, [1, -1 / 2, 1 / 6, -1 / 24, 1 / 120, -1 / 720, 1 / 5040])),
        ),
      ),
      result.get,
    ];
  }
}

/** tanh x = x above(x^2)/below(x^2) to 1e-4 for x < 5. */
const TANH_ABOVE = [135135, 17325, 378, 1];
const TANH_BELOW = [135135, 62370, 3150, 28];

/** S tanh(s/S) for s >= 0: a series where all four are far below S, else a rational function, constant above 4.97 S. */
export class VectorSaturation {
  private readonly s: Local;
  private readonly x: Local;
  private readonly xx: Local;
  private readonly result: Local;

  /** @param saturation, inverse S and 1/S in all lanes */
  constructor(
    f: FunctionWriter,
    private readonly saturation: Code,
    private readonly inverse: Code,
  ) {
    this.s = f.local('v128');
    this.x = f.local('v128');
    this.xx = f.local('v128');
    this.result = f.local('v128');
  }

  of(value: Code): Code {
    const { s, x, xx, result } = this;
    const series = mul(s.get, polynomial(xx.get, [1, -1 / 3, 2 / 15]));
    const rational: Code = [
      x.set(pmin(x.get, all(4.97))),
      xx.set(mul(x.get, x.get)),
      result.set(
        mul(
          this.saturation,
          f32x4.div(mul(x.get, polynomial(xx.get, TANH_ABOVE)), polynomial(xx.get, TANH_BELOW)),
        ),
      ),
    ];
    return [
      s.set(value),
      x.set(mul(s.get, this.inverse)),
      xx.set(mul(x.get, x.get)),
      flow.if(v128.anyTrue(f32x4.gt(x.get, all(0.1))), rational, result.set(series)),
      result.get,
    ];
  }
}

/** 1/cosh(x)^2 in x^2 for x <= 0.6, to 4e-06. */
const BEND = [1, -0.99999112, 0.66585887, -0.36610768, 0.14070634];

/** 1/cosh(x)^2 for x >= 0, the slope of the saturation: a polynomial where all four are in its range, else from the rational tanh. */
export class VectorBend {
  private readonly x: Local;
  private readonly xx: Local;
  private readonly result: Local;

  constructor(f: FunctionWriter) {
    this.x = f.local('v128');
    this.xx = f.local('v128');
    this.result = f.local('v128');
  }

  of(value: Code): Code {
    const { x, xx, result } = this;
    return [
      x.set(value),
      xx.set(mul(x.get, x.get)),
      flow.if(
        v128.anyTrue(f32x4.gt(x.get, all(0.6))),
        [
          x.set(pmin(x.get, all(4.97))),
          xx.set(mul(x.get, x.get)),
          x.set(
            f32x4.div(mul(x.get, polynomial(xx.get, TANH_ABOVE)), polynomial(xx.get, TANH_BELOW)),
          ),
          result.set(sub(all(1), mul(x.get, x.get))),
        ],
        result.set(polynomial(xx.get, BEND)),
      ),
      result.get,
    ];
  }
}
