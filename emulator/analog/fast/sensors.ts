/**
 * The correlation sensors of the fast engine: floats, lazily at pulses, by kernels. Which trace waits at a synapse follows
 * from the order of the last pulses of its row and label and of its column, as in the precise engine.
 *
 * Hemispheres whose sensors are all alike (even-sensors.ts) have kernels without exponentials; the others work out each
 * sensor's decay at each pulse.
 */
import type { AnalogConstants } from '../constants.js';
import { MICROSECONDS_PER_CYCLE, NEURONS, SYNAPSES } from '../core.js';
import type { FixedPattern } from '../die.js';
import type { SensorPart } from '../engine.js';
import { sensorAmplitude, sensorTime, type SensorSource } from '../sensor-laws.js';
import type { Settings } from '../settings.js';
import type { StateArray } from '../snapshot.js';
import { EvenSensors } from './even-sensors.js';
import * as at from './layout.js';
import type { Kernels, Machine } from './machine.js';
import { transposed, type FastSynapses } from './synapses.js';

const LABELS = 64;
/** No label. */
const NOWHERE = 255;
/** Cycles kept of a pulse that is long past: its trace is nothing, and times must not wrap around (2^30). */
const LONG_PAST = 0x40000000;
/** From here on orders are renumbered at the next sweep (every two seconds), before they leave 31 bits. */
const MOST_PULSES = 0x40000000;

export class FastSensors implements SensorPart {
  pulses = 0;
  private readonly kernels: Kernels;
  private readonly acausal: Float32Array;
  private readonly causal: Float32Array;
  /** Decay rate per cycle over -ln 2 and amplitude, by branch (0 causal, in columns; 1 acausal, in rows). */
  private readonly rates: readonly [Float32Array, Float32Array];
  private readonly amplitudes: readonly [Float32Array, Float32Array];
  /** Lines (columns, rows) in which a rate is NaN: not worked out since a trim or bias changed. */
  private readonly stale = [new Uint8Array(512).fill(1), new Uint8Array(512).fill(1)] as const;
  /** Pairs of cycle (low 32 bits) and order of the last pulse, by row and label. */
  private readonly pre0: Int32Array;
  private readonly postTime: Int32Array;
  private readonly postOrder: Int32Array;
  private readonly labelOrder: Int32Array;
  private readonly labelOrderByColumn: Int32Array;
  /** Order of the last write of a label in each row and column; what is not older is not concerned by it. */
  private readonly rowWritten = new Int32Array(512);
  private readonly columnWritten = new Int32Array(NEURONS);
  private readonly columnsPulsed: Uint8Array;
  private readonly rowsPulsed: Uint8Array;
  /** Label of the last pulse of each row, if cycle and order of it stand in `rowTime` and `rowOrder`; else 255. */
  private readonly rowLabel: Uint8Array;
  private readonly rowTime: Int32Array;
  private readonly rowOrder: Int32Array;
  /** Rows, then columns of the two hemispheres: one has ever pulsed. */
  private readonly pulsed = new Uint8Array(4);
  /** Cycle of the last sweep, cycle of the last pulse. */
  private readonly flags = new Float64Array(2);
  private readonly baselines = [
    new Float64Array(SYNAPSES).fill(NaN),
    new Float64Array(SYNAPSES).fill(NaN),
  ] as const;

  private readonly source: SensorSource;
  private readonly even: EvenSensors;

  constructor(
    machine: Machine,
    settings: Settings,
    private readonly pattern: FixedPattern,
    private readonly constants: AnalogConstants,
    synapses: FastSynapses,
    private readonly consume: boolean,
  ) {
    this.source = { constants, settings, synapses, pattern };
    this.kernels = machine.kernels;
    this.causal = machine.floats(at.CAUSAL, SYNAPSES);
    this.acausal = machine.floats(at.ACAUSAL, SYNAPSES);
    this.rates = [
      machine.floats(at.CAUSAL_RATE, SYNAPSES).fill(NaN),
      machine.floats(at.ACAUSAL_RATE, SYNAPSES).fill(NaN),
    ];
    this.amplitudes = [
      machine.floats(at.CAUSAL_AMPLITUDE, SYNAPSES),
      machine.floats(at.ACAUSAL_AMPLITUDE, SYNAPSES),
    ];
    this.pre0 = machine.integers(at.PRE, 2 * 512 * LABELS);
    this.postTime = machine.integers(at.POST_TIME, NEURONS);
    this.postOrder = machine.integers(at.POST_ORDER, NEURONS);
    this.labelOrder = machine.integers(at.LABEL_ORDER, SYNAPSES);
    this.labelOrderByColumn = machine.integers(at.LABEL_ORDER_BY_COLUMN, SYNAPSES);
    this.columnsPulsed = machine.bytes(at.COLUMNS_PULSED, 32);
    this.rowsPulsed = machine.bytes(at.ROWS_PULSED, 32);
    this.rowLabel = machine.bytes(at.ROW_LABEL, 512).fill(NOWHERE);
    this.rowTime = machine.integers(at.ROW_TIME, 512);
    this.rowOrder = machine.integers(at.ROW_ORDER, 512);
    machine.integers(at.CONSUME, 1)[0] = consume ? -1 : 0;
    this.even = new EvenSensors(machine, this.source);
    const floor = constants.sensorMemory;
    machine
      .floats(at.INVERSE_LIMIT, 3)
      .set([pattern.ideal ? 0 : 1 / constants.sensorLimit, floor, 1 - floor]);
  }

