/** Polynomials that stand in for smooth functions, with a proven bound on how far they are off. */

/** sum of coefficients[k] * t^k for t in [-1, 1], where x = middle + half * t. */
export interface Polynomial {
  readonly coefficients: readonly number[];
  readonly middle: number;
  readonly half: number;
  /** Largest |polynomial - function| over the interval. */
  readonly error: number;
}

/**
 * The polynomial of `degree` through the Chebyshev points of lo..hi. Between two of many samples, a distance of h apart,
 * the difference from `f` exceeds the larger of theirs by at most h^2 / 8 times the bound of its second derivative;
 * `curvature` is that of |f''| over lo..hi.
 */
export function fitPolynomial(
  f: (x: number) => number,
  lo: number,
  hi: number,
  degree: number,
  curvature: number,
  cosine: (x: number) => number,
  samples = 1024,
): Polynomial {
  const middle = (lo + hi) / 2;
  const half = (hi - lo) / 2;
  const count = degree + 1;
  const nodes = Array.from({ length: count }, (_, i) =>
    cosine(((2 * i + 1) * Math.PI) / (2 * count)),
  );
  const coefficients = throughPoints(
    nodes,
    nodes.map((t) => f(middle + half * t)),
  );
  let worst = 0;
  for (let i = 0; i <= samples; i++) {
    const t = -1 + (2 * i) / samples;
    worst = Math.max(worst, Math.abs(evaluatePolynomial(coefficients, t) - f(middle + half * t)));
  }
  const bend = coefficients.reduce((sum, c, k) => sum + k * (k - 1) * Math.abs(c), 0);
  const h = 2 / samples;
  return {
    coefficients,
    middle,
    half,
    error: worst + ((bend + curvature * half * half) * h * h) / 8,
  };
}

/** The value at t, by Horner's rule. */
export function evaluatePolynomial(coefficients: readonly number[], t: number): number {
  return coefficients.reduceRight((sum, c) => sum * t + c, 0);
}

/** Coefficients of the polynomial through the points, by Newton's divided differences. */
function throughPoints(nodes: readonly number[], values: readonly number[]): number[] {
  const differences = [...values];
  for (let level = 1; level < nodes.length; level++)
    for (let i = nodes.length - 1; i >= level; i--)
      differences[i] =
        ((differences[i] ?? 0) - (differences[i - 1] ?? 0)) /
        ((nodes[i] ?? 0) - (nodes[i - level] ?? 0));
  let result: number[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    // result * (t - node) + difference
    const next = [differences[i] ?? 0, ...result];
    result.forEach((c, k) => {
      next[k] = (next[k] ?? 0) - c * (nodes[i] ?? 0);
    });
    result = next;
  }
  return result;
}
