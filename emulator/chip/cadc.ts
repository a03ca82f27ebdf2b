/** The CADC of one hemisphere: a conversion samples all 512 channels at once and latches their codes. */

import type { AnalogCore } from '../analog/core.js';

/** See the module's first sentence. */
export class Cadc {
  readonly causal = new Uint8Array(256);
  readonly acausal = new Uint8Array(256);
  /** Cycle at which the running conversion ends. */
  busyUntil = 0;
  /** Conversions since power-up. */
  conversions = 0;

  constructor(
    private readonly hemisphere: number,
    private readonly analog: AnalogCore,
    private readonly duration: number,
  ) {}

  /**
   * Converts a row at `cycle`, to which the analog core has been brought. Voltages are those of that cycle; a
   * conversion asked for while another runs waits for its turn with the ramp only.
   * @returns cycles until the codes are there
   */
  convert(row: number, cycle: number, senseDelay: number): number {
    this.analog.convertCadc(this.hemisphere, row & 255, this.causal, this.acausal);
    this.conversions++;
    const begin = this.busyUntil > cycle ? this.busyUntil : cycle;
    this.busyUntil = begin + senseDelay + this.duration;
    return this.busyUntil - cycle;
  }

  /** Cycles until the latch is valid. */
  waitFrom(cycle: number): number {
    return this.busyUntil > cycle ? this.busyUntil - cycle : 0;
  }

  clear(): void {
    this.causal.fill(0);
    this.acausal.fill(0);
    this.busyUntil = 0;
    this.conversions = 0;
  }
}
