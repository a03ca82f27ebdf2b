/** Statements inside triggers and functions. */
import type {
  AssignNode,
  BlockNode,
  EachNode,
  EmitNode,
  ExpressionNode,
  ForNode,
  IfNode,
  LetNode,
  RecordNode,
  ResetNode,
  StatementNode,
} from '../syntax/ast.js';
import { checkRange } from './declarations.js';
import { describeDimension, showNumber, subject } from './describe.js';
import {
  checkArithmetic,
  checkCondition,
  checkDuration,
  checkExpression,
  checkIndices,
  checkInt,
  checkNumeric,
  isVisible,
} from './expressions.js';
import * as make from './make.js';
import { nearest } from './near.js';
import type { Place } from './place.js';
import { isObservable, nearName, observables, Scope } from './scope.js';
import {
  axesOf,
  hasLanes,
  joinDomains,
  type Dimension,
  type Domain,
  type Expression,
  type Interval,
  type LetSymbol,
  type Place as Target,
  type RecordedValue,
  type ResetTarget,
  type Statement,
} from './typed.js';

/** The statements of a block in a scope of their own. */
export function checkBlock(block: BlockNode, place: Place): Statement[] {
  const scope = new Scope(place.scope);
  return checkStatements(block.statements, { ...place, scope });
}

/** The statements of a block whose scope the caller made. */
export function checkStatements(nodes: readonly StatementNode[], place: Place): Statement[] {
  const statements: Statement[] = [];
  for (const [i, node] of nodes.entries()) {
    const statement = checkStatement(node, place, nodes.slice(i + 1));
    if (statement) statements.push(statement);
  }
  place.scope.reportUnused(place.run.accept);
  return statements;
}

/** One statement; `rest` are those after it in its block, looked at to see whether a `let` is assigned again. */
export function checkStatement(
  node: StatementNode,
  place: Place,
  rest: readonly StatementNode[] = [],
): Statement | undefined {
  const { accept } = place.run;
  switch (node.kind) {
    case 'let':
      return checkLet(node, place, rest);
    case 'assign':
      return checkAssign(node, place);
    case 'if':
      return checkIf(node, place);
    case 'for':
      return checkFor(node, place);
    case 'each':
      return checkEach(node, place);
    case 'reset':
      return checkReset(node, place);
    case 'record':
      return checkRecord(node, place);
    case 'emit':
      return checkEmit(node, place);
    case 'return':
      if (place.function) accept('E0509', node.span, { name: place.function.name });
      else accept('E0504', node.span);
      return undefined;
    case 'evaluate':
      if (node.value.kind === 'binary' && node.value.operator === '==') {
        const { operatorSpan } = node.value;
        accept('E0011', operatorSpan, {}, { repair: { span: operatorSpan, text: '=' } });
      } else accept('E0014', node.span);
      return undefined;
  }
}

function checkLet(
  node: LetNode,
  place: Place,
  rest: readonly StatementNode[],
): Statement | undefined {
  const { accept } = place.run;
  const name = node.name.text;
  const value = node.int
    ? checkInt(node.value, place, `the int \`${name}\``)
    : checkExpression(node.value, place);
  const range = node.range && checkRange(node.range, place);
  if (
    !value ||
    (node.range && !range) ||
    (range && !fits(value, range, range.dimension, name, place))
  ) {
    place.scope.declare(node.name, 'let', { kind: 'broken' }, accept);
    return undefined;
  }
  if (value.kind === 'constant' && !range && !node.int) {
    place.scope.declare(node.name, 'let', { kind: 'const', value }, accept);
    return undefined;
  }
  const mutable = (node.int !== undefined || range !== undefined) && isAssigned(name, rest);
  const whole: Interval = range
    ? { lo: range.lo, hi: range.top }
    : { lo: -2147483648, hi: 2147483647 };
  const clipped = {
    lo: Math.min(Math.max(value.interval.lo, whole.lo), whole.hi),
    hi: Math.min(Math.max(value.interval.hi, whole.lo), whole.hi),
  };
  const domain = mutable ? place.domain : value.domain;
  const symbol: LetSymbol = {
    kind: 'let',
    id: place.run.nextId++,
    name,
    span: node.name.span,
    type: range ? 'real' : value.type,
    dimension: value.dimension,
    domain,
    interval: mutable ? whole : range || node.int ? clipped : value.interval,
    mutable,
    ...(range && {
      range: {
        lo: range.lo,
        hi: range.hi,
        top: range.top,
        ...(range.step !== undefined && { step: range.step }),
      },
    }),
  };
  place.scope.declare(node.name, 'let', { kind: 'symbol', symbol }, accept);
  return { kind: 'let', id: place.run.nextId++, span: node.span, symbol, value };
}

