/** What the kernels compute, written down plainly in float64 for one neuron or one row: the oracle of their tests. */

export type StepKind = 'leaky' | 'exponential' | 'conductance';

export interface NeuronValues {
  readonly v: number;
  readonly excitatory: number;
  readonly inhibitory: number;
  readonly w: number;
  readonly constant: number;
  readonly slope: number;
  readonly excitatoryGain: number;
  readonly inhibitoryGain: number;
  readonly excitatoryDecay: number;
  readonly inhibitoryDecay: number;
  readonly excitatoryHalf: number;
  readonly inhibitoryHalf: number;
  readonly constantHalf: number;
  readonly slopeHalf: number;
  readonly excitatoryHalfGain: number;
  readonly inhibitoryHalfGain: number;
  readonly adaptationLeft: number;
  readonly adaptationPull: number;
  readonly slopeFactor: number;
  readonly exponential: number;
  readonly rate: number;
  readonly rateRest: number;
  readonly excitatoryCurrent: number;
  readonly inhibitoryCurrent: number;
  readonly excitatoryRate: number;
  readonly inhibitoryRate: number;
  readonly excitatoryReversal: number;
  readonly inhibitoryReversal: number;
}

const saturated = (s: number, S: number): number => (S === Infinity ? s : S * Math.tanh(s / S));

/** One step of one neuron. */
export function stepTwin(
  kind: StepKind,
  n: NeuronValues,
  S: number,
  [lowest, highest]: readonly [number, number],
): { v: number; w: number; excitatory: number } {
  const clamp = (v: number): number => Math.max(lowest, Math.min(highest, v));
  const excitatory = n.excitatory * n.excitatoryDecay;
  const e = saturated(n.excitatory * n.excitatoryHalf, S);
  const i = saturated(n.inhibitory * n.inhibitoryHalf, S);
  if (kind === 'leaky') {
    const drive =
      S === Infinity
        ? n.excitatoryGain * n.excitatory + n.inhibitoryGain * n.inhibitory
        : n.excitatoryGain * e + n.inhibitoryGain * i;
    return { v: clamp(n.v + n.constant + n.slope * n.v + drive), w: 0, excitatory };
  }
  // Of lines that do not saturate the coefficients take the state at the beginning.
  const [lineE, lineI] = S === Infinity ? [n.excitatory, n.inhibitory] : [e, i];
  const w = n.adaptationLeft * n.w + n.adaptationPull * n.v;
  let half: (v: number) => number;
  // Of what the exponential term adds in the middle, so much is there at the end.
  let share = 1;
  if (kind === 'exponential')
    half = (v) =>
      v +
      n.constantHalf -
      w +
      n.excitatoryHalfGain * lineE +
      n.inhibitoryHalfGain * lineI +
      n.slopeHalf * v;
  else {
    const ge = n.excitatoryRate * lineE;
    const gi = n.inhibitoryRate * lineI;
    const rate = n.rate + ge + gi;
    const rest =
      (n.rateRest -
        w +
        n.excitatoryCurrent * lineE +
        n.inhibitoryCurrent * lineI +
        ge * n.excitatoryReversal +
        gi * n.inhibitoryReversal) /
      rate;
    share = Math.exp(-12.5 * rate);
    half = (v) => v + (1 - share) * (rest - v);
  }
  const middle = half(n.v);
  const x = Math.exp((middle - n.exponential) / n.slopeFactor);
  const risen = x < 0.9999 ? -n.slopeFactor * Math.log(1 - x) : Infinity;
  return { v: clamp(half(middle) + share * risen), w, excitatory };
}

/** A row of strengths weight/63, amplitude 1 west and 0.5 east, on lines at 3 and membranes at 0, 0.9 left and 1.5 rise. */
export function rowTwin(
  weights: readonly number[],
  labels: readonly number[],
  mask: number,
  value: number,
  S: number,
  connected: number,
): { v: number[]; line: number[]; delivered: number } {
  let delivered = 0;
  const v: number[] = [];
  const line: number[] = [];
  weights.forEach((weight, c) => {
    const takes = weight > 0 && ((labels[c] ?? 0) & mask) === value && c < connected;
    if (takes) delivered++;
    const amount = takes ? (weight / 63) * (c < 128 ? 1 : 0.5) : 0;
    line.push(3 + 0.9 * amount);
    const bend = S === Infinity ? 1 : 1 - Math.tanh((3 + amount / 2) / S) ** 2;
    v.push(1.5 * amount * bend);
  });
  return { v, line, delivered };
}

