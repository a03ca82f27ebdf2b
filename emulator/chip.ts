/** A virtual HICANN-X with its FPGA: takes playback words, answers with words, and is nothing but its seed. */

import {
  constantsWith,
  createAnalogCore,
  DamagedSnapshotError,
  energyOf,
  type AnalogCore,
  type Energy,
  type Die,
  type EngineName,
} from './analog/index.js';
import { digitalConstants, type DigitalConstants } from './chip/constants.js';
import {
  describeChip,
  identityOf,
  type ChipDescription,
  type ChipOptions,
  type ChipWarnings,
  type HostWatcher,
} from './chip/description.js';
import { Executor } from './chip/executor.js';
import type { ExecutorSide } from './chip/executor-side.js';
import { ExternalMemory } from './chip/external-memory.js';
import { Fabric } from './chip/fabric.js';
import { Omnibus } from './chip/omnibus.js';
import { ChipBus } from './chip/ppu-bus.js';
import { Processors } from './chip/processors.js';
import { RegisterFile } from './chip/register-file.js';
import {
  CHIP_SNAPSHOT_VERSION,
  ChipSnapshotError,
  loadFields,
  saveFields,
  shapeDifference,
  type ChipSnapshot,
} from './chip/snapshot.js';
import { Uplink } from './chip/uplink.js';
import type { PpuCore } from './ppu/core.js';
import { addressOf } from '../isa/registers/index.js';

/** How far the executor may be ahead of the chip while it only waits and sends spikes. */
const lookAhead = 4000;

/**
 * See the module's first sentence. Time passes only in `run`, while there are words to execute, and its results do
 * not depend on how words or cycles are portioned.
 */
export class Chip {
  private readonly constants: DigitalConstants;
  private readonly analog: AnalogCore;
  private readonly registers = new RegisterFile();
  private readonly uplink: Uplink;
  private readonly fabric: Fabric;
  private readonly processors: Processors;
  private readonly omnibus: Omnibus;
  private readonly executor: Executor;
  private readonly engine: EngineName;
  private noiseSeed: number;
  /** The seed that a reset brings back. */
  private readonly firstNoiseSeed: number;
  private cyclesBefore = 0;
  private hostWatcher: HostWatcher | undefined = undefined;

  private constructor(
    private readonly die: Die,
    private readonly options: ChipOptions,
  ) {
    this.engine = options.engine ?? 'precise';
    this.firstNoiseSeed = options.noiseSeed ?? 0;
    this.noiseSeed = this.firstNoiseSeed;
    this.constants = digitalConstants(options.digital);
    this.analog = createAnalogCore({
      die,
      engine: this.engine,
      noiseSeed: this.noiseSeed,
      ...(options.noise === undefined ? {} : { noise: options.noise }),
      ...(options.constants === undefined ? {} : { constants: options.constants }),
      consume: options.consume ?? true,
      settling: options.settling ?? 'instant',
      onSpike: (neuron, cycle) => this.fabric.noteSpike(neuron, cycle),
    });
    this.uplink = new Uplink(this.constants.fpgaTraceLimit / 2);
    this.fabric = new Fabric(this.analog, this.uplink, this.registers, this.constants);
    const buses = [new ChipBus(0, this.constants), new ChipBus(1, this.constants)] as const;
    this.processors = new Processors(
      buses,
      { strict: options.strict ?? false, ...options.ppu },
      this.constants.ppuStartDelay,
      this.constants.processorSlot,
      (cycle) => this.fabric.advance(cycle),
    );
    this.omnibus = new Omnibus(
      this.analog,
      this.fabric,
      this.processors,
      this.registers,
      new ExternalMemory(),
      {
        timerAt: (cycle) => this.executor.timerAt(cycle),
        setRecording: (on) => {
          this.fabric.recording = on;
        },
        setNoiseSeed: (seed) => {
          this.noiseSeed = seed;
          this.analog.setNoiseSeed(seed);
        },
        dna: [die === 'ideal' ? 0xffffffff : die.seed >>> 0, 0x504c41],
      },
      this.constants,
    );
    for (const bus of buses) bus.connect(this.omnibus);
    this.executor = new Executor(
      this.executorSide(),
      this.uplink,
      this.constants,
      options.strict ?? false,
    );
  }

  /** The perfect chip: no fixed pattern, no noise. */
  static ideal(options: ChipOptions = {}): Chip {
    return new Chip('ideal', options);
  }

  /** The chip drawn from a seed, a whole number. */
  static fromSeed(seed: number, options: ChipOptions = {}): Chip {
    return new Chip(
      { seed, law: options.law ?? 'residual', defects: options.defects ?? false },
      options,
    );
  }

