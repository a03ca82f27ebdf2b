/** One plasticity processor: scalar core, vector unit, timers and interrupts, exact in every bit and cycle. */
import { MSR_MASK } from '../../isa/machine.js';
import { GOE, GOUT, ICCR } from '../../isa/special-registers.js';
import type { PpuBus } from './bus.js';
import type { PpuMemory } from './memory.js';
import { defaultPpuOptions, type PpuOptions } from './options.js';
import { Running, type PpuStop } from './running.js';
import type { Recorder } from './recorder.js';
import {
  restorePart,
  savePart,
  SnapshotError,
  type PpuSnapshot,
  type SavedPart,
} from './snapshot.js';

export type { PpuFault, PpuStop } from './running.js';

export interface PpuParts {
  readonly instructionMemory: PpuMemory;
  /** May be the same object as `instructionMemory`. */
  readonly dataMemory: PpuMemory;
  readonly bus: PpuBus;
  readonly options?: Partial<PpuOptions>;
}

/** Fields that mean nothing between two instructions, or that are found anew. */
const SCRATCH = ['operations', 'heat', 'keptRegisters', 'candidate', 'issuePeriod'];

/** See `PpuParts`. Times are integer cycles of the owner's clock; `start` places the core's period 0 on it. */
export class PpuCore extends Running {
  constructor(parts: PpuParts) {
    const options = { ...defaultPpuOptions, ...parts.options };
    super(parts.instructionMemory, parts.dataMemory, parts.bus, options);
    this.fastForwards = true;
    this.start(0);
  }

  /** Address of the next instruction to execute (of the `wait` itself while asleep). */
  get nextAddress(): number {
    return this.pc;
  }

  /** Byte addresses in front of which `run` stops. */
  get breakpoints(): Set<number> {
    return this.halts.breakpoints;
  }

  /** Number of instructions that went through the issue stage: the next one's place in the stream. */
  get streamPosition(): number {
    return this.position;
  }

  /**
   * Executes the next instruction and stops in front of the one that follows it (that of a handler, if an interrupt
   * comes first). Breakpoint and watchpoints at the first instruction are ignored. Returns `breakpoint` with
   * `halts.reached.kind` `step` when that worked; `until` limits the time, for instructions that sleep.
   */
  stepInstruction(until = Infinity): PpuStop {
    this.halts.pass(this.position, this.pc);
    this.halts.endAfter(this.position, this.pc);
    const stop = this.run(until);
    this.halts.endNever();
    return stop;
  }

  /** Lets execution continue elsewhere, for debuggers; the pipeline's timing is not disturbed. */
  set nextAddress(address: number) {
    this.pc = address & ~3;
    this.asleep = this.waiting = false;
  }

  /** Watches what happens inside; null ends it. */
  watch(recorder: Recorder | null): void {
    this.recorder = recorder;
    this.queue.recorder = recorder;
    this.vector.recorder = recorder;
  }

  /** Power-up state of registers and pipeline (memories are left alone) with period 0 at `cycle`. */
  start(cycle = 0): void {
    this.epoch = this.vector.epoch = cycle;
    this.epochShift = 0;
    this.machine.reset();
    this.timers.reset();
    this.resetPipeline();
    this.strict?.reset();
    this.lostResults?.reset();
    this.now = this.sleepAt = this.slept = 0;
    this.asleep = false;
    this.halts.forgetPassed();
    this.fault = undefined;
    this.data.mayAccess = !this.bus.synchronised;
  }

  /** Drives the doorbell input high in the present cycle. */
  doorbell(): void {
    this.timers.ring(this.now, this.interruptsEnabled);
    this.planInterrupt();
  }

  /** Drives the general input pins (32 bits) from the present cycle on. */
  setPins(value: number): void {
    this.timers.drivePins(value, this.now, this.interruptsEnabled);
    this.planInterrupt();
  }

  /** The general output pins: GOUT and GOE as the program wrote them, unsigned. */
  get pinsOut(): { readonly value: number; readonly enable: number } {
    return {
      value: this.machine.spr[GOUT]! >>> 0,
      enable: this.machine.spr[GOE]! >>> 0,
    };
  }

  /**
   * A write by another master (host, other processor) into the data memory, now: `run` to the cycle of the write
   * first. Bit 3 of `enables` is the most significant byte.
   */
  writeSramWord(index: number, value: number, enables = 15): void {
    const { words } = this.dataMemory;
    const at = index & (words.length - 1);
    const mask = byteMask(enables);
    words[at] = (words[at]! & ~mask) | (value & mask);
    if (this.instructionMemory === this.dataMemory) this.code.forget(at);
  }

