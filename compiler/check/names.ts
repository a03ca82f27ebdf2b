/** Names in expressions: consts, symbols, observables, indices, and whether a place may see them. */
import type { ExpressionNode, IndexNode, MemberNode, NameNode, Span } from '../syntax/ast.js';
import { subject } from './describe.js';
import { checkInt } from './expressions.js';
import * as make from './make.js';
import type { Place } from './place.js';
import { isObservable, observables } from './scope.js';
import {
  axesOf,
  hasLanes,
  type ColumnIndex,
  type Dimension,
  type Domain,
  type Expression,
  type ObservableName,
  type Observe,
  type StorageSymbol,
} from './typed.js';
import { reportUnknown } from './unknown.js';

export function checkName(
  node: NameNode,
  indices: readonly ExpressionNode[],
  span: Span,
  place: Place,
): Expression | undefined {
  const { accept } = place.run;
  const binding = place.scope.find(node.text);
  if (!binding) {
    if (isObservable(node.text)) return checkObservable(node.text, undefined, indices, span, place);
    reportUnknown(node, place);
    return undefined;
  }
  binding.used = true;
  const { meaning } = binding;
  switch (meaning.kind) {
    case 'broken':
      return undefined;
    case 'const':
      if (indices.length > 0) return notIndexable(node, binding.role, place);
      return { ...meaning.value, span };
    case 'function':
    case 'table':
    case 'population':
      accept(
        'E0106',
        node.span,
        { name: node.text, role: binding.role, expected: 'a value' },
        {
          secondary: [{ span: binding.span, text: `declared as ${binding.role} here` }],
        },
      );
      return undefined;
    case 'symbol': {
      const { symbol } = meaning;
      if (symbol.kind === 'table-argument' || symbol.kind === 'loop') {
        if (indices.length > 0) return notIndexable(node, binding.role, place);
        const interval =
          symbol.kind === 'loop' ? symbol.interval : { lo: symbol.range.lo, hi: symbol.range.hi };
        return {
          kind: 'read',
          symbol,
          indices: [],
          span,
          ...typeOf(symbol),
          domain: 'once',
          interval,
        };
      }
      if (place.only && !(place.only.what === 'params' && symbol.kind === 'param')) {
        accept('E0401', span, {
          purpose: place.only.purpose,
          name: node.text,
          role: binding.role,
          allowed: place.only.what,
        });
        return undefined;
      }
      const sizes = symbol.kind === 'let' ? [] : symbol.sizes;
      const wanted = sizes.length;
      const columnGiven = symbol.domain === 'neuron' && indices.length === wanted + 1;
      if (indices.length !== wanted && !columnGiven) {
        if (wanted === 0) return notIndexable(node, binding.role, place);
        accept(
          'E0108',
          span,
          { name: node.text, wanted, found: indices.length },
          {
            secondary: [
              {
                span: binding.span,
                text: `declared with ${wanted === 1 ? 'one size' : 'two sizes'} here`,
              },
            ],
          },
        );
        return undefined;
      }
      const typed =
        symbol.kind === 'let' ? [] : checkIndices(symbol, indices.slice(0, wanted), place);
      if (!typed) return undefined;
      let column: ColumnIndex | 'own' | undefined = 'own';
      if (columnGiven) {
        const last = indices.at(-1);
        column = last && checkColumn(last, place);
        if (!column) return undefined;
      }
      const domain = domainWithColumn(symbol.domain, column);
      if (!isVisible(node.text, domain, span, place)) return undefined;
      const interval = symbol.interval;
      return {
        kind: 'read',
        symbol,
        indices: typed,
        span,
        ...typeOf(symbol),
        domain,
        interval,
        ...columnField(column),
      };
    }
  }
}

function typeOf(symbol: { readonly type: Expression['type']; readonly dimension: Dimension }) {
  return { type: symbol.type, dimension: symbol.dimension };
}

function columnField(column: ColumnIndex | 'own'): { readonly column?: ColumnIndex } {
  return column === 'own' ? {} : { column };
}

function notIndexable(node: NameNode, role: string, place: Place): undefined {
  place.run.accept('E0108', node.span, { name: node.text, wanted: 0, found: 1, role });
  return undefined;
}

/** Indices of an array: ints that are the same in all lanes. */
export function checkIndices(
  symbol: StorageSymbol,
  nodes: readonly ExpressionNode[],
  place: Place,
): Expression[] | undefined {
  const typed: Expression[] = [];
  nodes.forEach((node, i) => {
    const index = checkInt(node, { ...place, free: false }, 'an index');
    if (!index) return;
    const size = symbol.sizes[i] ?? 0;
    if (hasLanes(index.domain)) {
      place.run.accept('E0303', node.span, { text: subject(place, node.span) });
    } else if (index.interval.hi < 0 || index.interval.lo >= size) {
      place.run.accept(
        'E0410',
        node.span,
        { name: symbol.name, size, low: index.interval.lo },
        {
          secondary: [{ span: symbol.span, text: `has ${size} elements here` }],
        },
      );
    } else {
      if (index.interval.lo < 0 || index.interval.hi >= size) {
        place.run.accept('W0411', node.span, {
          name: symbol.name,
          last: size - 1,
          text: subject(place, node.span),
        });
      }
      typed.push(index);
    }
  });
  return typed.length === nodes.length ? typed : undefined;
}

