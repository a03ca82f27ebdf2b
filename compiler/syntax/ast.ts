/** The syntax tree of a rule file: what was written, with places, before any name has a meaning. */

import type { SourceText, Span } from '../diagnostics/source.js';

export type { SourceText, Span } from '../diagnostics/source.js';

/** A name where it stands. */
export interface Name {
  readonly text: string;
  readonly span: Span;
}

/** A `//` or `//!` comment, without its line end. */
export interface Comment {
  readonly span: Span;
  readonly text: string;
  readonly documentation: boolean;
  /** True if only blanks stand before it on its line. */
  readonly ownLine: boolean;
}

/** A whole file. */
export interface SourceTree {
  readonly kind: 'source';
  readonly source: SourceText;
  readonly items: readonly FileItem[];
  readonly comments: readonly Comment[];
  readonly span: Span;
}

export type FileItem = RuleNode | ConstNode | TableNode | FunctionNode;

export interface RuleNode {
  readonly kind: 'rule';
  readonly name: Name;
  readonly items: readonly RuleItem[];
  readonly span: Span;
}

export type RuleItem =
  NeuronsNode | WeightsNode | DeclarationNode | ConstNode | TableNode | FunctionNode | TriggerNode;

/** `neurons NAME`: binds a second population. */
export interface NeuronsNode {
  readonly kind: 'neurons';
  readonly name: Name;
  readonly span: Span;
}

/** `weights signed`. */
export interface WeightsNode {
  readonly kind: 'weights';
  readonly span: Span;
}

/** `in [lower, upper] step s`. */
export interface RangeNode {
  readonly lower: ExpressionNode;
  readonly upper: ExpressionNode;
  readonly step?: ExpressionNode;
  readonly span: Span;
}

export type DomainName = 'synapse' | 'neuron' | 'row';

/** `param`, `input` or `state`. */
export interface DeclarationNode {
  readonly kind: 'declaration';
  readonly role: 'param' | 'input' | 'state';
  readonly name: Name;
  readonly sizes: readonly ExpressionNode[];
  readonly domain?: { readonly name: DomainName; readonly span: Span };
  readonly external?: Span;
  /** `: int` (place of the word) or `in [..]`; neither is an error that the checker reports. */
  readonly int?: Span;
  readonly range?: RangeNode;
  readonly initial?: ExpressionNode;
  readonly span: Span;
}

export interface ConstNode {
  readonly kind: 'const';
  readonly name: Name;
  readonly int?: Span;
  readonly range?: RangeNode;
  readonly value: ExpressionNode;
  readonly span: Span;
}

export interface ArgumentNode {
  readonly name: Name;
  readonly int?: Span;
  readonly range?: RangeNode;
  readonly span: Span;
}

export interface TableNode {
  readonly kind: 'table';
  readonly name: Name;
  readonly arguments: readonly ArgumentNode[];
  readonly range?: RangeNode;
  readonly value: ExpressionNode;
  readonly span: Span;
}

export interface FunctionNode {
  readonly kind: 'function';
  readonly name: Name;
  readonly arguments: readonly ArgumentNode[];
  /** `-> int` or `-> in [..]`. */
  readonly int?: Span;
  readonly range?: RangeNode;
  readonly body: BlockNode;
  readonly span: Span;
}

export interface TriggerNode {
  readonly kind: 'trigger';
  readonly event:
    | { readonly kind: 'start' }
    | { readonly kind: 'at'; readonly time: ExpressionNode }
    | {
        readonly kind: 'every';
        readonly period: ExpressionNode;
        readonly from?: ExpressionNode;
        readonly times?: ExpressionNode;
      }
    | { readonly kind: 'signal'; readonly name: Name };
  /** The words before the brace. */
  readonly head: Span;
  readonly body: BlockNode;
  readonly span: Span;
}

/** `{ ... }`; the span holds both braces. */
export interface BlockNode {
  readonly statements: readonly StatementNode[];
  readonly span: Span;
}

export type StatementNode =
  | LetNode
  | AssignNode
  | IfNode
  | ForNode
  | EachNode
  | ResetNode
  | RecordNode
  | EmitNode
  | ReturnNode
  | EvaluateNode;

