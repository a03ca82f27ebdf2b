/** Random syntax trees, and texts of trees without places, for properties of parser and formatter. */
import fc from 'fast-check';

/** The tree as text, without everything that depends on where something stood. */
export function shape(tree: unknown): string {
  const places = ['span', 'head', 'operatorSpan', 'comments', 'source', 'file', 'start', 'end'];
  return JSON.stringify(tree, (key, value: unknown) => (places.includes(key) ? undefined : value));
}

const name = fc.constantFrom(
  'a',
  'eta',
  'w',
  'rate',
  'from',
  'times',
  'start',
  'after',
  'signal',
  'signed',
  'x_1',
  'instep',
);
const number = fc.constantFrom('0', '3', '0.5', '1e-3', '2.25E+4', '63');
const unit = fc.constantFrom('', ' us', 'us', ' ms', ' kHz', 's');
const operator = fc.constantFrom(
  'or',
  'and',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '^',
  '+',
  '-',
  '*',
  '/',
  '%',
);

/** Random expressions as text, with more or fewer parentheses than needed. */
const { expression, operand } = fc.letrec<{ expression: string; operand: string }>((tie) => ({
  operand: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    name,
    fc.tuple(number, unit).map(([digits, suffix]) => digits + suffix),
    tie('expression').map((inner) => `(${inner})`),
    fc
      .tuple(name, fc.array(tie('expression'), { maxLength: 3 }))
      .map(([f, args]) => `${f}(${args.join(', ')})`),
    fc.tuple(name, tie('expression')).map(([array, index]) => `${array}[${index}]`),
    fc.tuple(name, name).map(([population, member]) => `${population}.${member}`),
    tie('operand').map((inner) => `-${inner}`),
  ),
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    tie('operand'),
    fc
      .tuple(tie('operand'), fc.array(fc.tuple(operator, tie('operand')), { maxLength: 4 }))
      .map(([first, rest]) => first + rest.map(([sign, next]) => ` ${sign} ${next}`).join('')),
    tie('operand').map((inner) => `not ${inner}`),
    fc
      .tuple(tie('operand'), tie('expression'), tie('expression'))
      .map(([test, then, otherwise]) => `if ${test} { ${then} } else { ${otherwise} }`),
  ),
}));

export { expression };

const annotation = fc.oneof(
  fc.constant(''),
  fc.constant(' : int'),
  expression.map((e) => ` in [0, ${e}] step 1/4`),
);
const separator = fc.constantFrom('\n', ' ', ';', '\n\n', ' // aside\n', '\n// own line\n\n');

const { block } = fc.letrec<{ block: string; statement: string }>((tie) => ({
  block: fc
    .array(fc.tuple(tie('statement'), separator), { maxLength: 4 })
    .map((statements) => `{ ${statements.map(([statement, end]) => statement + end).join(' ')} }`),
  statement: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.tuple(name, annotation, expression).map(([n, type, e]) => `let ${n}${type} = ${e}`),
    fc
      .tuple(name, fc.constantFrom('=', '+=', '-=', '*=', '/='), expression)
      .map(([n, sign, e]) => `${n} ${sign} ${e}`),
    fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `reset ${names.join(',\n')}`),
    fc
      .array(expression, { minLength: 1, maxLength: 3 })
      .map((values) => `record ${values.join(', ')}`),
    fc
      .tuple(operand, operand, operand)
      .map(([row, label, after]) => `emit row ${row} label ${label} after ${after}`),
    expression.map((e) => `return ${e}`),
    fc.tuple(operand, tie('block')).map(([test, body]) => `if ${test} ${body}`),
    fc
      .tuple(operand, tie('block'), operand, tie('block'), tie('block'))
      .map(
        ([test, then, second, other, last]) =>
          `if ${test} ${then} else if ${second} ${other} else ${last}`,
      ),
    fc
      .tuple(name, operand, operand, tie('block'))
      .map(([n, from, to, body]) => `for ${n} in ${from} .. ${to} ${body}`),
    fc
      .tuple(fc.constantFrom('synapse', 'neuron', 'row'), tie('block'))
      .map(([domain, body]) => `each ${domain} ${body}`),
  ),
}));

const item = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('param', 'input', 'state'),
      name,
      fc.constantFrom('', '[4]', '[2, 3]'),
      fc.constantFrom('', ' per row', ' per synapse external'),
      annotation,
      expression,
    )
    .map(([role, n, sizes, domain, type, e]) => `${role} ${n}${sizes}${domain}${type} = ${e}`),
  fc.tuple(name, annotation, expression).map(([n, type, e]) => `const ${n}${type} = ${e}`),
  fc
    .tuple(name, name, expression)
    .map(([n, x, e]) => `table ${n}(${x} in [0, 1] step 1/8) in [0, 1] = ${e}`),
  fc
    .tuple(name, name, annotation, block)
    .map(([n, x, type, body]) => `fn ${n}(${x}${type}, y) -> int ${body}`),
  block.map((body) => `on start ${body}`),
  fc.tuple(name, block).map(([n, body]) => `on signal ${n} ${body}`),
  fc.tuple(operand, block).map(([time, body]) => `at ${time} ${body}`),
  fc
    .tuple(operand, operand, operand, block)
    .map(
      ([period, from, times, body]) => `every ${period} from ${from} for ${times} times ${body}`,
    ),
  fc.constantFrom('neurons inh', 'weights signed'),
);

/** Random rule files: grammatical, without any sense. */
export const ruleFile = fc
  .tuple(
    fc.array(
      fc.tuple(
        item,
        separator.filter((text) => text !== ';'),
      ),
      { maxLength: 5 },
    ),
    fc.constantFrom('', '//! About it.\n'),
  )
  .map(([items, top]) => `${top}rule r {\n${items.map(([text, end]) => text + end).join('\n')}}\n`);
