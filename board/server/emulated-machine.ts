/** The emulated chip behind a wire. */

import type { Chip } from '../../emulator/index.js';
import type { SelfDescription } from '../link/self-description.js';
import type { Machine } from './machine.js';

/** Chip cycles between two looks at the clock; milliseconds between two looks at the wire. */
const leastCycles = 1_000;
const mostCycles = 1_000_000;
const sliceMilliseconds = 8;

/** See the module's first sentence. Chip time passes in `work` only. */
export class EmulatedMachine implements Machine {
  readonly description: SelfDescription;
  private cycles = 10_000;

  /** @param now real time in milliseconds, to stop for the wire in time */
  constructor(
    private readonly chip: Chip,
    private readonly now: () => number,
  ) {
    const {
      chip: name,
      seed,
      calibration,
      noiseSeed,
      tableVersion,
      noise,
      settling,
      engines,
      changedConstants,
    } = chip.describe();
    this.description = {
      version: 1,
      compatible_until: 4,
      name: `emulated chip (${name})`,
      emulator: 'plastic',
      chip: name,
      ...(seed === null ? {} : { seed }),
      calibration,
      noise_seed: noiseSeed,
      table_version: tableVersion,
      settling,
      engine_ppu: engines.ppu,
      engine_analog: engines.analog,
      ...Object.fromEntries(Object.entries(noise).map(([source, on]) => [`noise.${source}`, on])),
      ...Object.fromEntries(
        Object.entries(changedConstants).map(([constant, value]) => [
          `constant.${constant}`,
          value,
        ]),
      ),
    };
  }

  get chipSeconds(): number {
    return this.chip.cyclesRun * 4e-9;
  }

  feed(words: Uint32Array): void {
    this.chip.feed(words);
  }

  work(chipSeconds: number): 'more' | 'idle' | 'waiting' {
    const begin = this.now();
    const end = this.chip.cyclesRun + Math.ceil(chipSeconds * 250e6);
    for (let before = begin; ;) {
      const cycle = this.chip.cyclesRun;
      if (this.chip.run(Math.min(this.cycles, end - cycle))) return 'idle';
      // A debugger holds the chip.
      if (this.chip.cyclesRun === cycle) return 'waiting';
      if (this.chip.cyclesRun >= end) return 'more';
      const now = this.now();
      if (now - before < 1) this.cycles = Math.min(2 * this.cycles, mostCycles);
      else if (now - before > 4) this.cycles = Math.max(this.cycles >> 1, leastCycles);
      if (now - begin > sliceMilliseconds) return 'more';
      before = now;
    }
  }

  take(): Uint32Array {
    return this.chip.takeOutput();
  }

  abandon(): void {
    this.chip.abandon();
  }

  disconnect(): void {
    this.chip.disconnect();
  }
}
