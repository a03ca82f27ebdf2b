/** Kernels of one pulse of a synapse row on the lines of the neurons. */
import * as at from './layout.js';
import { amountNoise } from './noise-kernels.js';
import { arrayOffset } from './layout.js';
import { noteHits } from './step-parts.js';
import { VectorBend } from './vector-math.js';
import { all, allBits } from './pool.js';
import {
  f32x4,
  flow,
  i32,
  i8x16,
  v128,
  type Code,
  type FunctionWriter,
  type Local,
  type ModuleWriter,
} from './wasm.js';

const { add, mul } = f32x4;

/** Byte mask of sixteen columns to the lane mask of the four from 4 q on. */
export const spread = (bytes: Code, q: number): Code =>
  v128.shuffle(
    bytes,
    bytes,
    Array.from({ length: 16 }, (_, i) => 4 * q + (i >> 2)),
  );

/** Puts a block that slept into the list of its kind. */
function wake(f: FunctionWriter, block: Local): Code {
  const kind = f.local('i32');
  const count = f.local('i32');
  return flow.if(i32.eqz(i32.load8(block.get, at.AWAKE)), [
    i32.store8(block.get, at.AWAKE, i32.const(1)),
    kind.set(i32.load8(block.get, at.KIND)),
    count.set(i32.load(i32.shl(kind.get, i32.const(2)), at.COUNTS)),
    i32.store(
      i32.add(i32.mul(kind.get, i32.const(at.LIST_BYTES)), i32.shl(count.get, i32.const(2))),
      at.LISTS,
      block.get,
    ),
    i32.store(i32.shl(kind.get, i32.const(2)), at.COUNTS, i32.add(count.get, i32.const(1))),
  ]);
}

/** What the effect on the membrane depends on besides its tables: nothing, saturation of the line, or that and reversal. */
export type RowForm = '' | '/saturating' | '/general';

/** Code of the effect of four synapses at offset `own` of a group: amounts to what the membrane rises. */
type Rise = (own: number, amount: Local, state: Local, v: Local) => Code;

/** @returns the rise as a vector on the stack */
function riseLaw(
  f: FunctionWriter,
  line: 'excitatory' | 'inhibitory',
  form: RowForm,
  n4: Local,
  table: Local,
): { setup: Code; rise: Rise } {
  const inverse = f.local('v128');
  const rise = f.local('v128');
  const bent = f.local('v128');
  const slope = new VectorBend(f);
  const tables = line === 'excitatory' ? at.EXCITATORY_RISE : at.INHIBITORY_RISE;
  const ofTable = (own: number): Code => v128.load(table.get, tables + own);
  // Less than all of it while the membrane is being reset.
  const plain = (own: number): Code => v128.load(n4.get, arrayOffset[`${line}Plain`] + own);
  const tilt = (own: number): Code => v128.load(n4.get, arrayOffset[`${line}Tilt`] + own);
  // The slope of the limit at the middle of the event.
  const bend = (amount: Local, state: Local): Code =>
    slope.of(mul(add(state.get, mul(amount.get, all(0.5))), inverse.get));
  const setup = inverse.set(v128.loadSplat32(i32.const(0), at.INVERSE_SATURATION));
  if (form === '') return { setup: [], rise: (own) => mul(ofTable(own), plain(own)) };
  if (form === '/saturating')
    return {
      setup,
      rise: (own, amount, state) => [
        rise.set(mul(ofTable(own), plain(own))),
        mul(rise.get, bend(amount, state)),
      ],
    };
  return {
    setup,
    rise: (own, amount, state, v) => [
      rise.set(ofTable(own)),
      // By the reversal potential: at the middle of the rise.
      bent.set(add(plain(own), mul(tilt(own), v.get))),
      bent.set(
        mul(bent.get, add(all(1), mul(mul(all(0.5), tilt(own)), mul(amount.get, rise.get)))),
      ),
      rise.set(mul(rise.get, bent.get)),
      mul(rise.get, bend(amount, state)),
    ],
  };
}

/**
 * `row/LINE[/saturating|/general]`(row 0..511, address bits to compare, their value, west and east amplitude, cycles to the end of
 * the step, whether amplitudes are noisy, key of their noise): all synapses of the row whose label matches and whose weight is
 * not 0 lift the line and, by what is left of the step, the membrane of their neuron.
 */