function isAssigned(name: string, nodes: readonly StatementNode[]): boolean {
  return nodes.some((node) => {
    switch (node.kind) {
      case 'assign':
        return node.target.kind === 'name' && node.target.text === name;
      case 'if':
        return (
          isAssigned(name, node.then.statements) ||
          isAssigned(name, node.otherwise?.statements ?? [])
        );
      case 'for':
      case 'each':
        return isAssigned(name, node.body.statements);
      default:
        return false;
    }
  });
}

// ------------------------------------------------------------------------------------------ assignments

interface TargetFacts {
  readonly target: Target;
  /** The target read as an expression, for compound assignments. */
  readonly current: Expression;
  readonly type: Expression['type'];
  readonly dimension: Dimension;
  readonly range?: { readonly lo: number; readonly hi: number };
  readonly name: string;
}

function checkAssign(node: AssignNode, place: Place): Statement | undefined {
  const facts = checkTarget(node.target, place);
  const right = checkNumeric(node.value, place);
  if (!facts || !right) return undefined;
  const { name } = facts;
  let value: Expression | undefined = right;
  let delta: Expression | undefined;
  if (node.operator === '+=' || node.operator === '-=') {
    delta = node.operator === '-=' ? make.negate(right, right.span) : right;
    value = checkArithmetic('+', facts.current, delta, node.span, place);
  } else if (node.operator !== '=') {
    value = checkArithmetic(
      node.operator === '*=' ? '*' : '/',
      facts.current,
      right,
      node.span,
      place,
    );
  }
  if (!value) return undefined;
  if (facts.type === 'int' && value.type !== 'int') {
    place.run.accept('E0203', node.value.span, { purpose: `the int \`${name}\`` });
    return undefined;
  }
  if (!fits(value, facts.range, facts.dimension, name, place)) return undefined;
  const { id, target } = { id: place.run.nextId++, target: facts.target };
  const { span } = node;
  return { kind: 'assign', id, span, target, value, domain: place.domain, ...(delta && { delta }) };
}

/** Reports a value of another dimension, or one that always lies outside the range. */
function fits(
  value: Expression,
  range: { readonly lo: number; readonly hi: number } | undefined,
  dimension: Dimension,
  name: string,
  place: Place,
): boolean {
  const zero = value.kind === 'constant' && value.value === 0;
  if (value.dimension !== dimension && !zero) {
    place.run.accept('E0206', value.span, {
      name,
      found: describeDimension(value.dimension),
      expected: describeDimension(dimension),
    });
    return false;
  }
  if (!range || (value.interval.hi >= range.lo && value.interval.lo <= range.hi)) return true;
  place.run.accept('E0407', value.span, {
    value: subject(place, value.span),
    lo: showNumber(range.lo),
    hi: showNumber(range.hi),
    name,
  });
  return false;
}

