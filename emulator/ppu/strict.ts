/** What strict mode refuses in front of an instruction. */
import { specialRegisters } from '../../isa/special-registers.js';
import { Kind, Slot, type Operation } from './operation.js';

const readable = new Set(specialRegisters.filter((r) => r.access !== 'write').map((r) => r.number));
const writable = new Set(specialRegisters.filter((r) => r.access !== 'read').map((r) => r.number));

export class StrictChecks {
  /** General and vector registers that have been written. */
  private readonly general = new Uint8Array(32);
  private readonly vectors = new Uint8Array(32);

  reset(): void {
    this.general.fill(0);
    this.vectors.fill(0);
  }

  /** Declares a register as written (a loader or debugger set it). */
  noteGeneral(register: number): void {
    this.general[register] = 1;
  }

  /** The reason why the instruction must not run, or undefined; then its results count as written. */
  check(op: Operation): string | undefined {
    const { instruction, fields } = op;
    if (instruction === undefined) return 'the core does not decode this word';
    const { timing, mnemonic } = instruction;
    if (mnemonic === 'isync') return 'the core does not decode isync; it does not synchronise';
    if (timing === 'io') return 'the I/O bus is not connected';
    if (mnemonic === 'mfspr' && !readable.has(fields.spr)) {
      return `special register ${fields.spr} cannot be read`;
    }
    if (mnemonic === 'mtspr' && !writable.has(fields.spr)) {
      return `special register ${fields.spr} cannot be written`;
    }
    const isUpdate = op.kind === Kind.loadUpdate || op.kind === Kind.storeUpdate;
    if (isUpdate && fields.ra === 0) return 'invalid form: an update of r0';
    if (op.kind === Kind.loadUpdate && fields.ra === fields.rt) {
      return 'invalid form: loaded and updated register are the same';
    }
    if (op.kind === Kind.loadMultiple && fields.ra >= fields.rt) {
      return 'invalid form: the base register is among those loaded';
    }
    if (mnemonic.startsWith('bcctr') && (fields.bo & 4) === 0) {
      return 'invalid form: a branch to CTR cannot decrement CTR';
    }
    if (instruction.group === 'compare' && (fields.rt & 1) !== 0) {
      return 'invalid form: a 64-bit comparison';
    }
    if (op.splatsR0) return 'a splat of r0 does not wait for it';
    return this.checkRegisters(op);
  }

  private checkRegisters(op: Operation): string | undefined {
    const { instruction, fields } = op;
    if (needsNothing(op)) return undefined;
    for (const resource of instruction!.reads) {
      const general =
        resource === 'rs'
          ? fields.rt
          : resource === 'ra' || (resource === 'ra0' && fields.ra !== 0)
            ? fields.ra
            : resource === 'rb'
              ? fields.rb
              : -1;
      if (general >= 0 && this.general[general] === 0)
        return `r${general} is read before it was written`;
      const vector =
        resource === 'vra'
          ? fields.ra
          : resource === 'vrb'
            ? fields.rb
            : resource === 'vrt' || (resource === 'vrt?' && fields.cond !== 0)
              ? fields.rt
              : -1;
      if (vector >= 0 && this.vectors[vector] === 0) {
        return `vector register ${vector} is read before it was written`;
      }
    }
    if (op.kind === Kind.storeMultiple) {
      for (let r = fields.rt; r < 32; r++) {
        if (this.general[r] === 0) return `r${r} is read before it was written`;
      }
    }
    if (op.kind === Kind.loadMultiple) this.general.fill(1, fields.rt);
    if (op.destination !== Slot.none) this.general[op.destination] = 1;
    if (op.vectorTarget >= 0) this.vectors[op.vectorTarget] = 1;
    return undefined;
  }
}

/** No-operations, and traps that are taken always (as `trap` is) or never, whatever is in their registers. */
function needsNothing({ kind, fields: { to } }: Operation): boolean {
  if (kind === Kind.nop) return true;
  if (kind !== Kind.trap) return false;
  // Less, greater or equal: signed 16, 8, 4; unsigned 2, 1, 4.
  return to === 0 || (to & 28) === 28 || (to & 7) === 7;
}