  /** Row 0..511 pulses with an address that one of its synapses has: all six bits count if `forward`, else only bit 5. */
  pre(row: number, address: number, forward: boolean, t: number): void {
    this.sweep(t);
    const order = ++this.pulses;
    const hemisphere = row >> 8;
    const first = row * LABELS + (forward ? address : address & 32);
    this.pulsed[hemisphere] = 1;
    if (this.pulsed[2 + hemisphere] !== 0) {
      const last = this.consume ? this.pre0[2 * first + 1]! : 0;
      if (forward && last >= this.rowWritten[row]! && this.even.isReady(hemisphere, t)) {
        this.kernels['pre/even'](row, address, t | 0, order);
        return;
      }
      this.readColumns(row, first, forward ? 1 : 32, t | 0);
    }
    this.startTraces(row, first, forward ? 1 : 32, t | 0, order);
  }

  /** Reads the traces of columns at the synapses of `count` labels of a row; `first` is row * 64 + label. */
  private readColumns(row: number, first: number, count: number, now: number): void {
    if (this.stale[1][row] !== 0) this.freshen(1, row);
    const pre = this.pre0;
    const last = this.consume ? pre[2 * first + 1]! : 0;
    // Labels of one pulse may have been pulsed at different times before.
    let same = true;
    if (this.consume) for (let j = 1; j < count; j++) same &&= pre[2 * (first + j) + 1] === last;
    const kernel =
      same && this.constants.sensorMemory === 0 && last >= this.rowWritten[row]!
        ? this.kernels.pre
        : this.kernels['pre/general'];
    if (same) kernel(row, count === 1 ? 63 : 32, first % LABELS, now, last);
    else
      for (let j = first; j < first + count; j++) kernel(row, 63, j % LABELS, now, pre[2 * j + 1]!);
  }

  private startTraces(row: number, first: number, count: number, now: number, order: number): void {
    const pre = this.pre0;
    for (let j = first; j < first + count; j++) {
      pre[2 * j] = now;
      pre[2 * j + 1] = order;
    }
    this.rowLabel[row] = NOWHERE;
    if (count === 1 && !this.even.isPossible(row >> 8)) {
      this.rowLabel[row] = first % LABELS;
      this.rowTime[row] = now;
      this.rowOrder[row] = order;
    }
    this.rowsPulsed[row >> 4] = 1;
  }

  post(hemisphere: number, column: number, t: number): void {
    this.sweep(t);
    const order = ++this.pulses;
    const n = hemisphere * 256 + column;
    this.pulsed[2 + hemisphere] = 1;
    const last = this.consume ? this.postOrder[n]! : 0;
    const minds = last < this.columnWritten[n]!;
    if (!minds && this.even.isReady(hemisphere, t)) {
      this.kernels['post/even'](n, t | 0, order);
      return;
    }
    if (this.pulsed[hemisphere] !== 0) {
      if (this.stale[0][n] !== 0) this.freshen(0, n);
      const { kernels } = this;
      const kernel =
        minds || this.constants.sensorMemory !== 0 ? kernels['post/general'] : kernels.post;
      kernel(n, t | 0, last);
    }
    this.postTime[n] = t | 0;
    this.postOrder[n] = order;
    this.columnsPulsed[n >> 4] = 1;
    this.even.unready(hemisphere);
  }

