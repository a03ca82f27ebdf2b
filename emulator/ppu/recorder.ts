/** What can be watched inside the core. Every method is optional work: without a recorder nothing is spent on it. */

/** Events of the vector unit, by period. */
export interface VectorRecorder {
  /** An instruction leaves the queue. */
  pop(period: number): void;
  /** Use of the register port. */
  read(period: number, register: number): void;
  write(period: number, register: number): void;
  /** The vector condition register is written. */
  condition(period: number): void;
  /** An instruction leaves its unit (`Unit`). */
  retire(period: number, unit: number): void;
  /** A request on the parallel bus is accepted. */
  request(period: number, address: number): void;
}

/** Events of the scalar part, by period. */
export interface Recorder extends VectorRecorder {
  /** An instruction is handed to a functional unit (once per part). */
  issue(period: number, address: number): void;
  /** The general register file is written. */
  registerWrite(period: number, register: number, value: number): void;
  /** A write that was announced for that period does not happen (only with lost results at interrupts). */
  writeLost?(period: number, register: number): void;
  /** The instruction reported last by `issue` for that period has no effect (an interrupt or refused access). */
  cancel?(period: number, address: number): void;
  /** An instruction that no functional unit sees (nop, sync, wait) leaves the issue stage. */
  pass?(period: number, address: number): void;
  /** An interrupt or trap is taken in that period; execution goes on at `vector` and later at `resume`. */
  interrupt?(period: number, vector: number, resume: number): void;
  /** A fetch redirect is driven. */
  redirect(period: number): void;
}
