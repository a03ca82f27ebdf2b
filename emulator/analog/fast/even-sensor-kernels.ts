/**
 * Kernels of the correlation sensors where all sensors of a half hemisphere are alike (an ideal die without trims). The
 * decay of a trace, e^(-rate (t - t0)), is then a factor of now times a factor of then: each pulse works out one exponential, keeps it
 * as its trace, and what it reads of others takes one multiplication.
 */
import * as at from './layout.js';
import { spread } from './event-kernels.js';
import { gather, lastLabelsMatch, QUADS } from './sensor-kernels.js';
import { VectorPower } from './vector-math.js';
import { all } from './pool.js';
import {
  f32,
  f32x4,
  flow,
  i32,
  i32x4,
  i8x16,
  v128,
  type Code,
  type Local,
  type ModuleWriter,
} from './wasm.js';

const { add, mul } = f32x4;

/** Traces from long before the reference cycle are 2^-60, so that no product with them becomes denormal. */
const FLOOR = -60;

/** Traces of four pulses at their own cycles, as seen from the reference cycle. */
function traceOf(power: VectorPower, negativeRate: Code, time: Code, base: Local): Code {
  return power.of(
    f32x4.pmax(mul(negativeRate, f32x4.fromI32(i32x4.sub(time, base.get))), all(FLOOR)),
  );
}

/** Four factors of now: amplitude times decay since the reference cycle, west and east; the trace of a pulse now, west and east. */
function factorsOfNow(power: VectorPower, half: Local, now: Local, base: Local): Code {
  return mul(
    v128.load(half.get, at.EVEN_FACTORS),
    power.of(
      mul(
        v128.load(half.get, at.EVEN_RATES),
        f32x4.fromI32(i32x4.sub(i32x4.splat(now.get), base.get)),
      ),
    ),
  );
}

/** Adds factor times trace to four sums where the mask has ones. */
const accumulate = (o: Local, sums: number, trace: Code, factor: Local, mask: Code): Code =>
  v128.store(o.get, sums, add(v128.load(o.get, sums), mul(v128.and(trace, mask), factor.get)));

