/** Functions of a rule: every call is inlined, so that each argument keeps its type, domain and interval. */
import type { BlockNode, CallNode, FunctionNode, IfNode, StatementNode } from '../syntax/ast.js';
import { checkRange } from './declarations.js';
import { childrenOf } from './division.js';
import { showNumber, subject } from './describe.js';
import { checkCondition, checkExpression, checkInt, checkNumeric } from './expressions.js';
import * as interval from './interval.js';
import * as make from './make.js';
import type { Place } from './place.js';
import { Scope } from './scope.js';
import { checkStatement } from './statements.js';
import {
  hasLanes,
  joinDomains,
  type Domain,
  type Expression,
  type LetSymbol,
  type Statement,
  type ValueRange,
} from './typed.js';

/** The call `node` of `callee`, declared in `home`, as an expression. */
export function inlineCall(
  node: CallNode,
  callee: FunctionNode,
  home: Scope,
  place: Place,
): Expression | undefined {
  const { run } = place;
  const name = callee.name.text;
  if (run.calls.includes(name)) {
    run.accept(
      'E0502',
      node.span,
      { name, path: [...run.calls, name].join(' -> ') },
      {
        secondary: [{ span: callee.name.span, text: 'the function' }],
      },
    );
    return undefined;
  }
  if (node.arguments.length !== callee.arguments.length) {
    run.accept(
      'E0107',
      node.span,
      { name, found: node.arguments.length, expected: String(callee.arguments.length) },
      {
        secondary: [{ span: callee.name.span, text: 'declared here' }],
      },
    );
    node.arguments.forEach((argument) => checkNumeric(argument, place));
    return undefined;
  }
  const scope = new Scope(home);
  const statements: Statement[] = [];
  let fine = true;
  callee.arguments.forEach((argument, i) => {
    const written = node.arguments[i];
    if (!written) return;
    const value = argument.int
      ? checkInt(written, place, `the int argument \`${argument.name.text}\``)
      : checkNumeric(written, place);
    const range = argument.range && checkRange(argument.range, { ...place, scope: home });
    if (!value || (argument.range && !range)) {
      fine = false;
      scope.declare(argument.name, 'argument', { kind: 'broken' }, run.accept);
      return;
    }
    if (range && (value.interval.hi < range.lo || value.interval.lo > range.hi)) {
      run.accept('E0407', written.span, {
        value: subject(place, written.span),
        lo: showNumber(range.lo),
        hi: showNumber(range.top),
        name: argument.name.text,
      });
      fine = false;
    }
    if (value.kind === 'constant' && !range) {
      const literal = value.literal && !argument.int;
      scope.declare(
        argument.name,
        'argument',
        { kind: 'const', value: { ...value, literal } },
        run.accept,
      );
      return;
    }
    const symbol: LetSymbol = {
      kind: 'let',
      id: run.nextId++,
      name: argument.name.text,
      span: argument.name.span,
      type: range ? 'real' : value.type,
      dimension: value.dimension,
      domain: value.domain,
      interval: range ? clip(value.interval, range) : value.interval,
      mutable: false,
      ...(range && { range }),
    };
    scope.declare(argument.name, 'argument', { kind: 'symbol', symbol }, run.accept);
    statements.push({ kind: 'let', id: run.nextId++, span: written.span, symbol, value });
  });
  if (!fine) return undefined;
  run.calls.push(name);
  const resultRange = callee.range && checkRange(callee.range, { ...place, scope: home });
  const here = place.free ? reachOf(callee, statements, { ...place, scope }) : place.domain;
  const inside = { ...place, scope, domain: here, free: false, function: { name } };
  const body = inlineBody(callee.body.statements, callee.body, inside, callee);
  run.calls.pop();
  if (body) scope.reportUnused(run.accept);
  if (!body || (callee.range && !resultRange)) return undefined;
  let value = body.value;
  if (callee.int && value.type !== 'int') {
    run.accept(
      'E0203',
      value.span,
      { purpose: `the result of \`${name}\`` },
      {
        secondary: [{ span: callee.int, text: 'declared int here' }],
      },
    );
    return undefined;
  }
  if (callee.int && value.kind === 'constant') value = { ...value, literal: false };
  if (resultRange) {
    const ends = [resultRange.lo, resultRange.top].map((end) => make.constant(end, value.span));
    value = make.call('clamp', [value, ...ends], 'real', value.dimension, value.span);
  }
  const all = [...statements, ...body.statements];
  if (all.length === 0) return { ...value, span: node.span };
  const { type, dimension, domain, interval: bounds } = value;
  return {
    kind: 'inline',
    name,
    statements: all,
    value,
    span: node.span,
    type,
    dimension,
    domain,
    interval: bounds,
  };
}

