/**
 * The score board of the scalar core: from which period on an instruction that uses a register may issue, and
 * which periods of the register file's write port are taken.
 */
import type { Operation } from './operation.js';
import { Kind, Slot } from './operation.js';

/** Ready period of a register that a load will write in a period not known yet. */
export const PENDING = 0x4000_0000;

/** No instruction that has issued writes later than this many periods after the next one enters the issue stage. */
const REACH = 14;

export class Scoreboard {
  /** By slot: the earliest issue period of an instruction that reads or writes it. */
  readonly ready = new Int32Array(Slot.count);
  /** `port[w & 63] === w` if a result of fixed latency is written in period w. */
  readonly port = new Int32Array(64);
  /** Period of the youngest write to the condition register. */
  lastCr = -1;
  /** Last period with a scheduled write that does not use the port (branches count as one). */
  lastOther = -1;
  /** Period in which a quotient is written, after everything else; loads leave it alone. */
  quotientAt = -1;
  /** Last period in which the ready period of a special register was set. */
  lastSpecial = -1;

  reset(): void {
    this.ready.fill(0);
    this.port.fill(-1);
    this.lastCr = this.lastOther = this.quotientAt = this.lastSpecial = -1;
  }

  rebase(by: number): void {
    const { ready, port } = this;
    for (let i = 0; i < ready.length; i++) {
      if (ready[i]! < PENDING) ready[i] = Math.max(0, ready[i]! - by);
    }
    for (let i = 0; i < port.length; i++) port[i] = Math.max(-1, port[i]! - by);
    this.lastCr -= by;
    this.lastOther -= by;
    this.quotientAt -= by;
    this.lastSpecial -= by;
  }

  /**
   * Appends all that still matters to instructions that enter the issue stage in period `enter` or later, as numbers
   * that do not depend on when that is.
   */
  save(out: number[], enter: number): void {
    const { ready, port } = this;
    const slots = this.lastSpecial > enter ? ready.length : Slot.spr;
    const countAt = out.length;
    out.push(0);
    for (let slot = 0; slot < slots; slot++) {
      const at = ready[slot]!;
      if (at > enter) out.push(slot, at >= PENDING ? 0 : at - enter);
    }
    out[countAt] = out.length - countAt - 1;
    let taken = 0;
    for (let w = enter + 1; w <= enter + REACH; w++) {
      if (port[w & 63] === w) taken |= 1 << (w - enter);
    }
    out.push(taken);
    for (const last of [this.lastCr - 1, this.lastOther, this.quotientAt]) {
      out.push(Math.max(0, last - enter));
    }
  }

  /** Takes what `save` wrote from place `at` on, for another `enter`; the place behind it. */
  load(saved: ArrayLike<number>, at: number, enter: number): number {
    const { ready, port } = this;
    ready.fill(0, 0, this.lastSpecial > 0 ? ready.length : Slot.spr);
    port.fill(-1);
    this.lastSpecial = -1;
    const end = at + 1 + saved[at]!;
    for (let i = at + 1; i < end; i += 2) {
      const slot = saved[i]!;
      const after = saved[i + 1]!;
      ready[slot] = after === 0 ? PENDING : enter + after;
      if (slot >= Slot.spr) this.lastSpecial = Math.max(this.lastSpecial, enter + after);
    }
    const taken = saved[end]!;
    for (let k = 1; k <= REACH; k++) {
      if ((taken & (1 << k)) !== 0) port[(enter + k) & 63] = enter + k;
    }
    const [cr, other, quotient] = [saved[end + 1]!, saved[end + 2]!, saved[end + 3]!];
    this.lastCr = cr === 0 ? -1 : enter + cr + 1;
    this.lastOther = other === 0 ? -1 : enter + other;
    this.quotientAt = quotient === 0 ? -1 : enter + quotient;
    return end + 4;
  }

  /** Last period in which a scheduled result of fixed latency is written. */
  lastScheduled(): number {
    let last = this.lastOther;
    for (let i = 0; i < 64; i++) if (this.port[i]! > last) last = this.port[i]!;
    return last;
  }

  /** First period from `s` on in which the operation meets no hazard of registers and write port. */
  readyAt(op: Operation, s: number): number {
    const { ready, port } = this;
    let at = Math.max(s, ready[op.wait0]!, ready[op.wait1]!, ready[op.wait2]!);
    if (op.waitMore !== null) for (const slot of op.waitMore) at = Math.max(at, ready[slot]!);
    if (op.crField !== Slot.none && at + op.latency + 1 <= this.lastCr)
      at = this.lastCr - op.latency;
    const reach = writeDistance(op);
    if (reach > 0) while (port[(at + reach) & 63] === at + reach) at++;
    return at;
  }

  /** Reserves what a cancelled instruction of fixed latency takes. */
  reserveCancelled(op: Operation, s: number): void {
    const written = s + op.latency + 1;
    if (op.destination !== Slot.none) this.port[written & 63] = written;
    else if (op.crField !== Slot.none) this.lastOther = Math.max(this.lastOther, written);
  }
}

/** Distance from issue to the period of the write port that is checked; 0 if none. */
export function writeDistance(op: Operation): number {
  switch (op.kind) {
    case Kind.load:
      return 4;
    case Kind.loadUpdate:
      return 5;
    case Kind.divide:
      return 2;
    case Kind.storeUpdate:
      return 3;
    default:
      return op.destination === Slot.none ? 0 : op.latency + 1;
  }
}

/** How often an operation passes the issue stage. */
export function parts(op: Operation): number {
  if (op.kind === Kind.loadUpdate) return 2;
  if (op.kind === Kind.loadMultiple || op.kind === Kind.storeMultiple) return 32 - op.fields.rt;
  return 1;
}
