/** Expressions: names, types, dimensions and domains. Every function answers undefined once it has reported. */
import type {
  BinaryNode,
  ExpressionNode,
  IndexNode,
  MemberNode,
  NameNode,
  NumberNode,
  Span,
} from '../syntax/ast.js';
import { checkCall } from './calls.js';
import { describeDimension, describeType, subject } from './describe.js';
import { checkDivisor } from './division.js';
import * as make from './make.js';
import type { Place } from './place.js';
import { isObservable, nearName, observables } from './scope.js';
import {
  axesOf,
  hasLanes,
  type ColumnIndex,
  type Dimension,
  type Domain,
  type Expression,
  type Interval,
  type LetSymbol,
  type ObservableName,
  type Observe,
  type StorageSymbol,
} from './typed.js';

/** Decimal places by which a unit moves a number of microseconds (or megahertz), and its dimension. */
const units: { readonly [unit: string]: readonly [shift: number, dimension: Dimension] } = {
  ns: [-3, 1],
  us: [0, 1],
  ms: [3, 1],
  s: [6, 1],
  Hz: [-6, -1],
  kHz: [-3, -1],
  MHz: [0, -1],
};

export function checkExpression(node: ExpressionNode, place: Place): Expression | undefined {
  switch (node.kind) {
    case 'number':
      return checkNumber(node);
    case 'name':
      return checkName(node, [], node.span, place);
    case 'member':
      return checkMember(node, [], node.span, place);
    case 'index':
      return checkIndex(node, place);
    case 'call':
      return checkCall(node, place);
    case 'group':
      return checkExpression(node.inner, place);
    case 'unary': {
      const operand = checkExpression(node.operand, place);
      if (!operand) return undefined;
      if (node.operator === 'not')
        return isCondition(operand, place) ? make.not(operand, node.span) : undefined;
      return isNumber(operand, place) ? make.negate(operand, node.span) : undefined;
    }
    case 'binary':
      return checkBinary(node, place);
    case 'choose': {
      const condition = checkCondition(node.condition, place);
      const then = checkExpression(node.then, place);
      const otherwise = checkExpression(node.otherwise, place);
      if (!condition || !then || !otherwise) return undefined;
      if ((then.type === 'bool') !== (otherwise.type === 'bool')) {
        isNumber(then, place);
        isNumber(otherwise, place);
        return undefined;
      }
      if (!sameDimension(then, otherwise, 'chosen between', node.span, place)) return undefined;
      return make.choose(condition, then, otherwise, node.span);
    }
  }
}

/** An expression that must be a number (not a condition). */
export function checkNumeric(node: ExpressionNode, place: Place): Expression | undefined {
  const expression = checkExpression(node, place);
  return expression && isNumber(expression, place) ? expression : undefined;
}

/** An expression that must be a condition. */
export function checkCondition(node: ExpressionNode, place: Place): Expression | undefined {
  const expression = checkExpression(node, place);
  return expression && isCondition(expression, place) ? expression : undefined;
}

/** An expression that must be an int (or a whole constant), of any dimension. */
export function checkInt(
  node: ExpressionNode,
  place: Place,
  purpose: string,
): Expression | undefined {
  const expression = checkNumeric(node, place);
  if (!expression) return undefined;
  if (expression.type === 'int') return expression;
  if (expression.kind === 'constant' && make.fits32(expression.value)) {
    return make.constant(expression.value, expression.span, {
      type: 'int',
      dimension: expression.dimension,
    });
  }
  place.run.accept('E0203', node.span, { purpose });
  return undefined;
}

/** An expression that must be a duration. */
export function checkDuration(
  node: ExpressionNode,
  place: Place,
  purpose: string,
): Expression | undefined {
  const expression = checkNumeric(node, place);
  if (!expression) return undefined;
  if (expression.dimension === 1) return expression;
  const literal = node.kind === 'number' && node.unit === undefined;
  place.run.accept(
    'E0202',
    node.span,
    { purpose, found: describeDimension(expression.dimension), text: subject(place, node.span) },
    literal ? { repair: { span: { ...node.span, start: node.span.end }, text: ' us' } } : {},
  );
  return undefined;
}