export interface LetNode {
  readonly kind: 'let';
  readonly name: Name;
  readonly int?: Span;
  readonly range?: RangeNode;
  readonly value: ExpressionNode;
  readonly span: Span;
}

export type AssignOperator = '=' | '+=' | '-=' | '*=' | '/=';

export interface AssignNode {
  readonly kind: 'assign';
  readonly target: ExpressionNode;
  readonly operator: AssignOperator;
  readonly value: ExpressionNode;
  readonly span: Span;
}

export interface IfNode {
  readonly kind: 'if';
  readonly condition: ExpressionNode;
  readonly then: BlockNode;
  /** `else { }`, or `else if`, which is a block of one `if` without braces of its own (same span). */
  readonly otherwise?: BlockNode;
  readonly span: Span;
}

export interface ForNode {
  readonly kind: 'for';
  readonly name: Name;
  readonly from: ExpressionNode;
  readonly to: ExpressionNode;
  readonly body: BlockNode;
  readonly span: Span;
}

export interface EachNode {
  readonly kind: 'each';
  readonly domain: DomainName;
  readonly head: Span;
  readonly body: BlockNode;
  readonly span: Span;
}

export interface ResetNode {
  readonly kind: 'reset';
  readonly targets: readonly Name[];
  readonly span: Span;
}

export interface RecordNode {
  readonly kind: 'record';
  readonly values: readonly ExpressionNode[];
  readonly span: Span;
}

export interface EmitNode {
  readonly kind: 'emit';
  readonly row: ExpressionNode;
  readonly label: ExpressionNode;
  readonly after?: ExpressionNode;
  readonly span: Span;
}

export interface ReturnNode {
  readonly kind: 'return';
  readonly value: ExpressionNode;
  readonly span: Span;
}

/** An expression where a statement should stand; always an error, kept so that the checker can say which. */
export interface EvaluateNode {
  readonly kind: 'evaluate';
  readonly value: ExpressionNode;
  readonly span: Span;
}

export type Unit = 'ns' | 'us' | 'ms' | 's' | 'Hz' | 'kHz' | 'MHz';

export type BinaryOperator =
  'or' | 'and' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '^' | '+' | '-' | '*' | '/' | '%';

export type ExpressionNode =
  | NumberNode
  | NameNode
  | MemberNode
  | CallNode
  | IndexNode
  | UnaryNode
  | BinaryNode
  | ChooseNode
  | GroupNode;

export interface NumberNode {
  readonly kind: 'number';
  readonly value: number;
  /** The digits as written, without the unit. */
  readonly text: string;
  readonly unit?: Unit;
  readonly span: Span;
}

export interface NameNode {
  readonly kind: 'name';
  readonly text: string;
  readonly span: Span;
}

/** `inh.rate`. */
export interface MemberNode {
  readonly kind: 'member';
  readonly object: Name;
  readonly member: Name;
  readonly span: Span;
}

export interface CallNode {
  readonly kind: 'call';
  readonly callee: Name;
  readonly arguments: readonly ExpressionNode[];
  readonly span: Span;
}

/** `a[i]`, `a[i, j]`. */
export interface IndexNode {
  readonly kind: 'index';
  readonly object: NameNode | MemberNode;
  readonly indices: readonly ExpressionNode[];
  readonly span: Span;
}

export interface UnaryNode {
  readonly kind: 'unary';
  readonly operator: '-' | 'not';
  readonly operand: ExpressionNode;
  readonly span: Span;
}

export interface BinaryNode {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly operatorSpan: Span;
  readonly left: ExpressionNode;
  readonly right: ExpressionNode;
  readonly span: Span;
}

/** `if c { a } else { b }` as an expression. */
export interface ChooseNode {
  readonly kind: 'choose';
  readonly condition: ExpressionNode;
  readonly then: ExpressionNode;
  readonly otherwise: ExpressionNode;
  readonly span: Span;
}

/** `( e )`: kept so that a formatter can give back what was written. */
export interface GroupNode {
  readonly kind: 'group';
  readonly inner: ExpressionNode;
  readonly span: Span;
}