  /** Cycles (4 ns) since power-up or the last reset message. */
  get cycle(): number {
    return this.fabric.cycle;
  }

  /** Cycles run since this object was made; never set back. */
  get cyclesRun(): number {
    return this.cyclesBefore + this.fabric.cycle;
  }

  /** Words fed and not yet consumed. */
  get wordsWaiting(): number {
    return this.executor.wordsWaiting;
  }

  /** True if the last message executed was a halt. */
  get halted(): boolean {
    return this.executor.halted;
  }

  /** Facts for a manifest. */
  describe(): ChipDescription {
    return describeChip(this.die, this.options, this.constants, this.noiseSeed);
  }

  /** The energy meter since power-up: by the published power of the chip, and beside it by a model of what activity costs. */
  energy(): Energy {
    const { counts } = this.analog;
    const constants = constantsWith(this.options.constants);
    return energyOf(constants, this.cycle, counts, this.processors.awakeCycles);
  }

  /** What went wrong since power-up without stopping anything. */
  warnings(): ChipWarnings {
    return {
      unmapped: this.omnibus.unmapped,
      unmappedAddresses: [...this.omnibus.unmappedAddresses],
      refusal: this.executor.refusal,
      protocolErrors: this.executor.errors,
      crossbarOverflows: this.fabric.crossbar.overflows,
      lateEvents: this.uplink.dropped,
      serialOverflows: this.fabric.serial.overflows,
      stoppedProcessors: this.processors.units.flatMap((unit, hemisphere) =>
        unit.stopped === undefined
          ? []
          : [`${hemisphere === 0 ? 'top' : 'bottom'}: ${unit.core.fault?.reason ?? unit.stopped}`],
      ),
    };
  }

  /** Hands over playback words (two entries each); they are consumed by `run`. */
  feed(words: Uint32Array): void {
    this.hostWatcher?.fed(words, !this.executor.hasWork);
    this.executor.feed(words);
  }

  /**
   * Executes words for at most `maxCycles` cycles.
   * @returns true if no word is left; time then stands still until more are fed
   *   (false without progress while a debugger holds the chip)
   */
  run(maxCycles = Infinity): boolean {
    const { executor, processors } = this;
    if (processors.isPaused) return false;
    const end = this.cyclesRun + maxCycles;
    while (executor.hasWork) {
      const due = executor.due;
      if (this.cyclesBefore + due > end) {
        this.bring(end - this.cyclesBefore);
        return false;
      }
      if (processors.isDebugged || due - this.fabric.cycle > lookAhead) {
        this.bring(due);
        // What waits for its turn stays little.
        this.uplink.flush(this.tick);
      }
      if (processors.isHeld) return false;
      executor.step();
      if (!processors.isDebugged)
        executor.stream(Math.min(this.fabric.cycle + lookAhead, end - this.cyclesBefore));
    }
    this.bring(executor.due);
    return !processors.isHeld;
  }

  /** Answers since the last call: whole words after a halt, otherwise the complete ones. */
  takeOutput(): Uint32Array {
    this.uplink.flush(this.tick);
    const answers = this.uplink.take(this.executor.halted && !this.executor.hasWork);
    return this.hostWatcher?.taken(answers) ?? answers;
  }

  /** Feeds, runs and takes: for short programs and tests. */
  execute(words: Uint32Array): Uint32Array {
    this.feed(words);
    this.run();
    return this.takeOutput();
  }

  /** A lost or new connection: forgets words and answers in flight; chip state stays. */
  disconnect(): void {
    this.executor.disconnect(this.fabric.cycle);
    this.uplink.clear();
    this.hostWatcher?.cut(true);
  }

  /** Gives the running program up: its answers so far, a time-out notice and its halt are the output. */
  abandon(): void {
    this.executor.abandon(this.fabric.cycle);
    this.bring(this.executor.due);
    this.hostWatcher?.cut(false);
  }

  /** Everything that decides about the future of the chip, answers not yet taken included. */
  save(): ChipSnapshot {
    return {
      version: CHIP_SNAPSHOT_VERSION,
      chip: identityOf(this.describe(), this.options),
      parts: Object.fromEntries(
        Object.entries(this.parts).map(([name, part]) => [name, saveFields(part)]),
      ),
      registers: this.registers.savePages(),
      memory: this.omnibus.memory.savePages(),
      processors: this.processors.save(),
      analog: this.analog.save(),
    };
  }

