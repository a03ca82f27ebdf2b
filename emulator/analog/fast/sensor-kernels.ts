/** Kernels of the correlation sensors: a pulse of a row on its 256 acausal sums, of a column on its 256 causal ones. */
import * as at from './layout.js';
import { spread } from './event-kernels.js';
import { VectorTrace } from './vector-math.js';
import { all } from './pool.js';
import {
  f32x4,
  flow,
  i32,
  i32x4,
  i8x16,
  v128,
  type Code,
  type FunctionWriter,
  type Local,
  type ModuleWriter,
} from './wasm.js';

const { add, mul, sub } = f32x4;
/** Offsets of the four quads of a group of sixteen floats. */
export const QUADS = [0, 16, 32, 48] as const;

/** Adds A e^(-rate dt) (1 - sum/X) to four sums where the mask has ones; rates are stored as -rate / ln 2. */
function accumulate(
  f: FunctionWriter,
  general: boolean,
): {
  readonly setup: Code;
  readonly add4: (
    o: Local,
    sums: number,
    rates: number,
    amplitudes: number,
    time: Code,
    mask: Local,
  ) => Code;
  readonly now: Local;
} {
  const power = new VectorTrace(f);
  const sum = f.local('v128');
  const limit = f.local('v128');
  const now = f.local('v128');
  const constant = (offset: number): Code => v128.loadSplat32(i32.const(0), offset);
  const kept = (trace: Code): Code =>
    general ? add(constant(at.TRACE_FLOOR), mul(constant(at.TRACE_REST), trace)) : trace;
  return {
    now,
    setup: limit.set(v128.loadSplat32(i32.const(0), at.INVERSE_LIMIT)),
    add4: (o, sums, rates, amplitudes, time, mask) => [
      sum.set(v128.load(o.get, sums)),
      v128.store(
        o.get,
        sums,
        v128.bitselect(
          add(
            sum.get,
            mul(
              mul(
                v128.load(o.get, amplitudes),
                kept(
                  power.of(mul(v128.load(o.get, rates), f32x4.fromI32(i32x4.sub(now.get, time)))),
                ),
              ),
              sub(all(1), mul(sum.get, limit.get)),
            ),
          ),
          sum.get,
          mask.get,
        ),
      ),
    ],
  };
}

/**
 * `pre`(row 0..511, address bits to compare, their value, cycle, order): post traces younger than `order` (the last
 * pulse of this row and label, which consumed older ones; 0 takes all) are read. The general form also minds writes to labels and traces that
 * never decay altogether.
 */
function addPre(module: ModuleWriter, general: boolean): void {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;
  module.add(`pre${general ? '/general' : ''}`, params, undefined, (f) => {
    const [row, mask, value, now, order] = f.firstParams(5);
    const n = f.local('i32');
    const n4 = f.local('i32');
    const end = f.local('i32');
    const synapse = f.local('i32');
    const o = f.local('i32');
    const matching = f.local('v128');
    const reads = QUADS.map(() => f.local('v128'));
    const posts = f.local('v128');
    const { setup, add4, now: nowAll } = accumulate(f, general);
    const whichRead = QUADS.map((own, q): Code => {
      const mask = reads[q]!;
      return [
        posts.set(v128.load(n4.get, at.POST_ORDER + own)),
        mask.set(v128.and(spread(matching.get, q), i32x4.gtS(posts.get, i32x4.splat(order.get)))),
        general
          ? mask.set(
              v128.and(mask.get, i32x4.gtS(posts.get, v128.load(o.get, at.LABEL_ORDER + own))),
            )
          : [],
      ];
    });
    const read = QUADS.map((own, q) =>
      add4(
        o,
        at.ACAUSAL + own,
        at.ACAUSAL_RATE + own,
        at.ACAUSAL_AMPLITUDE + own,
        v128.load(n4.get, at.POST_TIME + own),
        reads[q]!,
      ),
    );
    return [
      setup,
      nowAll.set(i32x4.splat(now.get)),
      n.set(i32.and(row.get, i32.const(256))),
      end.set(i32.add(n.get, i32.const(256))),
      synapse.set(i32.shl(row.get, i32.const(8))),
      flow.loop(
        flow.if(i32.load8(i32.shrU(n.get, i32.const(4)), at.COLUMNS_PULSED), [
          matching.set(
            i8x16.eq(
              v128.and(v128.load(synapse.get, at.LABELS), i8x16.splat(mask.get)),
              i8x16.splat(value.get),
            ),
          ),
          flow.if(v128.anyTrue(matching.get), [
            n4.set(i32.shl(n.get, i32.const(2))),
            o.set(i32.shl(synapse.get, i32.const(2))),
            whichRead,
            flow.if(anyOf(reads), read),
          ]),
        ]),
        synapse.set(i32.add(synapse.get, i32.const(16))),
        n.set(i32.add(n.get, i32.const(16))),
        flow.brIf(0, i32.ltS(n.get, end.get)),
      ),
    ];
  });
}

