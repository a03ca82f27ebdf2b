/** Random well-typed rules: expressions of everything a synapse, a neuron and the scalar core can see. */
import fc from 'fast-check';

interface Leaves {
  readonly reals: readonly string[];
  readonly ints: readonly string[];
}

const everywhere: Leaves = {
  reals: [
    'eta',
    'bias',
    'mood',
    'reward',
    'rate[1]',
    'v[3]',
    'uniform()',
    'twice(reward)',
    'exp(-abs(mood))',
    'inh.rate[2]',
    'powers(bias, 3)',
    'stochastic(mood * 4)',
    'normal()',
    'level_of(reward, bias)',
  ],
  ints: ['count', 'slot[1]', 'count / 3', 'slot[0] % 5', '(count ^ 3)', 'stochastic(mood)'],
};
const once: Leaves = {
  reals: [
    ...everywhere.reals,
    'time / (1 s)',
    'mean(rate)',
    'sum(w) / 4096.0',
    'mean(w)',
    'max(causal)',
    'mean(memory)',
    'min(trace)',
    'mean(if rate > 20 { rate } else { 3 })',
  ],
  ints: [
    ...everywhere.ints,
    'argmax(rate)',
    'argmax(w)',
    'argmax(rate - v)',
    'floor(mood * 3)',
    'ceil(reward * 9)',
  ],
};
const neuron: Leaves = {
  reals: [
    ...everywhere.reals,
    'rate',
    'mean_rate',
    'v',
    'rate[neuron ^ 1]',
    'sigmoid(rate)',
    'twice(mean_rate)',
    'powers(rate / 256, 2)',
    'inh.rate[neuron]',
    'inh.v[neuron]',
    'v[neuron ^ 1]',
    'level_of(v / 256, bias)',
    'quotient(rate, v)',
  ],
  ints: [
    ...everywhere.ints,
    'neuron',
    'neuron % 7',
    'neuron / 3',
    '(neuron ^ 5)',
    'floor(rate / 3)',
    'round(v / 8) % 3',
    'floor(rate) / (neuron % 5 + 1)',
  ],
};
const synapse: Leaves = {
  reals: [
    ...neuron.reals,
    'w',
    'causal',
    'acausal',
    'trace',
    'label',
    'pre',
    'normal()',
    'twice(w)',
    'memory',
    'gift',
    'level',
    'causal_code',
    'acausal_code',
    'uniform()',
    'stochastic(trace * 4)',
    'level_of(w / 64, trace)',
    'powers(trace, 2)',
    '(causal - acausal)',
    '(63 - w)',
  ],
  ints: [...neuron.ints, 'row', 'neuron % (row + 2)', '(row ^ 1)', 'floor(w / 4)'],
};

/** A real expression of at most `depth` levels over `leaves`; its values stay moderate. */
function real(leaves: Leaves, depth: number): fc.Arbitrary<string> {
  const leaf = fc.oneof(
    fc.constantFrom(...leaves.reals),
    fc.constantFrom('1', '0.5', '3', '1/64', '-2.5'),
  );
  if (depth <= 0) return leaf;
  const inner = real(leaves, depth - 1);
  const both = fc.tuple(inner, inner);
  return fc.oneof(
    { weight: 2, arbitrary: leaf },
    { weight: 3, arbitrary: both.map(([a, b]) => `(${a} + ${b})`) },
    { weight: 3, arbitrary: both.map(([a, b]) => `(${a} - ${b})`) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('eta', 'bias', '0.25', '3/8'), inner)
        .map(([a, b]) => `${a} * ${b}`),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(inner, fc.constantFrom('2', '16', '64', '3'))
        .map(([a, b]) => `${a} / ${b}.0`),
    },
    { weight: 1, arbitrary: both.map(([a, b]) => `min(${a}, ${b})`) },
    { weight: 1, arbitrary: both.map(([a, b]) => `max(${a}, ${b})`) },
    { weight: 1, arbitrary: inner.map((a) => `abs(${a})`) },
    { weight: 1, arbitrary: inner.map((a) => `clamp(${a}, -8, 8)`) },
    { weight: 1, arbitrary: both.map(([a, b]) => `clamp(${a}, -40, 40) * clamp(${b}, -16, 24)`) },
    { weight: 1, arbitrary: inner.map((a) => `sign(${a})`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('floor', 'ceil', 'round'), inner)
        .map(([f, a]) => `${f}(${a})`),
    },
    { weight: 1, arbitrary: both.map(([a, b]) => `${a} / (1 + abs(${b}))`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('tanh', 'sin', 'cos'), inner)
        .map(([f, a]) => `${f}(clamp(${a}, -8, 8))`),
    },
    { weight: 1, arbitrary: inner.map((a) => `exp(clamp(${a}, -4, 2))`) },
    { weight: 1, arbitrary: inner.map((a) => `sqrt(abs(${a}))`) },
    { weight: 1, arbitrary: inner.map((a) => `log(1 + abs(${a}))`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(condition(leaves, depth - 1), inner, inner)
        .map(([c, a, b]) => `(if ${c} { ${a} } else { ${b} })`),
    },
  );
}

