/** Which synapse drivers take an event of a PADI bus: receiver enable and row-select comparison, looked up. */

import { driverSettings } from '../../isa/registers/index.js';
import type { AnalogCore } from '../analog/core.js';

/** The 128 drivers of a hemisphere. */
export class Drivers {
  /** Three words per driver, as in SynapseDriverConfig. */
  readonly words = new Uint32Array(128 * 3);

  /** Drivers that take (bus, row select), as a list per entry; undefined until asked for. Never saved. */
  private readonly known = { takers: new Array<Uint8Array | undefined>(4 * 32) };

  constructor(
    private readonly hemisphere: number,
    private readonly analog: AnalogCore,
  ) {}

  /** Takes over word 0..2 of a driver's configuration. */
  configure(driver: number, word: number, value: number): void {
    this.words[driver * 3 + word] = value;
    this.known.takers.fill(undefined);
    const { enable_receiver: _e, row_mask: _r, ...rest } = this.settingsOf(driver);
    this.analog.setDriver(this.hemisphere, driver, rest);
  }

  /** Drivers of bus 0..3 that take events with a row select, ascending. */
  takersOf(bus: number, rowSelect: number): Uint8Array {
    return (this.known.takers[bus * 32 + rowSelect] ??= this.findTakers(bus, rowSelect));
  }

  /** Forgets what was looked up: the words have been loaded from a snapshot. */
  forgetTakers(): void {
    this.known.takers.fill(undefined);
  }

  clear(): void {
    this.words.fill(0);
    this.known.takers.fill(undefined);
  }

  private settingsOf(driver: number): ReturnType<typeof driverSettings> {
    return driverSettings(this.words.subarray(driver * 3, driver * 3 + 3));
  }

  private findTakers(bus: number, rowSelect: number): Uint8Array {
    const list: number[] = [];
    for (let index = 0; index < 32; index++) {
      const driver = 4 * index + bus;
      const { enable_receiver: enabled, row_mask: mask } = this.settingsOf(driver);
      if (enabled === 1 && (rowSelect & mask) === (index & mask)) list.push(driver);
    }
    return Uint8Array.from(list);
  }
}
