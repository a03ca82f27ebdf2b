/**
 * The grammar of rule files (ohm notation). Blanks and new lines only separate; comments are blanked out before.
 * Expressions are matched as flat chains of operands and operators; `build.ts` applies precedence, which is several
 * times faster than one grammar rule per level and lets mistakes in operators be named.
 */
export const grammarText = String.raw`
Plastic {
  File = Item*
  Item = Rule | Const | Table | Function

  Rule = rule name "{" RuleItem* "}"
  RuleItem = Declaration | Trigger | Const | Table | Function | Neurons | Weights
  Neurons = neurons name
  Weights = weights signed

  Declaration = role name Sizes? Domain? external? Type? Initial?
  Sizes = "[" ListOf<Expression, ","> "]" ("[" Expression "]")?
  Domain = per domain
  Type = ":" int Sizes?     -- int
       | Range              -- range
  Range = in "[" Expression "," Expression "]" Step?
  Step = step Expression
  Initial = "=" Expression

  Const = const name Type? "=" Expression
  Table = table name "(" ListOf<Argument, ","> ")" Range? "=" Expression
  Argument = name Type?
  Function = fn name "(" ListOf<Argument, ","> ")" Result? Block
  Result = "->" int      -- int
         | "->" Range    -- range

  Trigger = Event Block
  Event = on start                      -- start
        | on signal name                -- signal
        | at Expression                 -- at
        | every Expression From? Times? -- every
  From = from Expression
  Times = for Expression times

  Block = "{" Statement* "}"
  Statement = Blank* Action Blank*
  Blank = ";"
  Action = Let | If | Each | Reset | Record | For | Emit | Return | Assign | Evaluate
  Let = let name Type? "=" Expression
  Assign = Target assignOperator Expression
  Target = ~keyword Postfix
  If = if Chain Block Else?
  Else = else If     -- if
       | else Block  -- block
  For = for name in Chain ".." Chain Block
  Each = each domain Block
  Reset = reset NonemptyListOf<word, ",">
  Record = record NonemptyListOf<Expression, ",">
  Emit = emit row Chain label Chain After?
  After = after Chain
  Return = return Expression
  Evaluate = ~keyword Expression

  Expression = Choose | Chain
  Choose = if Chain "{" Expression "}" Otherwise
  Otherwise = else Choose              -- if
            | else "{" Expression "}"  -- block
  Chain = Piece Link*
  Link = binaryOperator Piece
  Piece = prefix* Postfix
  Postfix = Call | Index | Member | number | name | Group
  Group = "(" Expression ")"
  Call = name "(" ListOf<Expression, ","> ")"
  Index = Indexed Subscript+
  Indexed = Member | name
  Subscript = "[" NonemptyListOf<Expression, ","> "]"
  Member = name "." name

  number (a number) = digits blank* unit       -- unit
                    | digits ~(letter | "_")   -- plain
  digits = digit+ ("." digit+)? (("e" | "E") ("+" | "-")? digit+)?
  blank = " " | "\t"
  unit = ("ns" | "us" | "ms" | "s" | "Hz" | "kHz" | "MHz") ~part
  name (a name) = ~keyword word
  word (a name) = (letter | "_") part*
  part = alnum | "_"

  prefix = "-" | (not)
  binaryOperator (an operator) = "==" | "!=" | "<=" | ">=" | "<" | ">" | "+" ~"=" | "-" ~"=" | "*" ~"=" | "/" ~"=" | "%" | "^" | and | or
  assignOperator (an assignment operator) = "=" ~"=" | "+=" | "-=" | "*=" | "/="
  role = ("param" | "input" | "state") ~part
  domain (synapse, neuron or row) = ("synapse" | "neuron" | "row") ~part

  rule = "rule" ~part
  neurons = "neurons" ~part
  weights = "weights" ~part
  signed = "signed" ~part
  per = "per" ~part
  external = "external" ~part
  int = "int" ~part
  in = "in" ~part
  step = "step" ~part
  const = "const" ~part
  table = "table" ~part
  fn = "fn" ~part
  on = "on" ~part
  start = "start" ~part
  signal = "signal" ~part
  at = "at" ~part
  every = "every" ~part
  from = "from" ~part
  for = "for" ~part
  times = "times" ~part
  let = "let" ~part
  if = "if" ~part
  else = "else" ~part
  each = "each" ~part
  reset = "reset" ~part
  record = "record" ~part
  emit = "emit" ~part
  row = "row" ~part
  label = "label" ~part
  after = "after" ~part
  return = "return" ~part
  and = "and" ~part
  or = "or" ~part
  not = "not" ~part

  keyword = ("rule" | "param" | "input" | "state" | "per" | "external" | "int" | "in" | "step" | "const" | "table"
          | "fn" | "on" | "at" | "every" | "for" | "let" | "if" | "else" | "each" | "reset" | "record" | "emit"
          | "return" | "and" | "or" | "not" | "neurons" | "weights" | "synapse"
          | "ns" | "us" | "ms" | "s" | "Hz" | "kHz" | "MHz") ~part
}
`;

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
