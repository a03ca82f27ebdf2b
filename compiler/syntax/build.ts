/** From ohm's match to the syntax tree. */
import * as ohm from 'ohm-js';
import type {
  ArgumentNode,
  AssignOperator,
  BinaryOperator,
  BlockNode,
  DomainName,
  ExpressionNode,
  FileItem,
  IfNode,
  MemberNode,
  Name,
  NameNode,
  RangeNode,
  RuleItem,
  Span,
  StatementNode,
  TriggerNode,
  Unit,
} from './ast.js';
import { chain, type Link, type Piece, type Prefix } from './chain.js';
import { grammarText } from './grammar.js';

let grammar: ohm.Grammar | undefined;

/** The compiled grammar; made at first use, because that takes some 20 ms. */
export function plasticGrammar(): ohm.Grammar {
  grammar ??= ohm.grammar(grammarText);
  return grammar;
}

let semantics: ohm.Semantics | undefined;
let file = '';
let origin: Int32Array = new Int32Array(0);

/** The furthest place that matching `text` reaches, and what could have stood there. */
export function whereMatchingStopped(text: string): {
  readonly stop: number;
  readonly expected: readonly string[];
} {
  const matcher = plasticGrammar().matcher();
  matcher.setInput(text);
  const failed: FailedMatch = matcher.match() as ohm.MatchResult & FailedMatch;
  const failures = failed.getRightmostFailures();
  const real = failures.filter((failure) => !failure.isFluffy());
  return {
    stop: failed.getRightmostFailurePosition(),
    expected: (real.length > 0 ? real : failures).map((failure) => failure.toString()),
  };
}

/** What ohm's failed matches offer beyond its declared types. */
interface FailedMatch {
  getRightmostFailurePosition(): number;
  getRightmostFailures(): readonly { isFluffy(): boolean; toString(): string }[];
}

/**
 * Builds the items of a successful match of `File` in the file called `name`;
 * `places` gives for each offset in the matched text the offset in the file.
 */
export function buildItems(match: ohm.MatchResult, name: string, places: Int32Array): FileItem[] {
  origin = places;
  semantics ??= plasticGrammar().createSemantics().addOperation<unknown>('tree', actions);
  file = name;
  const built: FileItem[] = semantics(match)['tree']();
  return built;
}

function spanOf(node: ohm.Node): Span {
  const { startIdx, endIdx, sourceString } = node.source;
  let end = endIdx;
  while (end > startIdx && isBlank(sourceString.charCodeAt(end - 1))) end--;
  return { file, start: origin[startIdx] ?? 0, end: (origin[end - 1] ?? 0) + 1 };
}

function isBlank(code: number): boolean {
  return code <= 32;
}

function between(first: Span, last: Span): Span {
  return { file, start: first.start, end: last.end };
}

/** The one place where ohm's untyped operation becomes a typed value. */
function tree<T>(node: ohm.Node): T {
  const value: T = node['tree']();
  return value;
}

/** The child of an optional node, if it is there. */
function optional<T>(node: ohm.Node): T | undefined {
  const child = node.children[0];
  return child ? tree<T>(child) : undefined;
}

function spanIfPresent(node: ohm.Node): Span | undefined {
  const child = node.children[0];
  return child ? spanOf(child) : undefined;
}

function list<T>(node: ohm.Node): T[] {
  return node.asIteration().children.map((child) => tree<T>(child));
}

function many<T>(node: ohm.Node): T[] {
  return node.children.map((child) => tree<T>(child));
}

interface TypeWritten {
  readonly int?: Span;
  readonly sizes?: readonly ExpressionNode[];
  readonly range?: RangeNode;
}

/** Only the fields that are there (exact optional properties). */
function present<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  const result: Partial<T> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) result[key] = value as T[typeof key];
  }
  return result as T;
}

function typeFields(type: TypeWritten | undefined): {
  readonly int?: Span;
  readonly range?: RangeNode;
} {
  return present({ int: type?.int, range: type?.range });
}

