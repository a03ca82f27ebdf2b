/**
 * Places at which a debugger wants the core to stop: breakpoints, watched memory, the end of a step. They are asked in
 * front of every instruction, and only while there are any.
 */
import type { Machine } from '../../isa/machine.js';
import { Kind, Unit, type Operation } from './operation.js';

/** A range of data memory; an access that touches it stops the core before the access. Bytes. */
export interface Watchpoint {
  readonly start: number;
  readonly length: number;
  readonly read: boolean;
  readonly write: boolean;
}

/** Why the core stopped in front of an instruction. `address` is the first watched byte that it would touch. */
export type Halt =
  | { readonly kind: 'breakpoint' }
  | { readonly kind: 'step' }
  | {
      readonly kind: 'watchpoint';
      readonly watchpoint: Watchpoint;
      readonly address: number;
      /** Somebody else wrote there, and has done so; otherwise the core's own access is still to come. */
      readonly isByOther?: true;
    };

/** Memory that an instruction is about to use: unsigned byte address and number of bytes. */
export interface Access {
  readonly address: number;
  readonly length: number;
  readonly isWrite: boolean;
}

const widths: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4 };

/** What a load or store (vector ones included, parallel bus not) is about to access with these registers. */
export function accessOf(op: Operation, m: Machine): Access | undefined {
  const { kind, fields, instruction } = op;
  if (instruction === undefined) return undefined;
  const isVector = kind === Kind.vector;
  if (isVector ? op.unit !== Unit.memory : kind < Kind.load || kind > Kind.storeMultiple) {
    return undefined;
  }
  const { mnemonic, form } = instruction;
  const isUpdate = kind === Kind.loadUpdate || kind === Kind.storeUpdate;
  const base = fields.ra === 0 && !isUpdate ? 0 : m.gpr[fields.ra]!;
  const isZeroExtended = m.lhaZeroExtends && (mnemonic === 'lha' || mnemonic === 'lhau');
  const offset = form === 'D' ? (isZeroExtended ? fields.ui : fields.si) : m.gpr[fields.rb]!;
  const address = (base + offset) >>> 0;
  if (isVector) return { address: (address & ~3) >>> 0, length: 128, isWrite: op.direction === 2 };
  const isMultiple = kind === Kind.loadMultiple || kind === Kind.storeMultiple;
  const width = widths[/^(?:l|st)([bhw])/.exec(mnemonic)?.[1] ?? 'w'] ?? 4;
  return {
    address,
    length: isMultiple ? 4 * (32 - fields.rt) : width,
    isWrite: kind === Kind.store || kind === Kind.storeUpdate || kind === Kind.storeMultiple,
  };
}

export class Halts {
  /** Unsigned byte addresses of instructions. */
  readonly breakpoints = new Set<number>();
  watchpoints: readonly Watchpoint[] = [];
  /** Why the core stopped last; undefined if it did not stop for one of these reasons. */
  reached: Halt | undefined = undefined;

  /** The instruction that is not looked at (again): its place in the stream and its address. */
  private passedPosition = -1;
  private passedAddress = -1;
  private lastPosition = Infinity;
  private lastAddress = -1;

  get isActive(): boolean {
    return (
      this.breakpoints.size > 0 || this.watchpoints.length > 0 || this.lastPosition !== Infinity
    );
  }

  /** The instruction at this place will run whatever is set at it. */
  pass(position: number, address: number): void {
    this.passedPosition = position;
    this.passedAddress = address;
  }

  /** Forgets what was passed: time was set back. */
  forgetPassed(): void {
    this.passedPosition = -1;
    this.reached = undefined;
  }

  /**
   * Stops in front of whatever follows the instruction at `position`. With an address only that instruction may run
   * at this position, so that an interrupt in front of it counts as a step.
   */
  endAfter(position: number, address = -1): void {
    this.lastPosition = position;
    this.lastAddress = address;
  }

  /** No end of a step any more. */
  endNever(): void {
    this.lastPosition = Infinity;
  }

  /** Whether to stop in front of an instruction; `reached` says why. */
  stopsAt(op: Operation, address: number, position: number, m: Machine): boolean {
    if (
      position > this.lastPosition ||
      (position === this.lastPosition && this.lastAddress !== -1 && address !== this.lastAddress)
    ) {
      this.reached = { kind: 'step' };
      return true;
    }
    if (position === this.passedPosition && address === this.passedAddress) return false;
    this.reached = this.find(op, address, m);
    if (this.reached === undefined) return false;
    this.pass(position, address);
    return true;
  }

  /**
   * Whether a word of data memory that somebody else wrote has changed in a byte that is watched for writing; `reached`
   * then says so. `address` is that of the word.
   */
  seesChange(address: number, before: number, after: number): boolean {
    for (const watchpoint of this.watchpoints) {
      if (!watchpoint.write) continue;
      for (let i = 0; i < 4; i++) {
        const at = address + i - watchpoint.start;
        const changed = ((before ^ after) >>> (24 - 8 * i)) & 0xff;
        if (changed === 0 || at < 0 || at >= watchpoint.length) continue;
        this.reached = { kind: 'watchpoint', watchpoint, address: address + i, isByOther: true };
        return true;
      }
    }
    return false;
  }

  private find(op: Operation, address: number, m: Machine): Halt | undefined {
    if (this.breakpoints.has(address >>> 0)) return { kind: 'breakpoint' };
    if (this.watchpoints.length === 0) return undefined;
    const access = accessOf(op, m);
    if (access === undefined) return undefined;
    for (const watchpoint of this.watchpoints) {
      const { start, length, read, write } = watchpoint;
      if (!(access.isWrite ? write : read)) continue;
      if (access.address < start + length && access.address + access.length > start) {
        return { kind: 'watchpoint', watchpoint, address: Math.max(access.address, start) };
      }
    }
    return undefined;
  }
}
