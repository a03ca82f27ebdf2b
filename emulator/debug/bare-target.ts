/**
 * A bare processor as a debugger sees it. Looking happens in a second core that takes over the state of the first and
 * lets its vector unit finish, so that every value is the one that the instructions before the program counter leave,
 * and so that nobody who looks changes a cycle. Time runs back by checkpoints and computing again.
 */
import type { PpuBus, SavableBus } from '../ppu/bus.js';
import type { PpuCore } from '../ppu/core.js';
import type { PpuSnapshot } from '../ppu/snapshot.js';
import { History, type Moment } from './history.js';
import { readRegister, writeRegister } from './register-access.js';
import type { DebugTarget, TargetStop } from './target.js';
import { WatchingTarget, WatchList } from './watch-list.js';

/** Cycles between checkpoints at first: computing that again takes about a millisecond. */
const CHECKPOINT_DISTANCE = 10_000;
/** Where a program leaves its return code. */
const RETURN_CODE = 0x2ffc;
/** Instruction fetches from here on go outside. */
const OUTSIDE_CODE = 0x8000_0000;
/** Data accesses from here on go outside. */
const OUTSIDE_DATA = 0x4000_0000;

const help = `monitor commands:
  cycle           local time and instructions issued
  history         how far back time can run
  doorbell        ring the doorbell now
  pins VALUE      drive the input pins
  reset           power-up state with the program as it was loaded
`;

interface State {
  readonly core: PpuSnapshot;
  readonly bus: unknown;
}

/** A stop that was met while time was computed again. */
interface Met extends Moment {
  readonly address: number;
  readonly stop: TargetStop;
}

export class BareTarget extends WatchingTarget implements DebugTarget {
  readonly processors = 1;
  private readonly history = new History<State>(CHECKPOINT_DISTANCE);
  protected readonly watches: WatchList;
  private readonly bus: SavableBus;
  private readonly mirrorBus: SavableBus;
  private isViewed = false;

  /**
   * @param core the processor, at its start, with the program loaded
   * @param mirror another one of the same kind and options; only its state is used. The buses of both must be savable.
   */
  constructor(
    private readonly core: PpuCore,
    private readonly mirror: PpuCore,
  ) {
    super();
    this.bus = savable(core.bus);
    this.mirrorBus = savable(mirror.bus);
    this.watches = new WatchList([core]);
    this.remember(false);
  }

  processorName(): string {
    return 'PPU';
  }

  // ---------------------------------------------------------------- looking and changing

  readRegister(_processor: number, register: number): Uint8Array | undefined {
    return readRegister(this.view(), register);
  }

  writeRegister(_processor: number, register: number, bytes: Uint8Array): boolean {
    const done = writeRegister(this.core, register, bytes);
    if (done) this.edited();
    return done;
  }

