/** Diagnostics of names (01), types and units (02), domains (03), values (04), functions and triggers (05), sense (06). */
import type { CodeEntry } from './diagnostic.js';

const file = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;
const rule = (...lines: readonly string[]): string =>
  file('rule example {', ...lines.map((line) => `  ${line}`), '}');
const synapses = (...lines: readonly string[]): string =>
  rule('every 1 ms {', '  each synapse {', ...lines.map((line) => `    ${line}`), '  }', '}');

const per: { readonly [domain: string]: string } = {
  synapse: 'per synapse',
  neuron: 'per neuron',
  row: 'per row',
  once: 'once',
};
const eachOf: { readonly [domain: string]: string } = {
  synapse: '`each synapse { }`',
  neuron: '`each neuron { }`',
  row: '`each row { }`',
  once: 'no `each`',
};
const inside = (domain: unknown): string =>
  domain === 'once' ? 'outside every `each`' : `inside ${eachOf[String(domain)]}`;

/** How to keep a divisor in lo..hi away from 0. */
function awayFromZero(text: string, lo: number, hi: number): string {
  if (lo === hi) return 'divide by another number';
  if (hi <= 0) return `keep it away from 0, for example \`min(${text}, -1)\``;
  const least = hi >= 1 ? 1 : Number((hi / 64).toPrecision(2));
  return `keep it away from 0, for example \`max(${text}, ${least})\``;
}

