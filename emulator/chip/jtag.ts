/** The JTAG port: an instruction register and the data registers behind it. */

/** Chip revision 3. */
export const idcode = 0x348580af;
const pllBase = 0x00080000;

/** What a shift through a data register does; accesses go to the chip's own registers. */
export class Jtag {
  /** Clock divider less 2: one bit takes (scaler + 2) FPGA ticks. */
  scaler = 6;
  /** Cycle by which everything so far has been shifted; it runs beside the stream. */
  busyUntil = 0;

  private instruction = 1;
  private address = 0;
  private isRead = false;
  private data = 0;
  private pllRegister = 0;

  constructor(
    private readonly read: (address: number) => number,
    private readonly write: (address: number, value: number) => void,
  ) {}

  /** TAP reset: the instruction is IDCODE. */
  reset(): void {
    this.instruction = 1;
  }

  /** A shift of so many bits begins at `now` or when the port is free. */
  occupy(bits: number, now: number): void {
    this.busyUntil = Math.max(this.busyUntil, now) + bits * (this.scaler + 2) * 2;
  }

  /** Power-up. */
  clear(): void {
    this.scaler = 6;
    this.busyUntil = 0;
    this.reset();
    this.address = 0;
    this.isRead = false;
    this.data = 0;
    this.pllRegister = 0;
  }

  select(instruction: number): void {
    this.instruction = instruction & 127;
  }

  /**
   * Shifts `bits` bits of `value` (below 2^33) in.
   * @returns the bits shifted out, the first one in bit 0
   */
  shift(bits: number, value: number): number {
    const low = value % 0x100000000;
    const span = bits >= 33 ? 0x200000000 : bits >= 32 ? 0x100000000 : 1 << bits;
    switch (this.instruction) {
      case 1:
        return idcode % span;
      case 3:
        this.pllRegister = low & (bits >= 4 ? 15 : 7);
        return 0;
      case 4: {
        const before = this.read(pllBase + this.pllRegister);
        this.write(pllBase + this.pllRegister, low);
        return before % span;
      }
      case 5:
        this.address = low >>> 0;
        this.isRead = value >= 0x100000000;
        return 0;
      case 6: {
        const before = this.data;
        this.data = low >>> 0;
        return before % span;
      }
      case 7:
        if (this.isRead) this.data = this.read(this.address) >>> 0;
        else this.write(this.address, this.data);
        return 0;
      case 127:
        // One flip-flop between input and output.
        return (value * 2) % span;
      default:
        return 0;
    }
  }
}
