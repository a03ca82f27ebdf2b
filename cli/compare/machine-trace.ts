/** What a machine read over its buses, as the trace that the evaluators take. */
import type { Observation } from '../../compiler/trace.js';
import type { SynapseBus } from './synapse-bus.js';

/** A second population: its name, and how many columns it lies to the right of the block's neurons, on the other half. */
export interface SecondPopulation {
  readonly name: string;
  readonly shift: number;
}

/** The observations of one trigger execution (begin to end, in cycles), for a block of whole rows from `firstRow` on. */
export function traceOf(
  bus: SynapseBus,
  firstRow: number,
  begin = 0,
  end = Infinity,
  population?: SecondPopulation,
): Observation[] {
  const trace: Observation[] = [];
  const conversions: { row: number; causal: Uint8Array; acausal: Uint8Array }[] = [];
  const draws: [Uint8Array[], Uint8Array[]] = [[], []];
  const counts = new Uint8Array(256);
  const codes = new Uint8Array(256);
  const others = new Uint8Array(256);
  for (const read of bus.reads) {
    if (read.cycle < begin || read.cycle > end) continue;
    if (read.kind === 'random') draws[read.parity as 0 | 1].push(read.bytes);
    else if (read.kind === 'counter') counts[read.row] = read.bytes[0]!;
    else if (read.kind === 'other-counter') others[read.row] = read.bytes[0]!;
    else if (read.kind === 'membrane')
      read.bytes.forEach((code, k) => (codes[2 * k + read.parity] = code));
    else if (read.kind === 'conversion')
      conversions.push({
        row: read.row - firstRow,
        causal: new Uint8Array(256),
        acausal: new Uint8Array(256),
      });
    else {
      const row = conversions.at(-1);
      if (row === undefined) continue;
      const into = read.kind === 'causal' ? row.causal : row.acausal;
      for (let k = 0; k < 128; k++) into[2 * k + read.parity] = read.bytes[k]!;
    }
  }
  trace.push({ kind: 'rate', counts }, { kind: 'membrane', codes });
  if (population) {
    const { name, shift } = population;
    const moved = (from: Uint8Array): Uint8Array =>
      Uint8Array.from(from, (_, column) => from[column + shift] ?? 0);
    trace.push(
      { kind: 'rate', population: name, counts: moved(others) },
      { kind: 'membrane', population: name, codes: moved(codes) },
    );
  }
  for (const conversion of conversions) trace.push({ kind: 'correlation', ...conversion });
  // Eight draws are thrown away before each byte.
  const count = draws[0].length / 9;
  for (let i = 0; i < count; i++) {
    const bytes = new Uint8Array(256);
    for (const parity of [0, 1] as const) {
      const draw = draws[parity][9 * i + 8];
      if (draw) for (let k = 0; k < 128; k++) bytes[2 * k + parity] = draw[k]!;
    }
    trace.push({ kind: 'lane-bytes', bytes });
  }
  return trace;
}
