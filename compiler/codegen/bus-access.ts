/** Code that reaches the chip over the parallel bus: addresses of rows, columns of the block, resets. */
import { symbol } from '../../isa/object-builder.js';
import { descriptor } from '../../isa/runtime-layout.js';
import type { Block, Item, Value } from '../ir/ir.js';
import type { VirtualRegister } from './code.js';
import { readsPartners } from './inspect.js';
import type { KernelRegisters } from './kernel.js';
import { greater } from './lanes.js';
import { Routines } from './routines.js';
import { scratch } from './scalars.js';
import { loopRegisters } from './place.js';

/** Upper halves of the parallel bus addresses. */
export const bus = {
  weight: 0x0000,
  label: 0x0004,
  causal: 0x0008,
  causalLatched: 0x0028,
  acausalLatched: 0x002c,
  random: 0x000e,
} as const;

export class BusAccess extends Routines {
  /** Set while the code of a loop is made that overlaps rows; `isAhead`: reads of the row to come. */
  kernel: KernelRegisters | undefined;
  isAhead = false;

  /** Columns of the other parity are read somewhere, so none may be skipped. */
  private usesPartners = false;

  /** At the start of a trigger: condition field 5 says which parities the block uses (LT even, GT odd). */
  begin(block: Block): void {
    this.usesPartners = readsPartners(block);
    if (this.usesPartners) return;
    this.code.emit('lwz', scratch, this.place.descriptor + descriptor.parities, 0);
    this.code.emit('mtcrf', 0x04, scratch);
  }

  /** Emits `fill`, which serves one parity, so that it is skipped if the block uses no such columns. */
  ifUsed(parity: number, fill: () => void): void {
    if (this.usesPartners || this.kernel) return fill();
    const { code, scalars, lanes } = this;
    const end = code.newLabel(parity === 0 ? 'even' : 'odd');
    scalars.flush();
    code.emit(parity === 0 ? 'bge' : 'ble', 5, symbol(end));
    const before = code.lines.length;
    lanes.skippable(fill);
    scalars.flush();
    // Nothing to skip.
    if (code.lines.length === before) code.lines.pop();
    else code.label(end);
  }

  protected busRead(key: string, base: number, parity: number): VirtualRegister {
    const { code } = this;
    const index = this.busIndex(parity);
    if (base === 0) return code.make(key, 'fxvinx', 0, index);
    return code.make(key, 'fxvinx', this.busBase(base), index);
  }

  /** Register with the upper half of a bus address. What is read ahead of the last row leads to the weights. */
  protected busBase(base: number): number {
    if (this.kernel) return this.kernel.constant(base << 16, this.isAhead && base !== bus.label);
    this.code.emit('lis', scratch, base);
    return scratch;
  }

  /** Register with 2 * row + offset; 0 and 1 are the parities, those of the inhibitory row follow. */
  protected busIndex(offset: number): number {
    if (this.kernel) return this.kernel.index(offset, this.isAhead);
    if (offset === 0) return loopRegisters.busIndex;
    this.code.emit('addi', 31, loopRegisters.busIndex, offset);
    return 31;
  }

  /** The rule's used columns of a parity: bytes of 1 and 0. */
  protected columnMask(parity: number): VirtualRegister {
    const key = `columns.${parity}`;
    const { place } = this;
    return this.lanes.shared(key, 0, (l) => {
      const address = place.descriptor + (parity === 0 ? descriptor.evenMask : descriptor.oddMask);
      l.code.emit('li', scratch, address);
      return l.code.make(key, 'fxvlax', 0, scratch);
    });
  }

  /** Columns of the block where `mask` holds, as bytes of 1 and 0. */
  protected masked(mask: Value | undefined, parity: number): VirtualRegister {
    const columns = this.columnMask(parity);
    if (mask === undefined) return columns;
    const { code, lanes } = this;
    const bytes = lanes.pack(mask, parity);
    return code.make('masked', 'fxvmulbm', bytes, columns);
  }

  /** Sensors of the visited row or of all rows, counters, membranes. */
  reset({ targets, visit, mask }: Item & { kind: 'reset' }): void {
    const sensors = targets.includes('causal') || targets.includes('acausal');
    if (sensors && visit)
      for (const parity of [0, 1]) this.ifUsed(parity, () => this.resetSensors(parity, mask));
    else if (sensors) this.resetAllSensors();
    if (targets.includes('rate')) this.resetRates(mask);
    if (targets.includes('membrane')) this.resetMembranes(mask);
  }

  private resetSensors(parity: number, mask: Value | undefined): void {
    const { code } = this;
    const columns = this.masked(mask, parity);
    const three = this.lanes.splat(3, 8);
    code.emit('fxvcmpb', columns);
    const index = this.busIndex(parity);
    code.emit('fxvoutx', three, this.busBase(bus.causal), index, greater);
  }

  /** All rows of the block, outside a visit. */
  private resetAllSensors(): void {
    const { code, place, scalars } = this;
    scalars.flush();
    const top = code.newLabel('reset');
    const end = code.newLabel('cleared');
    const { rows, busIndex } = loopRegisters;
    const even = this.columnMask(0);
    const odd = this.columnMask(1);
    const three = this.lanes.splat(3, 8);
    code.emit('lwz', rows, place.descriptor + descriptor.rows, 0);
    code.emit('lwz', busIndex, place.descriptor + descriptor.firstRow, 0);
    code.emit('add', busIndex, busIndex, busIndex);
    code.emit('cmpwi', rows, 0);
    code.emit('ble', symbol(end));
    code.emit('lis', scratch, bus.causal);
    code.emit('mtctr', rows);
    code.lines.push({ kind: 'loop', id: -1, turns: 'rows' });
    code.label(top);
    code.emit('fxvcmpb', even);
    code.emit('fxvoutx', three, scratch, busIndex, greater);
    code.emit('addi', busIndex, busIndex, 1);
    code.emit('fxvcmpb', odd);
    code.emit('fxvoutx', three, scratch, busIndex, greater);
    code.emit('addi', busIndex, busIndex, place.signed ? 3 : 1);
    code.emit('bdnz', symbol(top));
    code.lines.push({ kind: 'loop-end', id: -1 });
    code.label(end);
  }

  private resetRates(mask: Value | undefined): void {
    if (mask === undefined) return this.call('plastic_reset_rates');
    this.spread(mask);
    this.call('plastic_reset_masked_rates');
  }

  private resetMembranes(mask: Value | undefined): void {
    const { code } = this;
    for (const parity of [0, 1]) {
      const columns = this.masked(mask, parity);
      const zero = this.lanes.zero;
      code.emit('fxvcmpb', columns);
      this.scalars.constant(scratch, 0x00c90200);
      code.emit('li', 31, parity);
      code.emit('fxvoutx', zero, scratch, 31, greater);
    }
  }
}