/** `pre/even`(row 0..511, label, cycle, order): reads the traces of columns, starts that of the row. */
function addPre(module: ModuleWriter): void {
  module.add('pre/even', ['i32', 'i32', 'i32', 'i32'], undefined, (f) => {
    const [row, label, now, order] = f.firstParams(4);
    const hemisphere = f.local('i32');
    const n = f.local('i32');
    const n4 = f.local('i32');
    const end = f.local('i32');
    const synapse = f.local('i32');
    const o = f.local('i32');
    const pair = f.local('i32');
    const bits = f.local('i32');
    const base = f.local('v128');
    const now4 = f.local('v128');
    const factor = f.local('v128');
    const labels = f.local('v128');
    const last = f.local('v128');
    const matching = f.local('v128');
    const power = new VectorPower(f);
    const younger = (own: number): Code =>
      i32x4.gtS(v128.load(n4.get, at.POST_ORDER + own), last.get);
    const read = (own: number, mask: Code): Code =>
      accumulate(o, at.ACAUSAL + own, v128.load(n4.get, at.POST_TRACE + own), factor, mask);
    const group: Code = [
      matching.set(i8x16.eq(v128.load(synapse.get, at.LABELS), labels.get)),
      flow.if(bits.tee(i8x16.bitmask(matching.get)), [
        n4.set(i32.shl(n.get, i32.const(2))),
        o.set(i32.shl(synapse.get, i32.const(2))),
        flow.if(
          i32.eq(bits.get, i32.const(0xffff)),
          QUADS.map((own) => read(own, younger(own))),
          QUADS.map((own, q) => read(own, v128.and(younger(own), spread(matching.get, q)))),
        ),
      ]),
    ];
    return [
      hemisphere.set(i32.shl(i32.shrU(row.get, i32.const(8)), i32.const(6))),
      base.set(v128.loadSplat32(hemisphere.get, at.EVEN)),
      now4.set(factorsOfNow(power, hemisphere, now, base)),
      pair.set(i32.shl(i32.add(i32.shl(row.get, i32.const(6)), label.get), i32.const(3))),
      last.set(
        v128.and(
          v128.loadSplat32(pair.get, at.PRE + 4),
          v128.loadSplat32(i32.const(0), at.CONSUME),
        ),
      ),
      labels.set(i8x16.splat(label.get)),
      n.set(i32.and(row.get, i32.const(256))),
      synapse.set(i32.shl(row.get, i32.const(8))),
      [0, 1].map((half) => [
        factor.set(f32x4.splat(f32x4.lane(now4.get, half))),
        end.set(i32.add(n.get, i32.const(128))),
        flow.loop(
          flow.if(i32.load8(i32.shrU(n.get, i32.const(4)), at.COLUMNS_PULSED), group),
          synapse.set(i32.add(synapse.get, i32.const(16))),
          n.set(i32.add(n.get, i32.const(16))),
          flow.brIf(0, i32.ltS(n.get, end.get)),
        ),
      ]),
      i32.store(pair.get, at.PRE, now.get),
      i32.store(pair.get, at.PRE + 4, order.get),
      i32.store8(row.get, at.ROW_LABEL, label.get),
      i32.store8(i32.shrU(row.get, i32.const(4)), at.ROWS_PULSED, i32.const(1)),
      n4.set(i32.shl(row.get, i32.const(2))),
      i32.store(n4.get, at.ROW_TIME, now.get),
      i32.store(n4.get, at.ROW_ORDER, order.get),
      f32.store(n4.get, at.ROW_TRACE, f32x4.lane(now4.get, 2)),
      f32.store(n4.get, at.ROW_TRACE + at.ROW_TRACE_BYTES, f32x4.lane(now4.get, 3)),
    ];
  });
}

/** `post/even`(column 0..511, cycle, order): reads the traces of rows, starts that of the column. */
function addPost(module: ModuleWriter): void {
  module.add('post/even', ['i32', 'i32', 'i32'], undefined, (f) => {
    const [column, now, order] = f.firstParams(3);
    const hemisphere = f.local('i32');
    const isEast = f.local('i32');
    const line = f.local('i32');
    const line4 = f.local('i32');
    const traces = f.local('i32');
    const end = f.local('i32');
    const synapse = f.local('i32');
    const o = f.local('i32');
    const base = f.local('v128');
    const now4 = f.local('v128');
    const factor = f.local('v128');
    const rate = f.local('v128');
    const last = f.local('v128');
    const power = new VectorPower(f);
    const pairs = gather(f, line, synapse);
    const ofHalf = (west: number): Code =>
      v128.bitselect(
        f32x4.splat(f32x4.lane(now4.get, west + 1)),
        f32x4.splat(f32x4.lane(now4.get, west)),
        i32x4.splat(isEast.get),
      );
    const side: Code = QUADS.map((own) =>
      accumulate(
        o,
        at.CAUSAL + own,
        v128.load(traces.get, at.ROW_TRACE + own),
        factor,
        i32x4.gtS(v128.load(line4.get, at.ROW_ORDER + own), last.get),
      ),
    );
    const gathered: Code = QUADS.map((own) => [
      pairs.load(own >> 2),
      accumulate(
        o,
        at.CAUSAL + own,
        traceOf(power, rate.get, pairs.times, base),
        factor,
        i32x4.gtS(pairs.orders, last.get),
      ),
    ]);
    return [
      hemisphere.set(i32.shl(i32.shrU(column.get, i32.const(8)), i32.const(6))),
      // All ones for the eastern half.
      isEast.set(i32.sub(i32.const(0), i32.and(i32.shrU(column.get, i32.const(7)), i32.const(1)))),
      base.set(v128.loadSplat32(hemisphere.get, at.EVEN)),
      now4.set(factorsOfNow(power, hemisphere, now, base)),
      factor.set(ofHalf(0)),
      rate.set(
        v128.bitselect(
          v128.loadSplat32(hemisphere.get, at.EVEN_RATES + 12),
          v128.loadSplat32(hemisphere.get, at.EVEN_RATES + 8),
          i32x4.splat(isEast.get),
        ),
      ),
      o.set(i32.shl(column.get, i32.const(2))),
      last.set(
        v128.and(
          v128.loadSplat32(o.get, at.POST_ORDER),
          v128.loadSplat32(i32.const(0), at.CONSUME),
        ),
      ),
      i32.store(o.get, at.POST_TIME, now.get),
      i32.store(o.get, at.POST_ORDER, order.get),
      f32.store(o.get, at.POST_TRACE, f32x4.lane(ofHalf(2), 0)),
      i32.store8(i32.shrU(column.get, i32.const(4)), at.COLUMNS_PULSED, i32.const(1)),
      line.set(i32.and(column.get, i32.const(256))),
      end.set(i32.add(line.get, i32.const(256))),
      synapse.set(i32.shl(column.get, i32.const(8))),
      flow.loop(
        flow.if(i32.load8(i32.shrU(line.get, i32.const(4)), at.ROWS_PULSED), [
          o.set(i32.shl(synapse.get, i32.const(2))),
          flow.if(
            lastLabelsMatch(line, synapse),
            [
              line4.set(i32.shl(line.get, i32.const(2))),
              traces.set(i32.add(line4.get, i32.and(isEast.get, i32.const(at.ROW_TRACE_BYTES)))),
              side,
            ],
            gathered,
          ),
        ]),
        synapse.set(i32.add(synapse.get, i32.const(16))),
        line.set(i32.add(line.get, i32.const(16))),
        flow.brIf(0, i32.ltS(line.get, end.get)),
      ),
    ];
  });
}

