/**
 * The fault of the published source at interrupts: from the period after the redirect on, until the pipeline is
 * empty, results of fixed latency are not written. Loads and quotients complete. This part remembers what the last
 * few instructions replaced, so that it can be put back.
 */
import type { Machine } from '../../isa/machine.js';
import { Kind, Slot, type Operation } from './operation.js';
import type { Recorder } from './recorder.js';

/** Instructions whose results may still be on their way. */
const DEPTH = 8;

class Past {
  operation: Operation | null = null;
  position = -1;
  /** Issue period; -1 while it is not known. */
  period = -1;
  destination = 0;
  address = 0;
  cr = 0;
  lr = 0;
  ctr = 0;
  xer = 0;
  special = 0;
}

export class LostResults {
  private readonly past = Array.from({ length: DEPTH }, () => new Past());
  private next = 0;

  constructor(private readonly machine: Machine) {}

  reset(): void {
    this.next = 0;
    for (const one of this.past) one.position = one.period = -1;
  }

  /** The instruction at `position` is about to issue; the one before it issued in period `previous`. */
  note(operation: Operation, position: number, previous: number): void {
    const last = this.past[(this.next - 1) & (DEPTH - 1)]!;
    if (last.position !== position) {
      if (this.next > 0) last.period = previous;
      this.next++;
    }
    const m = this.machine;
    const one = this.past[(this.next - 1) & (DEPTH - 1)]!;
    one.operation = operation;
    one.position = position;
    one.period = -1;
    one.destination = operation.destination === Slot.none ? 0 : m.gpr[operation.destination]!;
    one.address = m.gpr[operation.fields.ra]!;
    one.cr = m.cr;
    one.lr = m.lr;
    one.ctr = m.ctr;
    one.xer = m.xer;
    one.special = m.spr[operation.fields.spr]!;
  }

  /**
   * An interrupt redirects in period r with the instruction at `position` next; the one before it issued in
   * `previous`. Takes back what would be written later.
   */
  lose(r: number, position: number, previous: number, recorder: Recorder | null): void {
    for (let back = 1; back <= DEPTH && back <= this.next; back++) {
      const one = this.past[(this.next - back) & (DEPTH - 1)]!;
      if (one.position >= position) continue;
      if (one.position === position - 1) one.period = previous;
      const { operation } = one;
      if (operation === null || one.period < 0) continue;
      if (one.period + operation.latency + 1 > r) this.takeBack(one, operation, recorder);
    }
  }

  private takeBack(one: Past, operation: Operation, recorder: Recorder | null): void {
    const m = this.machine;
    const { kind, fields } = operation;
    const written = one.period + operation.latency + 1;
    if (kind === Kind.loadUpdate || kind === Kind.storeUpdate) {
      m.gpr[fields.ra] = one.address;
      recorder?.writeLost?.(kind === Kind.loadUpdate ? written + 1 : written, fields.ra);
      return;
    }
    if (kind === Kind.load || kind === Kind.loadMultiple || kind === Kind.divide) return;
    if (operation.destination !== Slot.none && kind !== Kind.nop) {
      m.gpr[operation.destination] = one.destination;
      recorder?.writeLost?.(written, operation.destination);
    }
    const slots = [operation.crField, ...(operation.writesMore ?? [])];
    for (const slot of slots) {
      if (slot === Slot.ctr) m.ctr = one.ctr;
      else if (slot === Slot.lr) m.lr = one.lr;
      else if (slot >= Slot.spr) m.spr[slot - Slot.spr] = one.special;
      else if (slot >= Slot.cr0 && slot < Slot.cr0 + 8) {
        const mask = 0xf000_0000 >>> (4 * (slot - Slot.cr0));
        m.cr = (m.cr & ~mask) | (one.cr & mask);
      }
    }
    if (operation.writesXer) m.xer = one.xer;
  }
}
