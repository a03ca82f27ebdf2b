/** Which scalars need neither branch nor call, so that their code may stand in any order. */
import type { Operation, Value } from '../ir/ir.js';

const limit = 0x8000_0000;

/** Whether the difference of two scalars fits 32 bits. */
export const canSubtract = (a: Value, b: Value): boolean =>
  a.hi - b.lo < limit && a.lo - b.hi >= -limit;

export const isEquality = ({ relation }: Value): boolean => relation === '==' || relation === '!=';

/** Whether a scalar is computed without branches and calls. */
export function isStraight(value: Value): boolean {
  const [a, b] = value.args;
  switch (value.operation) {
    case 'min':
    case 'max':
      return a !== undefined && b !== undefined && canSubtract(a, b);
    case 'compare':
      return isEquality(value) || (a !== undefined && b !== undefined && canSubtract(a, b));
    default:
      return straight.has(value.operation);
  }
}

const straight: ReadonlySet<Operation> = new Set<Operation>([
  ...([
    'const',
    'load',
    'get',
    'row',
    'rows',
    'columns',
    'add',
    'sub',
    'mul',
    'neg',
    'xor',
  ] as const),
  ...(['mulshift', 'shift', 'floorshift', 'mulhigh', 'leading', 'shift-up', 'shift-down'] as const),
  ...(['not', 'and', 'or', 'choose', 'lookup'] as const),
]);
