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
import { grammarRecipe } from './generated/recipe.js';
import type { Tokens } from './scan.js';

let grammar: ohm.Grammar | undefined;

/** The grammar, made from its recipe at first use. */
function plasticGrammar(): ohm.Grammar {
  // ohm exports it for its own bundles, without a declared type.
  const { makeRecipe } = ohm as unknown as { makeRecipe(recipe: unknown): ohm.Grammar };
  grammar ??= makeRecipe(JSON.parse(grammarRecipe));
  return grammar;
}

let semantics: ohm.Semantics | undefined;
let file = '';
let code = '';
let tokens: Tokens = { codes: '', starts: new Int32Array(0), ends: new Int32Array(0) };

/** The furthest token that matching reaches (its index), and what could have stood there. */
export function whereMatchingStopped({ codes }: Tokens): {
  readonly stop: number;
  readonly expected: readonly string[];
} {
  const matcher = plasticGrammar().matcher();
  matcher.setInput(codes);
  const failed: FailedMatch = matcher.match() as ohm.MatchResult & FailedMatch;
  const failures = failed.getRightmostFailures();
  // Ohm calls those fluffy that could only have gone on with a repetition; they matter at the end of one alone.
  const real = failures.filter(
    (failure) => !failure.isFluffy() && failure.toString() !== 'end of input',
  );
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

/** Builds the items of the file called `name` with text `text` from its tokens; undefined if they do not match. */
export function buildItems(scanned: Tokens, text: string, name: string): FileItem[] | undefined {
  const match = plasticGrammar().match(scanned.codes);
  if (match.failed()) return undefined;
  semantics ??= plasticGrammar().createSemantics().addOperation<unknown>('tree', actions);
  file = name;
  code = text;
  tokens = scanned;
  const built: FileItem[] = semantics(match)['tree']();
  return built;
}

/** The place of a node that holds at least one token. */
function spanOf({ source }: ohm.Node): Span {
  return {
    file,
    start: tokens.starts[source.startIdx] ?? 0,
    end: tokens.ends[source.endIdx - 1] ?? 0,
  };
}

/** What a node was written as. */
function textOf(node: ohm.Node): string {
  const { start, end } = spanOf(node);
  return code.slice(start, end);
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
  file: (items) => many<FileItem>(items),
  item: (content, _semicolons) => tree(content),
  part: (content, _semicolons) => tree(content),
  ruleItem(_rule, name, _open, items, _close) {
    return {
      kind: 'rule',
      name: tree<Name>(name),
      items: many<RuleItem>(items),
      span: spanOf(this),
    };
  },
  neurons(_neurons, name) {
    return { kind: 'neurons', name: tree<Name>(name), span: spanOf(this) };
  },
  weights(_weights, _signed) {
    return { kind: 'weights', span: spanOf(this) };
  },
  declaration(role, name, sizes, domain, external, type, initial) {
    const written = optional<TypeWritten>(type);
    const domainNode = domain.children[0];
    return {
      kind: 'declaration',
      role: textOf(role),
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
  sizes: (_open, first, _close, _open2, second, _close2) => [
    ...(optional<ExpressionNode[]>(first) ?? []),
    ...many<ExpressionNode>(second),
  ],
  domainOf: (_per, domain) => textOf(domain),
  type_int: (_colon, int, sizes): TypeWritten =>
    present({ int: spanOf(int), sizes: optional<ExpressionNode[]>(sizes) }),
  type_range: (range): TypeWritten => ({ range: tree<RangeNode>(range) }),
  range(_in, _open, lower, _comma, upper, _close, step) {
    return {
      lower: tree<ExpressionNode>(lower),
      upper: tree<ExpressionNode>(upper),
      ...present({ step: optional<ExpressionNode>(step) }),
      span: spanOf(this),
    };
  },
  step: (_step, value) => tree(value),
  initial: (_equals, value) => tree(value),
  const(_const, name, type, _equals, value) {
    return {
      kind: 'const',
      name: tree<Name>(name),
      ...typeFields(optional<TypeWritten>(type)),
      value: tree<ExpressionNode>(value),
      span: spanOf(this),
    };
  },
  table(_table, name, _open, args, _close, range, _equals, value) {
    return {
      kind: 'table',
      name: tree<Name>(name),
      arguments: optional<ArgumentNode[]>(args) ?? [],
      ...present({ range: optional<RangeNode>(range) }),
      value: tree<ExpressionNode>(value),
      span: spanOf(this),
    };
  },
  arguments: (first, more) => [tree<ArgumentNode>(first), ...many<ArgumentNode>(more)],
  moreArgument: (_comma, argument) => tree(argument),
  argument(name, type) {
    return {
      name: tree<Name>(name),
      ...typeFields(optional<TypeWritten>(type)),
      span: spanOf(this),
    };
  },
  function(_fn, name, _open, args, _close, result, body) {
    return {
      kind: 'function',
      name: tree<Name>(name),
      arguments: optional<ArgumentNode[]>(args) ?? [],
      ...typeFields(optional<TypeWritten>(result)),
      body: tree<BlockNode>(body),
      span: spanOf(this),
    };
  },
  result_int: (_arrow, int): TypeWritten => ({ int: spanOf(int) }),
  result_range: (_arrow, range): TypeWritten => ({ range: tree<RangeNode>(range) }),
  trigger(event, body) {
    return {
      kind: 'trigger',
      event: tree<TriggerNode['event']>(event),
      head: spanOf(event),
      body: tree<BlockNode>(body),
      span: spanOf(this),
    };
  },
  event_start: (_on, _start) => ({ kind: 'start' }),
  event_signal: (_on, _signal, name) => ({ kind: 'signal', name: tree<Name>(name) }),
  event_at: (_at, time) => ({ kind: 'at', time: tree<ExpressionNode>(time) }),
  event_every: (_every, period, from, times) => ({
    kind: 'every',
    period: tree<ExpressionNode>(period),
    ...present({ from: optional<ExpressionNode>(from), times: optional<ExpressionNode>(times) }),
  }),
  from: (_from, value) => tree(value),
  times: (_for, value, _times) => tree(value),

  block(_open, statements, _close): BlockNode {
    return { statements: many<StatementNode>(statements), span: spanOf(this) };
  },
  statement: (_before, action, _after) => tree(action),
  let(_let, name, type, _equals, value) {
    return {
      kind: 'let',
      name: tree<Name>(name),
      ...typeFields(optional<TypeWritten>(type)),
      value: tree<ExpressionNode>(value),
      span: spanOf(this),
    };
  },
  assign(target, operator, value) {
    return {
      kind: 'assign',
      target: tree<ExpressionNode>(target),
      operator: textOf(operator) as AssignOperator,
      value: tree<ExpressionNode>(value),
      span: spanOf(this),
    };
  },
  if(_if, condition, then, otherwise): IfNode {
    return {
      kind: 'if',
      condition: tree<ExpressionNode>(condition),
      then: tree<BlockNode>(then),
      ...present({ otherwise: optional<BlockNode>(otherwise) }),
      span: spanOf(this),
    };
  },
  else_if(_else, nested): BlockNode {
    return { statements: [tree<IfNode>(nested)], span: spanOf(nested) };
  },
  else_block: (_else, block) => tree(block),
  for(_for, name, _in, from, _dots, to, body) {
    return {
      kind: 'for',
      name: tree<Name>(name),
      from: tree<ExpressionNode>(from),
      to: tree<ExpressionNode>(to),
      body: tree<BlockNode>(body),
      span: spanOf(this),
    };
  },
  each(each, domain, body) {
    return {
      kind: 'each',
      domain: textOf(domain) as DomainName,
      head: between(spanOf(each), spanOf(domain)),
      body: tree<BlockNode>(body),
      span: spanOf(this),
    };
  },
  reset(_reset, first, more) {
    return { kind: 'reset', targets: [tree<Name>(first), ...many<Name>(more)], span: spanOf(this) };
  },
  moreName: (_comma, name) => tree(name),
  record(_record, values) {
    return { kind: 'record', values: tree<ExpressionNode[]>(values), span: spanOf(this) };
  },
  emit(_emit, _row, row, _label, label, after) {
    return {
      kind: 'emit',
      row: tree<ExpressionNode>(row),
      label: tree<ExpressionNode>(label),
      ...present({ after: optional<ExpressionNode>(after) }),
      span: spanOf(this),
    };
  },
  after: (_after, value) => tree(value),
  return(_return, value) {
    return { kind: 'return', value: tree<ExpressionNode>(value), span: spanOf(this) };
  },
  evaluate(value) {
    return { kind: 'evaluate', value: tree<ExpressionNode>(value), span: spanOf(this) };
  },

  expressions: (first, more) => [tree<ExpressionNode>(first), ...many<ExpressionNode>(more)],
  moreExpression: (_comma, value) => tree(value),
  choose(_if, condition, _open, then, _close, otherwise): ExpressionNode {
    return {
      kind: 'choose',
      condition: tree<ExpressionNode>(condition),
      then: tree<ExpressionNode>(then),
      otherwise: tree<ExpressionNode>(otherwise),
      span: spanOf(this),
    };
  },
  otherwise_if: (_else, choose) => tree(choose),
  otherwise_block: (_else, _open, value, _close) => tree(value),
  chain: (first, links) => chain(tree<Piece>(first), many<Link>(links)),
  link: (operator, piece): Link => ({
    operator: textOf(operator) as BinaryOperator,
    span: spanOf(operator),
    piece: tree<Piece>(piece),
  }),
  piece: (prefixes, operand): Piece => ({
    prefixes: prefixes.children.map((prefix) => ({
      operator: textOf(prefix) as Prefix['operator'],
      span: spanOf(prefix),
    })),
    operand: tree<ExpressionNode>(operand),
  }),
  group(_open, inner, _close): ExpressionNode {
    return { kind: 'group', inner: tree<ExpressionNode>(inner), span: spanOf(this) };
  },
  call(callee, _open, args, _close): ExpressionNode {
    return {
      kind: 'call',
      callee: tree<Name>(callee),
      arguments: optional<ExpressionNode[]>(args) ?? [],
      span: spanOf(this),
    };
  },
  reference(name, member, subscripts): ExpressionNode {
    const object = tree<NameNode>(name);
    const inner = optional<Name>(member);
    const base: NameNode | MemberNode = inner
      ? { kind: 'member', object, member: inner, span: between(object.span, inner.span) }
      : object;
    if (subscripts.children.length === 0) return base;
    return {
      kind: 'index',
      object: base,
      indices: many<ExpressionNode[]>(subscripts).flat(),
      span: spanOf(this),
    };
  },
  member: (_dot, name) => tree(name),
  subscript: (_open, values, _close) => tree(values),
  number(_token): ExpressionNode {
    const span = spanOf(this);
    const [, text = '', unit] = /^([\d.eE+-]+)\s*([a-zA-Z]*)$/.exec(textOf(this)) ?? [];
    const value = Number(text);
    return unit
      ? { kind: 'number', value, text, unit: unit as Unit, span }
      : { kind: 'number', value, text, span };
  },
  name(_token) {
    const span = spanOf(this);
    return { kind: 'name', text: code.slice(span.start, span.end), span };
  },
};
