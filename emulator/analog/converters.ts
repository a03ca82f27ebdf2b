/** The converters: voltage to CADC code (one channel per column and branch) and to MADC code. */
import { sin } from '../../isa/numeric/elementary.js';
import type { AnalogConstants } from './constants.js';
import type { FixedPattern } from './die.js';
import type { TrialNoise } from './noise.js';
import { Shared, type Settings } from './settings.js';

const CHANNELS = 1024;

export class Converters {
  private readonly offset = new Float64Array(CHANNELS);
  private readonly gain = new Float64Array(CHANNELS);
  private readonly ideal: boolean;

  constructor(
    private readonly settings: Settings,
    pattern: FixedPattern,
    private readonly constants: AnalogConstants,
    /** Replaced when the noise seed changes. */
    public noise: TrialNoise,
  ) {
    this.ideal = pattern.ideal;
    for (let i = 0; i < CHANNELS; i++) {
      this.offset[i] = pattern.cadcOffset(i);
      this.gain[i] = pattern.cadcGain(i);
    }
  }

  /** Voltage (mV) whose nominal CADC code is `counts`. */
  voltageOfCounts(counts: number): number {
    return 150 + (counts - 20) * this.constants.cadcStep;
  }

  /** Origin (mV) and step (mV per count) of a quadrant's ramp. */
  rampOrigin(block: number): number {
    const { settings, constants } = this;
    return (
      settings.voltage(settings.sharedCode(block, Shared.cadc_v_ramp_offset)) - constants.cadcOrigin
    );
  }

  rampStep(block: number): number {
    const k = this.constants;
    return (
      (k.cadcStep * this.settings.sharedCode(block, Shared.cadc_i_ramp_slope)) / k.cadcSlopeCode
    );
  }

  /**
   * Code of a voltage on a channel (hemisphere * 512 + branch * 256 + column) for the ramp of its quadrant.
   * The offset register is added to the converted code, saturating.
   */
  cadc(channel: number, millivolts: number, origin: number, step: number, cycle: number): number {
    const k = this.constants;
    const noise = this.noise.on.cadc ? k.cadcNoise * this.noise.cadc(channel, cycle) : 0;
    const above = millivolts + noise * k.cadcStep - origin;
    const ramp = step > 0 ? (above / step) * this.gain[channel]! : above > 0 ? 255 : 0;
    const raw = limit(Math.floor(ramp + this.offset[channel]! + 0.5), 255);
    return limit(raw + this.settings.cadcOffsets[channel]! - 128, 255);
  }

  /** MADC code of a voltage; the noise of a sample belongs to its time. */
  madc(millivolts: number, at: number): number {
    const k = this.constants;
    let code = k.madcZero + (k.madcSpan * millivolts) / 1200;
    if (!this.ideal) code += k.madcInl * sin((2 * Math.PI * code) / 1024);
    if (this.noise.on.madc) code += k.madcNoise * this.noise.madc(Math.floor(at * 16));
    return limit(Math.floor(code + 0.5), 1023);
  }
}

function limit(value: number, most: number): number {
  return value < 0 ? 0 : value > most ? most : value;
}