function condition(leaves: Leaves, depth: number): fc.Arbitrary<string> {
  const comparison = fc
    .tuple(real(leaves, depth - 1), fc.constantFrom('<', '<=', '>', '>='), real(leaves, depth - 1))
    .map(([a, sign, b]) => `${a} ${sign} ${b}`);
  const ints = fc
    .tuple(
      fc.constantFrom(...leaves.ints),
      fc.constantFrom('==', '!=', '<', '>'),
      fc.constantFrom('0', '1', '5'),
    )
    .map(([a, sign, b]) => `${a} ${sign} ${b}`);
  return fc.oneof(
    comparison,
    ints,
    fc.tuple(ints, comparison).map(([a, b]) => `(${a} and not (${b}))`),
  );
}

const onceStatement = fc.oneof(
  real(once, 2).map((e) => `mood = clamp(${e}, -8, 8)`),
  fc.constantFrom(
    'count += 1',
    'count = (count * 3 + 1) % 17',
    'slot[1] += count',
    'record mood, count',
  ),
  fc
    .tuple(condition(once, 1), real(once, 1))
    .map(([c, e]) => `if ${c} { mood += ${e} } else { count = 0 }`),
  real(once, 1).map((e) => `for i in 0..3 { mood += (${e}) * i / 8.0 }`),
  real(once, 1).map((e) => `mood = clamp(stochastic(${e}) / 16.0, -8, 8)`),
  real(once, 1).map((e) => `slot[count % 2] = floor(clamp(${e}, -99, 99))`),
  real(everywhere, 1).map((e) => `each row { level += (${e}) / 4.0 }`),
  fc.constantFrom(
    'emit row 1 label 3 after 5 us',
    'if count > 2 { emit row 0 label count % 8 after count * 1 us }',
    'each row { level = (pre + level) / 2.0 }',
    'let best = argmax(rate) mood += rate[best] / 256',
  ),
);

const synapseStatement = fc.oneof(
  real(synapse, 2).map((e) => `w += ${e}`),
  real(synapse, 2).map((e) => `w += stochastic((${e}) / 16.0)`),
  real(synapse, 2).map((e) => `trace = (${e}) / 64.0`),
  real(synapse, 1).map((e) => `memory += (${e}) / 16.0`),
  real(synapse, 1).map(
    (e) => `if count > 3 { w += (if reward > 0.5 { uniform() * (${e}) } else { 1 }) }`,
  ),
  fc
    .tuple(condition(synapse, 1), real(synapse, 1))
    .map(([c, e]) => `if ${c} { w = abs(${e}) } else { trace += 1/64 }`),
  real(synapse, 1).map((e) => `let shift = ${e} w -= shift / 32.0`),
  real(synapse, 2).map((e) => `w -= stochastic((${e}) / 32.0)`),
  real(synapse, 1).map((e) => `label = round(abs(${e}))`),
  fc.constantFrom(
    'label = floor(uniform() * 64)',
    'if row == 1 { w += 2 }',
    'w *= 1 - eta',
    'record w, trace',
    'record memory',
  ),
  real(synapse, 1).map(
    (e) =>
      `let shift in [-64, 64] = ${e} for i in 0..3 { shift = shift * eta + i } w += shift / 16.0`,
  ),
  fc
    .tuple(condition(synapse, 1), condition(synapse, 1), real(synapse, 1))
    .map(([c, d, e]) => `if ${c} { if ${d} { w += ${e} } else { trace = trace / 2.0 } }`),
  fc
    .tuple(real(synapse, 1), real(synapse, 1))
    .map(([a, b]) => `w += eta * (${a}) * (${b}) / 256.0`),
);

