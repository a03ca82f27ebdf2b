/** One plasticity processor: scalar core, vector unit, timers and interrupts, exact in every bit and cycle. */
import type { PpuBus } from './bus.js';
import type { PpuMemory } from './memory.js';
import { defaultPpuOptions, type PpuOptions } from './options.js';

/**
 * Why `run` returned.
 * - `time`: local time has reached the limit.
 * - `sleep`: the core sleeps and nothing inside it wakes it before the limit; local time is the limit.
 *   `wakeCycle` says when a timer would wake it (Infinity: never without doorbell or pin).
 * - `access`: an access through the bus is due at `accessCycle` and has not been made; the next `run` makes it.
 * - `strict`: strict mode met something undefined; `fault` says what. The core stays there.
 * - `breakpoint`: the next instruction to execute is at a breakpoint.
 */
export type PpuStop = 'time' | 'sleep' | 'access' | 'strict' | 'breakpoint';

/** What strict mode found: the instruction's byte address, its word and the reason in one clause. */
export interface PpuFault {
  readonly address: number;
  readonly word: number;
  readonly reason: string;
}

export interface PpuParts {
  readonly instructionMemory: PpuMemory;
  /** May be the same object as `instructionMemory`. */
  readonly dataMemory: PpuMemory;
  readonly bus: PpuBus;
  readonly options?: Partial<PpuOptions>;
}

/** See `PpuParts`. Times are integer cycles of the owner's clock; `start` places the core's period 0 on it. */
export class PpuCore {
  readonly instructionMemory: PpuMemory;
  readonly dataMemory: PpuMemory;
  readonly bus: PpuBus;
  readonly options: PpuOptions;
  /** Cycle of the access that `run` announced last. */
  accessCycle = 0;
  /** What strict mode found, after `run` returned `strict`. */
  fault: PpuFault | undefined = undefined;

  constructor(parts: PpuParts) {
    this.instructionMemory = parts.instructionMemory;
    this.dataMemory = parts.dataMemory;
    this.bus = parts.bus;
    this.options = { ...defaultPpuOptions, ...parts.options };
  }

  /** Local time: everything that happens before this cycle has happened. */
  get cycle(): number {
    return 0;
  }
  /** True while the core sleeps in `wait` (the status bit that the host sees). */
  get sleeping(): boolean {
    return false;
  }
  /** While asleep: the cycle at which a timer wakes the core; Infinity if only doorbell or pins can. */
  get wakeCycle(): number {
    return Infinity;
  }
  /** Power-up state of registers and pipeline (memories are left alone) with period 0 at `cycle`. */
  start(_cycle = 0): void {}
  /** Runs until local time reaches `until` or something stops it; see `PpuStop`. */
  run(_until: number): PpuStop {
    return 'time';
  }
  /**
   * A write by another master (host, other processor) into the data memory, now: `run` to the cycle of the write
   * first. Bit 3 of `enables` is the most significant byte.
   */
  writeSramWord(_index: number, _value: number, _enables = 15): void {}
  /** The word at `index` of the data memory as another master reads it. */
  readSramWord(index: number): number {
    return this.dataMemory.words[index & (this.dataMemory.words.length - 1)]! >>> 0;
  }
  /** Rings the doorbell in the present cycle. */
  doorbell(): void {}
  /** Drives the general input pins (32 bits) from the present cycle on. */
  setPins(_value: number): void {}
  /** Drives the general output pins: GOUT and GOE as the program wrote them. */
  get pinsOut(): { readonly value: number; readonly enable: number } {
    return { value: 0, enable: 0 };
  }
}
