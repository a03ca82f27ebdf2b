/** Division: the divisor's interval must not contain 0; if it does, values that make it 0 are shown. */
import { showNumber, subject } from './describe.js';
import { evaluateNumber } from './evaluate.js';
import type { Place } from './place.js';
import { contains } from './interval.js';
import type { Expression } from './typed.js';

/** Reports a divisor that may be 0. */
export function checkDivisor(divisor: Expression, operator: string, place: Place): boolean {
  if (!contains(divisor.interval, 0)) return true;
  const witness = findWitness(divisor, place);
  place.run.accept('E0406', divisor.span, {
    text: subject(place, divisor.span),
    operator,
    lo: showNumber(divisor.interval.lo),
    hi: showNumber(divisor.interval.hi),
    witness: witness ?? '',
  });
  return false;
}

/** Values of the names in `divisor` that make it 0, as text; undefined if none of those tried does. */
export function findWitness(divisor: Expression, place: Place): string | undefined {
  const leaves = new Map<string, Expression>();
  collect(divisor, leaves, place);
  if (leaves.size === 0 || leaves.size > 3) return undefined;
  const names = [...leaves.keys()];
  const constants = constantsIn(divisor);
  const candidates = [...leaves.values()].map(({ interval: { lo, hi } }) =>
    [0, lo, hi, ...constants, ...constants.map((c) => -c)].filter(
      (x) => x >= lo && x <= hi && Number.isFinite(x),
    ),
  );
  const values = new Map<string, number>();
  return search(0)
    ? names.map((name) => `${name} = ${showNumber(values.get(name) ?? 0)}`).join(', ')
    : undefined;

  function search(depth: number): boolean {
    const name = names[depth];
    if (name === undefined) {
      return evaluateNumber(divisor, (leaf) => values.get(subject(place, leaf.span))) === 0;
    }
    for (const value of new Set(candidates[depth])) {
      values.set(name, value);
      if (search(depth + 1)) return true;
    }
    return false;
  }
}

function constantsIn(e: Expression): number[] {
  return e.kind === 'constant' ? [e.value] : childrenOf(e).flatMap(constantsIn);
}

function collect(e: Expression, into: Map<string, Expression>, place: Place): void {
  if (e.kind === 'read' || e.kind === 'observe' || e.kind === 'reduce' || e.kind === 'draw') {
    into.set(subject(place, e.span), e);
    return;
  }
  for (const child of childrenOf(e)) collect(child, into, place);
}

/** The operands of an expression, left to right (not the statements of an inlined function). */
export function childrenOf(e: Expression): readonly Expression[] {
  switch (e.kind) {
    case 'constant':
    case 'draw':
      return [];
    case 'read':
    case 'observe': {
      const indices = e.kind === 'read' ? e.indices : [];
      return typeof e.column === 'object' ? [...indices, e.column.at] : indices;
    }
    case 'negate':
    case 'not':
      return [e.operand];
    case 'arithmetic':
    case 'compare':
    case 'logic':
      return [e.left, e.right];
    case 'choose':
      return [e.condition, e.then, e.otherwise];
    case 'call':
    case 'lookup':
      return e.arguments;
    case 'reduce':
    case 'stochastic':
      return [e.argument];
    case 'inline':
      return [e.value];
  }
}
