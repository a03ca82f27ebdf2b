/** `let` and assignments: what may be assigned where, and whether the value fits. */
import type { AssignNode, ExpressionNode, LetNode, StatementNode } from '../syntax/ast.js';
import { checkRange } from './declarations.js';
import { describeDimension, showNumber, subject } from './describe.js';
import { childrenOf } from './division.js';
import {
  checkArithmetic,
  checkExpression,
  checkInt,
  checkNumeric,
  warnOfQuotient,
} from './expressions.js';
import * as make from './make.js';
import { checkIndices } from './names.js';
import type { Place } from './place.js';
import { named } from './rewrite.js';
import { isObservable, observables } from './scope.js';
import {
  axesOf,
  type Dimension,
  type Domain,
  type Expression,
  type Interval,
  type LetSymbol,
  type Place as Target,
  type Statement,
} from './typed.js';
import { reportUnknown } from './unknown.js';

export function checkLet(
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

interface TargetFacts {
  readonly target: Target;
  /** The target read as an expression, for compound assignments. */
  readonly current: Expression;
  readonly type: Expression['type'];
  readonly dimension: Dimension;
  readonly range?: { readonly lo: number; readonly hi: number };
  readonly name: string;
  /** Names for indices that are worked out once, before the assignment. */
  readonly before: readonly Statement[];
}

export function checkAssign(node: AssignNode, place: Place): Statement | undefined {
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
  if (facts.type === 'int' && value.kind === 'constant' && make.fits32(value.value))
    value = make.constant(value.value, value.span, { type: 'int', dimension: value.dimension });
  if (facts.type === 'int' && value.type !== 'int') {
    place.run.accept('E0203', node.value.span, { purpose: `the int \`${name}\`` });
    return undefined;
  }
  if (!fits(value, facts.range, facts.dimension, name, place)) return undefined;
  if (facts.type === 'real') warnOfQuotient(right, place);
  const { target } = facts;
  const { span } = node;
  const { domain, run } = place;
  const id = run.nextId++;
  const assign = {
    kind: 'assign',
    id,
    span,
    target,
    value,
    domain,
    ...(delta && { delta }),
  } as const;
  if (facts.before.length === 0) return assign;
  const condition = make.constant(1, span, { type: 'bool' });
  const then = [...facts.before, assign];
  return { kind: 'if', id: run.nextId++, span, condition, then, otherwise: [] };
}

/** Whether evaluating an index again gives the same and nothing else: neither draws, decides, nor visits anything. */
function isPlain(index: Expression): boolean {
  switch (index.kind) {
    case 'constant':
      return true;
    case 'read':
      return index.column === undefined && index.indices.every(isPlain);
    case 'observe':
      return index.observable !== 'time' && index.column === undefined;
    case 'negate':
    case 'arithmetic':
    case 'call':
      return childrenOf(index).every(isPlain);
    default:
      return false;
  }
}

/** Reports a value of another dimension, or one that always lies outside the range. */
export function fits(
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
    reportUnknown(inner, place);
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
  const written = symbol.kind === 'state' ? checkIndices(symbol, indices, place) : [];
  if (!written) return undefined;
  const before: Statement[] = [];
  const typed = written.map((index) => {
    if (isPlain(index)) return index;
    const { statement, read } = named(index, subject(place, index.span), place.run);
    before.push(statement);
    return read;
  });
  const { type, dimension, domain } = symbol;
  const range = symbol.range && { lo: symbol.range.lo, hi: symbol.range.hi };
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
      interval: symbol.interval,
    },
    type,
    dimension,
    name,
    before,
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
  const target = { kind, span: node.span };
  return { target, current, type: 'real', dimension: 0, range, name, before: [] };
}

/** A value is assigned where exactly its own axes are fixed. */
function isTargetDomain(name: string, domain: Domain, node: ExpressionNode, place: Place): boolean {
  if (domain === place.domain) return true;
  const missing = axesOf[domain] & ~axesOf[place.domain];
  place.run.accept(missing ? 'E0305' : 'E0304', node.span, { name, domain, here: place.domain });
  return false;
}