export const checkCodes = {
  E0101: {
    severity: 'error',
    title: 'unknown name',
    message: (f) =>
      f['of']
        ? `\`${f['of']}\` has no \`${f['name']}\`, only \`rate\` and \`v\``
        : f['later']
          ? `\`${f['name']}\` is declared later`
          : `nothing is called \`${f['name']}\``,
    here: (f) => (f['later'] ? 'not known yet' : 'unknown'),
    help: (f) =>
      f['later']
        ? `move the ${f['later']} above this line`
        : f['near']
          ? `did you mean \`${f['near']}\`?`
          : f['of']
            ? 'read `rate` or `v`'
            : 'declare it, or correct the spelling',
    explanation:
      'Every name must be declared in the rule or at file level, or be an observable or a function of the language. Names are seen from their declaration to the end of their block.',
    failing: synapses('w += 0.25 * casual', 'reset causal, acausal'),
    repaired: synapses('w += 0.25 * causal', 'reset causal, acausal'),
  },
  E0102: {
    severity: 'error',
    title: 'declared twice',
    message: (f) => `\`${f['name']}\` is declared twice in the same block`,
    here: () => 'declared again',
    help: () => 'give one of them another name',
    explanation: 'A block, a rule and a file each have at most one declaration of a name.',
    failing: synapses('let up = causal / 16', 'let up = acausal / 16', 'w += up'),
    repaired: synapses('let up = causal / 16', 'let down = acausal / 16', 'w += up - down'),
  },
  E0103: {
    severity: 'error',
    title: 'reserved name',
    message: (f) => `\`${f['name']}\` is ${f['kind']} and cannot be declared`,
    here: () => 'reserved',
    help: () => 'choose another name',
    explanation: 'Keywords, observables, functions and units keep their meaning everywhere.',
    failing: synapses('let rate = causal / 16', 'w += rate'),
    repaired: synapses('let slope = causal / 16', 'w += slope'),
  },
  W0104: {
    severity: 'warning',
    title: 'unused name',
    message: (f) => `the ${f['role']} \`${f['name']}\` is never used`,
    here: () => 'not used',
    help: (f) => `remove it, or call it \`_${f['name']}\``,
    explanation:
      'A name that nothing reads is often a forgotten term or a misspelling. A leading underscore says that it is meant.',
    failing: rule('param eta in [0, 1] = 0.5', 'every 1 ms { each synapse { w += causal / 16 } }'),
    repaired: rule(
      'param eta in [0, 1] = 0.5',
      'every 1 ms { each synapse { w += eta * causal / 16 } }',
    ),
  },
  W0105: {
    severity: 'warning',
    title: 'shadowed name',
    message: (f) => `\`${f['name']}\` hides a ${f['role']} of the same name`,
    here: () => 'hides the other',
    help: () => 'choose another name',
    explanation: 'Inside this block the outer name cannot be reached any more.',
    failing: rule(
      'param eta in [0, 1] = 0.5',
      'every 1 ms {',
      '  each synapse {',
      '    let bound = eta * w',
      '    if w > 3 { let eta = bound / 2 w -= eta }',
      '  }',
      '}',
    ),
    repaired: rule(
      'param eta in [0, 1] = 0.5',
      'every 1 ms {',
      '  each synapse {',
      '    let bound = eta * w',
      '    if w > 3 { let down = bound / 2 w -= down }',
      '  }',
      '}',
    ),
  },
  E0106: {
    severity: 'error',
    title: 'name of another kind',
    message: (f) => `\`${f['name']}\` is a ${f['role']}, not ${f['expected']}`,
    here: (f) => `expected ${f['expected']}`,
    explanation:
      'Functions and tables are called with parentheses; values are not; only populations have members.',
    failing: file(
      'fn half(x) { return x / 2.0 }',
      'rule example {',
      '  every 1 ms { each synapse { w = half } }',
      '}',
    ),
    repaired: file(
      'fn half(x) { return x / 2.0 }',
      'rule example {',
      '  every 1 ms { each synapse { w = half(w) } }',
      '}',
    ),
  },
  E0107: {
    severity: 'error',
    title: 'wrong number of arguments',
    message: (f) => `\`${f['name']}\` takes ${f['expected']} arguments, found ${f['found']}`,
    here: (f) => `${f['found']} given`,
    explanation:
      '`min` and `max` take two or more arguments, or one to reduce over the domain that is left; `clamp` takes the value and two ends.',
    failing: synapses('w = clamp(w, 9)'),
    repaired: synapses('w = clamp(w, 0, 9)'),
  },
  E0108: {
    severity: 'error',
    title: 'wrong number of indices',
    message: (f) =>
      f['wanted'] === 0
        ? `\`${f['name']}\` is no array`
        : `\`${f['name']}\` takes ${f['wanted'] === 1 ? 'one index' : 'two indices'}, found ${f['found']}`,
    here: (f) => (f['wanted'] === 0 ? 'cannot be indexed' : `needs ${f['wanted']}`),
    explanation:
      'Arrays are read and written element by element. Values per neuron may also be indexed with a scalar, `rate[3]`.',
    failing: rule('state wins[2] : int', 'every 1 ms { wins += 1 }'),
    repaired: rule('state wins[2] : int', 'every 1 ms { wins[0] += 1 }'),
  },

  E0201: {
    severity: 'error',
    title: 'units do not agree',
    message: (f) => `${f['left']} and ${f['right']} cannot be ${f['verb']}`,
    here: () => 'units do not agree',
    help: () => 'give the number a unit (`5 us`), or divide the duration by `1 us`',
    explanation:
      "Durations add, compare, scale, and divide by each other; adding one to a plain number is an error, because nobody knows the number's unit. `time` and `period` are durations.",
    failing: rule('state late : int', 'every 1 ms {', '  if time > 5000 { late += 1 }', '}'),
    repaired: rule('state late : int', 'every 1 ms {', '  if time > 5000 us { late += 1 }', '}'),
  },
  E0202: {
    severity: 'error',
    title: 'unit missing',
    message: (f) => `${f['purpose']} takes a duration, but \`${f['text']}\` is ${f['found']}`,
    here: () => 'a duration is needed',
    help: (f) =>
      f['found'] === 'a frequency'
        ? `take its inverse: \`1 / (${f['text']})\``
        : 'add a unit: ns, us, ms or s',
    explanation:
      '`every`, `from`, `at` and `after` require a duration, a number with a unit of time.',
    failing: rule('every 200 {', '  each synapse { w += causal / 16 }', '}'),
    repaired: rule('every 200 us {', '  each synapse { w += causal / 16 }', '}'),
  },
  E0203: {
    severity: 'error',
    title: 'a real cannot become an int',
    message: (f) => `${f['purpose']} takes an int, this is a real`,
    here: () => 'real',
    help: () => 'choose how to round: `floor(..)`, `ceil(..)` or `round(..)`',
    explanation:
      'A real goes into an int only through `floor`, `ceil` or `round`. All values that lanes observe, and everything declared with `in [..]`, are real.',
    failing: rule('state count : int', 'every 1 ms {', '  count += rate[0] / 2', '}'),
    repaired: rule('state count : int', 'every 1 ms {', '  count += floor(rate[0] / 2)', '}'),
  },
  E0204: {
    severity: 'error',
    title: 'condition and number mixed up',
    message: (f) => `${f['found']} stands where ${f['expected']} is needed`,
    here: (f) => `${f['found']}`,
    help: (f) =>
      f['expected'] === 'a condition'
        ? 'compare it: `.. != 0`'
        : 'choose numbers: `if .. { 1 } else { 0 }`',
    explanation:
      'Comparisons give conditions; conditions are not numbers and numbers are not conditions.',
    failing: synapses('if causal { w += 1 }'),
    repaired: synapses('if causal != 0 { w += 1 }'),
  },
  E0205: {
    severity: 'error',
    title: 'operator for ints only',
    message: (f) => `\`${f['operator']}\` takes ints, this is ${f['found']}`,
    here: (f) => `${f['found']}`,
    help: () => 'round it first, or multiply if a power is meant',
    explanation:
      '`%` and `^` are defined on ints; `^` is the bitwise exclusive or, there is no power operator.',
    failing: synapses('w += causal ^ 2 / 1024'),
    repaired: synapses('w += causal * causal / 1024'),
  },
  E0206: {
    severity: 'error',
    title: 'wrong unit for this name',
    message: (f) => `\`${f['name']}\` is ${f['expected']}, this is ${f['found']}`,
    here: (f) => `${f['found']}`,
    help: (f) =>
      f['found'] === 'a duration'
        ? `declare \`${f['name']}\` with a unit (\`= 0 us\`), or divide by \`1 us\``
        : 'give the number a unit, or declare the name without',
    explanation:
      'A name holds either plain numbers or durations; its bounds or its default say which.',
    failing: rule('state last : int', 'every 1 ms { last = time record last }'),
    repaired: rule('state last : int = 0 us', 'every 1 ms { last = time record last }'),
  },
  W0206: {
    severity: 'warning',
    title: 'integer quotient in a real expression',
    message: (f) => `\`${f['text']}\` is an integer division, its fraction is lost`,
    here: () => 'rounded down to an int',
    help: () => 'make one side real (`/ 2.0`), or say `floor(..)`',
    explanation:
      'Between two ints, or an int and an integer literal, `/` is Euclidean integer division.',
    failing: rule(
      'state count : int',
      'state usual in [0, 1] step 1/128',
      'every 1 ms { count = count % 8 + 1 usual += count / 16 * 0.5 }',
    ),
    repaired: rule(
      'state count : int',
      'state usual in [0, 1] step 1/128',
      'every 1 ms { count = count % 8 + 1 usual += count / 16.0 * 0.5 }',
    ),
  },
  W0207: {
    severity: 'warning',
    title: 'int may overflow',
    message: (f) => `this int may leave 32 bits (${f['low']})`,
    here: () => 'wraps around',
    help: () => 'limit an operand with `clamp`, or compute in real',
    explanation:
      "Ints are 32-bit two's complement and wrap. Counting up by small steps is not reported.",
    failing: rule('state n : int', 'every 1 ms { n = n * 3 }'),
    repaired: rule('state n : int', 'every 1 ms { n = clamp(n, 0, 1000) * 3 }'),
  },
  E0208: {
    severity: 'error',
    title: 'comparisons do not chain',
    message: () => 'a comparison cannot be compared again',
    here: (f) => `\`${f['first']}\` is already a condition`,
    help: () => 'join two comparisons with `and`',
    explanation: 'Write `a < b and b < c`.',
    failing: synapses('if 3 < w < 9 { w += 1 }'),
    repaired: synapses('if 3 < w and w < 9 { w += 1 }'),
  },

  E0301: {
    severity: 'error',
    title: 'cannot be seen from here',
    message: (f) =>
      `\`${f['name']}\` has one value ${per[f['domain'] ?? '']}, which cannot be seen ${inside(f['here'])}`,
    here: (f) => `one value ${per[f['domain'] ?? '']}`,
    help: (f) => `move it into ${eachOf[f['domain'] ?? '']}, or reduce it before`,
    explanation:
      'A rule sees what the hardware can see at the place: inside `each neuron` one column, inside `each row` one row, inside `each synapse` one row and one column.',
    failing: rule(
      'input pre per row in [0, 255] = 0',
      'state seen per neuron in [0, 255] = 0',
      'every 1 ms {',
      '  each neuron { seen = pre }',
      '}',
    ),
    repaired: rule(
      'input pre per row in [0, 255] = 0',
      'state seen per neuron in [0, 255] = 0',
      'every 1 ms {',
      '  let total = mean(pre)',
      '  each neuron { seen = total }',
      '}',
    ),
  },
  E0302: {
    severity: 'error',
    title: 'reduction missing',
    message: (f) =>
      `\`${f['name']}\` has one value ${per[f['domain'] ?? '']}, but ${inside(f['here'])} a single one is needed`,
    here: (f) => `one value ${per[f['domain'] ?? '']}`,
    help: (f) =>
      `reduce it, \`mean(${f['name']})\`, or move this into ${eachOf[f['domain'] ?? '']}`,
    explanation:
      '`sum`, `mean`, `min`, `max` and `argmax` reduce over the domain that is left: inside `each neuron`, `sum(w)` adds up a column; outside, the whole block. `rate[3]` picks one neuron.',
    failing: rule('state activity in [0, 255] = 0', 'every 1 ms {', '  activity = rate', '}'),
    repaired: rule(
      'state activity in [0, 255] = 0',
      'every 1 ms {',
      '  activity = mean(rate)',
      '}',
    ),
  },
  E0303: {
    severity: 'error',
    title: 'index differs between lanes',
    message: (f) => `the index \`${f['text']}\` differs from lane to lane`,
    here: () => 'not the same in all lanes',
    help: () =>
      'a lane sees its own column and its partner, `neuron ^ 1`; use a table for functions of a value',
    explanation:
      'The vector unit cannot gather: an index must be the same in all lanes. The one exception is the partner column, `[neuron ^ 1]`.',
    failing: rule('every 1 ms {', '  each synapse { w += (rate[neuron + 1] - rate) / 16 }', '}'),
    repaired: rule('every 1 ms {', '  each synapse { w += (rate[neuron ^ 1] - rate) / 16 }', '}'),
  },
  E0304: {
    severity: 'error',
    title: 'outer value changed in an inner domain',
    message: (f) =>
      `\`${f['name']}\` exists ${f['domain'] === 'once' ? 'once' : `once ${per[f['domain'] ?? '']}`}, it cannot be changed ${inside(f['here'])}`,
    here: () => 'would be changed many times',
    help: () => 'reduce outside: `x += sum(..)`; or move the statement out of the `each`',
    explanation:
      'Inside `each` the lanes work side by side, so several of them would write one value at once.',
    failing: rule(
      'state total in [0, 65535] = 0',
      'every 1 ms {',
      '  each synapse { total += w }',
      '}',
    ),
    repaired: rule('state total in [0, 65535] = 0', 'every 1 ms {', '  total += sum(w)', '}'),
  },
  E0305: {
    severity: 'error',
    title: 'assignment needs an each',
    message: (f) =>
      `\`${f['name']}\` has one value ${per[f['domain'] ?? '']}, it cannot be assigned ${inside(f['here'])}`,
    here: (f) => `one value ${per[f['domain'] ?? '']}`,
    help: (f) => `put it into ${eachOf[f['domain'] ?? '']}`,
    explanation: 'A value is assigned where exactly its own axes are fixed by `each`.',
    failing: rule('every 1 ms {', '  w = 0', '}'),
    repaired: rule('every 1 ms {', '  each synapse { w = 0 }', '}'),
  },
  E0306: {
    severity: 'error',
    title: 'observable is read-only',
    message: (f) => `\`${f['name']}\` is observed, it cannot be assigned`,
    here: () => 'read-only',
    help: (f) =>
      ['causal', 'acausal', 'rate'].includes(String(f['name']))
        ? `\`reset ${f['name']}\` clears it`
        : 'only `w` and `label` can be assigned',
    explanation: 'Of the observables only `w` and `label` can be written.',
    failing: synapses('w += causal / 16', 'causal = 0'),
    repaired: synapses('w += causal / 16', 'reset causal'),
  },
  E0307: {
    severity: 'error',
    title: 'nothing to reduce',
    message: (f) =>
      `\`${f['text']}\` has a single value ${inside(f['here'])}, there is nothing to reduce`,
    here: () => 'cannot be reduced here',
    help: () => 'leave the reduction out, or compute it in a `let` outside the `each`',
    explanation: 'A reduction runs over the axes of its argument that no `each` around has fixed.',
    failing: rule(
      'every 1 ms {',
      '  each neuron {',
      '    let rest = rate - mean(rate)',
      '    each synapse { w -= rest / 16 }',
      '  }',
      '}',
    ),
    repaired: rule(
      'every 1 ms {',
      '  let usual = mean(rate)',
      '  each neuron {',
      '    let rest = rate - usual',
      '    each synapse { w -= rest / 16 }',
      '  }',
      '}',
    ),
  },
  E0308: {
    severity: 'error',
    title: 'cannot be reset',
    message: (f) => `\`${f['name']}\` cannot be reset`,
    here: () => 'no such reset',
    help: (f) =>
      f['near']
        ? `did you mean \`${f['near']}\`?`
        : 'assign it instead; `reset` takes causal, acausal, rate, membrane',
    explanation: '`reset` takes `causal`, `acausal`, `rate`, `membrane`, nothing else.',
    failing: synapses('w += causal / 16', 'reset causal, w'),
    repaired: synapses('w += causal / 16', 'reset causal'),
  },
  W0309: {
    severity: 'warning',
    title: 'reset clears both accumulators',
    message: (f) => `\`reset ${f['named']}\` also clears \`${f['other']}\`, which this rule reads`,
    here: (f) => `clears \`${f['other']}\` too`,
    help: (f) => `write \`reset causal, acausal\` if that is meant, else drop \`${f['other']}\``,
    explanation: 'The hardware knows only one reset for both accumulators of a synapse.',
    failing: synapses('w += (causal - acausal) / 16', 'reset causal'),
    repaired: synapses('w += (causal - acausal) / 16', 'reset causal, acausal'),
  },
  E0310: {
    severity: 'error',
    title: 'scalar work inside lanes',
    message: (f) => `${f['what']} must be the same in all lanes`,
    here: () => 'not possible in lanes',
    help: () => 'move it out of the `each`',
    explanation:
      'Events are sent, and loops are counted, by the scalar core: they cannot differ from lane to lane.',
    failing: rule('every 1 ms {', '  each neuron { emit row 0 label 1 }', '}'),
    repaired: rule('every 1 ms {', '  emit row 0 label 1', '}'),
  },
  E0311: {
    severity: 'error',
    title: 'cannot be assigned',
    message: (f) => `\`${f['name']}\` is a ${f['role']}, it cannot be assigned`,
    here: () => 'cannot be assigned',
    help: (f) =>
      f['role'] === 'let'
        ? `declare it with \`: int\` or \`in [..]\``
        : 'use a `state`, or a `let` with `: int` or `in [..]`',
    explanation:
      'States can be assigned, and lets that carry `: int` or `in [..]`. Params and inputs belong to the host.',
    failing: rule(
      'every 1 ms {',
      '  let n = trials()',
      '  n = n + 1',
      '  record n',
      '}',
      'fn trials() { return floor(rate[0]) }',
    ),
    repaired: rule(
      'every 1 ms {',
      '  let n : int = trials()',
      '  n = n + 1',
      '  record n',
      '}',
      'fn trials() { return floor(rate[0]) }',
    ),
  },
  E0312: {
    severity: 'error',
    title: 'each inside itself',
    message: (f) => `\`each ${f['axis']}\` cannot stand ${inside(f['here'])}`,
    here: () => 'already fixed',
    help: () => 'leave it out',
    explanation:
      'An `each` must fix an axis that is not yet fixed; `each synapse` stands innermost.',
    failing: rule('every 1 ms {', '  each synapse {', '    each neuron { w += 1 }', '  }', '}'),
    repaired: rule('every 1 ms {', '  each neuron {', '    each synapse { w += 1 }', '  }', '}'),
  },

  E0401: {
    severity: 'error',
    title: 'not known when compiling',
    message: (f) =>
      `${f['purpose']} may use only ${f['allowed'] === 'params' ? 'constants and params' : 'constants'}${f['role'] ? `, \`${f['name']}\` is a ${f['role']}` : ''}`,
    here: () => 'not constant',
    explanation:
      'Bounds, steps, sizes, defaults, consts and tables are computed when the rule is compiled; times of triggers when it starts.',
    failing: rule(
      'param top in [1, 63] = 32',
      'state mark per synapse in [0, top] = 0',
      'every 1 ms { each synapse { mark = w } }',
    ),
    repaired: rule(
      'const top = 32',
      'state mark per synapse in [0, top] = 0',
      'every 1 ms { each synapse { mark = w } }',
    ),
  },
  E0402: {
    severity: 'error',
    title: 'default outside its range',
    message: (f) =>
      `the default ${f['value']} of \`${f['name']}\` lies outside [${f['lo']}, ${f['hi']}]`,
    here: (f) => `not in [${f['lo']}, ${f['hi']}]`,
    help: () => 'change the default or the range',
    explanation: 'Defaults must lie inside the declared range.',
    failing: rule(
      'param eta in [0, 1] = 1.5',
      'every 1 ms { each synapse { w += eta * causal / 16 } }',
    ),
    repaired: rule(
      'param eta in [0, 1] = 1',
      'every 1 ms { each synapse { w += eta * causal / 16 } }',
    ),
  },
  E0403: {
    severity: 'error',
    title: 'empty range',
    message: (f) =>
      f['step']
        ? `a step of ${f['step']} does not fit into [${f['lo']}, ${f['hi']}]`
        : `[${f['lo']}, ${f['hi']}] holds no numbers`,
    here: (f) =>
      f['step']
        ? 'must be positive and no larger than the range'
        : 'the lower bound must be less than the upper',
    explanation:
      'A range is `in [lower, upper]` with lower < upper, and a step that is positive and fits in.',
    failing: rule(
      'param eta in [1, 0] = 1',
      'every 1 ms { each synapse { w += eta * causal / 16 } }',
    ),
    repaired: rule(
      'param eta in [0, 1] = 1',
      'every 1 ms { each synapse { w += eta * causal / 16 } }',
    ),
  },
  E0404: {
    severity: 'error',
    title: 'range missing',
    message: (f) =>
      f['domain'] === 'synapse' || f['domain'] === 'neuron'
        ? `the ${f['role']} \`${f['name']}\` ${per[f['domain']]} needs a range`
        : `the ${f['role']} \`${f['name']}\` needs a range${f['domain'] === 'table' ? '' : ' or `: int`'}`,
    here: () => 'no range',
    help: (f) =>
      f['domain'] === 'once' || f['domain'] === 'row'
        ? 'write `in [lo, hi]` or `: int`'
        : 'write `in [lo, hi] step s`',
    explanation:
      'Reals have a declared range, from which the compiler chooses their format. Values per synapse and per neuron live in lanes of at most 16 bits, `: int` is for scalars and arrays of scalars.',
    failing: rule('state trace per synapse : int', 'every 1 ms { each synapse { trace = w } }'),
    repaired: rule(
      'state trace per synapse in [0, 63] step 1',
      'every 1 ms { each synapse { trace = w } }',
    ),
  },
  E0405: {
    severity: 'error',
    title: 'more than 16 bits in a lane',
    message: (f) => `\`${f['name']}\` would need ${f['steps']} steps, a lane has at most 65536`,
    here: () => 'too fine for its width',
    help: () => 'use a larger step or a smaller range',
    explanation: 'A lane of the vector unit holds 8 or 16 bits.',
    failing: rule(
      'state trace per synapse in [0, 1000] step 1/128',
      'every 1 ms { each synapse { trace = w } }',
    ),
    repaired: rule(
      'state trace per synapse in [0, 1000] step 1/32',
      'every 1 ms { each synapse { trace = w } }',
    ),
  },
  E0406: {
    severity: 'error',
    title: 'may divide by zero',
    message: (f) =>
      f['lo'] === f['hi']
        ? `the divisor \`${f['text']}\` is 0`
        : `the divisor \`${f['text']}\` may be 0: it lies in ${f['lo']} .. ${f['hi']}`,
    here: (f) =>
      f['lo'] === f['hi'] ? 'always 0' : f['witness'] ? `0 if ${f['witness']}` : 'may be 0',
    help: (f) => awayFromZero(String(f['text']), Number(f['lo']), Number(f['hi'])),
    explanation:
      'A divisor whose interval, over all declared ranges, contains 0 is an error. Conditions around the division are not taken into account.',
    failing: synapses('w += stochastic(causal / (rate - 20) / 4)'),
    repaired: synapses('w += stochastic(causal / max(rate - 20, 1) / 4)'),
  },
  E0407: {
    severity: 'error',
    title: 'value outside the range',
    message: (f) =>
      `\`${f['value']}\` always lies outside [${f['lo']}, ${f['hi']}], the range of \`${f['name']}\``,
    here: (f) => `not in [${f['lo']}, ${f['hi']}]`,
    help: () => 'change the value, or widen the declared range',
    explanation:
      'Assignments saturate at the ends of the declared range; a value that can only saturate is a mistake.',
    failing: synapses('label = 64'),
    repaired: synapses('label = 63'),
  },
  E0408: {
    severity: 'error',
    title: 'param without default',
    message: (f) => `the param \`${f['name']}\` needs a default`,
    here: () => 'no default',
    help: () => 'add `= value`',
    explanation:
      'A param needs a default; states and inputs start at 0 or the bound nearest to it.',
    failing: rule('param eta in [0, 1]', 'every 1 ms { each synapse { w += eta * causal / 16 } }'),
    repaired: rule(
      'param eta in [0, 1] = 0.5',
      'every 1 ms { each synapse { w += eta * causal / 16 } }',
    ),
  },
  E0409: {
    severity: 'error',
    title: 'declaration not possible',
    message: (f) =>
      f['what'] === 'domain'
        ? `the param \`${f['name']}\` exists once, not per domain`
        : f['what'] === 'external'
          ? `only states per synapse can be external, not \`${f['name']}\``
          : f['what'] === 'dimensions'
            ? `\`${f['name']}\` has more than two sizes`
            : `${f['found']} is not a size for \`${f['name']}\``,
    here: () => 'not possible',
    help: (f) =>
      f['what'] === 'domain'
        ? 'make it an `input`'
        : f['what'] === 'size'
          ? 'sizes are whole numbers from 1'
          : '',
    explanation:
      'Params exist once; arrays have one or two dimensions of constant whole size; `external` moves a state per synapse into the block RAM.',
    failing: rule(
      'param eta per neuron in [0, 1] = 1',
      'every 1 ms { each synapse { w += eta * causal / 16 } }',
    ),
    repaired: rule(
      'input eta per neuron in [0, 1] = 1',
      'every 1 ms { each synapse { w += eta * causal / 16 } }',
    ),
  },
  E0410: {
    severity: 'error',
    title: 'index outside the array',
    message: (f) => `\`${f['name']}\` has the elements 0 to ${Number(f['size']) - 1}`,
    here: () => 'outside',
    explanation: 'Indices count from 0.',
    failing: rule('state wins[2] : int', 'every 1 ms { wins[2] += 1 }'),
    repaired: rule('state wins[2] : int', 'every 1 ms { wins[1] += 1 }'),
  },
  W0411: {
    severity: 'warning',
    title: 'index may leave the array',
    message: (f) =>
      `\`${f['text']}\` may lie outside 0 .. ${f['last']}; the nearest element is taken then`,
    here: () => 'may lie outside',
    help: (f) => `write \`clamp(${f['text']}, 0, ${f['last']})\` if that is meant`,
    explanation:
      'An index outside the array is clamped to its ends, so that memory is never touched wrongly.',
    failing: rule('state k : int', 'state wins[4] : int', 'every 1 ms { wins[k] += 1 k += 1 }'),
    repaired: rule(
      'state k : int',
      'state wins[4] : int',
      'every 1 ms { wins[k % 4] += 1 k += 1 }',
    ),
  },
  E0412: {
    severity: 'error',
    title: 'argument outside the function',
    message: (f) =>
      `\`${f['name']}\` is not defined for ${f['name'] === 'log' ? 'numbers up to 0' : 'negative numbers'}, \`${f['text']}\` may be ${f['lo']}`,
    here: (f) => `as low as ${f['lo']}`,
    help: (f) =>
      `limit it: \`${f['name']}(max(${f['text']}, ${f['name'] === 'log' ? '1' : '0'}))\``,
    explanation: '`sqrt` takes numbers from 0, `log` numbers above 0.',
    failing: synapses('w += sqrt(causal) / 16'),
    repaired: synapses('w += sqrt(max(causal, 0)) / 16'),
  },
  W0413: {
    severity: 'note',
    title: 'the top value does not exist',
    message: (f) =>
      `\`${f['name']}\` fills its code completely: it saturates at ${f['top']}, not ${f['hi']}`,
    here: (f) => `largest value ${f['top']}`,
    explanation:
      'If (upper - lower) / step is 2^8 or 2^16 there is one step more than codes, so the top one is left out.',
    failing: rule(
      'state trace per synapse in [-1, 1] step 1/128',
      'every 1 ms { each synapse { trace = causal / 191 } }',
    ),
    repaired: rule(
      'state trace per synapse in [-1, 1] step 1/64',
      'every 1 ms { each synapse { trace = causal / 191 } }',
    ),
  },
  E0414: {
    severity: 'error',
    title: 'table too large',
    message: (f) =>
      Number(f['points']) > 65536
        ? `the table \`${f['name']}\` would have ${f['points']} points, at most 65536 are possible`
        : `the table \`${f['name']}\` has ${f['arguments']} arguments, it takes one or two`,
    here: () => 'this table',
    help: () => 'use a larger `step`, or fewer arguments',
    explanation: 'A table stores its value at every grid point of its one or two arguments.',
    failing: file(
      'table curve(x in [0, 1] step 1/131072) in [0, 1] = x * x',
      'rule example {',
      '  every 1 ms { each synapse { w = 63 * curve(w / 63) } }',
      '}',
    ),
    repaired: file(
      'table curve(x in [0, 1] step 1/64) in [0, 1] = x * x',
      'rule example {',
      '  every 1 ms { each synapse { w = 63 * curve(w / 63) } }',
      '}',
    ),
  },
  E0415: {
    severity: 'error',
    title: 'time must be positive',
    message: (f) => `\`${f['word']}\` cannot be ${f['lo']}${f['word'] === 'for' ? '' : ' us'}`,
    here: () => 'too early',
    explanation: 'Periods are longer than 0, and nothing happens before the start.',
    failing: rule('every 0 ms { each synapse { w += 1 } }'),
    repaired: rule('every 1 ms { each synapse { w += 1 } }'),
  },

  E0416: {
    severity: 'error',
    title: 'parameter set outside its range',
    message: (f) => `\`${f['name']}\` is set to ${f['value']}, outside [${f['lo']}, ${f['hi']}]`,
    here: () => 'declared here',
    help: () => 'set it within its range, or declare a wider one',
    explanation:
      'Formats and error bounds hold over the declared range of a parameter or an input only, so a value outside is refused at run time: by `--set`, by an experiment before and during a run, and by the library. The example is wrong when `eta` is set to 3.',
    failing: rule(
      'param eta in [0, 1] = 0.5',
      'every 1 ms { each synapse { w += eta * causal / 16 } }',
    ),
    repaired: rule(
      'param eta in [0, 4] = 0.5',
      'every 1 ms { each synapse { w += eta * causal / 16 } }',
    ),
  },
  E0417: {
    severity: 'error',
    title: 'time too long for a param',
    message: (f) => `a time that a param sets may be at most 8.5 s, this one may be ${f['hi']} s`,
    here: () => 'depends on a param',
    help: () => 'narrow the range of the param, or use a constant: constants may be of any length',
    explanation:
      'Times of triggers that depend on a param are worked out on the processor, which compares them as 32-bit numbers of cycles. Longer constant times are divided when the rule is compiled.',
    failing: rule(
      'param pause in [1 s, 20 s] = 10 s',
      'every pause {',
      '  each synapse { w -= 1 }',
      '}',
    ),
    repaired: rule(
      'param pause in [1 s, 8 s] = 4 s',
      'every pause {',
      '  each synapse { w -= 1 }',
      '}',
    ),
  },
  E0501: {
    severity: 'error',
    title: 'return missing',
    message: (f) => `\`${f['name']}\` can end without a \`return\``,
    here: () => 'nothing is returned here',
    help: () => 'end every path with `return`',
    explanation: '`return` is the last statement of every path through a function.',
    failing: rule('fn reward(x) { let y = x / 2 }', 'every 1 ms { record reward(rate[0]) }'),
    repaired: rule(
      'fn reward(x) { let y = x / 2 return y }',
      'every 1 ms { record reward(rate[0]) }',
    ),
  },
  E0502: {
    severity: 'error',
    title: 'recursion',
    message: (f) => `\`${f['name']}\` calls itself (${f['path']})`,
    here: () => 'recursive call',
    help: () => 'write a loop',
    explanation:
      'Functions cannot call themselves: the processor has no stack to spare, and no cost could be given.',
    failing: rule('fn again(x) { return again(x) / 2 }', 'every 1 ms { record again(rate[0]) }'),
    repaired: rule('fn again(x) { return x / 2 }', 'every 1 ms { record again(rate[0]) }'),
  },
  E0503: {
    severity: 'error',
    title: 'function with effect',
    message: (f) =>
      `the function \`${f['name']}\` only computes a value, \`${f['what']}\` is not possible in it`,
    here: () => 'has an effect',
    help: () => 'return the value, and do this in the trigger',
    explanation: 'Functions hold `let`, assignments to their own lets, `if`, `for` and `return`.',
    failing: rule(
      'state n : int',
      'fn count(x) { n += 1 return x }',
      'every 1 ms { record count(rate[0]) }',
    ),
    repaired: rule(
      'state n : int',
      'fn count(x) { return x }',
      'every 1 ms { n += 1 record count(rate[0]) }',
    ),
  },
  E0504: {
    severity: 'error',
    title: 'return outside a function',
    message: () => '`return` stands outside every function',
    here: () => 'nothing to return from',
    help: () => 'use `if` to skip what follows',
    explanation: 'A trigger runs to its end.',
    failing: rule('every 1 ms { return 3 }'),
    repaired: rule('every 1 ms { record 3 }'),
  },
  E0505: {
    severity: 'error',
    title: 'no period here',
    message: () => '`period` is the period of an `every`, this trigger has none',
    here: () => 'no period',
    explanation: '`period` can be read inside `every` only.',
    failing: rule('on start { record period }'),
    repaired: rule('every 1 ms { record period }'),
  },
  E0506: {
    severity: 'error',
    title: 'head of the rule',
    message: (f) =>
      f['twice']
        ? `\`${f['word']}\` stands twice`
        : `\`${f['word']}\` must be among the first items of the rule`,
    here: () => 'too late',
    help: () => 'move it to the top of the rule',
    explanation:
      "`neurons NAME` and `weights signed` are the first items inside the rule's braces, because all others depend on them.",
    failing: rule(
      'param eta in [0, 1] = 0.5',
      'weights signed',
      'every 1 ms { each synapse { w += eta * causal / 16 } }',
    ),
    repaired: rule(
      'weights signed',
      'param eta in [0, 1] = 0.5',
      'every 1 ms { each synapse { w += eta * causal / 16 } }',
    ),
  },
  E0508: {
    severity: 'error',
    title: 'statement after return',
    message: () => 'nothing after `return` can be reached',
    here: () => 'never runs',
    help: () => 'remove it, or move it before the `return`',
    explanation: '`return` is the last statement of its path.',
    failing: rule('fn half(x) { return x / 2 let y = 1 }', 'every 1 ms { record half(rate[0]) }'),
    repaired: rule('fn half(x) { return x / 2 }', 'every 1 ms { record half(rate[0]) }'),
  },
  E0509: {
    severity: 'error',
    title: 'return inside a loop',
    message: (f) => `\`${f['name']}\` cannot return from inside a loop`,
    here: () => 'inside a loop',
    help: () => 'keep the result in a `let` with a range, and return it after the loop',
    explanation: 'Loops run all their turns.',
    failing: rule(
      'fn first(n: int) { for i in 0..n { return i } return 0 }',
      'every 1 ms { record first(3) }',
    ),
    repaired: rule(
      'fn first(n: int) { let last : int = 0 for i in 0..n { last = i } return last }',
      'every 1 ms { record first(3) }',
    ),
  },
  E0510: {
    severity: 'error',
    title: 'no rule',
    message: () => 'the file declares no rule',
    here: () => 'no rule here',
    help: () => 'add `rule NAME { }`',
    explanation: 'A file holds at least one rule; consts, tables and functions alone do nothing.',
    failing: file('const _limit = 3'),
    repaired: file(
      'const _limit = 3',
      'rule example {',
      '  every 1 ms { each synapse { w = min(w, _limit) } }',
      '}',
    ),
  },

  W0601: {
    severity: 'warning',
    title: 'update can never change the weight',
    message: (f) =>
      `this update is at most ${f['largest']}, ${f['random'] ? 'which rounds to 0' : 'less than half a weight step'}`,
    here: () => 'always rounds to 0',
    help: (f) =>
      f['random']
        ? 'use larger coefficients'
        : 'write `stochastic(..)`, so that small changes act on average',
    explanation:
      '`w += e` rounds to the nearest whole weight: a change below one half is lost every time. `stochastic(e)` rounds up or down at random, in steps of 1/256.',
    failing: synapses('w += causal / 1000'),
    repaired: synapses('w += stochastic(causal / 1000)'),
  },
  W0602: {
    severity: 'warning',
    title: 'read noise alone moves the weight',
    message: (f) => `one count of \`${f['observable']}\` moves the weight by up to ${f['slope']}`,
    here: () => 'more than half a step per count',
    help: () => 'use a smaller coefficient; the noise of a single read is about one count',
    explanation:
      'With params at their defaults, one count of read noise changes the weight by more than half a step, so weights move without any correlation.',
    failing: synapses('w += 0.75 * causal', 'reset causal'),
    repaired: synapses('w += 0.25 * causal', 'reset causal'),
  },
  W0603: {
    severity: 'warning',
    title: 'unbounded loop',
    message: (f) => `nothing bounds the number of turns of \`${f['name']}\``,
    here: () => 'unbounded',
    help: () => 'limit it with `min` or `clamp`',
    explanation:
      'Without a bound there is no worst case: the report says "unbounded" and periods may be missed.',
    failing: rule(
      'state n : int',
      'state sum_of : int',
      'every 1 ms { for i in 0..n { sum_of += 1 } n += 1 }',
    ),
    repaired: rule(
      'state n : int',
      'state sum_of : int',
      'every 1 ms { for i in 0..clamp(n, 0, 100) { sum_of += 1 } n += 1 }',
    ),
  },
} as const satisfies { readonly [code: string]: CodeEntry };
