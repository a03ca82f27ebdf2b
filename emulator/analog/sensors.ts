/**
 * The correlation sensors: two accumulators per synapse, fed by exponentially decaying traces of the last pulses.
 *
 * With consumption, the trace that waits at a synapse follows from the order of the last pulses of its row (by label) and
 * of its column alone, so that no state per synapse is needed beyond the accumulators; work is done only at
 * pulses, and only where the other side has ever pulsed.
 */
import type { AnalogConstants } from './constants.js';
import { COLUMNS, MICROSECONDS_PER_CYCLE, ROWS, SYNAPSES } from './core.js';
import { decay } from './decay.js';
import type { FixedPattern } from './die.js';
import { sensorAmplitude, sensorTime, type SensorSource } from './sensor-laws.js';
import type { Settings } from './settings.js';
import { MASK_WORDS, type Synapses } from './synapses.js';

const LABELS = 64;
/** Beyond this many time constants a trace is nothing (e^-45 of an amplitude is below any code). */
const FORGOTTEN = 45;

export class Sensors {
  /** Accumulated correlation in counts. */
  readonly causal = new Float64Array(SYNAPSES);
  readonly acausal = new Float64Array(SYNAPSES);
  /** Last pulse by (hemisphere * 256 + row) * 64 + label: cycle, and number in the order of all pulses (0: never). */
  private readonly preTime = new Float64Array(2 * ROWS * LABELS);
  private readonly preOrder = new Float64Array(2 * ROWS * LABELS);
  private readonly postTime = new Float64Array(2 * COLUMNS);
  private readonly postOrder = new Float64Array(2 * COLUMNS);
  /** When a label was written last, in the order of pulses: traces older than that are dropped. */
  private readonly labelOrder = new Float64Array(SYNAPSES);
  private readonly rowsPulsed = new Int32Array(2 * MASK_WORDS);
  private readonly columnsPulsed = new Int32Array(2 * MASK_WORDS);
  /** Pulses so far, of rows and columns: their order in time. */
  pulses = 0;
  /** Decay rate per cycle and amplitude per branch; NaN: not worked out since a trim or bias changed. */
  private readonly rates: readonly [Float64Array, Float64Array];
  private readonly amplitudes: readonly [Float64Array, Float64Array];
  private readonly inverseLimit: number;
  /** Code after a reset, in counts; NaN: not drawn yet. A die's property, it outlives a power-up. */
  private readonly baselines: readonly [Float64Array, Float64Array];

  private readonly source: SensorSource;

  constructor(
    settings: Settings,
    private readonly pattern: FixedPattern,
    private readonly constants: AnalogConstants,
    private readonly synapses: Synapses,
    private readonly consume: boolean,
  ) {
    this.source = { constants, settings, synapses, pattern };
    const empty = (): Float64Array => new Float64Array(SYNAPSES).fill(NaN);
    this.rates = [empty(), empty()];
    this.amplitudes = [empty(), empty()];
    this.baselines = [empty(), empty()];
    this.inverseLimit = pattern.ideal ? 0 : 1 / constants.sensorLimit;
  }

  /** The row's driver pulses with an address: all six bits count if `forward`, else only bit 5. */
  pre(hemisphere: number, row: number, address: number, forward: boolean, t: number): void {
    const order = ++this.pulses;
    const line = hemisphere * ROWS + row;
    const labels = this.synapses.labels;
    const base = line * COLUMNS;
    for (let w = 0; w < MASK_WORDS; w++) {
      let bits = this.columnsPulsed[hemisphere * MASK_WORDS + w]!;
      while (bits !== 0) {
        const bit = bits & -bits;
        bits ^= bit;
        const column = w * 32 + (31 - Math.clz32(bit));
        const synapse = base + column;
        const label = labels[synapse]!;
        if (forward ? label !== address : label >> 5 !== address >> 5) continue;
        const post = hemisphere * COLUMNS + column;
        const waiting = this.postOrder[post]!;
        if (waiting <= this.labelOrder[synapse]!) continue;
        if (this.consume && waiting < this.preOrder[line * LABELS + label]!) continue;
        this.accumulate(this.acausal, 1, synapse, t - this.postTime[post]!);
      }
    }
    if (forward) {
      this.preTime[line * LABELS + address] = t;
      this.preOrder[line * LABELS + address] = order;
    } else {
      const first = line * LABELS + (address & 32);
      this.preTime.fill(t, first, first + 32);
      this.preOrder.fill(order, first, first + 32);
    }
    const word = hemisphere * MASK_WORDS + (row >> 5);
    this.rowsPulsed[word] = this.rowsPulsed[word]! | (1 << (row & 31));
  }