function checkTarget(node: ExpressionNode, place: Place): TargetFacts | undefined {
  const { accept } = place.run;
  const inner = node.kind === 'index' ? node.object : node;
  if (inner.kind !== 'name') {
    accept('E0311', node.span, { name: subject(place, node.span), role: 'expression' });
    return undefined;
  }
  const name = inner.text;
  const binding = place.scope.find(name);
  if (!binding && isObservable(name)) return checkObservableTarget(name, node, place);
  if (!binding) {
    const near = nearName(name, place.scope);
    accept(
      'E0101',
      inner.span,
      { name, near: near ?? '' },
      near ? { repair: { span: inner.span, text: near } } : {},
    );
    return undefined;
  }
  binding.used = true;
  const { meaning } = binding;
  if (meaning.kind === 'broken') return undefined;
  const symbol = meaning.kind === 'symbol' ? meaning.symbol : undefined;
  const declared = {
    secondary: [{ span: binding.span, text: `declared as ${binding.role} here` }],
  };
  const annotated = symbol?.kind === 'let' && symbol.mutable;
  if (!symbol || !(symbol.kind === 'state' || annotated)) {
    accept('E0311', inner.span, { name, role: binding.role }, declared);
    return undefined;
  }
  if (symbol.kind === 'state' && place.function) {
    accept('E0503', node.span, { name: place.function.name, what: `${name} =` });
    return undefined;
  }
  const indices = node.kind === 'index' ? node.indices : [];
  const sizes = symbol.kind === 'state' ? symbol.sizes : [];
  if (indices.length !== sizes.length) {
    accept(
      'E0108',
      node.span,
      { name, wanted: sizes.length, found: indices.length, role: binding.role },
      declared,
    );
    return undefined;
  }
  if (!isTargetDomain(name, symbol.domain, node, place)) return undefined;
  const typed = symbol.kind === 'state' ? checkIndices(symbol, indices, place) : [];
  if (!typed) return undefined;
  const { type, dimension, domain } = symbol;
  const range = symbol.range && { lo: symbol.range.lo, hi: symbol.range.hi };
  const held = symbol.range
    ? { lo: symbol.range.lo, hi: symbol.range.top }
    : { lo: -2147483648, hi: 2147483647 };
  return {
    target: { kind: 'symbol', symbol, indices: typed, span: node.span },
    current: {
      kind: 'read',
      symbol,
      indices: typed,
      span: node.span,
      type,
      dimension,
      domain,
      interval: held,
    },
    type,
    dimension,
    name,
    ...(range && { range }),
  };
}

function checkObservableTarget(
  name: keyof typeof observables,
  node: ExpressionNode,
  place: Place,
): TargetFacts | undefined {
  const { accept } = place.run;
  if (name !== 'w' && name !== 'label') {
    accept('E0306', node.span, { name });
    return undefined;
  }
  if (place.function) {
    accept('E0503', node.span, { name: place.function.name, what: `${name} =` });
    return undefined;
  }
  if (node.kind === 'index') {
    accept('E0108', node.span, { name, wanted: 0, found: node.indices.length, role: 'observable' });
    return undefined;
  }
  if (!isTargetDomain(name, 'synapse', node, place)) return undefined;
  if (name === 'w') place.usage.writesWeights = true;
  else place.usage.writesLabels = true;
  const current = checkExpression(node, place);
  if (!current) return undefined;
  const range = current.interval;
  const kind = name === 'w' ? ('weight' as const) : ('label' as const);
  return { target: { kind, span: node.span }, current, type: 'real', dimension: 0, range, name };
}

/** A value is assigned where exactly its own axes are fixed. */
function isTargetDomain(name: string, domain: Domain, node: ExpressionNode, place: Place): boolean {
  if (domain === place.domain) return true;
  const missing = axesOf[domain] & ~axesOf[place.domain];
  place.run.accept(missing ? 'E0305' : 'E0304', node.span, { name, domain, here: place.domain });
  return false;
}

// ------------------------------------------------------------------------------------------ control flow

function checkIf(node: IfNode, place: Place): Statement | undefined {
  const condition = checkCondition(node.condition, place);
  const masked = place.masked || (condition !== undefined && hasLanes(condition.domain));
  const inside = { ...place, masked };
  const then = checkBlock(node.then, inside);
  const otherwise = node.otherwise ? checkBlock(node.otherwise, inside) : [];
  if (!condition) return undefined;
  return { kind: 'if', id: place.run.nextId++, span: node.span, condition, then, otherwise };
}