function addRow(module: ModuleWriter, line: 'excitatory' | 'inhibitory', form: RowForm): void {
  const params = ['i32', 'i32', 'i32', 'f32', 'f32', 'i32', 'i32', 'i32'] as const;
  module.add(`row/${line}${form}`, params, undefined, (f) => {
    const [row, mask, value, west, east, left, isNoisy, key] = f.firstParams(8);
    const n = f.local('i32');
    const n4 = f.local('i32');
    const end = f.local('i32');
    const synapse = f.local('i32');
    const strengths = f.local('i32');
    const table = f.local('i32');
    const tables = f.local('i32');
    const hits = f.local('i32');
    const delivered = f.local('i32');
    const block = f.local('i32');
    const bits = f.local('i32');
    const maskAll = f.local('v128');
    const valueAll = f.local('v128');
    const amplitude = f.local('v128');
    const taken = f.local('v128');
    const above = f.local('v128');
    const v = f.local('v128');
    const state = f.local('v128');
    const amounts = [0, 1, 2, 3].map(() => f.local('v128'));
    const { setup, rise } = riseLaw(f, line, form, n4, table);
    const noise = amountNoise(f, synapse, key);
    const note = noteHits(module, f, hits);
    const leftTable = line === 'excitatory' ? at.EXCITATORY_LEFT : at.INHIBITORY_LEFT;
    const columns = line === 'excitatory' ? at.EXCITATORY_COLUMNS : at.INHIBITORY_COLUMNS;
    const loaded = amounts.map((amount, q) =>
      amount.set(v128.load(strengths.get, at.STRENGTHS + 16 * q)),
    );
    const scaled = amounts.map((amount) => amount.set(mul(amount.get, amplitude.get)));
    const masked = amounts.map((amount, q) =>
      amount.set(v128.and(amount.get, spread(taken.get, q))),
    );
    const act = amounts.map((amount, q): Code => {
      const own = 16 * q;
      return [
        state.set(v128.load(n4.get, arrayOffset[line] + own)),
        v.set(v128.load(n4.get, arrayOffset.v + own)),
        v128.store(
          n4.get,
          arrayOffset[line] + own,
          add(state.get, mul(amount.get, v128.load(table.get, leftTable + own))),
        ),
        v.set(add(v.get, mul(amount.get, rise(own, amount, state, v)))),
        v128.store(n4.get, arrayOffset.v + own, v.get),
        above.set(
          v128.or(above.get, f32x4.ge(v.get, v128.load(n4.get, arrayOffset.threshold + own))),
        ),
      ];
    });
    // Rarely anything is above threshold: then the sixteen are compared again, one by one.
    const noteAll = [0, 1, 2, 3].map((q) =>
      note(
        f32x4.ge(
          v128.load(n4.get, arrayOffset.v + 16 * q),
          v128.load(n4.get, arrayOffset.threshold + 16 * q),
        ),
        i32.add(n.get, i32.const(4 * q)),
      ),
    );
    const group: Code = [
      delivered.set(i32.add(delivered.get, i32.popcnt(bits.get))),
      block.set(i32.shrU(n.get, i32.const(4))),
      wake(f, block),
      n4.set(i32.shl(n.get, i32.const(2))),
      table.set(i32.add(n4.get, tables.get)),
      strengths.set(i32.shl(synapse.get, i32.const(2))),
      loaded,
      flow.if(isNoisy.get, noise(amounts)),
      scaled,
      flow.if(i32.ne(bits.get, i32.const(0xffff)), masked),
      above.set(allBits(0)),
      act,
      flow.if(v128.anyTrue(above.get), noteAll),
    ];
    return [
      n.set(i32.and(row.get, i32.const(256))),
      synapse.set(i32.shl(row.get, i32.const(8))),
      tables.set(i32.mul(left.get, i32.const(at.TABLE_BYTES))),
      setup,
      maskAll.set(i8x16.splat(mask.get)),
      valueAll.set(i8x16.splat(value.get)),
      hits.set(i32.load(i32.const(0), at.HITS)),
      delivered.set(i32.load(i32.const(0), at.DELIVERED)),
      end.set(i32.add(n.get, i32.const(256))),
      amplitude.set(f32x4.splat(west.get)),
      flow.loop(
        taken.set(
          v128.and(
            v128.andnot(
              i8x16.eq(v128.and(v128.load(synapse.get, at.LABELS), maskAll.get), valueAll.get),
              i8x16.eq(v128.load(synapse.get, at.WEIGHTS), allBits(0)),
            ),
            v128.load(n.get, columns),
          ),
        ),
        flow.if(bits.tee(i8x16.bitmask(taken.get)), group),
        synapse.set(i32.add(synapse.get, i32.const(16))),
        n.set(i32.add(n.get, i32.const(16))),
        flow.if(i32.and(n.get, i32.const(128)), amplitude.set(f32x4.splat(east.get))),
        flow.brIf(0, i32.ltS(n.get, end.get)),
      ),
      i32.store(i32.const(0), at.HITS, hits.get),
      i32.store(i32.const(0), at.DELIVERED, delivered.get),
    ];
  });
}

export function addEventKernels(module: ModuleWriter): void {
  for (const line of ['excitatory', 'inhibitory'] as const)
    for (const form of ['', '/saturating', '/general'] as const) addRow(module, line, form);
}