  /** Keeps stored times within 31 bits of now and orders within 31 bits; at every pulse. */
  private sweep(t: number): void {
    const swept = this.flags[0]!;
    const last = this.flags[1]!;
    this.flags[1] = t;
    if (t - swept < LONG_PAST / 2) return;
    this.flags[0] = t;
    const limit = (t - LONG_PAST) | 0;
    const clamp = (times: Int32Array, stride: number): void => {
      for (let j = 0; j < times.length; j += stride) {
        const age = ((t | 0) - times[j]!) | 0;
        if (t - last > LONG_PAST || age < 0 || age > LONG_PAST) times[j] = limit;
      }
    };
    clamp(this.pre0, 2);
    clamp(this.postTime, 1);
    this.rowLabel.fill(NOWHERE);
    if (this.pulses > MOST_PULSES) this.renumber();
  }

  /** Old orders become 1, the rest moves down; ties among the old ones concern traces that are nothing any more. */
  private renumber(): void {
    const drop = MOST_PULSES >> 1;
    const lower = (orders: Int32Array, from: number, stride: number): void => {
      for (let j = from; j < orders.length; j += stride)
        if (orders[j]! > 0) orders[j] = Math.max(1, orders[j]! - drop);
    };
    lower(this.pre0, 1, 2);
    lower(this.postOrder, 0, 1);
    lower(this.labelOrder, 0, 1);
    lower(this.labelOrderByColumn, 0, 1);
    lower(this.rowWritten, 0, 1);
    lower(this.columnWritten, 0, 1);
    this.pulses -= drop;
  }

  /** Works out what is NaN in one line: a column of the causal branch, a row of the acausal one. */
  private freshen(branch: 0 | 1, line: number): void {
    this.stale[branch][line] = 0;
    const rates = this.rates[branch];
    const first = line << 8;
    for (let place = first; place < first + 256; place++)
      if (rates[place] !== rates[place])
        this.workOut(branch === 0 ? transposed(place) : place, branch, place);
  }

  private workOut(synapse: number, branch: 0 | 1, place: number): void {
    this.rates[branch][place] =
      (-MICROSECONDS_PER_CYCLE * 1.4426950408889634) / sensorTime(this.source, synapse, branch);
    this.amplitudes[branch][place] = sensorAmplitude(this.source, synapse, branch);
  }

  accumulated(synapse: number, branch: 0 | 1): number {
    return branch === 0 ? this.causal[transposed(synapse)]! : this.acausal[synapse]!;
  }

  shown(synapse: number, branch: 0 | 1): number {
    const left = this.fresh(synapse, branch) - this.accumulated(synapse, branch);
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

  reset(synapse: number): void {
    this.causal[transposed(synapse)] = 0;
    this.acausal[synapse] = 0;
  }

  dropTraces(synapse: number): void {
    if (this.pulses === 0) return;
    this.labelOrder[synapse] = this.pulses;
    const other = transposed(synapse);
    this.labelOrderByColumn[other] = this.pulses;
    this.rowWritten[synapse >> 8] = this.pulses;
    this.columnWritten[other >> 8] = this.pulses;
  }

  forgetSynapse(synapse: number): void {
    const other = transposed(synapse);
    this.rates[0][other] = NaN;
    this.rates[1][synapse] = NaN;
    this.stale[0][other >> 8] = 1;
    this.stale[1][synapse >> 8] = 1;
    this.even.trimmed(synapse);
  }

  forgetBlock(block: number): void {
    const hemisphere = block >> 1;
    const first = (block & 1) * 128;
    const column = hemisphere * 256 + first;
    this.rates[0].fill(NaN, column << 8, (column + 128) << 8);
    this.stale[0].fill(1, column, column + 128);
    for (let row = hemisphere * 256; row < hemisphere * 256 + 256; row++)
      this.rates[1].fill(NaN, row * 256 + first, row * 256 + first + 128);
    this.stale[1].fill(1, hemisphere * 256, hemisphere * 256 + 256);
    this.even.biased(hemisphere);
  }

  stateArrays(): Record<string, StateArray> {
    return {
      causal: this.causal,
      acausal: this.acausal,
      pre: this.pre0,
      postTime: this.postTime,
      postOrder: this.postOrder,
      labelOrder: this.labelOrder,
      labelOrderByColumn: this.labelOrderByColumn,
      rowWritten: this.rowWritten,
      columnWritten: this.columnWritten,
      columnsPulsed: this.columnsPulsed,
      rowsPulsed: this.rowsPulsed,
      pulsed: this.pulsed,
      flags: this.flags,
      evenBases: this.even.bases,
    };
  }

  restored(): void {
    for (const branch of [0, 1] as const) {
      this.rates[branch].fill(NaN);
      this.stale[branch].fill(1);
    }
    this.rowLabel.fill(NOWHERE);
    this.even.restored();
  }

  powerUp(): void {
    for (const array of Object.values(this.stateArrays())) array.fill(0);
    this.pulses = 0;
    this.even.powerUp();
    this.restored();
  }
}