const neuronStatement = fc.oneof(
  real(neuron, 2).map((e) => `mean_rate += (${e}) / 16.0`),
  fc.constantFrom(
    'mean_rate = mean(w)',
    'mean_rate = argmax(w)',
    'mean_rate += max(causal) / 64.0',
    'mean_rate = sum(memory) / 64.0 + 100',
    'mean_rate = mean(causal - acausal) + 64',
    'mean_rate += (min(w) + max(trace)) / 4.0',
    'record mean_rate',
    'if v > rate { reset membrane }',
  ),
  fc
    .tuple(condition(neuron, 1), real(neuron, 1))
    .map(([c, e]) => `if ${c} { mean_rate = rate + ${e} } else { mean_rate -= 1/64 }`),
  synapseStatement.map((body) => `each synapse { ${body} reset causal, acausal }`),
);

/** The text of a rule that the checker accepts (warnings are possible). */
export const randomRule: fc.Arbitrary<string> = fc
  .record({
    before: fc.array(onceStatement, { maxLength: 2 }),
    lanes: fc.oneof(
      fc
        .array(synapseStatement, { minLength: 1, maxLength: 2 })
        .map(
          (all) =>
            `each synapse {\n      ${unique(all).join('\n      ')}\n      reset causal, acausal\n    }`,
        ),
      fc
        .array(neuronStatement, { minLength: 1, maxLength: 2 })
        .map((all) => `each neuron {\n      ${all.join('\n      ')}\n    }`),
    ),
    after: fc.array(onceStatement, { maxLength: 1 }),
    signed: fc.integer({ min: 0, max: 4 }),
    start: fc.option(real(once, 1), { freq: 4 }),
    signal: fc.option(synapseStatement, { freq: 4 }),
  })
  .map(
    ({ before, lanes, after, signed, start, signal }) => `rule random {
  neurons inh${signed === 0 ? '\n  weights signed' : ''}
  param eta in [0, 1] = 0.25
  param bias in [-2, 2] = 0.5
  input reward in [0, 1] step 1/128 = 0
  state mood in [-8, 8] step 1/256 = 0
  state mean_rate per neuron in [0, 255] step 1/64 = 10
  state trace per synapse in [-1, 1] step 1/64 = 0
  state memory per synapse external in [-128, 128] step 1/64 = 1
  input gift per synapse in [-1, 1] step 1/64 = 0.25
  state count : int = 0
  state slot[2] : int
  state level per row in [0, 63] step 1/128 = 5
  input pre per row in [0, 63] step 1
  fn twice(x) { if x > 100 { return 200 } return 2 * x }
  fn powers(x, n: int) {
    let p in [-64, 64] = 1
    for i in 0..n { p = p * x }
    return p
  }
  fn quotient(a, b) { return a / (1 + b) }
  table level_of(x in [0, 1] step 1/8, y in [-2, 2] step 1/2) in [-4, 4] = x * y + y * y / 2 - x
  table sigmoid(x in [0, 255] step 1) in [0, 1] = 1 / (1 + exp(-(x - 128) / 16))

${start === null ? '' : `  on start { mood = clamp(${start}, -8, 8) }\n`}${
      signal === null ? '' : `  on signal poke { each synapse { ${signal} } }\n`
    }  every 5 ms {
    ${[...before, lanes, ...after, 'reset rate'].join('\n    ')}
  }
}
`,
  );

/** Each `let` gets a name of its own. */
function unique(statements: readonly string[]): string[] {
  return statements.map((statement, i) => statement.replaceAll('shift', `shift_${i}`));
}