const grown = (sum: number, age: number): number =>
  sum + 0.7 * 2 ** (-0.001 * age) * (1 - sum / 180);

/** Acausal sums of a row that start at 5, after a pulse with this label. */
export function preTwin(
  labels: readonly number[],
  times: readonly number[],
  orders: readonly number[],
  label: number,
  now: number,
  last: number,
): number[] {
  return labels.map((own, c) =>
    own === label && (orders[c] ?? 0) > last ? grown(5, now - (times[c] ?? 0)) : 5,
  );
}

/** Causal sums of a column; a row's pulse with label l was l cycles after its time. */
export function postTwin(
  labels: readonly number[],
  times: readonly number[],
  orders: readonly number[],
  now: number,
  last: number,
): number[] {
  return labels.map((own, r) =>
    (orders[r] ?? 0) > last ? grown(5, now - (times[r] ?? 0) - own) : 5,
  );
}

/** A neuron with exponential term and adaptation in one phase: fields of its law, in mV, nA, uS and cycles. */
export interface LawValues {
  readonly rate: number;
  readonly excitatoryRate: number;
  readonly inhibitoryRate: number;
  readonly adaptationRate: number;
  readonly rest: number;
  readonly excitatoryDrive: number;
  readonly inhibitoryDrive: number;
  readonly drag: number;
  readonly slopeFactor: number;
  readonly exponential: number;
  readonly exponentialRate: number;
  readonly conductance: number;
  readonly potential: number;
  readonly resets: boolean;
}

/** The symmetric splitting over `dt` cycles, from lines (e, i) at its beginning. */
export function splitTwin(
  n: LawValues,
  dt: number,
  { v, w }: { v: number; w: number },
  [e, i]: readonly [number, number],
  [lowest, highest]: readonly [number, number],
): { v: number; w: number } {
  const h = dt / 2;
  const clamp = (x: number): number => Math.max(lowest, Math.min(highest, x));
  const adapt = (from: number, potential: number): number => {
    // Of a membrane that is being reset, the mean over the interval is felt.
    const x = n.rate * dt;
    const felt = n.resets ? n.rest + ((potential - n.rest) * 2 * Math.tanh(x / 2)) / x : potential;
    const target = n.conductance * (felt - n.potential);
    return from + (1 - Math.exp(-n.adaptationRate * h)) * (target - from);
  };
  // Mean of what both halves would do.
  const line = (state: number, drive: number, rate: number): number => {
    const lift = (Math.exp(-rate * h) - Math.exp(-n.rate * h)) / (n.rate - rate);
    return 0.5 * drive * state * lift * (1 + Math.exp(-rate * h));
  };
  const fall = 1 - Math.exp(-n.rate * h);
  const middle = adapt(w, v);
  const base =
    n.rest * fall +
    line(e, n.excitatoryDrive, n.excitatoryRate) +
    line(i, n.inhibitoryDrive, n.inhibitoryRate) -
    n.drag * fall * middle;
  const half = (x: number): number => x * (1 - fall) + base;
  const before = half(v);
  const y =
    n.slopeFactor > 0
      ? dt * n.exponentialRate * Math.exp((before - n.exponential) / n.slopeFactor)
      : 0;
  const risen = y < 0.9999 ? clamp(before - n.slopeFactor * Math.log1p(-y)) : highest;
  const z = Math.min(y, 0.9999);
  const mean = z > 0 ? 1 + ((1 - z) * Math.log1p(-z)) / z : 0;
  const end = clamp(half(risen));
  return { v: end, w: adapt(middle, end - (risen - before - 2 * n.slopeFactor * mean)) };
}
