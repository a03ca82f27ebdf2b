/**
 * The grammar of rule files (ohm notation). It matches tokens, not characters: a quoted word stands for one token, and
 * NAME, NUMBER, QUANTITY (a number with its unit) for the tokens of these classes; see `scan.ts`. Lists are spelled out
 * because rules with parameters are slow, and rules like `name`, choices of single tokens, match in one step.
 * Expressions are matched as flat chains of operands and operators; `chain.ts` applies precedence, which is several
 * times faster than one grammar rule per level and lets mistakes in operators be named.
 * After a change here run `npm run generate:grammar`.
 */
export const grammarText = String.raw`
Plastic {
  file = item*
  item = topLevel ";"*
  topLevel = ruleItem | const | table | function

  ruleItem = "rule" name "{" part* "}"
  part = inner ";"*
  inner = declaration | trigger | const | table | function | neurons | weights
  neurons = "neurons" name
  weights = "weights" "signed"

  declaration = role name sizes? domainOf? "external"? type? initial?
  role = "param" | "input" | "state"
  sizes = "[" expressions? "]" ("[" expression "]")?
  domainOf = "per" domain
  domain = "synapse" | "neuron" | "row"
  type = ":" "int" sizes?  -- int
       | range             -- range
  range = "in" "[" expression "," expression "]" step?
  step = "step" expression
  initial = "=" expression

  const = "const" name type? "=" expression
  table = "table" name "(" arguments? ")" range? "=" expression
  arguments = argument moreArgument*
  moreArgument = "," argument
  argument = name type?
  function = "fn" name "(" arguments? ")" result? block
  result = "->" "int"  -- int
         | "->" range  -- range

  trigger = event block
  event = "on" "start"                      -- start
        | "on" "signal" name                -- signal
        | "at" expression                   -- at
        | "every" expression from? times?   -- every
  from = "from" expression
  times = "for" expression "times"

  block = "{" statement* "}"
  statement = ";"* action ";"*
  action = assign | let | if | each | reset | record | for | emit | return | evaluate
  let = "let" name type? "=" expression
  assign = reference assignOperator expression
  assignOperator = "=" | "+=" | "-=" | "*=" | "/="
  if = "if" chain block else?
  else = "else" if     -- if
       | "else" block  -- block
  for = "for" name "in" chain ".." chain block
  each = "each" domain block
  reset = "reset" name moreName*
  moreName = "," name
  record = "record" expressions
  emit = "emit" "row" chain "label" chain after?
  after = "after" chain
  return = "return" expression
  evaluate = expression

  expressions = expression moreExpression*
  moreExpression = "," expression
  expression = choose | chain
  choose = "if" chain "{" expression "}" otherwise
  otherwise = "else" choose              -- if
            | "else" "{" expression "}"  -- block
  chain = piece link*
  link = binaryOperator piece
  piece = prefix* operand
  operand = number | call | reference | group
  group = "(" expression ")"
  call = name "(" expressions? ")"
  reference = name member? subscript*
  member = "." name
  subscript = "[" expressions "]"

  number (a number) = NUMBER | QUANTITY
  name (a name) = NAME | "row" | "label" | "neuron" | "start" | "signal" | "from" | "times" | "after" | "signed"
  prefix = "-" | "not"
  binaryOperator (an operator) = "==" | "!=" | "<=" | ">=" | "<" | ">" | "+" | "-" | "*" | "/" | "%" | "^" | "and" | "or"
}
`;

/** The tokens of each rule that is a choice of single tokens and has a name of its own, `name (a name)`. */
export const tokenSets: readonly (readonly string[])[] = [
  ...grammarText.matchAll(/^ *\w+ \(.+\) = (.+)$/gm),
].map(([, body = '']) => body.split(' | ').map((token) => token.replace(/"/g, '')));

/** Everything that the grammar quotes, in order of first appearance. */
export const terminals: readonly string[] = [
  ...new Set([...grammarText.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '')),
];

/** Words that mean something to the grammar everywhere. */
export const keywords: readonly string[] = [
  'rule',
  'param',
  'input',
  'state',
  'per',
  'external',
  'int',
  'in',
  'step',
  'const',
  'table',
  'fn',
  'on',
  'at',
  'every',
  'for',
  'let',
  'if',
  'else',
  'each',
  'reset',
  'record',
  'emit',
  'return',
  'and',
  'or',
  'not',
  'neurons',
  'weights',
  'synapse',
];

/** Keywords in their places only, names elsewhere. */
export const contextualKeywords: readonly string[] = [
  'start',
  'signal',
  'from',
  'times',
  'after',
  'signed',
];

export const unitNames: readonly string[] = ['ns', 'us', 'ms', 's', 'Hz', 'kHz', 'MHz'];
