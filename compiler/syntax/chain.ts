/** Operator precedence: a flat chain of operands and operators becomes a tree. */
import type { BinaryOperator, ExpressionNode, Span } from './ast.js';

export interface Prefix {
  readonly operator: '-' | 'not';
  readonly span: Span;
}

export interface Piece {
  readonly prefixes: readonly Prefix[];
  readonly operand: ExpressionNode;
}

export interface Link {
  readonly operator: BinaryOperator;
  readonly span: Span;
  readonly piece: Piece;
}

/** Binding strength, loosest first. `not` binds between `and` and the comparisons, unary `-` tightest. */
export const strengthOf: { readonly [operator in BinaryOperator]: number } = {
  or: 1,
  and: 2,
  '==': 4,
  '!=': 4,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '^': 5,
  '+': 6,
  '-': 6,
  '*': 7,
  '/': 7,
  '%': 7,
};
export const strengthOfNot = 3;
export const strengthOfMinus = 8;

/** Builds the tree of `first link link ...`; equal strength groups to the left. */
export function chain(first: Piece, links: readonly Link[]): ExpressionNode {
  let at = 0;
  return climb(first, 0);

  function climb(piece: Piece, strength: number): ExpressionNode {
    let left = prefixed(piece, 0);
    for (;;) {
      const link = links[at];
      if (!link) return left;
      const own = strengthOf[link.operator];
      if (own <= strength) return left;
      at++;
      const right = climb(link.piece, own);
      left = {
        kind: 'binary',
        operator: link.operator,
        operatorSpan: link.span,
        left,
        right,
        span: { file: left.span.file, start: left.span.start, end: right.span.end },
      };
    }
  }

  function prefixed(piece: Piece, index: number): ExpressionNode {
    const prefix = piece.prefixes[index];
    if (!prefix) return piece.operand;
    const rest = { prefixes: piece.prefixes.slice(index + 1), operand: piece.operand };
    const operand = prefix.operator === 'not' ? climb(rest, strengthOfNot) : prefixed(rest, 0);
    const { file, start } = prefix.span;
    return {
      kind: 'unary',
      operator: prefix.operator,
      operand,
      span: { file, start, end: operand.span.end },
    };
  }
}