  /**
   * Goes on from a snapshot of an equal chip (same seed and options). A snapshot that does not fit changes nothing.
   * @throws ChipSnapshotError for another chip or version, DamagedSnapshotError for one that lacks something
   */
  load(snapshot: ChipSnapshot): void {
    const found = `${snapshot.chip}, version ${snapshot.version}`;
    const expected = `${identityOf(this.describe(), this.options)}, version ${CHIP_SNAPSHOT_VERSION}`;
    if (found !== expected) throw new ChipSnapshotError(found, expected);
    const difference = shapeDifference(this.save(), snapshot);
    if (difference !== undefined) throw new DamagedSnapshotError(difference);
    this.analog.load(snapshot.analog);
    for (const [name, part] of Object.entries(this.parts)) {
      const saved = snapshot.parts[name];
      if (saved !== undefined) loadFields(part, saved);
    }
    this.registers.loadPages(snapshot.registers);
    this.omnibus.memory.loadPages(snapshot.memory);
    this.processors.load(snapshot.processors);
    this.fabric.restored();
  }

  /**
   * What a debugger needs: the processors, which breakpoints then hold, the memory behind the FPGA, a place for someone
   * who watches the host, and a way to feed words again that he has seen.
   */
  debug(): {
    readonly processors: Processors;
    readonly memory: ExternalMemory;
    /** Tells `watcher` of every playback word and disconnection, so that they can be repeated. */
    watchHost(watcher: HostWatcher): void;
    /** Gives the executor words a second time, unwatched. */
    feedAgain(words: Uint32Array): void;
  } {
    this.processors.isDebugged = true;
    return {
      processors: this.processors,
      memory: this.omnibus.memory,
      watchHost: (watcher) => {
        this.hostWatcher = watcher;
      },
      feedAgain: (words) => this.executor.feed(words),
    };
  }

  /** The cores of the top and the bottom PPU, for traces: watching changes nothing. */
  get cores(): readonly [PpuCore, PpuCore] {
    const [top, bottom] = this.processors.units;
    return [top.core, bottom.core];
  }

  /** The analog core, for traces and tests: looking changes nothing. */
  get analogView(): Pick<AnalogCore, 'membrane' | 'synapticLine' | 'adaptation' | 'correlation'> {
    return this.analog;
  }

  /** Every part with plain state of its own; processors, registers and the analog core save themselves. */
  private get parts(): Readonly<Record<string, object>> {
    const { executor, omnibus } = this;
    const [top, bottom] = omnibus.arrays;
    return {
      chip: this,
      executor,
      jtag: executor.jtag,
      omnibus,
      externalBlock: omnibus.memory,
      topSwitches: { switches: top.synapses.switches },
      topCadc: top.cadc,
      topRandom: top.random,
      bottomSwitches: { switches: bottom.synapses.switches },
      bottomCadc: bottom.cadc,
      bottomRandom: bottom.random,
      ...this.uplink.parts,
      ...this.fabric.parts,
    };
  }

  /** FPGA ticks that are over. */
  private get tick(): number {
    return Math.floor(this.fabric.cycle / 2);
  }

  private bring(cycle: number): void {
    if (cycle <= this.fabric.cycle) {
      this.processors.run(cycle);
      return;
    }
    this.processors.run(cycle);
    const reached = this.processors.isHeld ? this.processors.reached : cycle;
    if (reached > this.fabric.cycle) this.fabric.advance(Math.min(reached, cycle));
  }

  private executorSide(): ExecutorSide {
    return {
      bring: (cycle) => this.bring(cycle),
      read: (address, cycle) => this.omnibus.read(address, cycle),
      write: (address, value, enables, cycle) => this.omnibus.write(address, value, enables, cycle),
      extraCycles: () => this.omnibus.extra,
      isMapped: (address) => this.omnibus.isMapped(address),
      hostSpike: (label, cycle) => this.fabric.hostSpike(label, cycle),
      synchronise: (cycle) => this.synchronise(cycle),
      reset: () => this.powerUp(),
    };
  }

  /** Chip systime and FPGA time start together from the base registers. */
  private synchronise(cycle: number): void {
    const address = addressOf('SystimeSyncBase', []);
    const start =
      this.omnibus.read(address, cycle) + this.omnibus.read(address + 1, cycle) * 0x100000000;
    // Both sides must agree on the half cycle, so the base counts from an even value.
    const even = start - (start % 2);
    this.omnibus.noteSystime(even);
    this.fabric.systimeOffset = (((even - cycle) % 256) + 256) % 256;
    this.uplink.synchronise(cycle / 2, even / 2);
  }

  private powerUp(): void {
    this.cyclesBefore += this.fabric.cycle;
    this.uplink.powerUp(this.tick);
    this.processors.powerUp();
    this.omnibus.clear();
    this.fabric.powerUp();
    this.executor.restartTime();
    this.noiseSeed = this.firstNoiseSeed;
    this.analog.setNoiseSeed(this.noiseSeed);
  }
}
