/**
 * Step kernels of leaky membranes with current-based inputs: the exact propagator of a step. Steps that look for rest are in
 * `step-kernels.ts`; this is what the others do, with the same bits and as few operations as can be.
 */
import { atZero, four } from './calendar.js';
import * as at from './layout.js';
import { arrayOffset, type NeuronArray } from './layout.js';
import { allBits } from './pool.js';
import { lineLaw, noteHits, type Line } from './step-parts.js';
import { f32x4, flow, i32, i32x4, v128, type Code, type Local, type ModuleWriter } from './wasm.js';

const { add, mul, pmax, pmin } = f32x4;

const QUADS = [0, 16, 32, 48];
const arrays = (
  o: Local,
  q: number,
): { load(name: NeuronArray): Code; store(name: NeuronArray, value: Code): Code } => ({
  load: (name) => v128.load(o.get, arrayOffset[name] + q),
  store: (name, value) => v128.store(o.get, arrayOffset[name] + q, value),
});

/** Some neuron of the block at `o` has an inhibitory line that is not at rest. */
const inhibits = (o: Local): Code =>
  v128.anyTrue(QUADS.map((q) => arrays(o, q).load('inhibitory')).reduce((a, b) => v128.or(a, b)));

/** How the sixteen neurons of a block are stepped. */
interface Manner {
  readonly isInhibited: boolean;
  /** Nothing pulls a membrane to its lower clamp, and none has an alarm below 0: signs tell what needs a look. */
  readonly isCalm: boolean;
}

/** `step/leaky[/saturating]`: one step of the active blocks; neurons that are above their threshold are noted. */
export function addLeakyStep(module: ModuleWriter, name: string, saturates: boolean): void {
  module.add(name, [], undefined, (f) => {
    const [place, count, o, hits] = f.locals('i32', 4);
    const [v, e, i, calm] = f.locals('v128', 4);
    const note = noteHits(module, f, hits);
    const { setup, law } = lineLaw(f, saturates);
    const driving = (line: 'excitatory' | 'inhibitory', state: Local, q: number): Code =>
      driven(saturates ? law : undefined, arrays(o, q).load, line, state);
    const quad = (q: number, { isInhibited, isCalm }: Manner): Code => {
      const { load, store } = arrays(o, q);
      const excitation = mul(load('excitatoryGain'), driving('excitatory', e, q));
      const drive = isInhibited
        ? add(excitation, mul(load('inhibitoryGain'), driving('inhibitory', i, q)))
        : excitation;
      const next = add(v.get, add(add(load('constant'), mul(load('slope'), v.get)), drive));
      return [
        e.set(load('excitatory')),
        isInhibited ? i.set(load('inhibitory')) : [],
        v.set(load('v')),
        v.set(isCalm ? next : pmax(next, load('lowest'))),
        store('v', v.get),
        calm.set(
          isCalm
            ? v128.and(calm.get, v.get)
            : v128.andnot(calm.get, f32x4.ge(v.get, load('alarm'))),
        ),
        store('excitatory', mul(e.get, load('excitatoryDecay'))),
        isInhibited ? store('inhibitory', mul(i.get, load('inhibitoryDecay'))) : [],
      ];
    };
    const all = (manner: Manner): Code => QUADS.map((q) => quad(q, manner));
    const clampAndNote = (q: number): Code => {
      const { load, store } = arrays(o, q);
      return [
        v.set(pmin(load('v'), load('highest'))),
        store('v', v.get),
        note(
          f32x4.ge(v.get, load('threshold')),
          i32.add(i32.shrU(o.get, i32.const(2)), i32.const(q >> 2)),
        ),
      ];
    };
    return [
      setup,
      hits.set(i32.load(atZero, at.HITS)),
      count.set(i32.load(atZero, at.COUNTS)),
      flow.block(
        flow.brIf(0, i32.eqz(count.get)),
        flow.loop(
          o.set(i32.shl(i32.load(four(place), at.LISTS), i32.const(6))),
          calm.set(allBits(-1)),
          flow.if(
            inhibits(o),
            all({ isInhibited: true, isCalm: false }),
            flow.if(
              i32.load8(i32.shrU(o.get, i32.const(6)), at.CALM),
              all({ isInhibited: false, isCalm: true }),
              all({ isInhibited: false, isCalm: false }),
            ),
          ),
          flow.if(i32.ne(i32x4.bitmask(calm.get), i32.const(15)), QUADS.map(clampAndNote)),
          place.set(i32.add(place.get, i32.const(1))),
          flow.brIf(0, i32.ltS(place.get, count.get)),
        ),
      ),
      i32.store(atZero, at.HITS, hits.get),
    ];
  });
}

/** What a line drives the membrane with: its state, or what the saturation passes of that in the middle of the step. */
const driven = (
  law: Line | undefined,
  load: (name: NeuronArray) => Code,
  line: 'excitatory' | 'inhibitory',
  state: Local,
): Code => (law === undefined ? state.get : law(mul(state.get, load(`${line}Half`))));
