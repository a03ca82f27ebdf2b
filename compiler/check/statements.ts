/** Statements inside triggers and functions. */
import type {
  BlockNode,
  EachNode,
  EmitNode,
  ForNode,
  IfNode,
  RecordNode,
  ResetNode,
  StatementNode,
} from '../syntax/ast.js';
import { checkAssign, checkLet, fits } from './assignments.js';
import { subject } from './describe.js';
import { checkCondition, checkDuration, checkInt, checkNumeric } from './expressions.js';
import { int32 } from './interval.js';
import * as make from './make.js';
import { isVisible } from './names.js';
import { nearest } from '../syntax/near.js';
import type { Place } from './place.js';
import { Scope } from './scope.js';
import {
  axesOf,
  hasLanes,
  joinDomains,
  type Domain,
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
  for (const node of nodes) if (node.kind === 'let') place.scope.announce(node.name, 'let');
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
  // Whatever is declared without a range may hold any int: then nothing bounds the number of turns.
  const isBounded = to.interval.hi < int32.hi && lo > int32.lo;
  const turns = isBounded ? Math.max(0, to.interval.hi - lo) : Infinity;
  if (!isBounded)
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
  return {
    kind: 'for',
    id: run.nextId++,
    span: node.span,
    variable,
    from,
    to,
    body,
    turns,
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