const actions: ohm.ActionDict<unknown> = {
  File: (items) => many<FileItem>(items),
  Rule(_rule, name, _open, items, _close) {
    return {
      kind: 'rule',
      name: tree<Name>(name),
      items: many<RuleItem>(items),
      span: spanOf(this),
    };
  },
  Neurons(_neurons, name) {
    return { kind: 'neurons', name: tree<Name>(name), span: spanOf(this) };
  },
  Weights(_weights, _signed) {
    return { kind: 'weights', span: spanOf(this) };
  },
  Declaration(role, name, sizes, domain, external, type, initial) {
    const written = optional<TypeWritten>(type);
    const domainNode = domain.children[0];
    return {
      kind: 'declaration',
      role: role.sourceString,
      name: tree<Name>(name),
      sizes: [...(optional<ExpressionNode[]>(sizes) ?? []), ...(written?.sizes ?? [])],
      ...present({
        domain: domainNode && { name: tree<DomainName>(domainNode), span: spanOf(domainNode) },
        external: spanIfPresent(external),
        initial: optional<ExpressionNode>(initial),
      }),
      ...typeFields(written),
      span: spanOf(this),
    };
  },
  Sizes: (_open, first, _close, _open2, second, _close2) => [
    ...list<ExpressionNode>(first),
    ...many<ExpressionNode>(second),
  ],
  Domain: (_per, domain) => domain.sourceString,
  Type_int: (_colon, int, sizes): TypeWritten =>
    present({ int: spanOf(int), sizes: optional<ExpressionNode[]>(sizes) }),
  Type_range: (range): TypeWritten => ({ range: tree<RangeNode>(range) }),
  Range(_in, _open, lower, _comma, upper, _close, step) {
    return {
      lower: tree<ExpressionNode>(lower),
      upper: tree<ExpressionNode>(upper),
      ...present({ step: optional<ExpressionNode>(step) }),
      span: spanOf(this),
    };
  },
  Step: (_step, value) => tree(value),
  Initial: (_equals, value) => tree(value),
  Const(_const, name, type, _equals, value) {
    return {
      kind: 'const',
      name: tree<Name>(name),
      ...typeFields(optional<TypeWritten>(type)),
      value: tree<ExpressionNode>(value),
      span: spanOf(this),
    };
  },
  Table(_table, name, _open, args, _close, range, _equals, value) {
    return {
      kind: 'table',
      name: tree<Name>(name),
      arguments: list<ArgumentNode>(args),
      ...present({ range: optional<RangeNode>(range) }),
      value: tree<ExpressionNode>(value),
      span: spanOf(this),
    };
  },
  Argument(name, type) {
    return {
      name: tree<Name>(name),
      ...typeFields(optional<TypeWritten>(type)),
      span: spanOf(this),
    };
  },
  Function(_fn, name, _open, args, _close, result, body) {
    return {
      kind: 'function',
      name: tree<Name>(name),
      arguments: list<ArgumentNode>(args),
      ...typeFields(optional<TypeWritten>(result)),
      body: tree<BlockNode>(body),
      span: spanOf(this),
    };
  },
  Result_int: (_arrow, int): TypeWritten => ({ int: spanOf(int) }),
  Result_range: (_arrow, range): TypeWritten => ({ range: tree<RangeNode>(range) }),
  Trigger(event, body) {
    return {
      kind: 'trigger',
      event: tree<TriggerNode['event']>(event),
      head: spanOf(event),
      body: tree<BlockNode>(body),
      span: spanOf(this),
    };
  },
  Event_start: (_on, _start) => ({ kind: 'start' }),
  Event_signal: (_on, _signal, name) => ({ kind: 'signal', name: tree<Name>(name) }),
  Event_at: (_at, time) => ({ kind: 'at', time: tree<ExpressionNode>(time) }),
  Event_every: (_every, period, from, times) => ({
    kind: 'every',
    period: tree<ExpressionNode>(period),
    ...present({ from: optional<ExpressionNode>(from), times: optional<ExpressionNode>(times) }),
  }),
  From: (_from, value) => tree(value),
  Times: (_for, value, _times) => tree(value),

  Block(_open, statements, _close): BlockNode {
    return { statements: many<StatementNode>(statements), span: spanOf(this) };
  },
  Statement: (_before, action, _after) => tree(action),
  Let(_let, name, type, _equals, value) {
    return {
      kind: 'let',
      name: tree<Name>(name),
      ...typeFields(optional<TypeWritten>(type)),
      value: tree<ExpressionNode>(value),
      span: spanOf(this),
    };
  },
  Assign(target, operator, value) {
    return {
      kind: 'assign',
      target: tree<ExpressionNode>(target),
      operator: operator.sourceString as AssignOperator,
      value: tree<ExpressionNode>(value),
      span: spanOf(this),
    };
  },
  Target: (postfix) => tree(postfix),
  If(_if, condition, then, otherwise): IfNode {
    return {
      kind: 'if',
      condition: tree<ExpressionNode>(condition),
      then: tree<BlockNode>(then),
      ...present({ otherwise: optional<BlockNode>(otherwise) }),
      span: spanOf(this),
    };
  },
  Else_if(_else, nested): BlockNode {
    return { statements: [tree<IfNode>(nested)], span: spanOf(nested) };
  },
  Else_block: (_else, block) => tree(block),
  For(_for, name, _in, from, _dots, to, body) {
    return {
      kind: 'for',
      name: tree<Name>(name),
      from: tree<ExpressionNode>(from),
      to: tree<ExpressionNode>(to),
      body: tree<BlockNode>(body),
      span: spanOf(this),
    };
  },
  Each(each, domain, body) {
    return {
      kind: 'each',
      domain: domain.sourceString as DomainName,
      head: between(spanOf(each), spanOf(domain)),
      body: tree<BlockNode>(body),
      span: spanOf(this),
    };
  },
  Reset(_reset, names) {
    return { kind: 'reset', targets: list<Name>(names), span: spanOf(this) };
  },
  Record(_record, values) {
    return { kind: 'record', values: list<ExpressionNode>(values), span: spanOf(this) };
  },
  Emit(_emit, _row, row, _label, label, after) {
    return {
      kind: 'emit',
      row: tree<ExpressionNode>(row),
      label: tree<ExpressionNode>(label),
      ...present({ after: optional<ExpressionNode>(after) }),
      span: spanOf(this),
    };
  },
  After: (_after, value) => tree(value),
  Return(_return, value) {
    return { kind: 'return', value: tree<ExpressionNode>(value), span: spanOf(this) };
  },
  Evaluate(value) {
    return { kind: 'evaluate', value: tree<ExpressionNode>(value), span: spanOf(this) };
  },

  Choose(_if, condition, _open, then, _close, otherwise): ExpressionNode {
    return {
      kind: 'choose',
      condition: tree<ExpressionNode>(condition),
      then: tree<ExpressionNode>(then),
      otherwise: tree<ExpressionNode>(otherwise),
      span: spanOf(this),
    };
  },
  Otherwise_if: (_else, choose) => tree(choose),
  Otherwise_block: (_else, _open, value, _close) => tree(value),
  Chain: (first, links) => chain(tree<Piece>(first), many<Link>(links)),
  Link: (operator, piece): Link => ({
    operator: operator.sourceString as BinaryOperator,
    span: spanOf(operator),
    piece: tree<Piece>(piece),
  }),
  Piece: (prefixes, operand): Piece => ({
    prefixes: prefixes.children.map((prefix) => ({
      operator: prefix.sourceString as Prefix['operator'],
      span: spanOf(prefix),
    })),
    operand: tree<ExpressionNode>(operand),
  }),
  Group(_open, inner, _close): ExpressionNode {
    return { kind: 'group', inner: tree<ExpressionNode>(inner), span: spanOf(this) };
  },
  Call(callee, _open, args, _close): ExpressionNode {
    return {
      kind: 'call',
      callee: tree<Name>(callee),
      arguments: list<ExpressionNode>(args),
      span: spanOf(this),
    };
  },
  Index(object, subscripts): ExpressionNode {
    return {
      kind: 'index',
      object: tree<NameNode | MemberNode>(object),
      indices: many<ExpressionNode[]>(subscripts).flat(),
      span: spanOf(this),
    };
  },
  Subscript: (_open, values, _close) => list<ExpressionNode>(values),
  Member(object, _dot, member): ExpressionNode {
    return {
      kind: 'member',
      object: tree<Name>(object),
      member: tree<Name>(member),
      span: spanOf(this),
    };
  },
  number_unit(digits, _blanks, unit): ExpressionNode {
    const text = digits.sourceString;
    return {
      kind: 'number',
      value: Number(text),
      text,
      unit: unit.sourceString as Unit,
      span: spanOf(this),
    };
  },
  number_plain(digits): ExpressionNode {
    const text = digits.sourceString;
    return { kind: 'number', value: Number(text), text, span: spanOf(this) };
  },
  name(word) {
    return { kind: 'name', text: word.sourceString, span: spanOf(word) };
  },
  word(_first, _rest) {
    return { kind: 'name', text: this.sourceString, span: spanOf(this) };
  },
};