  /** The word at `index` of the data memory as another master reads it, unsigned. */
  readSramWord(index: number): number {
    return this.dataMemory.words[index & (this.dataMemory.words.length - 1)]! >>> 0;
  }

  /** To be called after code was changed from outside other than by `writeSramWord`. */
  forgetCode(): void {
    this.code.forgetAll();
    this.external.reset();
  }

  /** Everything that decides about the future of the core, its memories included (not its bus). */
  snapshot(): PpuSnapshot {
    // A recorder has been told of periods to come: what was worked out for it has to stay.
    const watched = this.recorder === null ? null : [savePart(this.board), savePart(this.queue)];
    this.forgetPast();
    const parts: Record<string, SavedPart> = {};
    for (const [name, part] of Object.entries(this.parts)) parts[name] = savePart(part, SCRATCH);
    if (watched !== null) {
      restorePart(this.board, watched[0]!);
      restorePart(this.queue, watched[1]!);
    }
    const { instructionMemory, dataMemory } = this;
    return {
      version: 1,
      options: JSON.stringify(this.options),
      parts,
      instructionWords: instructionMemory.words.slice(),
      dataWords: dataMemory === instructionMemory ? undefined : dataMemory.words.slice(),
    };
  }

  /** Continues from a snapshot of a core with the same options and memory sizes; throws SnapshotError. */
  restore(snapshot: PpuSnapshot): void {
    const { instructionMemory, dataMemory } = this;
    if (snapshot.version !== 1)
      throw new SnapshotError(`snapshot of version ${snapshot.version}, not 1`);
    if (snapshot.options !== JSON.stringify(this.options)) {
      throw new SnapshotError('the snapshot was taken with other options');
    }
    const hasData = snapshot.dataWords !== undefined;
    const sizes = [snapshot.instructionWords.length, snapshot.dataWords?.length ?? 0];
    const own = [instructionMemory.words.length, hasData ? dataMemory.words.length : 0];
    if (sizes.join() !== own.join() || hasData !== (dataMemory !== instructionMemory)) {
      throw new SnapshotError('the snapshot was taken with other memories');
    }
    for (const [name, part] of Object.entries(this.parts)) {
      const saved = snapshot.parts[name];
      if (saved !== undefined) restorePart(part, saved);
    }
    instructionMemory.words.set(snapshot.instructionWords);
    if (snapshot.dataWords !== undefined) dataMemory.words.set(snapshot.dataWords);
    this.code.forgetAll();
    this.fault = undefined;
  }

  private get parts(): Readonly<Record<string, object>> {
    const { machine, vector, timers, board, queue, fetch, external, data, strict } = this;
    const always = {
      core: this,
      machine,
      vector,
      timers,
      board,
      queue,
      fetch,
      external,
      data,
    };
    return strict === null ? always : { ...always, strict };
  }

  // ---------------------------------------------------------------- special registers

  /**
   * Content of a special register for inspection (0 for those that cannot be read): now, or while asleep at an
   * earlier `cycle` since the sleep began.
   */
  inspectSpr(number: number, cycle = this.cycle): number {
    const kept = this.issuePeriod;
    this.issuePeriod = cycle - this.epoch - 1;
    const value = number === ICCR ? this.timers.iccr : this.readSpr(number);
    this.issuePeriod = kept;
    return value;
  }

  /** Sets a special register (not XER, LR, CTR) now, for debuggers; read-only ones stay. */
  changeSpr(number: number, value: number): void {
    const kept = this.issuePeriod;
    this.issuePeriod = this.now - 3;
    this.writeSpr(number, value | 0);
    this.issuePeriod = kept;
  }

  /** Sets the machine state register now, for debuggers. */
  changeMsr(value: number): void {
    this.machine.msr = value & MSR_MASK;
    this.changedEnable(this.now);
  }
}

function byteMask(enables: number): number {
  return (
    ((enables & 8) !== 0 ? 0xff00_0000 : 0) |
    ((enables & 4) !== 0 ? 0x00ff_0000 : 0) |
    ((enables & 2) !== 0 ? 0x0000_ff00 : 0) |
    ((enables & 1) !== 0 ? 0x0000_00ff : 0)
  );
}
