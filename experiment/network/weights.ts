/** How weights beyond one synapse are spread over several. */

/** The part of a weight that its k-th synapse holds, when each holds up to 63. */
export function weightShare(weight: number, k: number): number {
  return Math.min(63, Math.max(0, weight - 63 * k));
}

/** Rows that a weight needs, 63 each. */
export function rowsForWeight(weight: number): number {
  return Math.max(1, Math.ceil(Math.abs(weight) / 63));
}
