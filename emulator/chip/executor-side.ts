/** What the playback executor needs from the chip, and what it tells of itself. */

/** What the executor asks of the chip. */
export interface ExecutorSide {
  /** Brings the chip to a cycle, before anything looks at it or changes it. */
  bring(cycle: number): void;
  /** Register access; `extraCycles` of the last one is asked for afterwards. */
  read(address: number, cycle: number): number;
  write(address: number, value: number, enables: number, cycle: number): void;
  extraCycles(): number;
  /** Something answers at an address. */
  isMapped(address: number): boolean;
  hostSpike(label: number, cycle: number): void;
  /** Chip and FPGA time are aligned from this cycle on. */
  synchronise(cycle: number): void;
  /** The reset pin is set: power-up state, and the cycle count starts at 0. */
  reset(): void;
}

/** An access that strict mode has ended a program for. */
export interface Refusal {
  readonly address: number;
  readonly isRead: boolean;
  /** Number of the message in its program. */
  readonly instruction: number;
  readonly cycle: number;
}
