/** Scalars in memory: parameters, inputs, states, arrays and variables. */
import { low } from '../../isa/object-builder.js';
import type { Slot, StoreItem, Value, Variable } from '../ir/ir.js';
import type { CodeList } from './code.js';
import type { Memory } from './memory.js';
import { type Scalars, scratch } from './scalars.js';

/** Leaves the address of an array's element in the scratch register. */
function elementAddress(scalars: Scalars, code: CodeList, name: string, index: Value): void {
  const position = scalars.get(index);
  code.emit('rlwinm', scratch, position, 2, 0, 29);
  code.emit('addi', scratch, scratch, low(name));
}

export function loadScalar(
  scalars: Scalars,
  code: CodeList,
  memory: Memory,
  value: Value,
  slot: Slot,
): void {
  const name = memory.slot(slot);
  const [index] = value.args;
  if (index === undefined) {
    const register = scalars.take();
    code.emit('lwz', register, low(name), 0);
    scalars.define(register, value);
  } else {
    elementAddress(scalars, code, name, index);
    const register = scalars.take();
    code.emit('lwz', register, 0, scratch);
    scalars.define(register, value);
  }
  scalars.done();
}

export function getScalar(
  scalars: Scalars,
  code: CodeList,
  memory: Memory,
  value: Value,
  variable: Variable,
): void {
  const register = scalars.take();
  code.emit('lwz', register, low(memory.variable(variable)), 0);
  scalars.define(register, value);
  scalars.done();
}

export function storeScalar(
  scalars: Scalars,
  code: CodeList,
  memory: Memory,
  { target, value }: StoreItem,
): void {
  const register = scalars.get(value);
  if (target.kind === 'variable')
    code.emit('stw', register, low(memory.variable(target.variable)), 0);
  else if (target.kind === 'slot') {
    const name = memory.slot(target.slot);
    if (target.index === undefined) code.emit('stw', register, low(name), 0);
    else {
      elementAddress(scalars, code, name, target.index);
      code.emit('stw', register, 0, scratch);
    }
  } else throw new Error('a scalar cannot be stored in lanes');
  scalars.done();
}