function checkFor(node: ForNode, place: Place): Statement | undefined {
  const { run } = place;
  const from = checkInt(node.from, place, 'a bound of `for`');
  const to = checkInt(node.to, place, 'a bound of `for`');
  const scope = new Scope(place.scope);
  for (const bound of [from, to]) {
    if (bound && hasLanes(bound.domain)) {
      run.accept('E0310', bound.span, { what: 'a bound of `for`' });
      return undefined;
    }
  }
  if (!from || !to) {
    scope.declare(node.name, 'loop variable', { kind: 'broken' }, run.accept);
    checkStatements(node.body.statements, { ...place, scope });
    return undefined;
  }
  const lo = from.interval.lo;
  const hi = Math.max(lo, to.interval.hi - 1);
  const turns = Math.max(0, to.interval.hi - lo);
  if (turns > 65536)
    run.accept('W0603', { ...node.from.span, end: node.to.span.end }, { name: node.name.text });
  const variable = {
    kind: 'loop' as const,
    id: run.nextId++,
    name: node.name.text,
    span: node.name.span,
    type: 'int' as const,
    dimension: from.dimension,
    domain: 'once' as const,
    interval: { lo, hi },
  };
  const binding = scope.declare(
    node.name,
    'loop variable',
    { kind: 'symbol', symbol: variable },
    run.accept,
  );
  binding.used = true;
  const body = checkStatements(node.body.statements, { ...place, scope });
  const bounded = turns > 65536 ? Infinity : turns;
  return {
    kind: 'for',
    id: run.nextId++,
    span: node.span,
    variable,
    from,
    to,
    body,
    turns: bounded,
  };
}

const ownAxes = { row: 1, neuron: 2, synapse: 3 } as const;

function checkEach(node: EachNode, place: Place): Statement | undefined {
  const axis = node.domain;
  if (
    (ownAxes[axis] & ~axesOf[place.domain]) === 0 ||
    (axis !== 'synapse' && place.domain === 'synapse')
  ) {
    place.run.accept('E0312', node.head, { axis, here: place.domain });
    return undefined;
  }
  const domain = joinDomains(place.domain, axis);
  const body = checkBlock(node.body, { ...place, domain });
  return { kind: 'each', id: place.run.nextId++, span: node.span, axis, domain, body };
}

// --------------------------------------------------------------------------------------------- hardware

const resetDomains: { readonly [name: string]: Domain } = {
  causal: 'synapse',
  acausal: 'synapse',
  rate: 'neuron',
  membrane: 'neuron',
};

function checkReset(node: ResetNode, place: Place): Statement | undefined {
  const targets: ResetTarget[] = [];
  for (const { text, span } of node.targets) {
    const domain = Object.hasOwn(resetDomains, text) ? resetDomains[text] : undefined;
    if (!domain) {
      const near = nearest(text, Object.keys(resetDomains));
      place.run.accept(
        'E0308',
        span,
        { name: text, near: near ?? '' },
        near ? { repair: { span, text: near } } : {},
      );
    } else if (axesOf[place.domain] & ~axesOf[domain]) {
      place.run.accept('E0304', span, { name: text, domain, here: place.domain });
    } else {
      targets.push(text as ResetTarget);
      place.usage.resets.add(text as ResetTarget);
    }
  }
  if (targets.length === 0) return undefined;
  return { kind: 'reset', id: place.run.nextId++, span: node.span, targets, domain: place.domain };
}

function checkRecord(node: RecordNode, place: Place): Statement {
  const values: RecordedValue[] = [];
  for (const written of node.values) {
    const value = checkNumeric(written, { ...place, free: true });
    if (!value) continue;
    const domain = joinDomains(value.domain, place.domain);
    values.push({ name: subject(place, written.span), value, domain });
  }
  return { kind: 'record', id: place.run.nextId++, span: node.span, values, domain: place.domain };
}

function checkEmit(node: EmitNode, place: Place): Statement | undefined {
  const { run } = place;
  if (hasLanes(place.domain)) {
    run.accept('E0310', node.span, { what: '`emit`' });
    return undefined;
  }
  const row = checkInt(node.row, place, 'the row of `emit`');
  const label = checkInt(node.label, place, 'the label of `emit`');
  const after = node.after
    ? checkDuration(node.after, place, '`after`')
    : make.constant(0, node.span, { literal: true, dimension: 1 });
  if (!row || !label || !after) return undefined;
  const rows = fits(row, { lo: 0, hi: 255 }, 0, 'row', place);
  const labels = fits(label, { lo: 0, hi: 63 }, 0, 'label', place);
  if (!rows || !labels) return undefined;
  const visible = [row, label, after].every((part) =>
    isVisible(subject(place, part.span), part.domain, part.span, place),
  );
  if (!visible) return undefined;
  return { kind: 'emit', id: run.nextId++, span: node.span, row, label, after };
}