/**
 * The domain that a call computes over where axes need not be fixed (the argument of a reduction): that of everything
 * its arguments and its body read, found by a silent first look at the body.
 */
function reachOf(callee: FunctionNode, bound: readonly Statement[], place: Place): Domain {
  const run = { ...place.run, accept: () => undefined, calls: [...place.run.calls] };
  const scope = new Scope(place.scope);
  const inside = { ...place, run, scope, function: { name: callee.name.text } };
  const body = inlineBody(callee.body.statements, callee.body, inside, callee);
  const found = [...bound, ...(body?.statements ?? [])].reduce(
    (domain, statement) => joinDomains(domain, domainIn(statement)),
    place.domain,
  );
  return body ? joinDomains(found, reachIn(body.value)) : found;
}

/** The domain of a value, and of all that the functions called in it compute. */
function reachIn(value: Expression): Domain {
  // What a reduction runs over it does not leave open.
  if (value.kind === 'reduce') return value.domain;
  const inner = value.kind === 'inline' ? value.statements.map(domainIn) : [];
  return [...inner, ...childrenOf(value).map(reachIn)].reduce(joinDomains, value.domain);
}

function domainIn(statement: Statement): Domain {
  switch (statement.kind) {
    case 'let':
    case 'assign':
      return reachIn(statement.value);
    case 'if':
      return [...statement.then, ...statement.otherwise]
        .map(domainIn)
        .reduce(joinDomains, reachIn(statement.condition));
    case 'for':
      return statement.body.map(domainIn).reduce(joinDomains, 'once');
    default:
      return 'once';
  }
}

function clip(value: { readonly lo: number; readonly hi: number }, range: ValueRange) {
  const into = (x: number): number => Math.min(Math.max(x, range.lo), range.top);
  return { lo: into(value.lo), hi: into(value.hi) };
}

interface Body {
  readonly statements: readonly Statement[];
  readonly value: Expression;
}

/** Statements up to `return`; an `if` that returns takes the rest of the body into both of its branches. */
function inlineBody(
  nodes: readonly StatementNode[],
  block: BlockNode,
  place: Place,
  callee: FunctionNode,
): Body | undefined {
  const { accept } = place.run;
  const statements: Statement[] = [];
  for (const [i, node] of nodes.entries()) {
    const rest = nodes.slice(i + 1);
    if (node.kind === 'return') {
      const value = checkExpression(node.value, place);
      const [after] = rest;
      if (after) accept('E0508', after.span);
      return value && { statements, value };
    }
    if (node.kind === 'if' && returns(node)) return branch(node, rest, statements, place, callee);
    if (
      node.kind === 'each' ||
      node.kind === 'reset' ||
      node.kind === 'record' ||
      node.kind === 'emit'
    ) {
      accept('E0503', node.span, { name: callee.name.text, what: node.kind });
      return undefined;
    }
    const statement = checkStatement(node, place, rest);
    if (statement) statements.push(statement);
  }
  const end = block.span.end;
  accept(
    'E0501',
    { ...block.span, start: end - 1 },
    { name: callee.name.text },
    {
      secondary: [{ span: callee.name.span, text: 'this function' }],
    },
  );
  return undefined;
}

function returns(node: IfNode): boolean {
  return [...node.then.statements, ...(node.otherwise?.statements ?? [])].some(
    (inner) => inner.kind === 'return' || (inner.kind === 'if' && returns(inner)),
  );
}

function branch(
  node: IfNode,
  rest: readonly StatementNode[],
  before: readonly Statement[],
  place: Place,
  callee: FunctionNode,
): Body | undefined {
  const condition = checkCondition(node.condition, place);
  const masked = place.masked || (condition !== undefined && hasLanes(condition.domain));
  const side = (block: BlockNode | undefined): Expression | undefined => {
    const own = block?.statements ?? [];
    const last = own.at(-1);
    const nodes = last?.kind === 'return' ? own : [...own, ...rest];
    const inside = { ...place, scope: new Scope(place.scope), masked };
    const body = inlineBody(nodes, nodes === own && block ? block : callee.body, inside, callee);
    if (body) inside.scope.reportUnused(place.run.accept);
    if (!body) return undefined;
    if (body.statements.length === 0) return body.value;
    const { type, dimension, domain, interval: bounds, span } = body.value;
    const { statements, value } = body;
    return {
      kind: 'inline',
      name: callee.name.text,
      statements,
      value,
      span,
      type,
      dimension,
      domain,
      interval: bounds,
    };
  };
  const then = side(node.then);
  const otherwise = side(node.otherwise);
  if (!condition || !then || !otherwise) return undefined;
  const value = make.choose(condition, then, otherwise, node.span);
  return {
    statements: before,
    value: { ...value, interval: interval.hull(then.interval, otherwise.interval) },
  };
}
