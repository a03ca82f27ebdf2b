/**
 * Where the whole steps of the last numerical integration ended, so that looks at later and later cycles (the samples
 * of a recording) go on from there instead of beginning at the base again. Only whole steps are kept: they are the same
 * whoever looks and when, so looking still changes nothing.
 */
export class KeptSteps {
  private readonly y: Float64Array;
  private circuit = -1;
  private base = 0;
  private cycle = 0;

  /** @param size longest state of a circuit */
  constructor(size: number) {
    this.y = new Float64Array(size);
  }

  /** The state of a circuit at `cycle`, reached from its state at `base` in whole steps. */
  keep(circuit: number, base: number, cycle: number, y: Float64Array, size: number): void {
    for (let i = 0; i < size; i++) this.y[i] = y[i]!;
    this.circuit = circuit;
    this.base = base;
    this.cycle = cycle;
  }

  /** Puts a kept state not later than `until` into `y`. @returns its cycle, or -1 if there is none from this base */
  take(circuit: number, base: number, until: number, y: Float64Array, size: number): number {
    if (this.circuit !== circuit || this.base !== base || this.cycle > until) return -1;
    for (let i = 0; i < size; i++) y[i] = this.y[i]!;
    return this.cycle;
  }

  /** State, phase or settings of a circuit have changed. */
  changed(circuit: number): void {
    if (this.circuit === circuit) this.circuit = -1;
  }

  clear(): void {
    this.circuit = -1;
  }
}
