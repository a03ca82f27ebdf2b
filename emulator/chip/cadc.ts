/** The CADC of one hemisphere: a conversion samples all 512 channels at once and latches their codes. */

import { addressOf, decodeContainer } from '../../isa/registers/index.js';
import type { AnalogCore } from '../analog/core.js';
import type { RegisterFile } from './register-file.js';

/** Reset wait and dead time that the assumed duration of a conversion contains: what hosts usually set. */
const usualWaits = 100 + 20;

/** See the module's first sentence. */
export class Cadc {
  readonly causal = new Uint8Array(256);
  readonly acausal = new Uint8Array(256);
  /** Cycle at which the running conversion ends. */
  busyUntil = 0;
  /** Conversions since power-up. */
  conversions = 0;

  private readonly configAddress: number;
  private readonly senseAddress: number;

  constructor(
    private readonly hemisphere: number,
    private readonly analog: AnalogCore,
    private readonly registers: RegisterFile,
    private readonly duration: number,
  ) {
    this.configAddress = addressOf('CADCConfig', [hemisphere]);
    this.senseAddress = addressOf('CommonCorrelationConfig', [hemisphere]);
  }

  /**
   * Converts a row at `cycle`, to which the analog core has been brought. Voltages are those of that cycle; a
   * conversion asked for while another runs waits for its turn with the ramp only. A converter that is not enabled
   * keeps the codes it has.
   * @returns cycles until the codes are there
   */
  convert(row: number, cycle: number): number {
    if (!this.isEnabled) return 0;
    this.analog.convertCadc(this.hemisphere, row & 255, this.causal, this.acausal);
    return this.occupy(cycle);
  }

  /**
   * Converts the reset voltages of a row's sensors on one branch (0 causal, 1 acausal): what they show when they are
   * fresh. The latch keeps its codes.
   * @returns cycles until the codes are there
   */
  convertReset(row: number, branch: 0 | 1, cycle: number, out: Uint8Array): number {
    if (!this.isEnabled) {
      out.fill(0);
      return 0;
    }
    this.analog.convertReset(this.hemisphere, row & 255, branch, out);
    return this.occupy(cycle);
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

  private get isEnabled(): boolean {
    return (this.registers.get(this.configAddress) & 1) !== 0;
  }

  private occupy(cycle: number): number {
    const config = decodeContainer('CADCConfig', [this.registers.get(this.configAddress)]);
    const waits = config.reset_wait + config.dead_time - usualWaits;
    const begin = this.busyUntil > cycle ? this.busyUntil : cycle;
    this.conversions++;
    this.busyUntil =
      begin + (this.registers.get(this.senseAddress) & 0xfff) + this.duration + waits;
    return this.busyUntil - cycle;
  }
}
