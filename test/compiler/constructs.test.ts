/** One small rule for each construct of the language: machine code, exact and real evaluator side by side. */
import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { lockstep } from './lockstep.js';

const constructs: readonly (readonly [name: string, text: string])[] = [
  [
    'sum over rows per neuron',
    `rule r { param target in [0, 1023] = 512  every 10 ms { each neuron { let total = sum(w)  each synapse { w += stochastic((target - total) / 64) } } } }`,
  ],
  [
    'reductions over columns',
    `rule r { state a in [0, 65535] step 1 = 0 state b in [0,255] step 1 = 0 state k : int = 0 every 10 ms { a = sum(rate)  b = max(rate)  k = argmax(rate) } }`,
  ],
  [
    'mean over columns',
    `rule r { state m in [0,255] step 1/64 = 0 every 10 ms { m = mean(rate) } }`,
  ],
  [
    'inputs and states per row',
    `rule r { input pre per row in [0, 255] step 1 = 7  state tr per row in [0, 1] step 1/1024 = 0  every 10 ms { each row { tr = tr * 0.5 + pre / 512  each synapse { w += stochastic(tr * causal / 8) } } } }`,
  ],
  [
    'arrays with an index',
    `rule r { state c[4] : int  state h[3] in [0, 1] step 1/256 = 0.5  state k : int = 0 every 10 ms { k = (k + 1) % 4  c[k] += k * 3 + 1  h[k % 3] = h[k % 3] * 0.5 + 0.25 } }`,
  ],
  [
    'an array per row',
    `rule r { state h[3] per row in [0, 1] step 1/256 = 0.25  state n[2, 2] per row : int  every 10 ms { each row { for k in 0..3 { h[k] = h[k] / 2 + row * 0.25 }  n[1, 0] += row + 1  each synapse { w += 8 * h[1] } } } }`,
  ],
  [
    'the lowest row and synapse of the largest weight',
    `rule r { state k : int  state best per neuron in [0, 255] step 1  every 10 ms { k = argmax(w)  each neuron { best = argmax(causal) } } }`,
  ],
  [
    'means over rows',
    `rule r { state m per neuron in [-64, 191] step 1/64  every 10 ms { each neuron { m = mean(causal) } } }`,
  ],
  [
    'a choice that all lanes make alike draws only where it is chosen',
    `rule r { param p in [0, 1] = 0.5  every 10 ms { each synapse { w += stochastic(if p < 0.5 { uniform() * 4 } else { 0 - uniform() * (if w > 30 { 2 } else { 1 }) }) } } }`,
  ],
  [
    'changes far beyond 16 bits',
    `rule r { param eta in [0, 64] = 1  every 10 ms { each synapse { w += eta * causal * rate * (rate - 100)  w += stochastic(eta * acausal * rate) } } }`,
  ],
  [
    'int quotients and remainders in lanes',
    `rule r { state k : int = 3  every 10 ms { each synapse { w = neuron / 7 + neuron % 5  if (neuron ^ 12) % (row + 2) == 1 { w = floor(rate / 2) / (row + 1) } } } }`,
  ],
  [
    'functions of the scalar core',
    `rule r {
  param x in [-6, 6] = 1  param p in [1/64, 100] = 1  input n in [1, 60000] step 1/16 = 5
  state a in [0, 512] step 1/1024  state b in [-8, 16] step 1/4096  state c in [0, 64] step 1/4096  state d in [-1, 1] step 1/16384
  every 10 ms {
    a = exp(x)  b = log(p)  c = sqrt(p)  d = sin(x)  d = cos(3 * x)  d = tanh(x)
    c = p / n  b = log(n)  c = sqrt(n / 64)  d = tanh(p - 50)  a = exp(-p)  c = x * x / n
  }
}`,
  ],
  [
    'exp and log in lanes',
    `rule r { state m per neuron in [-8, 8] step 1/256 = 1  every 10 ms { each neuron { m = log(1 + rate) - 2  each synapse { w += exp(m / 4) * causal / 64 } } } }`,
  ],
  [
    'sqrt and tanh in lanes',
    `rule r { every 10 ms { each synapse { w = sqrt(abs(causal) * 16) * tanh((acausal - 60) / 32) } } }`,
  ],
  [
    'sin and cos in lanes',
    `rule r { every 10 ms { each synapse { w = 32 + 16 * sin(causal / 8) - 12 * cos(rate / 32) } } }`,
  ],
  [
    'quotients of lanes',
    `rule r { param k in [0, 8] = 3  every 10 ms { each synapse { w = (causal * (1 + w)) / (64 + rate) + k / (1 + w) - acausal / (-2 - v) } } }`,
  ],
  [
    'a loop over a scalar',
    `rule r { state sx : int = 0 every 10 ms { let x : int = 1  for i in 0..5 { x = x * 3 - i } sx = x } }`,
  ],
  [
    'a let in lanes that is assigned again',
    `rule r { every 10 ms { each synapse { let x in [-4, 4] = 0  if causal > 20 { x = causal / 64 } else { x = -1 }  w += x * 3 } } }`,
  ],
  [
    'the partner column',
    `rule r { every 10 ms { each synapse { w += stochastic((rate[neuron ^ 1] - rate) * causal / 1024) } } }`,
  ],
  [
    'a single row',
    `rule r { state k : int = 0 every 10 ms { k = 1 each synapse { if row == k { w += causal / 8  reset causal, acausal } } } }`,
  ],
  [
    'a branch on the row',
    `rule r { every 10 ms { each synapse { w += acausal / 32  if row < 2 { w = w / 2 } else { w += 3 } } } }`,
  ],
  [
    'a table in lanes',
    `table f(x in [0, 63] step 1) in [-8, 8] = 8 * sin(x / 10)
rule r { every 10 ms { each synapse { w += f(w) } } }`,
  ],
  [
    'a table in scalar code',
    `table f(x in [0, 4] step 1/16) in [0, 2] = exp(-x)
rule r { param p in [0, 4] = 1  state s2 in [0, 2] step 1/4096 = 0 every 10 ms { s2 = f(p) } }`,
  ],
  [
    'labels',
    `rule r { every 10 ms { each synapse { if label == 3 { w = 0 } else { label = label + 1 } } } }`,
  ],
  [
    'two visits',
    `rule r { every 10 ms { each synapse { w += causal / 16 } each synapse { w -= acausal / 16 reset causal, acausal } } }`,
  ],
  [
    'masked and outer resets',
    `rule r { every 10 ms { each synapse { w += causal / 4  if w > 40 { reset causal, acausal } } reset membrane, rate } }`,
  ],
  [
    'scaled weights',
    `rule r { param d in [0, 1] = 0.5 every 10 ms { each synapse { w *= d  w = w / 2 + 1 } } }`,
  ],
  [
    'an indexed neuron value in lanes',
    `rule r { state k : int = 3 every 10 ms { each synapse { w += (rate[k] - rate) / 16 } } }`,
  ],
  [
    'squares',
    `rule r { every 10 ms { each neuron { let d = rate - 100  each synapse { w += stochastic(d * d * causal / 65536) } } } }`,
  ],
  [
    'division by a parameter',
    `rule r { param tau in [1, 100] = 10 every 10 ms { each synapse { w += causal / tau } } }`,
  ],
  [
    'round, floor, ceil',
    `rule r { every 10 ms { each synapse { w = round(causal / 7) + floor(acausal / 9) + ceil(w / 3) } } }`,
  ],
  [
    'inputs per neuron and once',
    `rule r { input target per neuron in [0, 255] step 1 = 20 input m in [-1, 1] step 1/256 = 0 every 10 ms { each synapse { w += stochastic((target - rate) * m / 32) } } }`,
  ],
  [
    'uniform draws',
    `rule r { every 10 ms { each synapse { if uniform() < 0.1 { w = floor(uniform() * 64) } } } }`,
  ],
  [
    'a loop over a lane variable',
    `rule r { every 10 ms { each synapse { let x in [0, 60] = 0 for i in 0..3 { x = x + causal / 16 } w = x } } }`,
  ],
  [
    'external state',
    `rule r { state e per synapse external in [-1, 1] step 1/128 = 0 every 10 ms { each synapse { e = e * 0.5 + causal / 512  w += e * 8 } } }`,
  ],
  [
    'and, or, not',
    `rule r { every 10 ms { each synapse { if (causal > 10 and acausal < 50) or not (w > 20) { w += 2 } } } }`,
  ],
  ['period', `rule r { state x in [0, 1000000] step 1 = 0 every 10 ms { x = period / 1 us } }`],
  [
    '16-bit state per synapse',
    `rule r { state e per synapse in [-4, 4] step 1/4096 = 0 every 10 ms { each synapse { e += (causal - acausal) / 1024  w += stochastic(e) } } }`,
  ],
  [
    'a function of lanes',
    `fn f(x) { return if x > 0 { x } else { -x / 2 } }
rule r { every 10 ms { each synapse { w += f(causal - acausal) / 16 } } }`,
  ],
  [
    'records per visit',
    `rule r { every 10 ms { each synapse { w += causal / 64 record w, causal - acausal } } }`,
  ],
  [
    'normal draws per neuron',
    `rule r { state n per neuron in [-8, 8] step 1/256 = 0 every 10 ms { each neuron { n = normal() } } }`,
  ],
  [
    'normal draws of the scalar core',
    `rule r { state n in [-8, 8] step 1/256 = 0 every 10 ms { n = normal() } }`,
  ],
  [
    'max over rows',
    `rule r { state m per neuron in [0,63] step 1 = 0 every 10 ms { each neuron { m = max(w) } } }`,
  ],
  [
    'synapses inside a condition on neurons',
    `rule r { every 10 ms { each neuron { if rate > 100 { each synapse { w -= 2 } } else { each synapse { w += 1 } } } } }`,
  ],
  [
    'signed weights',
    `rule r { weights signed  every 10 ms { each synapse { w += causal / 16 - acausal / 16 - w / 8  reset causal, acausal } } }`,
  ],
  [
    'signed weights under a condition, with labels',
    `rule r { weights signed  every 10 ms { each synapse { if w < 0 { w = -w / 2 - 1 } else { w -= stochastic(causal / 8)  label = 5 } } } }`,
  ],
  [
    'reductions and functions inside reductions',
    `rule r { state x in [0, 4096] step 1/4  fn sq(x) { return x * x }
      every 10 ms { x = mean(sq(w - mean(w)))  record x } }`,
  ],
  [
    'values recorded row by row',
    `rule r { state pre per row in [0, 255] step 1
      every 10 ms { each row { pre = max(w) }  record w, pre, max(pre), label } }`,
  ],
  [
    'lets that saturate and are assigned again',
    `rule r { every 10 ms { each synapse {
      let a in [0, 1] = causal - 20  let b in [0, 64] = w / 5
      for k in 0..2 { a -= 1/64  b += a }
      w += stochastic(a * 8 - b / 8)  reset causal } } }`,
  ],
  [
    'indices that draw and decide',
    `rule r { state q[4] in [0, 63] step 1/64  state n[4] : int
      every 10 ms { n[floor(uniform() * 4)] += 1  q[argmax(rate) % 4] += 1.5
        q[if n[0] > 1 { 0 } else { 1 }] += 1  record q[0], n[1] } }`,
  ],
  [
    'ints of inexact numbers in lanes',
    `rule r { every 10 ms { each synapse { if round(causal / 7) % 3 == 0 { w += 1 } reset causal } } }`,
  ],
];

test.each(constructs)('%s', (_name, text) => {
  const compiled = compile([{ name: 'rule.plast', text }], { rows: 3 });
  const found = lockstep(compiled, { seed: 5, rows: 3, firstRow: 4, executions: 3 });
  for (const note of compiled.rules[0]?.program.notes ?? [])
    expect(found.worst.get(note.statement) ?? 0).toBeLessThanOrEqual(note.bound + 1e-9);
});
