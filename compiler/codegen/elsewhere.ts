/** Code for what lies elsewhere: states in the external memory, neurons of a second population. */
import { low, symbol } from '../../isa/object-builder.js';
import { descriptor } from '../../isa/runtime-layout.js';
import type { Slot, Value } from '../ir/ir.js';
import type { CodeList, VirtualRegister } from './code.js';
import { type Scalars, scratch } from './scalars.js';
import { type TriggerPlace, loopRegisters } from './place.js';

/** Which element of an array: its number, or a scalar value that holds it. */
export type Element = number | Value;

/** The element that a read of a state is of; 0 if it is no array. */
export const elementOf = ({ args, numbers }: Value): Element => args[0] ?? numbers[0] ?? 0;

/** to = from * 2^by. */
export function shiftUp(code: CodeList, to: number, from: number, by: number): void {
  code.emit('rlwinm', to, from, by, 0, 31 - by);
}

/** Leaves the parallel bus address of one vector of a row's state in the scratch register. */
export function externalAddress(
  code: CodeList,
  scalars: Scalars,
  place: TriggerPlace,
  slot: Slot,
  vector: number,
  element: Element,
): number {
  const { bytes } = slot.format;
  const known = typeof element === 'number' ? element * 256 * bytes : 0;
  const offset = (place.memory.externalOffset(slot) ?? 0) + known;
  const temporary = 31;
  const index = typeof element === 'number' ? undefined : scalars.get(element);
  scalars.done();
  scalars.constant(scratch, offset);
  code.emit('lwz', temporary, place.descriptor + descriptor.externalBase, 0);
  code.emit('add', scratch, scratch, temporary);
  const factor = bytes * slot.elements;
  if (factor > 2) {
    code.emit('mulli', temporary, loopRegisters.rowBytes, factor);
    code.emit('add', scratch, scratch, temporary);
  } else
    for (let i = 0; i < factor; i++) code.emit('add', scratch, scratch, loopRegisters.rowBytes);
  if (index !== undefined) {
    shiftUp(code, temporary, index, 7 + bytes);
    code.emit('add', scratch, scratch, temporary);
  }
  // In units of 16 bytes.
  code.emit('rlwinm', scratch, scratch, 28, 4, 31);
  code.emit('oris', scratch, scratch, 0x8000);
  if (vector > 0) code.emit('addi', scratch, scratch, 8 * vector);
  return scratch;
}

/** Calls a routine of the run-time with the block's descriptor and that of the second population. */
export function callForPopulation(
  code: CodeList,
  scalars: Scalars,
  place: TriggerPlace,
  routine: string,
): void {
  scalars.flush();
  code.emit('li', 3, place.descriptor);
  code.emit('li', 4, place.population);
  code.emit('bl', symbol(routine));
}

/** Puts converted membranes where the run-time finds them, and has those of the population brought to their columns. */
export function moveMembranes(
  code: CodeList,
  scalars: Scalars,
  place: TriggerPlace,
  raw: readonly VirtualRegister[],
): void {
  raw.forEach((register, parity) => {
    code.emit('li', scratch, low('plastic_membranes', 128 * parity));
    code.emit('fxvstax', register, 0, scratch);
  });
  code.emit('sync');
  callForPopulation(code, scalars, place, 'plastic_move_membranes');
}
