/** Mean signed error of assignments over random inputs: the exact evaluator beside the real one. */
import { streamKey, uniformAt } from '../../isa/numeric/random.js';
import { evaluateExact, quantisedState } from '../evaluate-exact.js';
import { evaluateReal } from '../evaluate-real.js';
import { initialState } from '../initial-state.js';
import type { RuleProgram } from '../ir/ir.js';
import type { TypedRule } from '../check/typed.js';
import type { Observation, RuleState } from '../trace.js';

/** Rows and columns of the block, and executions per trigger. */
const rows = 4;
const columns = 256;
const executions = 6;
/** Visits of the block that an execution may make, and draws per visit. */
const mostVisits = 4;
const mostDraws = 40;

/**
 * Mean of exact - real before saturation, by statement; statements whose inputs could not be made up are absent.
 * Parameters, states, weights, codes and counts are drawn evenly over their ranges.
 */
export function meanErrors(rule: TypedRule, program: RuleProgram): ReadonlyMap<number, number> {
  const key = streamKey(1, `mean error ${rule.name}`);
  let draw = 0;
  const random = (): number => uniformAt(key, draw++);
  const byte = (): number => Math.floor(random() * 256);
  const bytes = (): Uint8Array => Uint8Array.from({ length: columns }, byte);
  const geometry = { rows, columns };
  const sums = new Map<number, { sum: number; count: number }>();
  for (const trigger of rule.triggers)
    for (let turn = 0; turn < executions; turn++) {
      const state = randomState(rule, program, random);
      const trace: Observation[] = [
        { kind: 'rate', counts: bytes() },
        { kind: 'membrane', codes: bytes() },
        { kind: 'clock', time: Math.floor(random() * 1e6) },
      ];
      for (let visit = 0; visit < mostVisits * rows; visit++)
        trace.push({
          kind: 'correlation',
          row: visit % rows,
          causal: bytes(),
          acausal: bytes(),
        });
      for (let i = 0; i < mostDraws * rows; i++) trace.push({ kind: 'lane-bytes', bytes: bytes() });
      for (let i = 0; i < 400; i++)
        trace.push({ kind: 'scalar-random', value: Math.floor(random() * 65536) });
      try {
        const input = { rule, geometry, state, trace };
        const exact = evaluateExact({ ...input, program, trigger: trigger.index });
        const real = evaluateReal({ ...input, trigger, follow: exact.steps });
        exact.steps.forEach((step, index) => {
          const other = real.steps[index];
          if (step.kind !== 'assign' || other?.kind !== 'assign') return;
          const entry = sums.get(step.statement) ?? { sum: 0, count: 0 };
          sums.set(step.statement, entry);
          step.before.forEach((before, lane) => {
            entry.sum += before - (other.before[lane] ?? before);
            entry.count++;
          });
        });
      } catch {
        // A rule that reads more than was made up has no figure rather than a wrong one.
      }
    }
  return new Map([...sums].map(([statement, { sum, count }]) => [statement, sum / count]));
}

function randomState(rule: TypedRule, program: RuleProgram, random: () => number): RuleState {
  const state = initialState(rule, { rows, columns });
  for (const symbol of [...rule.params, ...rule.inputs, ...rule.states]) {
    const { range } = symbol;
    const values = state.values.get(symbol.id);
    if (range === undefined || values === undefined) continue;
    state.values.set(
      symbol.id,
      values.map(() => range.lo + random() * (range.top - range.lo)),
    );
  }
  const whole = (below: number): number => Math.floor(random() * below);
  const least = rule.signedWeights ? -63 : 0;
  state.weights.forEach((_, i) => (state.weights[i] = least + whole(64 - least)));
  state.labels.forEach((_, i) => (state.labels[i] = whole(64)));
  for (const branch of [state.baselines.causal, state.baselines.acausal])
    branch.forEach((_, i) => (branch[i] = 150 + whole(100)));
  return quantisedState(rule, program, state);
}
