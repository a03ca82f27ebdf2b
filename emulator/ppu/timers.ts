/**
 * Time base, decrementer, fixed-interval timer and the conditions of asynchronous interrupts. Nothing here ticks:
 * every register is known as its value in some period, and events are computed ahead.
 *
 * A register that an instruction issued in period t writes has its new content from period t+3; one that it reads
 * is sampled in t+1.
 */

/** A period later than any that occurs. */
export const NEVER = 0x7fff_ffff;

const TCR_DIE = 0x0400_0000;
const TCR_FIE = 0x0080_0000;
const TCR_ARE = 0x0040_0000;
const TSR_DIS = 0x0800_0000;
const TSR_FIS = 0x0400_0000;
export const TCR_MASK = 0x07c0_0000;

/** Plain numbers only, so that a snapshot is a copy. Periods are those of the core. */
export class Timers {
  /** Time base: `high:low` is its content in period `timeAt`. Unsigned. */
  low = 0;
  high = 0;
  timeAt = 0;
  /** Decrementer: content in period `decAt`, unsigned. */
  dec = 0;
  decAt = 0;
  decar = 0;
  tcr = 0;
  /** TCR before its last change, and the period of that change. */
  tcrBefore = 0;
  tcrAt = 0;
  /** Periods from which the status bits are set; NEVER if they are not. */
  disAt = NEVER;
  fisAt = NEVER;
  /** Periods from which a doorbell or pin request is remembered. */
  doorbellAt = NEVER;
  pinAt = NEVER;
  pins = 0;
  iccr = 0;

  reset(): void {
    this.low = this.high = this.timeAt = this.dec = this.decAt = this.decar = 0;
    this.tcr = this.tcrBefore = this.tcrAt = this.iccr = this.pins = 0;
    this.disAt = this.fisAt = this.doorbellAt = this.pinAt = NEVER;
  }

  /** Moves all periods by `-by` (the core renumbers them now and then to stay within int32). */
  rebase(by: number): void {
    this.timeAt -= by;
    this.decAt -= by;
    this.tcrAt -= by;
    if (this.disAt !== NEVER) this.disAt -= by;
    if (this.fisAt !== NEVER) this.fisAt -= by;
    if (this.doorbellAt !== NEVER) this.doorbellAt -= by;
    if (this.pinAt !== NEVER) this.pinAt -= by;
  }

  /** Notes all timer events up to and including those that show in period p. */
  advance(p: number): void {
    this.advanceDecrementer(p);
    if (p <= this.timeAt) return;
    const rise = this.nextRise();
    if (rise <= p && this.fisAt === NEVER) this.fisAt = rise;
    const low = this.low + (p - this.timeAt);
    this.low = low >>> 0;
    if (low > 0xffff_ffff) this.high = (this.high + 1) >>> 0;
    this.timeAt = p;
  }

  private advanceDecrementer(p: number): void {
    while (this.dec > 0 && this.decAt + this.dec <= p) {
      const expired = this.decAt + this.dec;
      if (this.disAt === NEVER) this.disAt = expired;
      this.dec = (this.tcr & TCR_ARE) !== 0 ? this.decar : 0;
      this.decAt = expired;
      if (this.dec === 0) break;
      // Many periods of the reload at once: only the phase matters now.
      const left = p - this.decAt;
      if (left > this.dec) this.decAt += this.dec * Math.floor(left / this.dec);
      if (this.decAt === p) break;
    }
    if (this.dec === 0 && this.decAt < p) this.decAt = p;
  }

  /** The first period after `timeAt` in which the time base shows a rise of the fixed-interval bit. */
  private nextRise(): number {
    const half = this.intervalBit();
    const period = 2 * half;
    const phase = this.low % period;
    const steps = phase < half ? half - phase : period + half - phase;
    return this.timeAt + steps;
  }

  decrementer(p: number): number {
    this.advance(p);
    if (p < this.decAt) return (this.decAt - p) | 0;
    return this.dec === 0 ? 0 : (this.dec - (p - this.decAt)) | 0;
  }

  timeLow(p: number): number {
    this.advance(p);
    return (this.low + (p - this.timeAt)) | 0;
  }

  timeHigh(p: number): number {
    this.advance(p);
    // `timeAt` is at most two periods ahead of p, after a write to another timer register.
    return this.low + (p - this.timeAt) < 0 ? (this.high - 1) | 0 : this.high | 0;
  }