export function checkIndex(node: IndexNode, place: Place): Expression | undefined {
  return node.object.kind === 'member'
    ? checkMember(node.object, node.indices, node.span, place)
    : checkName(node.object, node.indices, node.span, place);
}

export function checkMember(
  node: MemberNode,
  indices: readonly ExpressionNode[],
  span: Span,
  place: Place,
): Expression | undefined {
  const { accept } = place.run;
  const binding = place.scope.find(node.object.text);
  if (!binding) {
    reportUnknown(node.object, place);
    return undefined;
  }
  binding.used = true;
  if (binding.meaning.kind === 'broken') return undefined;
  if (binding.meaning.kind !== 'population') {
    accept('E0106', node.object.span, {
      name: node.object.text,
      role: binding.role,
      expected: 'a population',
    });
    return undefined;
  }
  const { text } = node.member;
  if (text !== 'rate' && text !== 'v') {
    accept('E0101', node.member.span, { name: text, near: '', of: node.object.text });
    return undefined;
  }
  return checkObservable(text, node.object.text, indices, span, place);
}

function checkObservable(
  observable: ObservableName,
  population: string | undefined,
  indices: readonly ExpressionNode[],
  span: Span,
  place: Place,
): Expression | undefined {
  const { accept } = place.run;
  if (place.only || !place.rule) {
    accept('E0401', span, {
      purpose: place.only?.purpose ?? 'a constant',
      name: observable,
      role: 'observable',
      allowed: place.only?.what ?? 'constants',
    });
    return undefined;
  }
  let column: ColumnIndex | 'own' = 'own';
  const [first] = indices;
  if (first) {
    if ((observable !== 'rate' && observable !== 'v') || indices.length > 1) {
      accept('E0108', span, {
        name: observable,
        wanted: 0,
        found: indices.length,
        role: 'observable',
      });
      return undefined;
    }
    const checked = checkColumn(first, place);
    if (!checked) return undefined;
    column = checked;
  }
  if (observable === 'period') {
    if (!place.period) {
      accept('E0505', span);
      return undefined;
    }
    if (place.period.kind === 'constant') return { ...place.period, span, literal: false };
    // One that a parameter sets: in whole microseconds, as ints are.
    return make.call('round', [place.period], 'int', 1, span);
  }
  const domain = domainWithColumn(observables[observable].domain, column);
  if (!isVisible(observable, domain, span, place)) return undefined;
  place.usage.reads.add(observable);
  if (!place.rule.firstReads.has(observable)) place.rule.firstReads.set(observable, span);
  const range = observables[observable].range;
  const signed = observable === 'w' && place.rule.signedWeights;
  const isDuration = observable === 'time';
  const expression: Observe = {
    kind: 'observe',
    observable,
    span,
    type: isDuration || observable === 'row' || observable === 'neuron' ? 'int' : 'real',
    dimension: isDuration ? 1 : 0,
    domain,
    interval: signed ? { lo: -63, hi: 63 } : range,
    ...(population !== undefined && { population }),
    ...columnField(column),
  };
  return expression;
}

/** The index of a per-neuron value: `neuron`, `neuron ^ 1`, or something that is the same in all lanes. */
function checkColumn(node: ExpressionNode, place: Place): ColumnIndex | 'own' | undefined {
  const index = checkInt(node, { ...place, free: true }, 'an index');
  if (!index) return undefined;
  if (index.kind === 'observe' && index.observable === 'neuron') return 'own';
  if (index.kind === 'arithmetic' && index.operator === '^') {
    const sides = [index.left, index.right];
    const one = sides.some((side) => side.kind === 'constant' && side.value === 1);
    const own = sides.some((side) => side.kind === 'observe' && side.observable === 'neuron');
    if (one && own) return 'partner';
  }
  if (hasLanes(index.domain)) {
    place.run.accept('E0303', node.span, { text: subject(place, node.span) });
    return undefined;
  }
  if (!isVisible(subject(place, node.span), index.domain, node.span, place)) return undefined;
  return { at: index };
}

function domainWithColumn(domain: Domain, column: ColumnIndex | 'own'): Domain {
  return typeof column === 'object' ? 'once' : domain;
}

/** Reports unless the axes of `domain` are fixed here (or need not be). */
export function isVisible(name: string, domain: Domain, span: Span, place: Place): boolean {
  const open = axesOf[domain] & ~axesOf[place.domain];
  if (open === 0 || place.free) return true;
  const contains = (axesOf[place.domain] & ~axesOf[domain]) === 0;
  if (contains) place.run.accept('E0302', span, { name, domain, here: place.domain });
  else place.run.accept('E0301', span, { name, domain, here: place.domain });
  return false;
}
