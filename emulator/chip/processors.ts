/**
 * The two PPUs beside the chip: control and status, their SRAM seen from outside, and running them in order.
 *
 * A core runs alone through its own SRAM and stops before each access outside it; then the rest of the chip is
 * brought to that cycle. At equal cycle the top PPU goes first. While both are awake they are kept within one slot
 * of a few cycles, so that what one writes into the other's SRAM is seen at most a bus access late.
 */

import { PpuCore } from '../ppu/core.js';
import { PpuMemory } from '../ppu/memory.js';
import type { PpuBus } from '../ppu/bus.js';
import type { PpuOptions } from '../ppu/options.js';
import type { ChipSnapshot } from './snapshot.js';

/** One PPU with what the chip adds to the core. */
class Processor {
  readonly memory = new PpuMemory(16384);
  readonly core: PpuCore;
  /** Released from reset and not stopped for good. */
  running = false;
  /** Why strict mode or a breakpoint stopped the core. */
  stopped: 'strict' | 'breakpoint' | undefined = undefined;
  /** The core stands before an access at this cycle; Infinity if it does not. */
  accessAt = Infinity;
  /** Period 0 of the present run. */
  startedAt = 0;
  /** Cycles spent awake in runs before the present one. */
  awakeBefore = 0;
  /** A debugger is there: a breakpoint holds the core instead of stopping it for good. */
  isDebugged = false;
  /** The core stands in front of a breakpoint until it is released. */
  isHeld = false;

  constructor(bus: PpuBus, options: Partial<PpuOptions>) {
    this.core = new PpuCore({
      instructionMemory: this.memory,
      dataMemory: this.memory,
      bus,
      options,
    });
  }

  /** The first cycle at which the core may do anything outside itself or be found changed. */
  quietUntil(): number {
    if (!this.running) return Infinity;
    if (this.accessAt !== Infinity) return this.accessAt;
    return this.core.sleeping ? this.core.wakeCycle : this.core.cycle;
  }

  /** Cycles spent awake since power-up. */
  get awake(): number {
    if (!this.running) return this.awakeBefore;
    return this.awakeBefore + Math.max(0, this.core.cycle - this.startedAt - this.core.sleptCycles);
  }

  /** Into reset, or stopped for good. */
  end(): void {
    this.awakeBefore = this.awake;
    this.running = false;
  }

  /** Runs to `until` or to the next access, performing the one the core stands before. */
  run(until: number): void {
    if (!this.running || this.isHeld) return;
    if (this.accessAt !== Infinity) {
      if (this.accessAt >= until) return;
      this.accessAt = Infinity;
    } else if (this.core.cycle >= until) return;
    const stop = this.core.run(until);
    if (stop === 'access') this.accessAt = this.core.accessCycle;
    else if (stop === 'breakpoint' && this.isDebugged) this.isHeld = true;
    else if (stop === 'strict' || stop === 'breakpoint') {
      this.stopped = stop;
      this.end();
    }
  }
}

/** See the module's first sentence. */
export class Processors {
  readonly units: readonly [Processor, Processor];
  /** A debugger lets no time pass. */
  isPaused = false;

  constructor(
    buses: readonly [PpuBus, PpuBus],
    options: Partial<PpuOptions>,
    private readonly startDelay: number,
    private readonly slot: number,
    /** Brings everything but the processors to a cycle. */
    private readonly bring: (cycle: number) => void,
  ) {
    this.units = [new Processor(buses[0], options), new Processor(buses[1], options)];
  }

  /** Runs both PPUs up to (not including) cycle `until`. */
  run(until: number): void {
    const [top, bottom] = this.units;
    if (!top.running && !bottom.running) return;
    while (!this.isHeld) {
      const topQuiet = top.quietUntil();
      const bottomQuiet = bottom.quietUntil();
      const reached = Math.min(topQuiet, bottomQuiet);
      if (reached >= until) break;
      // Alone until the other may wake; together slot by slot.
      const other = Math.max(topQuiet, bottomQuiet);
      const slotEnd = (Math.floor(reached / this.slot) + 1) * this.slot;
      this.runSlot(Math.min(until, Math.max(other, slotEnd)));
    }
    // One that is held may still write what the other reads: that one must not run ahead.
    if (this.isHeld) return;
    top.run(until);
    bottom.run(until);
  }