export function isNumber(expression: Expression, place: Place): boolean {
  if (expression.type !== 'bool') return true;
  place.run.accept('E0204', expression.span, { found: 'a condition', expected: 'a number' });
  return false;
}

function isCondition(expression: Expression, place: Place): boolean {
  if (expression.type === 'bool') return true;
  place.run.accept('E0204', expression.span, { found: 'a number', expected: 'a condition' });
  return false;
}

function isZero(expression: Expression): boolean {
  return expression.kind === 'constant' && expression.literal && expression.value === 0;
}

/** Reports unless both have one dimension; a literal 0 has any. */
export function sameDimension(
  a: Expression,
  b: Expression,
  verb: string,
  span: Span,
  place: Place,
): boolean {
  if (a.dimension === b.dimension || isZero(a) || isZero(b)) return true;
  place.run.accept(
    'E0201',
    span,
    { left: describeDimension(a.dimension), right: describeDimension(b.dimension), verb },
    {
      secondary: [
        { span: a.span, text: `this is ${describeDimension(a.dimension)}` },
        { span: b.span, text: `this is ${describeDimension(b.dimension)}` },
      ],
    },
  );
  return false;
}

function checkNumber(node: NumberNode): Expression {
  const whole = !node.text.includes('.') && !/[eE]/.test(node.text);
  if (!node.unit) return make.constant(node.value, node.span, { literal: whole });
  const [shift, dimension] = units[node.unit] ?? [0, 0];
  const [mantissa = '', exponent = '0'] = node.text.split(/[eE]/);
  const value = Number(`${mantissa}e${Number(exponent) + shift}`);
  return make.constant(value, node.span, { literal: Number.isInteger(value), dimension });
}

function checkBinary(node: BinaryNode, place: Place): Expression | undefined {
  const { operator, span } = node;
  const left = checkExpression(node.left, place);
  const right = checkExpression(node.right, place);
  if (!left || !right) return undefined;
  switch (operator) {
    case 'and':
    case 'or': {
      const fine = [left, right].map((side) => isCondition(side, place)).every(Boolean);
      return fine ? make.logic(operator, left, right, span) : undefined;
    }
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=': {
      if (left.type === 'bool' && left.kind === 'compare') {
        place.run.accept('E0208', span, { first: subject(place, left.span) });
        return undefined;
      }
      const fine = [left, right].map((side) => isNumber(side, place)).every(Boolean);
      if (!fine || !sameDimension(left, right, 'compared', span, place)) return undefined;
      return make.comparison(operator, left, right, span);
    }
    default:
      return checkArithmetic(operator, left, right, span, place);
  }
}

/** Checks and makes `left operator right`; also used for compound assignments. */
export function checkArithmetic(
  operator: '+' | '-' | '*' | '/' | '%' | '^',
  left: Expression,
  right: Expression,
  span: Span,
  place: Place,
): Expression | undefined {
  const { accept } = place.run;
  if (![left, right].map((side) => isNumber(side, place)).every(Boolean)) return undefined;
  let dimension: number = left.dimension;
  if (operator === '*') dimension = left.dimension + right.dimension;
  else if (operator === '/') dimension = left.dimension - right.dimension;
  else if (isZero(left)) dimension = right.dimension;
  if (operator === '*' || operator === '/') {
    if (!isDimension(dimension)) {
      accept('E0201', span, {
        left: describeDimension(left.dimension),
        right: describeDimension(right.dimension),
        verb: operator === '*' ? 'multiplied' : 'divided',
      });
      return undefined;
    }
  } else if (!sameDimension(left, right, operator === '-' ? 'subtracted' : 'added', span, place)) {
    return undefined;
  }
  if (operator === '%' || operator === '^') {
    const wrong = [left, right].filter((side) => side.type !== 'int');
    const [first] = wrong;
    if (first) {
      accept('E0205', first.span, { operator, found: describeType(first) });
      return undefined;
    }
  }
  if ((operator === '/' || operator === '%') && !checkDivisor(right, operator, place))
    return undefined;
  if (!isDimension(dimension)) return undefined;
  const made = make.arithmetic(operator, left, right, dimension, span);
  if (operator !== '^' && operator !== '%') {
    warnOfQuotient(made.expression, left, place);
    warnOfQuotient(made.expression, right, place);
  }
  if (made.overflows && !counts(operator, left, right)) {
    accept('W0207', span, { low: extreme(left, right, operator), operator });
  }
  return made.expression;
}

