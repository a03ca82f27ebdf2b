/** Kernels of one pulse of a synapse row on the lines of the neurons. */
import * as at from './layout.js';
import { arrayOffset } from './layout.js';
import { noteHits } from './step-parts.js';
import { VectorBend } from './vector-math.js';
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

/**
 * `row/LINE[/general]`(row 0..511, strengths: address of the row's, address bits to compare, their value, west and east
 * amplitude, cycles to the end of the step): all synapses of the row whose label matches and whose weight is not 0 lift
 * the line and, by what is left of the step, the membrane of their neuron. The general form knows saturation and reversal.
 */
function addRow(module: ModuleWriter, line: 'excitatory' | 'inhibitory', general: boolean): void {
  const name = `row/${line}${general ? '/general' : ''}`;
  module.add(name, ['i32', 'i32', 'i32', 'i32', 'f32', 'f32', 'i32'], undefined, (f) => {
    const [row, strengths, mask, value, west, east, left] = [0, 1, 2, 3, 4, 5, 6].map((i) =>
      f.param(i),
    ) as [Local, Local, Local, Local, Local, Local, Local];
    const n = f.local('i32');
    const end = f.local('i32');
    const column = f.local('i32');
    const synapse = f.local('i32');
    const table = f.local('i32');
    const hits = f.local('i32');
    const delivered = f.local('i32');
    const block = f.local('i32');
    const bits = f.local('i32');
    const maskAll = f.local('v128');
    const valueAll = f.local('v128');
    const amplitude = f.local('v128');
    const taken = f.local('v128');
    const hit = f.local('v128');
    const above = f.local('v128');
    const amount = f.local('v128');
    const v = f.local('v128');
    const state = f.local('v128');
    const rise = f.local('v128');
    const inverse = f.local('v128');
    const slope = new VectorBend(f);
    const note = noteHits(module, f, hits);
    const isExcitatory = line === 'excitatory';
    const leftTable = isExcitatory ? at.EXCITATORY_LEFT : at.INHIBITORY_LEFT;
    const riseTable = isExcitatory ? at.EXCITATORY_RISE : at.INHIBITORY_RISE;
    const columns = isExcitatory ? at.EXCITATORY_COLUMNS : at.INHIBITORY_COLUMNS;
    const n4 = f.local('i32');
    const quads = [0, 1, 2, 3].map((q): Code => {
      const own = 16 * q;
      const bend: Code = general
        ? [
            // By the reversal potential: at the middle of the rise.
            hit.set(
              add(
                v128.load(n4.get, arrayOffset[`${line}Plain`] + own),
                mul(v128.load(n4.get, arrayOffset[`${line}Tilt`] + own), v.get),
              ),
            ),
            hit.set(
              mul(
                hit.get,
                add(
                  all(1),
                  mul(
                    mul(all(0.5), v128.load(n4.get, arrayOffset[`${line}Tilt`] + own)),
                    mul(amount.get, rise.get),
                  ),
                ),
              ),
            ),
            rise.set(mul(rise.get, hit.get)),
            // By saturation: the slope of the limit at the middle of the event.
            rise.set(
              mul(rise.get, slope.of(mul(add(state.get, mul(amount.get, all(0.5))), inverse.get))),
            ),
          ]
        : // Less than all of it while the membrane is being reset.
          rise.set(mul(rise.get, v128.load(n4.get, arrayOffset[`${line}Plain`] + own)));
      return [
        amount.set(
          v128.and(
            mul(
              v128.load(i32.add(strengths.get, i32.shl(column.get, i32.const(2))), own),
              amplitude.get,
            ),
            spread(taken.get, q),
          ),
        ),
        state.set(v128.load(n4.get, arrayOffset[line] + own)),
        v.set(v128.load(n4.get, arrayOffset.v + own)),
        rise.set(v128.load(table.get, riseTable + own)),
        bend,
        v128.store(
          n4.get,
          arrayOffset[line] + own,
          add(state.get, mul(amount.get, v128.load(table.get, leftTable + own))),
        ),
        v.set(add(v.get, mul(amount.get, rise.get))),
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
    return [
      n.set(i32.and(row.get, i32.const(256))),
      end.set(i32.add(n.get, i32.const(256))),
      synapse.set(i32.shl(row.get, i32.const(8))),
      general ? inverse.set(v128.loadSplat32(i32.const(0), at.INVERSE_SATURATION)) : [],
      maskAll.set(i8x16.splat(mask.get)),
      valueAll.set(i8x16.splat(value.get)),
      hits.set(i32.load(i32.const(0), at.HITS)),
      delivered.set(i32.load(i32.const(0), at.DELIVERED)),
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
        flow.if(bits.tee(i8x16.bitmask(taken.get)), [
          delivered.set(i32.add(delivered.get, i32.popcnt(bits.get))),
          block.set(i32.shrU(n.get, i32.const(4))),
          wake(f, block),
          n4.set(i32.shl(n.get, i32.const(2))),
          column.set(i32.and(n.get, i32.const(255))),
          table.set(i32.add(n4.get, i32.mul(left.get, i32.const(at.TABLE_BYTES)))),
          amplitude.set(
            v128.bitselect(
              f32x4.splat(west.get),
              f32x4.splat(east.get),
              i32x4.splat(i32.sub(i32.const(0), i32.ltS(column.get, i32.const(128)))),
            ),
          ),
          above.set(allBits(0)),
          quads,
          flow.if(v128.anyTrue(above.get), noteAll),
        ]),
        synapse.set(i32.add(synapse.get, i32.const(16))),
        n.set(i32.add(n.get, i32.const(16))),
        flow.brIf(0, i32.ltS(n.get, end.get)),
      ),
      i32.store(i32.const(0), at.HITS, hits.get),
      i32.store(i32.const(0), at.DELIVERED, delivered.get),
    ];
  });
}

export function addEventKernels(module: ModuleWriter): void {
  for (const line of ['excitatory', 'inhibitory'] as const)
    for (const general of [false, true]) addRow(module, line, general);
}
