/**
 * A whole chip as a debugger sees it: both processors as threads that stop together, with everything around them. Time
 * on a chip passes only while the host's program has words to execute, whoever runs it.
 */
import type { Chip } from '../chip.js';
import { BareBus } from '../ppu/bus.js';
import { PpuCore } from '../ppu/core.js';
import { PpuMemory } from '../ppu/memory.js';
import { ReversibleChip, SLICE } from './chip-reverse.js';
import { readRegister, writeRegister } from './register-access.js';
import type { DebugTarget, TargetStop } from './target.js';

const names = ['top PPU', 'bottom PPU'] as const;
/** Data addresses of the memory behind the FPGA. */
const EXTERNAL = 0x4000_0000;
const EXTERNAL_END = 0x6000_0000;
/** A step over a sleeping processor gives up after so many cycles: 20 ms. */
const PATIENCE = 5_000_000;

const help = `monitor commands:
  cycle        time of the chip and what the processors do
  history      how far back time can run
`;

/** A bus on which nothing happens: looking must not touch the chip. */
class StillBus extends BareBus {
  override readonly synchronised = true;
}

/** A core that takes over another one's state to be looked at. */
function mirrorOf(core: PpuCore): PpuCore {
  const memory = new PpuMemory(core.dataMemory.size);
  return new PpuCore({
    instructionMemory: memory,
    dataMemory: memory,
    bus: new StillBus(),
    options: core.options,
  });
}

export class ChipTarget extends ReversibleChip implements DebugTarget {
  readonly processors = 2;
  private readonly mirrors: readonly PpuCore[];
  private readonly isViewed = [false, false];
  private ending: string | undefined = undefined;
  /** The chip stands still until the first `resume` or `step`. */
  constructor(chip: Chip) {
    super(chip);
    this.mirrors = this.cores.map(mirrorOf);
    this.side.processors.isPaused = true;
  }

  /** The host has nothing more to run: the debugger is told so, in one sentence, when it next waits for something. */
  end(message: string): void {
    this.ending = message;
  }

  processorName(processor: number): string {
    const unit = this.side.processors.units[processor];
    const doing =
      unit === undefined || !unit.running ? 'in reset' : unit.core.sleeping ? 'asleep' : 'awake';
    return `${names[processor] ?? ''}, ${doing}`;
  }

  readRegister(processor: number, register: number): Uint8Array | undefined {
    const core = this.view(processor);
    return core && readRegister(core, register);
  }

  writeRegister(processor: number, register: number, bytes: Uint8Array): boolean {
    const core = this.cores[processor];
    this.isViewed[processor] = false;
    const done = core !== undefined && writeRegister(core, register, bytes);
    if (done) this.past.edited();
    return done;
  }