function isDimension(power: number): power is Dimension {
  return power >= -1 && power <= 1;
}

/** Counters and clocks may wrap after years; only sums of two large numbers and products are worth a warning. */
function counts(operator: string, left: Expression, right: Expression): boolean {
  const small = (side: Expression): boolean =>
    Math.max(Math.abs(side.interval.lo), Math.abs(side.interval.hi)) <= 65536;
  return (operator === '+' || operator === '-') && (small(left) || small(right));
}

function extreme(left: Expression, right: Expression, operator: string): string {
  const show = ({ lo, hi }: Interval): string => `${lo}..${hi}`;
  return `${show(left.interval)} ${operator} ${show(right.interval)}`;
}

/** An int quotient that goes into real arithmetic has lost its fraction, perhaps unawares. */
function warnOfQuotient(whole: Expression, part: Expression, place: Place): void {
  if (
    whole.type !== 'real' ||
    part.kind !== 'arithmetic' ||
    part.operator !== '/' ||
    part.type !== 'int'
  )
    return;
  place.run.accept('W0206', part.span, { text: subject(place, part.span) });
}

// ------------------------------------------------------------------------------------------------ names

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
    const near = nearName(node.text, place.scope);
    accept(
      'E0101',
      node.span,
      { name: node.text, near: near ?? '' },
      near ? { repair: { span: node.span, text: near } } : {},
    );
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
      const interval = intervalOf(symbol);
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

/** Interval of what a symbol can hold. Immutable lets carry that of their value. */
function intervalOf(symbol: StorageSymbol | LetSymbol): Interval {
  if (symbol.range) return { lo: symbol.range.lo, hi: symbol.range.top };
  if (symbol.kind === 'let') return symbol.interval;
  return symbol.type === 'bool' ? { lo: 0, hi: 1 } : { lo: -2147483648, hi: 2147483647 };
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

function checkIndex(node: IndexNode, place: Place): Expression | undefined {
  return node.object.kind === 'member'
    ? checkMember(node.object, node.indices, node.span, place)
    : checkName(node.object, node.indices, node.span, place);
}

function checkMember(
  node: MemberNode,
  indices: readonly ExpressionNode[],
  span: Span,
  place: Place,
): Expression | undefined {
  const { accept } = place.run;
  const binding = place.scope.find(node.object.text);
  if (!binding) {
    const near = nearName(node.object.text, place.scope);
    accept('E0101', node.object.span, { name: node.object.text, near: near ?? '' });
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
  }
  const domain = domainWithColumn(observables[observable].domain, column);
  if (!isVisible(observable, domain, span, place)) return undefined;
  place.usage.reads.add(observable);
  if (!place.rule.firstReads.has(observable)) place.rule.firstReads.set(observable, span);
  const range = observables[observable].range;
  const signed = observable === 'w' && place.rule.signedWeights;
  const isDuration = observable === 'time' || observable === 'period';
  const expression: Observe = {
    kind: 'observe',
    observable,
    span,
    type: isDuration || observable === 'row' || observable === 'neuron' ? 'int' : 'real',
    dimension: isDuration ? 1 : 0,
    domain,
    interval: signed
      ? { lo: -63, hi: 63 }
      : observable === 'period'
        ? (place.period?.interval ?? range)
        : range,
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
