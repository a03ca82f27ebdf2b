/** The eight background spike sources: regular, or binned Poisson from a shift register. */

import { stepLfsr32 } from './random.js';

/** See the module's first sentence. Bins are 250 MHz cycles. */
export class BackgroundSources {
  /** Words enable/random/period, seed, mask/rate/label of each source. */
  readonly words = new Uint32Array(8 * 3);
  /** Earliest bin end of any source; Infinity if all are off. */
  next = Infinity;

  private readonly due = new Float64Array(8).fill(Infinity);
  private readonly states = new Uint32Array(8);

  /** Takes over word 0..2 of a source; rising enable loads the seed and a full period. */
  configure(source: number, word: number, value: number, cycle: number): void {
    const at = source * 3 + word;
    const before = this.words[at]!;
    this.words[at] = value;
    if (word !== 0) return;
    const period = value >>> 16;
    if ((value & 1) === 0 || period === 0) this.due[source] = Infinity;
    else if ((before & 1) === 0) {
      this.states[source] = this.words[source * 3 + 1]!;
      this.due[source] = cycle + period;
    } else if (this.due[source] === Infinity) this.due[source] = cycle + period;
    this.refresh();
  }

  /** Ends the bins that are due at `cycle` (= `next`): calls `fire` for each event, by source. */
  run(cycle: number, fire: (source: number, label: number) => void): void {
    for (let source = 0; source < 8; source++) {
      if (this.due[source] !== cycle) continue;
      const control = this.words[source * 3]!;
      const shape = this.words[source * 3 + 2]!;
      this.due[source] = cycle + (control >>> 16);
      let label = (shape >>> 16) & 0x3fff;
      if (control & 2) {
        const rate = (shape >>> 8) & 0xff;
        const drawn = this.draw(source);
        if (rate === 0 || (drawn & 0xff) > rate) continue;
        const mask = shape & 0xff;
        label = (label & ~mask) | ((drawn >>> 8) & mask);
      }
      fire(source, label);
    }
    this.refresh();
  }

  clear(): void {
    this.words.fill(0);
    this.states.fill(0);
    this.due.fill(Infinity);
    this.next = Infinity;
  }

  /** 16 fresh bits. */
  private draw(source: number): number {
    let state = this.states[source]!;
    for (let i = 0; i < 16; i++) state = stepLfsr32(state);
    this.states[source] = state;
    return state & 0xffff;
  }

  private refresh(): void {
    let next = Infinity;
    for (let source = 0; source < 8; source++)
      if (this.due[source]! < next) next = this.due[source]!;
    this.next = next;
  }
}
