/**
 * Grammar of operands: expressions with the operators and ranks of GNU as, which people's habits and compilers'
 * output follow. From weak to strong: ||, &&, comparisons, + -, | & ^, * / % << >>, unary - ~ !.
 */
import * as ohm from 'ohm-js';

const source = String.raw`
Assembler {
  Operand = Part "(" Or ")" -- based
          | Part

  Part    = Or "@" part Tail -- tail
          | Or "@" part      -- plain
          | Or
  Tail    = ("+" | "-") Sum
  part    = "ha" ~wordPart | "h" ~wordPart | "l" ~wordPart

  Or      = Or "||" And -- apply
          | And
  And     = And "&&" Compare -- apply
          | Compare
  Compare = Compare ("==" | "!=" | "<>" | "<=" | ">=" | "<" ~"<" | ">" ~">") Sum -- apply
          | Sum
  Sum     = Sum ("+" | "-") Bits -- apply
          | Bits
  Bits    = Bits ("|" ~"|" | "&" ~"&" | "^") Product -- apply
          | Product
  Product = Product ("*" | "/" | "%" | "<<" | ">>") Unary -- apply
          | Unary
  Unary   = ("-" | "~" | "!" ~"=" | "+") Unary -- apply
          | Primary
  Primary = "(" Part ")" -- group
          | localLabel
          | number
          | here
          | name

  localLabel (a local label like 1f) = digit+ ("f" | "b") ~wordPart
  number (a number)
          = ("0x" | "0X") hexDigit+ ~wordPart        -- hex
          | ("0b" | "0B") ("0" | "1")+ ~wordPart     -- binary
          | digit+ ~wordPart                         -- decimal
          | "'" "\\" any "'"                         -- escape
          | "'" ~"\\" any "'"                        -- character
          | "'" ~"\\" any                            -- open
  here (.) = "." ~wordPart
  name (a symbol) = "%"? (letter | "_" | "." | "$") wordPart*
  wordPart = alnum | "_" | "." | "$"
}
`;

let compiled: ohm.Grammar | undefined;

/** The compiled grammar; the start rule is `Operand`. Made at first use, since few programs need it. */
export const grammar = (): ohm.Grammar => (compiled ??= ohm.grammar(source));