/** `traces`(hemisphere): works out the traces of all its columns and rows anew from the cycles of their last pulses. */
function addTraces(module: ModuleWriter): void {
  module.add('traces', ['i32'], undefined, (f) => {
    const hemisphere = f.param(0);
    const half = f.local('i32');
    const o = f.local('i32');
    const end = f.local('i32');
    const base = f.local('v128');
    const west = f.local('v128');
    const east = f.local('v128');
    const power = new VectorPower(f);
    const columns = (rate: Local): Code => [
      end.set(i32.add(o.get, i32.const(512))),
      flow.loop(
        v128.store(
          o.get,
          at.POST_TRACE,
          traceOf(power, rate.get, v128.load(o.get, at.POST_TIME), base),
        ),
        o.set(i32.add(o.get, i32.const(16))),
        flow.brIf(0, i32.ltS(o.get, end.get)),
      ),
    ];
    return [
      half.set(i32.shl(hemisphere.get, i32.const(6))),
      base.set(v128.loadSplat32(half.get, at.EVEN)),
      west.set(v128.loadSplat32(half.get, at.EVEN_RATES + 8)),
      east.set(v128.loadSplat32(half.get, at.EVEN_RATES + 12)),
      o.set(i32.shl(hemisphere.get, i32.const(10))),
      columns(west),
      columns(east),
      o.set(i32.shl(hemisphere.get, i32.const(10))),
      end.set(i32.add(o.get, i32.const(1024))),
      flow.loop(
        [west, east].map((rate, side) =>
          v128.store(
            o.get,
            at.ROW_TRACE + side * at.ROW_TRACE_BYTES,
            traceOf(power, rate.get, v128.load(o.get, at.ROW_TIME), base),
          ),
        ),
        o.set(i32.add(o.get, i32.const(16))),
        flow.brIf(0, i32.ltS(o.get, end.get)),
      ),
    ];
  });
}

export function addEvenSensorKernels(module: ModuleWriter): void {
  addPre(module);
  addPost(module);
  addTraces(module);
}
