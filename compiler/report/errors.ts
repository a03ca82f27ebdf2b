/** Errors of assignments over random inputs: the exact evaluator beside the real one, without machine code. */
import { streamKey, uniformAt } from '../../isa/numeric/random.js';
import { evaluateExact, quantisedState } from '../evaluate-exact.js';
import { evaluateReal } from '../evaluate-real.js';
import { ExactTraceError } from '../exact/run.js';
import { initialState } from '../initial-state.js';
import type { RuleProgram } from '../ir/ir.js';
import type { TypedRule } from '../check/typed.js';
import type { Observation, RuleState } from '../trace.js';

/** exact - real before rounding and saturation, in units of the target. */
export interface MeasuredError {
  readonly mean: number;
  /** Largest size. */
  readonly largest: number;
  readonly count: number;
}

export interface ErrorSearch {
  /** Executions of each trigger, each from a random state. Default 6. */
  readonly executions?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Half of the executions draw most numbers from the ends of their ranges, where errors are largest. Default false. */
  readonly ends?: boolean;
}

/** Rows and columns of the block. */
const rows = 4;
const columns = 256;
/** Visits of the block that an execution may make, draws per visit, draws of the scalar core. */
const mostVisits = 4;
const mostDraws = 40;
const mostScalarDraws = 400;

/** Where an execution's random numbers come from. */
class Inputs {
  private draw = 0;
  /** Whether the ends of ranges are likely. */
  atEnds = false;

  constructor(private readonly key: ReturnType<typeof streamKey>) {}

  next(): number {
    return uniformAt(this.key, this.draw++);
  }

  /** Evenly in 0..1, or more often one of both. */
  share(): number {
    const x = this.next();
    if (!this.atEnds || x < 1 / 3) return this.next();
    return x < 2 / 3 ? 0 : 1;
  }

  /** An integer in lo..hi. */
  whole(lo: number, hi: number): number {
    return Math.min(hi, lo + Math.floor(this.share() * (hi - lo + 1)));
  }

  bytes(): Uint8Array {
    return Uint8Array.from({ length: columns }, () => this.whole(0, 255));
  }
}

/**
 * The errors of each statement; statements whose inputs could not be made up are absent. Parameters, states, weights,
 * codes and counts are drawn evenly over their ranges (see `ends`).
 */
export function measureErrors(
  rule: TypedRule,
  program: RuleProgram,
  { executions = 6, seed = 1, ends = false }: ErrorSearch = {},
): ReadonlyMap<number, MeasuredError> {
  const inputs = new Inputs(streamKey(seed, `mean error ${rule.name}`));
  const geometry = { rows, columns };
  const sums = new Map<number, { sum: number; largest: number; count: number }>();
  for (const trigger of rule.triggers)
    for (let turn = 0; turn < executions; turn++) {
      inputs.atEnds = ends && turn % 2 === 1;
      const state = randomState(rule, program, inputs);
      const trace = randomTrace(rule, inputs);
      try {
        const input = { rule, geometry, state, trace };
        const exact = evaluateExact({ ...input, program, trigger: trigger.index });
        const real = evaluateReal({ ...input, trigger, follow: exact.steps });
        exact.steps.forEach((step, index) => {
          const other = real.steps[index];
          if (step.kind !== 'assign' || other?.kind !== 'assign') return;
          const entry = sums.get(step.statement) ?? { sum: 0, largest: 0, count: 0 };
          sums.set(step.statement, entry);
          step.before.forEach((before, lane) => {
            if (step.mask && step.mask[lane] === 0) return;
            const difference = before - (other.before[lane] ?? before);
            entry.sum += difference;
            entry.largest = Math.max(entry.largest, Math.abs(difference));
            entry.count++;
          });
        });
      } catch (error) {
        if (!(error instanceof ExactTraceError)) throw error;
        // A rule that reads more than was made up has no figure rather than a wrong one.
      }
    }
  return new Map(
    [...sums].map(([statement, { sum, largest, count }]) => [
      statement,
      { mean: count === 0 ? 0 : sum / count, largest, count },
    ]),
  );
}

function randomTrace({ population }: TypedRule, inputs: Inputs): Observation[] {
  const trace: Observation[] = [
    { kind: 'rate', counts: inputs.bytes() },
    { kind: 'membrane', codes: inputs.bytes() },
    { kind: 'clock', time: Math.floor(inputs.next() * 1e6) },
  ];
  if (population !== undefined)
    trace.push(
      { kind: 'rate', population, counts: inputs.bytes() },
      { kind: 'membrane', population, codes: inputs.bytes() },
    );
  for (let visit = 0; visit < mostVisits * rows; visit++)
    trace.push({
      kind: 'correlation',
      row: visit % rows,
      causal: inputs.bytes(),
      acausal: inputs.bytes(),
    });
  for (let i = 0; i < mostDraws * rows; i++)
    trace.push({ kind: 'lane-bytes', bytes: inputs.bytes() });
  for (let i = 0; i < mostScalarDraws; i++)
    trace.push({ kind: 'scalar-random', value: Math.floor(inputs.next() * 65536) });
  return trace;
}

function randomState(rule: TypedRule, program: RuleProgram, inputs: Inputs): RuleState {
  const state = initialState(rule, { rows, columns });
  for (const symbol of [...rule.params, ...rule.inputs, ...rule.states]) {
    const { range } = symbol;
    const values = state.values.get(symbol.id);
    if (range === undefined || values === undefined) continue;
    state.values.set(
      symbol.id,
      values.map(() => range.lo + inputs.share() * (range.top - range.lo)),
    );
  }
  const least = rule.signedWeights ? -63 : 0;
  state.weights.forEach((_, i) => (state.weights[i] = inputs.whole(least, 63)));
  state.labels.forEach((_, i) => (state.labels[i] = inputs.whole(0, 63)));
  for (const branch of [state.baselines.causal, state.baselines.acausal])
    branch.forEach((_, i) => (branch[i] = inputs.whole(150, 249)));
  return quantisedState(rule, program, state);
}