  readMemory(processor: number, address: number, length: number): Uint8Array {
    const core = this.view(processor);
    if (core === undefined) return new Uint8Array(0);
    const { size } = core.dataMemory;
    if (address < size) return core.dataMemory.dump(address, Math.min(length, size - address));
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      const word = this.externalWord(address + i);
      if (word < 0) return bytes.slice(0, i);
      bytes[i] = this.side.memory.read(word) >>> (24 - 8 * ((address + i) & 3));
    }
    return bytes;
  }

  writeMemory(processor: number, address: number, bytes: Uint8Array): boolean {
    const core = this.cores[processor];
    if (core === undefined) return false;
    const isInside = address + bytes.length <= core.dataMemory.size;
    for (let i = 0; i < bytes.length && !isInside; i++) {
      if (this.externalWord(address + i) < 0) return false;
    }
    bytes.forEach((byte, i) => {
      const at = address + i;
      const value = byte << (24 - 8 * (at & 3));
      const enables = 8 >> (at & 3);
      if (isInside) core.writeSramWord(at >>> 2, value, enables);
      else this.side.memory.write(this.externalWord(at), value >>> 0, enables);
    });
    if (!isInside) for (const one of this.cores) one.forgetCode();
    this.forgetView();
    this.past.edited();
    return true;
  }

  // ---------------------------------------------------------------- forwards

  step(processor: number): TargetStop {
    const core = this.cores[processor];
    if (core === undefined) return { reason: 'step', processor };
    this.past.begin();
    this.past.goesOn();
    const { halts } = core;
    halts.pass(core.streamPosition, core.nextAddress);
    halts.endAfter(core.streamPosition, core.nextAddress);
    this.move();
    let isIdle = false;
    for (let spent = 0; spent < PATIENCE && !isIdle && !this.side.processors.isHeld;) {
      const before = this.chip.cyclesRun;
      isIdle = this.chip.run(SLICE);
      this.past.rememberIfDue();
      spent += Math.max(1, this.chip.cyclesRun - before);
    }
    halts.endNever();
    this.pause();
    const held = this.heldProcessor();
    this.current = held >= 0 ? held : processor;
    if (held >= 0) return this.watches.stopOf(held);
    if (!isIdle) return { reason: 'step', processor };
    const message =
      this.ending ?? "no time passes: the host's program has no words left to execute";
    return { reason: 'ended', processor, message: `${message}\n` };
  }

  resume(budget: number): TargetStop {
    const { processors } = this.side;
    this.past.begin();
    this.past.goesOn();
    if (processors.isPaused) this.move();
    const isIdle = this.chip.run(Math.min(budget, this.past.history.interval));
    const held = this.heldProcessor();
    if (held >= 0) {
      this.pause();
      this.current = held;
      return this.watches.stopOf(held);
    }
    const refused = processors.units.findIndex((unit) => unit.stopped === 'strict');
    if (refused >= 0) {
      this.pause();
      const { fault } = processors.units[refused]!.core;
      return {
        reason: 'fault',
        processor: refused,
        message: `strict: at 0x${(fault?.address ?? 0).toString(16)}: ${fault?.reason ?? ''}\n`,
      };
    }
    this.past.rememberIfDue();
    if (this.ending === undefined || !isIdle) return { reason: 'paused', processor: 0 };
    this.pause();
    return { reason: 'ended', processor: 0, message: `${this.ending}\n` };
  }

  /** The debugger is there, and time stands still. */
  interrupt(): void {
    this.pause();
    this.past.begin();
  }

  // ---------------------------------------------------------------- other wishes

  monitor(text: string): string {
    const { history } = this.past;
    switch (text.trim()) {
      case 'cycle': {
        const states = names.map((_, processor) => this.processorName(processor));
        return `cycle ${this.chip.cycle}; ${states.join('; ')}\n`;
      }
      case 'history': {
        const back = this.past.cycle - (history.at(0)?.cycle ?? this.past.cycle);
        return `${history.length} states; time can run back ${back} cycles\n`;
      }
      default:
        return help;
    }
  }

  /** The debugger has gone: time passes without it, and the past is forgotten. */
  go(): void {
    this.past.end();
    this.move();
  }

  protected override forgetView(): void {
    this.isViewed.fill(false);
  }

  private externalWord(address: number): number {
    if (address < EXTERNAL || address >= EXTERNAL_END) return -1;
    const word = 0x8000_0000 + Math.floor((address - EXTERNAL) / 4);
    return this.side.memory.isMapped(word) ? word : -1;
  }

  /** The state that the instructions before the program counter leave, as far as no access outside is needed for it. */
  private view(processor: number): PpuCore | undefined {
    const core = this.cores[processor];
    const mirror = this.mirrors[processor];
    if (core === undefined || mirror === undefined) return undefined;
    if (this.isViewed[processor] !== true) {
      mirror.restore(core.snapshot());
      const { vector } = mirror;
      for (let i = 0; i < 100 && !vector.isEmpty; i++) {
        if (vector.catchUp(vector.next + 1000) !== 0) break;
      }
      this.isViewed[processor] = true;
    }
    return mirror;
  }
}
