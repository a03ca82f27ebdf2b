/** Questions about IR that code generation asks. */
import type { Block, StoreItem, Value, Variable } from '../ir/ir.js';

/** Reads of a visit before anything is written or decided: they may be made at its beginning. */
export function readsAtBegin(body: Block): Value[] {
  const reads: Value[] = [];
  for (const item of body.items) {
    if (item.kind === 'store' || item.kind === 'if' || item.kind === 'for') break;
    if (item.kind === 'value' && item.value.depth === body.depth) reads.push(item.value);
  }
  return reads;
}

/** Whether anything in the block writes what `value` reads. */
export function writes(block: Block, value: Value): boolean {
  return block.items.some((item) => {
    if (item.kind === 'store') return readsTarget(value, item.target);
    if (item.kind === 'if') return writes(item.then, value) || writes(item.otherwise, value);
    return (item.kind === 'for' || item.kind === 'rows') && writes(item.body, value);
  });
}

export function readsTarget(value: Value, target: StoreItem['target']): boolean {
  if (target.kind === 'slot')
    return (
      value.operation === 'load-lanes' &&
      value.slot === target.slot &&
      mayBeSame(value, target.index)
    );
  if (target.kind === 'variable')
    return value.operation === 'get' && value.variable === target.variable;
  return value.operation === target.kind;
}

/** Whether a read of an array's element may be of element `index`. */
function mayBeSame({ args, numbers }: Value, index: Value | undefined): boolean {
  if (args.length > 0 || index?.operation !== 'const') return true;
  return (numbers[0] ?? 0) === index.numbers[0];
}

/** Lane values whose place in the order matters. */
export const ordered: ReadonlySet<string> = new Set([
  'weight',
  'label',
  'load-lanes',
  'random-byte',
  'get',
]);

/** Whether a visit needs a conversion of its row. */
export function usesConversion(block: Block): boolean {
  return block.items.some((item) => {
    if (item.kind === 'value') return conversions.has(item.value.operation);
    if (item.kind === 'if') return usesConversion(item.then) || usesConversion(item.otherwise);
    if (item.kind === 'for') return usesConversion(item.body);
    return false;
  });
}

const conversions: ReadonlySet<string> = new Set([
  'causal',
  'acausal',
  'causal-code',
  'acausal-code',
]);

/** Whether anything in the block reads the other parity's columns. */
export function readsPartners(block: Block): boolean {
  return block.items.some((item) => {
    if (item.kind === 'value') return item.value.operation === 'partner';
    if (item.kind === 'if') return readsPartners(item.then) || readsPartners(item.otherwise);
    return (item.kind === 'for' || item.kind === 'rows') && readsPartners(item.body);
  });
}

/** Number of the first draw in what `value` is made of; Infinity without any. */
export function firstDraw(value: Value): number {
  if (value.operation === 'random-byte') return value.id;
  const known = draws.get(value);
  if (known !== undefined) return known;
  let first = Infinity;
  for (const arg of value.args) first = Math.min(first, firstDraw(arg));
  for (const { a, b } of value.terms ?? []) {
    first = Math.min(first, firstDraw(a));
    if (typeof b !== 'number') first = Math.min(first, firstDraw(b));
  }
  draws.set(value, first);
  return first;
}

const draws = new WeakMap<Value, number>();

/** The draws of a sum of draws, in the order of the program. */
export function drawsOf(value: Value): Value[] {
  if (value.operation === 'random-byte') return [value];
  return value.args.flatMap(drawsOf).sort((a, b) => a.id - b.id);
}

export function isDrawSum(value: Value): boolean {
  if (value.operation !== 'add' && value.operation !== 'widen-signed') return false;
  return value.args.every((arg) => arg.operation === 'random-byte' || isDrawSum(arg));
}

/** Whether a block computes scalars of its own. */
export const hasScalars = ({ items }: Block): boolean =>
  items.some((item) => item.kind === 'value' && item.value.space === 'scalar');

/** Variables of lanes that a block assigns. */
export function variablesOf({ items }: Block): Set<Variable> {
  const found = new Set<Variable>();
  for (const item of items)
    if (item.kind === 'store' && item.target.kind === 'variable' && item.value.space !== 'scalar')
      found.add(item.target.variable);
  return found;
}