  readMemory(_processor: number, address: number, length: number): Uint8Array {
    const { dataMemory, bus } = this.view();
    if (address < dataMemory.size) {
      return dataMemory.dump(address, Math.min(length, dataMemory.size - address));
    }
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      const at = address + i;
      const word = at < OUTSIDE_DATA ? undefined : outsideWord(bus, (at & ~3) >>> 0);
      if (word === undefined) return bytes.slice(0, i);
      bytes[i] = word >>> (24 - 8 * (at & 3));
    }
    return bytes;
  }

  writeMemory(_processor: number, address: number, bytes: Uint8Array): boolean {
    const { core } = this;
    const inside = address + bytes.length <= core.dataMemory.size;
    for (let i = 0; i < bytes.length && !inside; i++) {
      if (address < OUTSIDE_DATA || !core.bus.isMapped((address + i) >>> 0)) return false;
    }
    bytes.forEach((byte, i) => {
      const at = address + i;
      const enables = 8 >> (at & 3);
      const value = byte << (24 - 8 * (at & 3));
      if (inside) core.writeSramWord(at >>> 2, value, enables);
      else core.bus.writeWord((at & ~3) >>> 0, value, enables, core.cycle);
    });
    if (!inside) core.forgetCode();
    this.edited();
    return true;
  }

  // ---------------------------------------------------------------- forwards

  step(): TargetStop {
    this.history.forgetEditsAfter(this.core.cycle);
    const stop = this.core.stepInstruction();
    this.isViewed = false;
    if (stop === 'strict') return this.fault();
    if (stop === 'sleep') return this.ended();
    this.rememberIfDue();
    return { reason: 'step', processor: 0 };
  }

  resume(budget: number): TargetStop {
    const { core } = this;
    const end = core.cycle + budget;
    this.isViewed = false;
    this.history.forgetEditsAfter(core.cycle);
    while (core.cycle < end) {
      const stop = core.run(Math.min(end, core.cycle + this.history.interval));
      if (stop === 'strict') return this.fault();
      if (stop === 'sleep' && core.wakeCycle === Infinity) return this.ended();
      if (stop === 'breakpoint') {
        // Watched memory is reported in front of the access: gdb steps over it and looks what has changed.
        return this.watches.stopOf(0);
      }
      this.rememberIfDue();
    }
    return { reason: 'paused', processor: 0 };
  }

  // ---------------------------------------------------------------- backwards

  stepBack(): TargetStop {
    const { core, history } = this;
    const now = this.moment();
    const address = core.nextAddress;
    const from = history.at(history.lastBefore(now.position));
    if (from === undefined) return this.backToStart();
    this.restore(from.state);
    core.halts.endAfter(now.position - 2);
    if (core.streamPosition < now.position - 1) core.run(now.cycle);
    core.halts.endNever();
    // One instruction, or an interrupt in front of it, lies between here and now: stop before the last of them.
    for (;;) {
      const before = this.save();
      const { position } = this.moment();
      const stop = this.stepWithin(now.cycle);
      const isBack =
        stop !== 'breakpoint' ||
        core.streamPosition > now.position ||
        (core.streamPosition === now.position && core.nextAddress === address);
      if (!isBack) continue;
      if (position <= now.position) this.restore(before);
      return { reason: 'step', processor: 0 };
    }
  }

  resumeBack(): TargetStop {
    const { history } = this;
    let end: Moment = this.moment();
    for (let index = history.lastUpTo(end.cycle); index >= 0; index--) {
      const from = history.at(index)!;
      this.restore(from.state);
      const last = this.lastStopBefore(end);
      if (last !== undefined) {
        this.restore(from.state);
        this.computeTo(last);
        // The mirror image of forwards: gdb steps back over the access.
        if (last.stop.reason === 'watchpoint') this.stepWithin(end.cycle);
        return last.stop;
      }
      end = from;
    }
    return this.backToStart();
  }

  /** Runs towards `end` and returns the last break- or watchpoint in front of it. */
  private lastStopBefore(end: Moment): Met | undefined {
    const { core } = this;
    let last: Met | undefined;
    core.halts.endAfter(end.position - 1);
    while (core.streamPosition < end.position && core.cycle < end.cycle) {
      if (core.run(end.cycle) !== 'breakpoint') break;
      const stop = this.watches.stopOf(0);
      if (stop.reason === 'step') break;
      last = { ...this.moment(), address: core.nextAddress, stop };
    }
    core.halts.endNever();
    return last;
  }

  /** Computes forward to a moment in front of an instruction, ignoring everything that would stop there. */
  private computeTo({ position, address, cycle }: Met): void {
    const { core } = this;
    this.watches.suspended(() => {
      core.halts.endAfter(position - 1);
      if (core.streamPosition < position) core.run(cycle + 1);
      core.halts.endNever();
      while (core.nextAddress !== address && core.cycle < cycle) this.stepWithin(cycle);
    });
  }

  private stepWithin(cycle: number): string {
    const { core } = this;
    return core.cycle >= cycle ? 'time' : core.stepInstruction(cycle);
  }

  private backToStart(): TargetStop {
    const first = this.history.at(0);
    if (first !== undefined) this.restore(first.state);
    return { reason: 'history-start', processor: 0 };
  }

  // ---------------------------------------------------------------- other wishes

  monitor(text: string): string {
    const { core, history } = this;
    const [command = '', value = ''] = text.trim().split(/\s+/);
    switch (command) {
      case 'cycle':
        return `cycle ${core.cycle}, ${core.issued} instructions issued\n`;
      case 'history':
        return `${history.length} checkpoints, from cycle ${history.at(0)?.cycle ?? core.cycle} on, at least ${history.interval} cycles apart\n`;
      case 'doorbell':
        core.doorbell();
        this.edited();
        return `doorbell at cycle ${core.cycle}\n`;
      case 'pins':
        if (!/^(0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(value)) return 'write pins VALUE\n';
        core.setPins(Number(value) | 0);
        this.edited();
        return `pins 0x${(Number(value) >>> 0).toString(16)} at cycle ${core.cycle}\n`;
      case 'reset':
        this.reset();
        return 'at cycle 0, as loaded\n';
      default:
        return help;
    }
  }

  /** Power-up state with the program as it was loaded; the past is forgotten. */
  reset(): void {
    const first = this.history.at(0);
    if (first === undefined) return;
    this.restore(first.state);
    this.history.clear();
    this.remember(false);
  }

  /** Local time in cycles. */
  get cycle(): number {
    return this.core.cycle;
  }

  // ---------------------------------------------------------------- states

  private moment(): Moment {
    return { position: this.core.streamPosition, cycle: this.core.cycle };
  }

  private save(): State {
    return { core: this.core.snapshot(), bus: this.bus.save() };
  }

  private restore(state: State): void {
    this.core.restore(state.core);
    this.bus.load(state.bus);
    this.core.halts.forgetPassed();
    this.isViewed = false;
  }

  private remember(isEdited: boolean): void {
    this.history.add({ ...this.moment(), state: this.save(), isEdited });
  }

  private rememberIfDue(): void {
    if (this.history.isDue(this.core.cycle)) this.remember(false);
  }

  private edited(): void {
    this.history.edit({ ...this.moment(), state: this.save(), isEdited: true });
    this.isViewed = false;
  }

  /** The mirror with everything finished that was under way in the vector unit. */
  private view(): PpuCore {
    const { core, mirror } = this;
    if (!this.isViewed) {
      mirror.restore(core.snapshot());
      this.mirrorBus.load(this.bus.save());
      const { vector } = mirror;
      for (let i = 0; i < 100 && !vector.isEmpty; i++) vector.catchUp(vector.next + 1000);
      this.isViewed = true;
    }
    return mirror;
  }

  private fault(): TargetStop {
    const { fault } = this.core;
    return {
      reason: 'fault',
      processor: 0,
      message: `strict: at 0x${(fault?.address ?? 0).toString(16)}: ${fault?.reason ?? ''}\n`,
    };
  }

  private ended(): TargetStop {
    const { core } = this;
    const code = core.dataMemory.words[RETURN_CODE / 4]!;
    return {
      reason: 'ended',
      processor: 0,
      message: `the program sleeps for good since cycle ${core.sleepCycle ?? core.cycle}; return code ${code}\n`,
    };
  }
}

function savable(bus: PpuBus): SavableBus {
  if ('save' in bus && 'load' in bus) return bus as SavableBus;
  throw new TypeError('the bus of a debugged processor must be savable');
}

function outsideWord(bus: PpuBus, address: number): number | undefined {
  if (bus.isMapped(address)) return bus.readWord(address, 0);
  return address >= OUTSIDE_CODE ? bus.fetchWord(address, 0) : undefined;
}