  /** Writes take effect in period p. */
  writeTimeLow(value: number, p: number): void {
    this.advance(p - 1);
    const next = (value >>> 0) & this.intervalBit();
    if (next !== 0 && (this.low & this.intervalBit()) === 0 && this.fisAt === NEVER) this.fisAt = p;
    const carry = this.low === 0xffff_ffff ? 1 : 0;
    this.low = value >>> 0;
    this.high = (this.high + carry) >>> 0;
    this.timeAt = p;
    this.advanceDecrementer(p);
  }

  private intervalBit(): number {
    return 1 << (8 + 4 * ((this.tcr >>> 24) & 3));
  }

  writeTimeHigh(value: number, p: number): void {
    this.advance(p);
    this.high = value >>> 0;
  }

  writeDecrementer(value: number, p: number): void {
    this.advance(p);
    this.dec = value >>> 0;
    this.decAt = p;
  }

  writeDecar(value: number, p: number): void {
    this.advance(p);
    this.decar = value >>> 0;
  }

  writeTcr(value: number, p: number): void {
    this.advance(p);
    this.tcrBefore = this.tcr;
    this.tcrAt = p;
    this.tcr = value & TCR_MASK;
  }

  /** Clears the status bits that are set in `value`; a decrementer event of the same period is lost, too. */
  clearStatus(value: number, p: number): void {
    this.advance(p);
    if ((value & TSR_DIS) !== 0 && this.disAt <= p) this.disAt = NEVER;
    if ((value & TSR_FIS) !== 0 && this.fisAt < p) this.fisAt = NEVER;
  }

  status(p: number): number {
    this.advance(p);
    return (this.disAt <= p ? TSR_DIS : 0) | (this.fisAt <= p ? TSR_FIS : 0);
  }

  /** The first period from `from` on in which an enabled timer event shows, if nothing is written before. */
  nextTimerRequest(from: number): number {
    let first = NEVER;
    if ((this.tcr & TCR_DIE) !== 0) {
      const at = this.disAt !== NEVER ? this.disAt : this.dec > 0 ? this.decAt + this.dec : NEVER;
      first = Math.max(at, this.tcrAt);
    }
    if ((this.tcr & TCR_FIE) !== 0) {
      const at = this.fisAt !== NEVER ? this.fisAt : this.nextRise();
      const rise = Math.max(at, this.tcrAt);
      if (rise < first) first = rise;
    }
    return first < from ? from : first;
  }

  /** Request lines in period p, by priority: pins, fixed interval, decrementer, doorbell. */
  highestRequest(p: number): Request {
    this.advance(p);
    const tcr = p >= this.tcrAt ? this.tcr : this.tcrBefore;
    if (this.pinAt <= p) return 'external';
    if ((tcr & TCR_FIE) !== 0 && this.fisAt <= p) return 'interval';
    if ((tcr & TCR_DIE) !== 0 && this.disAt <= p) return 'decrementer';
    if (this.doorbellAt <= p) return 'doorbell';
    return 'none';
  }

  /** Rings in period p; only remembered while interrupts are enabled. */
  ring(p: number, enabled: boolean): void {
    if (enabled && this.doorbellAt === NEVER) this.doorbellAt = p + 1;
  }

  /** The pins change to `value` in period p. */
  drivePins(value: number, p: number, enabled: boolean): void {
    const before = this.pins;
    this.pins = value | 0;
    if (!enabled || this.pinAt !== NEVER) return;
    const trigger = (this.iccr >>> 12) & 15;
    const level = (this.iccr >>> 16) & 15;
    const mask = (this.iccr >>> 8) & 15;
    const now = value ^ trigger;
    const edge = (before ^ trigger ^ 15) & now;
    if ((((level & now) | (~level & edge)) & mask & 15) !== 0) this.pinAt = p + 2;
  }

  /** A level-sensitive pin that is active asks again as soon as interrupts are enabled. */
  enabled(p: number): void {
    const active = (this.pins ^ (this.iccr >>> 12)) & (this.iccr >>> 16) & (this.iccr >>> 8) & 15;
    if (active !== 0 && this.pinAt === NEVER) this.pinAt = p + 1;
  }

  /** Requests of doorbell and pins are forgotten while interrupts are disabled. */
  disabled(): void {
    this.doorbellAt = NEVER;
    this.pinAt = NEVER;
  }
}

export type Request = 'none' | 'external' | 'interval' | 'decrementer' | 'doorbell';

/** Byte addresses of the interrupt vectors. */
export const vectorOf = {
  external: 0x14,
  alignment: 0x18,
  program: 0x1c,
  doorbell: 0x24,
  interval: 0x2c,
  decrementer: 0x30,
} as const;
