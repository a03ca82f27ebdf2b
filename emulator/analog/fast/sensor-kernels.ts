/** Kernels of the correlation sensors: a pulse of a row on its 256 acausal sums, of a column on its 256 causal ones. */
import * as at from './layout.js';
import { spread } from './event-kernels.js';
import { VectorTrace } from './vector-math.js';
import { all, allBits } from './pool.js';
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
    const [row, mask, value, now, order] = [0, 1, 2, 3, 4].map((i) => f.param(i)) as [
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    const n = f.local('i32');
    const n4 = f.local('i32');
    const end = f.local('i32');
    const synapse = f.local('i32');
    const o = f.local('i32');
    const matching = f.local('v128');
    const reads = f.local('v128');
    const posts = f.local('v128');
    const { setup, add4, now: nowAll } = accumulate(f, general);
    const quads = [0, 16, 32, 48].map((own, q): Code => [
      posts.set(v128.load(n4.get, at.POST_ORDER + own)),
      reads.set(v128.and(spread(matching.get, q), i32x4.gtS(posts.get, i32x4.splat(order.get)))),
      general
        ? reads.set(
            v128.and(reads.get, i32x4.gtS(posts.get, v128.load(o.get, at.LABEL_ORDER + own))),
          )
        : [],
      flow.if(v128.anyTrue(reads.get), [
        add4(
          o,
          at.ACAUSAL + own,
          at.ACAUSAL_RATE + own,
          at.ACAUSAL_AMPLITUDE + own,
          v128.load(n4.get, at.POST_TIME + own),
          reads,
        ),
      ]),
    ]);
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
            quads,
          ]),
        ]),
        synapse.set(i32.add(synapse.get, i32.const(16))),
        n.set(i32.add(n.get, i32.const(16))),
        flow.brIf(0, i32.ltS(n.get, end.get)),
      ),
    ];
  });
}

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
    const low = f.local('v128');
    const high = f.local('v128');
    const orders = f.local('v128');
    const reads = f.local('v128');
    const { setup, add4, now: nowAll } = accumulate(f, general);
    /** Pair (cycle, order) of row `line + i` and the label of its synapse. */
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
    const quads = [0, 4, 8, 12].map((first): Code => {
      const own = 4 * first;
      return [
        low.set(pair(first + 1, pair(first, allBits(0), 0), 1)),
        high.set(pair(first + 3, pair(first + 2, allBits(0), 0), 1)),
        orders.set(
          v128.shuffle(
            low.get,
            high.get,
            [4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31],
          ),
        ),
        reads.set(i32x4.gtS(orders.get, i32x4.splat(order.get))),
        general
          ? reads.set(
              v128.and(
                reads.get,
                i32x4.gtS(orders.get, v128.load(o.get, at.LABEL_ORDER_BY_COLUMN + own)),
              ),
            )
          : [],
        flow.if(v128.anyTrue(reads.get), [
          add4(
            o,
            at.CAUSAL + own,
            at.CAUSAL_RATE + own,
            at.CAUSAL_AMPLITUDE + own,
            v128.shuffle(
              low.get,
              high.get,
              [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27],
            ),
            reads,
          ),
        ]),
      ];
    });
    return [
      setup,
      nowAll.set(i32x4.splat(now.get)),
      line.set(i32.and(column.get, i32.const(256))),
      end.set(i32.add(line.get, i32.const(256))),
      synapse.set(i32.shl(column.get, i32.const(8))),
      flow.loop(
        flow.if(i32.load8(i32.shrU(line.get, i32.const(4)), at.ROWS_PULSED), [
          o.set(i32.shl(synapse.get, i32.const(2))),
          quads,
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
