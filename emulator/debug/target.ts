/** What a debugger sees of a chip: processors as threads, all stopping together, with time that can run back. */

/** Kinds of watchpoint in the numbering of the remote protocol. */
export type WatchKind = 'write' | 'read' | 'access';

/** Why the chip stopped. `address` is the watched address that was touched. */
export type TargetStop =
  | {
      readonly reason: 'step' | 'breakpoint' | 'interrupt' | 'history-start' | 'paused';
      readonly processor: number;
    }
  | {
      readonly reason: 'watchpoint';
      readonly processor: number;
      readonly kind: WatchKind;
      readonly address: number;
    }
  | { readonly reason: 'exited'; readonly code: number }
  | {
      /** `fault`: strict mode refuses to go on. `ended`: nothing can wake the processors any more. */
      readonly reason: 'fault' | 'ended';
      readonly processor: number;
      /** One line with its end, for the debugger's console. */
      readonly message: string;
    };

/** Registers in the order of the target description; see `registerLayout`. */
export interface DebugTarget {
  /** How many processors there are: thread n is processor n - 1. */
  readonly processors: number;
  /** A name per processor for `info threads`. */
  processorName(processor: number): string;
  /** Big-endian bytes of a register, or undefined for an unknown number. */
  readRegister(processor: number, register: number): Uint8Array | undefined;
  /** False if the register is unknown or read-only. */
  writeRegister(processor: number, register: number, bytes: Uint8Array): boolean;
  /** Bytes as the processor's data accesses see them; shorter than asked where nothing answers. Changes nothing. */
  readMemory(processor: number, address: number, length: number): Uint8Array;
  /** False if part of the range is not plain memory; then nothing is written. */
  writeMemory(processor: number, address: number, bytes: Uint8Array): boolean;
  addBreakpoint(address: number): void;
  removeBreakpoint(address: number): void;
  addWatchpoint(kind: WatchKind, address: number, length: number): boolean;
  removeWatchpoint(kind: WatchKind, address: number, length: number): void;
  /** Executes one instruction of one processor; the rest of the chip moves by the same time. */
  step(processor: number): TargetStop;
  /** The debugger interrupts a running target. */
  interrupt?(): void;
  /** Runs for a slice of at most `budget` cycles; `paused` means nothing happened and the caller may go on. */
  resume(budget: number): TargetStop;
  /** The instruction before: state as it was one instruction of this processor ago. */
  stepBack(processor: number): TargetStop;
  /** Back to the last break- or watchpoint before now, or to the start of what is recorded. */
  resumeBack(): TargetStop;
  /** One line of answer to `monitor TEXT`. */
  monitor(text: string): string;
}
