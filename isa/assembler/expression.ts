/** Operands as trees. Common operands are recognised at a glance, all others by the grammar. */
import type { ActionDict, Node, Semantics } from 'ohm-js';
import type { AddressPart } from '../object-builder.js';
import { grammar } from './grammar.js';

export type BinaryOperator =
  | '||'
  | '&&'
  | '=='
  | '!='
  | '<>'
  | '<='
  | '>='
  | '<'
  | '>'
  | '+'
  | '-'
  | '|'
  | '&'
  | '^'
  | '*'
  | '/'
  | '%'
  | '<<'
  | '>>';

export type UnaryOperator = '-' | '~' | '!' | '+';

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'local'; readonly number: number; readonly isForward: boolean }
  | { readonly kind: 'here' }
  | { readonly kind: 'part'; readonly part: AddressPart; readonly of: Expression }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly of: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    };

/** `value` or `value(base)`. */
export interface OperandTree {
  readonly value: Expression;
  readonly base?: Expression;
}

/** Text that is no operand: where it stops making sense, and what could stand there. */
export class OperandSyntaxError extends Error {
  override readonly name = 'OperandSyntaxError';
  constructor(
    /** Position in the operand's text, from 0. */
    readonly at: number,
    readonly expected: string,
  ) {
    super(`expected ${expected}`);
  }
}

const parts: Readonly<Record<string, AddressPart>> = { l: 'low', h: 'high', ha: 'highAdjusted' };
const escapes: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, b: 8, f: 12, '0': 0 };

function binary(left: Node, operator: Node, right: Node): Expression {
  return {
    kind: 'binary',
    operator: operator.sourceString as BinaryOperator,
    left: tree(left),
    right: tree(right),
  };
}

function tree(node: Node): Expression {
  return node['tree']() as Expression;
}

function numberTree(value: number): Expression {
  if (!Number.isSafeInteger(value)) throw new OperandSyntaxError(0, 'a number below 2^53');
  return { kind: 'number', value };
}

const treeActions: ActionDict<Expression> = {
  Part_tail: (value, _at, part, tail) => {
    const sign = tail.child(0).sourceString;
    const offset = tree(tail.child(1));
    const of: Expression = {
      kind: 'binary',
      operator: sign === '-' ? '-' : '+',
      left: tree(value),
      right: offset,
    };
    return { kind: 'part', part: parts[part.sourceString] ?? 'low', of };
  },
  Part_plain: (value, _at, part) => ({
    kind: 'part',
    part: parts[part.sourceString] ?? 'low',
    of: tree(value),
  }),
  Or_apply: binary,
  And_apply: binary,
  Compare_apply: binary,
  Sum_apply: binary,
  Bits_apply: binary,
  Product_apply: binary,
  Unary_apply: (operator, of) => ({
    kind: 'unary',
    operator: operator.sourceString as UnaryOperator,
    of: tree(of),
  }),
  Primary_group: (_open, of, _close) => tree(of),
  localLabel: (digits, direction) => ({
    kind: 'local',
    number: Number(digits.sourceString),
    isForward: direction.sourceString === 'f',
  }),
  number_hex: (_prefix, digits) => numberTree(parseInt(digits.sourceString, 16)),
  number_binary: (_prefix, digits) => numberTree(parseInt(digits.sourceString, 2)),
  number_decimal: (digits) => {
    const text = digits.sourceString;
    if (!/^0[0-9]/.test(text)) return numberTree(Number(text));
    if (/[89]/.test(text)) throw new OperandSyntaxError(0, 'octal digits after a leading 0');
    return numberTree(parseInt(text, 8));
  },
  number_escape: (_quote, _backslash, character, _close) => {
    const letter = character.sourceString;
    return numberTree(escapes[letter] ?? letter.codePointAt(0) ?? 0);
  },
  number_character: (_quote, character, _close) =>
    numberTree(character.sourceString.codePointAt(0) ?? 0),
  number_open: (_quote, character) => numberTree(character.sourceString.codePointAt(0) ?? 0),
  here: (_dot) => ({ kind: 'here' }),
  name: (_percent, _first, _rest) => {
    const text = _percent.sourceString + _first.sourceString + _rest.sourceString;
    return { kind: 'name', name: text };
  },
};

const operandActions: ActionDict<OperandTree> = {
  Operand_based: (value, _open, base, _close) => ({ value: tree(value), base: tree(base) }),
  Operand: (content) =>
    content.ctorName === 'Operand_based'
      ? (content['operand']() as OperandTree)
      : { value: tree(content) },
};

let made: Semantics | undefined;

/** Trees of matches; made at first use, as the grammar is. */
function semantics(): Semantics {
  return (made ??= grammar()
    .createSemantics()
    .addOperation<Expression>('tree', treeActions)
    .addOperation<OperandTree>('operand', operandActions));
}

function glanceNumber(text: string): number | undefined {
  if (/^-?(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  return /^0x[0-9a-fA-F]{1,12}$/.test(text) ? parseInt(text, 16) : undefined;
}

/** Numbers, names, names plus a number, halves of these, local labels: nearly all operands, without the grammar. */
function glance(text: string): Expression | undefined {
  const value = glanceNumber(text);
  if (value !== undefined) return { kind: 'number', value };
  const name = /^(%?[A-Za-z_.$][\w.$]*)(?:\s*([+-])\s*(\w+))?(?:@(ha|h|l))?$/.exec(text);
  if (name !== null) {
    const [, symbol = '', sign, offset, half] = name;
    let tree: Expression = symbol === '.' ? { kind: 'here' } : { kind: 'name', name: symbol };
    if (sign !== undefined) {
      const right = glanceNumber(offset ?? '');
      if (right === undefined) return undefined;
      const operator = sign === '-' ? '-' : '+';
      tree = { kind: 'binary', operator, left: tree, right: { kind: 'number', value: right } };
    }
    const part = parts[half ?? ''];
    return part === undefined ? tree : { kind: 'part', part, of: tree };
  }
  const local = /^(\d{1,9})([bf])$/.exec(text);
  return local === null
    ? undefined
    : { kind: 'local', number: Number(local[1]), isForward: local[2] === 'f' };
}

/**
 * The tree of one operand, without blanks around it.
 * @throws OperandSyntaxError
 */
export function parseOperand(text: string): OperandTree {
  const based = /^([^()]*[^()\s])\s*\(\s*([%\w.$]+)\s*\)$/.exec(text);
  if (based !== null) {
    const value = glance(based[1]!);
    const base = glance(based[2]!);
    if (value !== undefined && base !== undefined) return { value, base };
  }
  const simple = glance(text);
  if (simple !== undefined) return { value: simple };
  const match = grammar().match(text, 'Operand');
  if (match.failed()) {
    const at = match.getRightmostFailurePosition();
    throw new OperandSyntaxError(at, expectation(match.shortMessage ?? ''));
  }
  return semantics()(match)['operand']() as OperandTree;
}

/** What ohm expected, from its message "Line 1, col 3: expected ...", with all operators as one word. */
function expectation(message: string): string {
  const list = message.replace(/^.*?: expected /s, '').split(/, or |, | or /);
  const words: string[] = [];
  for (const item of list) {
    const isOperator = /^"[^\w(@]+"$/.test(item);
    const word = isOperator ? 'an operator' : item;
    if (word !== '' && !words.includes(word)) words.push(word);
  }
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