  /** A post pulse in a column. */
  post(hemisphere: number, column: number, t: number): void {
    const order = ++this.pulses;
    const labels = this.synapses.labels;
    const place = hemisphere * COLUMNS + column;
    const last = this.postOrder[place]!;
    for (let w = 0; w < MASK_WORDS; w++) {
      let bits = this.rowsPulsed[hemisphere * MASK_WORDS + w]!;
      while (bits !== 0) {
        const bit = bits & -bits;
        bits ^= bit;
        const line = hemisphere * ROWS + w * 32 + (31 - Math.clz32(bit));
        const synapse = line * COLUMNS + column;
        const trace = line * LABELS + labels[synapse]!;
        const waiting = this.preOrder[trace]!;
        if (waiting <= this.labelOrder[synapse]!) continue;
        if (this.consume && waiting < last) continue;
        this.accumulate(this.causal, 0, synapse, t - this.preTime[trace]!);
      }
    }
    this.postTime[place] = t;
    this.postOrder[place] = order;
    const word = hemisphere * MASK_WORDS + (column >> 5);
    this.columnsPulsed[word] = this.columnsPulsed[word]! | (1 << (column & 31));
  }

  private accumulate(sums: Float64Array, branch: 0 | 1, synapse: number, dt: number): void {
    let rate = this.rates[branch][synapse]!;
    if (rate !== rate) {
      this.workOut(synapse, branch);
      rate = this.rates[branch][synapse]!;
    }
    const x = rate * dt;
    const floor = this.constants.sensorMemory;
    if (x > FORGOTTEN && floor === 0) return;
    const trace = floor + (1 - floor) * decay(x);
    const sum = sums[synapse]!;
    sums[synapse] = sum + this.amplitudes[branch][synapse]! * trace * (1 - sum * this.inverseLimit);
  }

  private workOut(synapse: number, branch: 0 | 1): void {
    this.rates[branch][synapse] = MICROSECONDS_PER_CYCLE / sensorTime(this.source, synapse, branch);
    this.amplitudes[branch][synapse] = sensorAmplitude(this.source, synapse, branch);
  }

  /** Accumulated correlation in counts. */
  accumulated(synapse: number, branch: 0 | 1): number {
    return (branch === 0 ? this.causal : this.acausal)[synapse]!;
  }

  /** What a sensor shows, in counts: its baseline less what it has accumulated, not below 0. */
  shown(synapse: number, branch: 0 | 1): number {
    const left =
      this.fresh(synapse, branch) - (branch === 0 ? this.causal : this.acausal)[synapse]!;
    return left > 0 ? left : 0;
  }

  /** What a sensor shows after a reset, in counts. */
  fresh(synapse: number, branch: 0 | 1): number {
    const baselines = this.baselines[branch];
    let baseline = baselines[synapse]!;
    if (baseline !== baseline) {
      baseline = this.constants.sensorBaseline + this.pattern.sensorBaseline(synapse, branch);
      baselines[synapse] = baseline;
    }
    return baseline;
  }

  /** A trim of this synapse was written. */
  forgetSynapse(synapse: number): void {
    for (const table of [this.rates, this.amplitudes]) {
      table[0][synapse] = NaN;
      table[1][synapse] = NaN;
    }
  }

  /** A shared bias of a block was written. */
  forgetBlock(block: number): void {
    const hemisphere = block >> 1;
    const first = (block & 1) * 128;
    for (let row = 0; row < ROWS; row++) {
      const start = (hemisphere * ROWS + row) * COLUMNS + first;
      for (const table of [this.rates, this.amplitudes]) {
        table[0].fill(NaN, start, start + 128);
        table[1].fill(NaN, start, start + 128);
      }
    }
  }

  /** A label was written: what waits at this synapse is dropped. */
  dropTraces(synapse: number): void {
    this.labelOrder[synapse] = this.pulses;
  }

  reset(synapse: number): void {
    this.causal[synapse] = 0;
    this.acausal[synapse] = 0;
  }

  /** What a snapshot copies besides `pulses`. */
  stateArrays(): Record<string, Float64Array | Int32Array> {
    return {
      causal: this.causal,
      acausal: this.acausal,
      preTime: this.preTime,
      preOrder: this.preOrder,
      postTime: this.postTime,
      postOrder: this.postOrder,
      labelOrder: this.labelOrder,
      rowsPulsed: this.rowsPulsed,
      columnsPulsed: this.columnsPulsed,
    };
  }

  /** Forgets everything that follows from settings. */
  private forgetAll(): void {
    for (const table of [this.rates, this.amplitudes]) {
      table[0].fill(NaN);
      table[1].fill(NaN);
    }
  }

  restored(): void {
    this.forgetAll();
  }

  powerUp(): void {
    for (const array of Object.values(this.stateArrays())) array.fill(0);
    this.pulses = 0;
    this.forgetAll();
  }
}