  /** A debugger holds one of them in front of an instruction. */
  get isHeld(): boolean {
    return this.units[0].isHeld || this.units[1].isHeld;
  }

  /** Breakpoints hold the whole chip from now on, or (false) stop their processor for good. */
  set isDebugged(debugged: boolean) {
    for (const unit of this.units) unit.isDebugged = debugged;
  }

  get isDebugged(): boolean {
    return this.units[0].isDebugged;
  }

  /** Lets held processors go on. */
  release(): void {
    for (const unit of this.units) unit.isHeld = false;
  }

  /** First cycle at which one of them may still do something, as far as they have been run. */
  get reached(): number {
    return Math.min(this.units[0].quietUntil(), this.units[1].quietUntil());
  }

  /** Level of the control register's bits. */
  control(hemisphere: number, word: number, cycle: number): void {
    const unit = this.unit(hemisphere);
    const release = (word & 1) !== 0;
    if (release && !unit.running && unit.stopped === undefined) {
      unit.startedAt = cycle + this.startDelay;
      unit.core.start(unit.startedAt);
      unit.accessAt = Infinity;
      unit.running = true;
    } else if (!release) {
      unit.end();
      unit.isHeld = false;
      unit.stopped = undefined;
      unit.accessAt = Infinity;
    }
  }

  /** Cycles that both have spent awake since power-up. */
  get awakeCycles(): number {
    return this.units[0].awake + this.units[1].awake;
  }

  isSleeping(hemisphere: number): boolean {
    const unit = this.unit(hemisphere);
    return unit.running && unit.core.sleeping;
  }

  readWord(hemisphere: number, index: number): number {
    return this.unit(hemisphere).memory.words[index]! >>> 0;
  }

  /** A write by the host or the other PPU; a debugger that watches the word holds the chip behind it if it changes. */
  writeWord(hemisphere: number, index: number, value: number, enables: number): void {
    const unit = this.unit(hemisphere);
    const before = unit.memory.words[index]!;
    unit.core.writeSramWord(index, value, enables);
    if (unit.isDebugged && unit.core.halts.seesChange(4 * index, before, unit.memory.words[index]!))
      unit.isHeld = true;
  }

  save(): ChipSnapshot['processors'] {
    return this.units.map(({ running, stopped, accessAt, startedAt, awakeBefore, core }) => ({
      running,
      startedAt,
      awakeBefore,
      stopped: stopped ?? null,
      accessAt,
      core: core.snapshot(),
    }));
  }

  load(saved: ChipSnapshot['processors']): void {
    saved.forEach((state, hemisphere) => {
      const unit = this.unit(hemisphere);
      unit.running = state.running;
      unit.stopped = state.stopped ?? undefined;
      unit.accessAt = state.accessAt;
      unit.startedAt = state.startedAt;
      unit.awakeBefore = state.awakeBefore;
      unit.isHeld = false;
      unit.core.restore(state.core);
    });
  }

  /** SRAM to 0, both PPUs in reset. */
  powerUp(): void {
    for (const unit of this.units) {
      unit.running = unit.isHeld = false;
      unit.startedAt = unit.awakeBefore = 0;
      unit.stopped = undefined;
      unit.accessAt = Infinity;
      unit.memory.words.fill(0);
      unit.core.start(0);
    }
  }

  /** Runs both to `end`, accesses in order of their cycles. */
  private runSlot(end: number): void {
    const [top, bottom] = this.units;
    for (;;) {
      if (top.accessAt === Infinity) top.run(end);
      if (top.isHeld) return;
      if (bottom.accessAt === Infinity) bottom.run(end);
      if (bottom.isHeld) return;
      const first = top.accessAt <= bottom.accessAt ? top : bottom;
      const at = first.accessAt;
      if (at >= end) return;
      this.bring(at);
      first.run(at + 1);
      // The access may have started or woken the other PPU: it decides anew how far to go.
      const second = first === top ? bottom : top;
      if (second.running && second.quietUntil() < end && second.accessAt === Infinity) return;
    }
  }

  private unit(hemisphere: number): Processor {
    return this.units[hemisphere === 0 ? 0 : 1];
  }
}