const anyOf = (masks: readonly Local[]): Code =>
  v128.anyTrue(masks.map((mask) => mask.get).reduce((a, b) => v128.or(a, b)));

/** Cycle and order of the last pulse of four rows, from `line + first` on, with the labels of their synapses in a column. */
export function gather(
  f: FunctionWriter,
  line: Local,
  synapse: Local,
): { load: (first: number) => Code; readonly times: Code; readonly orders: Code } {
  const low = f.local('v128');
  const high = f.local('v128');
  const pair = (i: number, into: Code, lane: number): Code =>
    v128.load64Lane(
      i32.shl(
        i32.add(i32.shl(line.get, i32.const(6)), i32.load8(synapse.get, at.LABELS_BY_COLUMN + i)),
        i32.const(3),
      ),
      at.PRE + 512 * i,
      into,
      lane,
    );
  const even = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
  return {
    load: (first) => [
      low.set(pair(first + 1, pair(first, all(0), 0), 1)),
      high.set(pair(first + 3, pair(first + 2, all(0), 0), 1)),
    ],
    times: v128.shuffle(low.get, high.get, even),
    orders: v128.shuffle(
      low.get,
      high.get,
      even.map((byte) => byte + 4),
    ),
  };
}

/** Bits of sixteen rows: the label of their synapse in the column is that of the row's last pulse. */
export const lastLabelsMatch = (line: Local, synapse: Local): Code =>
  i32.eq(
    i8x16.bitmask(
      i8x16.eq(v128.load(synapse.get, at.LABELS_BY_COLUMN), v128.load(line.get, at.ROW_LABEL)),
    ),
    i32.const(0xffff),
  );

/** `post`(column 0..511, cycle, order): pre traces younger than `order` (the last pulse of this column) are read. */
function addPost(module: ModuleWriter, general: boolean): void {
  module.add(`post${general ? '/general' : ''}`, ['i32', 'i32', 'i32'], undefined, (f) => {
    const column = f.param(0);
    const now = f.param(1);
    const order = f.param(2);
    const line = f.local('i32');
    const end = f.local('i32');
    const synapse = f.local('i32');
    const o = f.local('i32');
    const line4 = f.local('i32');
    const reads = QUADS.map(() => f.local('v128'));
    const times = QUADS.map(() => f.local('v128'));
    const { setup, add4, now: nowAll } = accumulate(f, general);
    const pairs = gather(f, line, synapse);
    const whichRead = (own: number, mask: Local, orders: Code): Code => [
      mask.set(i32x4.gtS(orders, i32x4.splat(order.get))),
      general
        ? mask.set(
            v128.and(mask.get, i32x4.gtS(orders, v128.load(o.get, at.LABEL_ORDER_BY_COLUMN + own))),
          )
        : [],
    ];
    const side: Code = [
      line4.set(i32.shl(line.get, i32.const(2))),
      QUADS.map((own, q) => [
        times[q]!.set(v128.load(line4.get, at.ROW_TIME + own)),
        whichRead(own, reads[q]!, v128.load(line4.get, at.ROW_ORDER + own)),
      ]),
    ];
    const gathered = QUADS.map((own, q): Code => [
      pairs.load(4 * q),
      times[q]!.set(pairs.times),
      whichRead(own, reads[q]!, pairs.orders),
    ]);
    const read = QUADS.map((own, q) =>
      add4(
        o,
        at.CAUSAL + own,
        at.CAUSAL_RATE + own,
        at.CAUSAL_AMPLITUDE + own,
        times[q]!.get,
        reads[q]!,
      ),
    );
    return [
      setup,
      nowAll.set(i32x4.splat(now.get)),
      line.set(i32.and(column.get, i32.const(256))),
      end.set(i32.add(line.get, i32.const(256))),
      synapse.set(i32.shl(column.get, i32.const(8))),
      flow.loop(
        flow.if(i32.load8(i32.shrU(line.get, i32.const(4)), at.ROWS_PULSED), [
          o.set(i32.shl(synapse.get, i32.const(2))),
          flow.if(lastLabelsMatch(line, synapse), side, gathered),
          flow.if(anyOf(reads), read),
        ]),
        synapse.set(i32.add(synapse.get, i32.const(16))),
        line.set(i32.add(line.get, i32.const(16))),
        flow.brIf(0, i32.ltS(line.get, end.get)),
      ),
    ];
  });
}

export function addSensorKernels(module: ModuleWriter): void {
  for (const general of [false, true]) {
    addPre(module, general);
    addPost(module, general);
  }
}
