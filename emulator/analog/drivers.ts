/** Synapse drivers: amplitude of the pulse of one event, with short-term plasticity, and its way to the columns. */
import { exp, pow } from '../../isa/numeric/elementary.js';
import type { AnalogConstants } from './constants.js';
import { DRIVERS, MICROSECONDS_PER_CYCLE } from './core.js';
import type { FixedPattern } from './die.js';
import { Shared, type Settings } from './settings.js';

export class Drivers {
  /** Voltage of the short-term plasticity in codes at the last event; NaN: fully recovered. */
  readonly voltage = new Float64Array(2 * DRIVERS).fill(NaN);
  readonly since = new Float64Array(2 * DRIVERS);
  /** Events taken so far, by driver. */
  readonly events = new Float64Array(2 * DRIVERS);
  private readonly offset = new Float64Array(2 * DRIVERS);

  constructor(
    private readonly settings: Settings,
    pattern: FixedPattern,
    private readonly constants: AnalogConstants,
  ) {
    for (let i = 0; i < 2 * DRIVERS; i++) this.offset[i] = pattern.driverOffset(i);
  }

  /** Amplitude of an event at driver `index` (hemisphere * 128 + driver) at cycle `t`; moves the driver's state. */
  pulse(index: number, address: number, t: number): number {
    const k = this.constants;
    const config = this.settings.drivers[index]!;
    this.events[index] = this.events[index]! + 1;
    const span = k.stpFull - k.stpEqual;
    if (config.en_stp === 0) return 1 + this.offset[index]! / span;
    if (config.en_hagen && config.en_hagen_modulation && config.forward_address === 0)
      return ((address & 31) / 31) * (1 + this.offset[index]! / span);
    const block = 2 * (index >> 7) + (index & 1);
    const second = config.select_target_voltages ? 1 : 0;
    const charge = this.settings.sharedCode(block, Shared.stp_v_charge_0 + second);
    const recover = this.settings.sharedCode(block, Shared.stp_v_recover_0 + second);
    let v = this.voltage[index]!;
    const stp = this.settings.stp[index >> 7]!;
    if (v !== v) v = recover;
    else if (config.en_recovery && stp.enable_recovery_clock) {
      const tau =
        k.stpRecovery *
        pow(2, (k.stpRecoveryOctaves * config.recovery) / 15 + stp.recovery_clock_speed);
      v = recover + (v - recover) * exp((-(t - this.since[index]!) * MICROSECONDS_PER_CYCLE) / tau);
    }
    v += (k.stpUtilizationBase + k.stpUtilizationStep * config.utilization) * (charge - v);
    this.voltage[index] = v;
    this.since[index] = t;
    const height =
      (k.stpFull - v + k.stpOffsetStep * (config.offset - 7.5) + this.offset[index]!) / span;
    const ramp = Math.max(1, this.settings.sharedCode(block, Shared.stp_i_ramp));
    return ((height < 0 ? 0 : height > 2 ? 2 : height) * k.stpRampCode) / ramp;
  }

  /** What a snapshot copies. */
  stateArrays(): Record<string, Float64Array> {
    return { voltage: this.voltage, since: this.since, events: this.events };
  }

  powerUp(): void {
    this.voltage.fill(NaN);
    this.since.fill(0);
    this.events.fill(0);
  }
}
