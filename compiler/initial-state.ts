/** The state of a rule before its first trigger. */
import type { TypedRule } from './check/typed.js';
import type { BlockGeometry, RuleState } from './trace.js';
import { elementsOf } from './trace.js';

/** Weights and labels 0, everything declared at its default, baselines at the code 205. */
export function initialState(rule: TypedRule, geometry: BlockGeometry): RuleState {
  const synapses = geometry.rows * geometry.columns;
  const values = new Map<number, Float64Array>();
  for (const symbol of [...rule.params, ...rule.inputs, ...rule.states]) {
    const each = symbol.sizes.reduce((product, size) => product * size, 1);
    values.set(
      symbol.id,
      new Float64Array(elementsOf(symbol.domain, geometry) * each).fill(symbol.initial),
    );
  }
  return {
    weights: new Int8Array(synapses),
    labels: new Uint8Array(synapses),
    values,
    baselines: {
      causal: new Uint8Array(synapses).fill(205),
      acausal: new Uint8Array(synapses).fill(205),
    },
  };
}
