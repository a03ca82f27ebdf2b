/** Diagnostics of the back end: numbers (07), time and memory (08). */
import type { CodeEntry } from './diagnostic.js';

const rowWord = (rows: string | number | undefined): string => (rows === 1 ? 'row' : 'rows');

export const backCodes = {
  W0701: {
    severity: 'warning',
    title: 'too coarse for a weight',
    message: (f) => `this change of \`${f['target']}\` may be off by up to ${f['bound']}`,
    here: () => 'its range leaves too few places behind the point',
    help: () => 'narrow the declared ranges, or scale the parts before they are multiplied',
    explanation:
      'Every assignment has a proven bound on its distance from real arithmetic. Numbers with wide ranges have few places behind the point: where 16 bits are too few, factors get 32, and sums that exceed 32 are kept in coarser units. This warning says that the bound is still above a quarter of a step of the weight. `--report` lists all bounds, docs/numbers.md explains them.',
    failing:
      'rule steep {\n  param eta in [0, 4] = 1\n  every 4 ms {\n    each synapse {\n      w += stochastic(eta * rate * (rate - 20) * w)\n    }\n  }\n}\n',
    repaired:
      'rule steep {\n  param eta in [0, 1/1024] = 1/4096\n  every 4 ms {\n    each synapse {\n      w += stochastic(eta * (rate * (rate - 20) / 1024) * w)\n    }\n  }\n}\n',
  },
  E0702: {
    severity: 'error',
    title: 'an int in lanes beyond 16 bits',
    message: (f) =>
      `an int in lanes must lie in -32768..32767 here, this one in ${f['lo']}..${f['hi']}`,
    here: () => 'divided, or combined bit by bit',
    help: () => 'limit it with `clamp`, or work out what is the same in all lanes before',
    explanation:
      'The vector unit computes with 16 bits. Sums and products of ints in lanes are kept at the resolution that fits, but `/`, `%` and `^` need every digit: what they combine must lie within 16 bits, and so must the sum of dividend and divisor. Outside lanes ints have 32 bits.',
    failing:
      'rule wide {\n  every 4 ms {\n    each synapse {\n      if (1000 * neuron + row) % 7 == 0 {\n        w += 1\n      }\n    }\n  }\n}\n',
    repaired:
      'rule wide {\n  every 4 ms {\n    each synapse {\n      if (6 * neuron + row) % 7 == 0 {\n        w += 1\n      }\n    }\n  }\n}\n',
  },
  E0703: {
    severity: 'error',
    title: 'beyond 32 bits',
    message: () => 'a number on the way to this value needs more than 32 bits',
    here: () => 'no format of the processor holds all parts of this',
    help: () => 'narrow the ranges, or scale the parts before they are combined',
    explanation:
      'Intermediate values never wrap and never saturate: the compiler gives them fewer binary places instead. This one leaves 32 bits even without any.',
    failing:
      'rule far {\n  param size in [0, 1000000] = 1000\n  state n : int\n  every 4 ms {\n    n = floor(size * size)\n    record n\n  }\n}\n',
    repaired:
      'rule far {\n  param size in [0, 1000] = 1000\n  state n : int\n  every 4 ms {\n    n = floor(size * size)\n    record n\n  }\n}\n',
  },
  E0704: {
    severity: 'error',
    title: 'may be 0 once formats have rounded it',
    message: (f) => `this is a ${f['construct']} once formats have rounded it`,
    here: () => 'its declared range excludes 0, its resolution does not',
    help: () => 'keep it away from 0 with `max`, or give what it is made of a finer step',
    explanation:
      'Quotients and logarithms are worked out on codes. A value that is never 0 but may come closer to 0 than half a step of its format may have the code 0.',
    failing:
      'rule near_zero {\n  param tau in [1/1000000, 1] = 1/2\n  state x in [0, 1] step 1/1024\n  every 4 ms {\n    x = min(x / tau, 1)\n    record x\n  }\n}\n',
    repaired:
      'rule near_zero {\n  param tau in [1/1000, 1] = 1/2\n  state x in [0, 1] step 1/1024\n  every 4 ms {\n    x = min(x / tau, 1)\n    record x\n  }\n}\n',
  },
  E0801: {
    severity: 'error',
    title: 'too much memory',
    message: (f) =>
      `the rule needs ${f['bytes']} bytes of ${f['memory']} for ${f['rows']} ${rowWord(f['rows'])}, but there are ${f['limit']}`,
    here: (f) => `${f['over']} bytes too many; largest: ${f['parts']}`,
    help: () => 'attach the rule to fewer rows, use coarser steps, or keep a state `external`',
    explanation:
      'Code, state and variables share the 16 KiB of the processor with the mailbox page of 4 KiB; per-synapse state costs 256 bytes per row for each byte of resolution. Baselines and records share the external block RAM.',
    failing:
      'rule hoard {\n  state visits[4000] : int = 0\n  every 1 ms {\n    visits[0] += 1\n  }\n}\n',
    repaired:
      'rule hoard {\n  state visits[400] : int = 0\n  every 1 ms {\n    visits[0] += 1\n  }\n}\n',
  },
  E0802: {
    severity: 'error',
    title: 'period too short',
    message: (f) =>
      `\`${f['trigger']}\` takes up to ${f['cycles']} cycles for ${f['rows']} ${rowWord(f['rows'])}, but its period has ${f['period']}`,
    here: (f) => `${f['over']} cycles too many (latencies: ${f['profile']})`,
    help: (f) =>
      Number(f['fits']) > 0
        ? `a period of ${f['enough']} us is enough, or at most ${f['fits']} ${rowWord(f['fits'])}`
        : `a period of ${f['enough']} us is enough`,
    explanation:
      'One execution of a trigger must end before its next release. The time is the worst case for the named latencies of the chip; it grows with the number of rows. One row of a rule that reads a correlation sensor takes at least a conversion, about 1.7 us. A rule compiled alone gets this error only if not even one row fits; `--rows N` checks a size, and a rule that an experiment attaches is checked for its block.',
    failing:
      'rule fast {\n  every 2 us {\n    each synapse {\n      w += causal / 64.0\n      reset causal\n    }\n  }\n}\n',
    repaired:
      'rule fast {\n  every 20 us {\n    each synapse {\n      w += causal / 64.0\n      reset causal\n    }\n  }\n}\n',
  },
  E0803: {
    severity: 'error',
    title: 'too much work',
    message: (f) =>
      `the triggers together need ${f['percent']} % of the processor for ${f['rows']} ${rowWord(f['rows'])}`,
    here: (f) =>
      Number(f['fits']) > 0
        ? `all of them fit up to ${f['fits']} ${rowWord(f['fits'])} (latencies: ${f['profile']})`
        : `not even one row fits (latencies: ${f['profile']})`,
    help: () => 'lengthen periods, or use fewer rows',
    explanation:
      'The worst-case times of all triggers, each divided by its period, must not add up to more than the processor has. The time of the scheduler around an execution counts too.',
    failing:
      'rule busy {\n  every 8 us {\n    each synapse {\n      w += causal / 64.0\n      reset causal\n    }\n  }\n  every 9 us {\n    each synapse {\n      w -= w / 16.0\n    }\n  }\n}\n',
    repaired:
      'rule busy {\n  every 100 us {\n    each synapse {\n      w += causal / 64.0\n      reset causal\n    }\n  }\n  every 110 us {\n    each synapse {\n      w -= w / 16.0\n    }\n  }\n}\n',
  },
  W0801: {
    severity: 'warning',
    title: 'may start late and miss',
    message: (f) =>
      `\`${f['trigger']}\` can be kept waiting for ${f['blocking']} cycles by another trigger and then misses its deadline by ${f['over']}`,
    here: (f) =>
      `needs ${f['cycles']} of its ${f['period']} cycles itself (${f['rows']} ${rowWord(f['rows'])})`,
    help: (f) =>
      Number(f['fits']) > 0
        ? `up to ${f['fits']} ${rowWord(f['fits'])} nothing is missed`
        : 'lengthen this period, or do less in the longest trigger',
    explanation:
      'Triggers are not interrupted: one that is released while a long one runs has to wait. Releases that cannot be served in time are skipped and counted.',
    failing:
      'rule uneven {\n  every 10 us {\n    each synapse {\n      w += causal / 64.0\n      reset causal\n    }\n  }\n  every 1 ms {\n    each synapse {\n      for k in 0..10 {\n        w -= w / 16.0\n      }\n    }\n  }\n}\n',
    repaired:
      'rule uneven {\n  every 100 us {\n    each synapse {\n      w += causal / 64.0\n      reset causal\n    }\n  }\n  every 1 ms {\n    each synapse {\n      for k in 0..10 {\n        w -= w / 16.0\n      }\n    }\n  }\n}\n',
  },
} as const satisfies { readonly [code: string]: CodeEntry };
