/**
 * The time loop of the kernels' neurons: appointments in order, steps between them, and what follows from both for leaky
 * neurons. It returns where something else has to go on.
 */
import { NOISE_BLOCK } from '../membrane-noise.js';
import { atZero, clock, four } from './calendar.js';
import * as at from './layout.js';
import { KINDS, STEP } from './layout.js';
import { CHECK_EVERY } from './step-kernels.js';
import { f64, flow, i32, type Code, type Local, type ModuleWriter } from './wasm.js';

/** Why `neurons/advance` returned: all is done; the first appointment is not its business; else so many hits of a step are not. */
export const DONE = 0;
export const APPOINTMENT_WAITS = -1;

const word = (offset: number): Code => i32.load(atZero, offset);
const kindOf = (n: Local): Code => i32.load8(n.get, at.NEURON_KIND);
/** Neurons with conductance-based inputs are kept elsewhere. */
const isForeign = (n: Local): Code => i32.eq(kindOf(n), i32.const(KINDS.indexOf('conductance')));
const byKind = (n: Local, exponential: Code, leaky: Code): Code =>
  flow.if(kindOf(n), exponential, leaky);

/** `neurons/step`(): one step of all active blocks. */
function addStepAll(module: ModuleWriter): void {
  module.add('neurons/step', [], undefined, (f) => {
    const number = f.local('i32');
    const place = f.local('i32');
    const run = (suffix: string): Code =>
      KINDS.map((kind, k) =>
        flow.if(
          word(at.COUNTS + 4 * k),
          flow.if(
            i32.and(number.get, i32.const(CHECK_EVERY - 1)),
            module.call(`step/${kind}${suffix}`),
            module.call(`step/${kind}${suffix}/check`),
          ),
        ),
      );
    return [
      number.set(word(at.STEP_NUMBER)),
      i32.store(atZero, at.STEP_NUMBER, i32.add(number.get, i32.const(1))),
      f64.store(atZero, at.CLOCK, f64.add(clock, f64.const(STEP))),
      place.set(i32.add(word(at.NOISE_PLACE_NOW), i32.const(4))),
      flow.if(i32.eq(place.get, i32.const(4 * NOISE_BLOCK)), [
        place.set(atZero),
        i32.store(atZero, at.NOISE_BLOCK_NOW, i32.add(word(at.NOISE_BLOCK_NOW), i32.const(1))),
      ]),
      i32.store(atZero, at.NOISE_PLACE_NOW, place.get),
      flow.if(word(at.INVERSE_SATURATION), run('/saturating'), run('')),
      module.call('calendar/open'),
    ];
  });
}

/** Neurons of the list of hits up to `count` are given to `own`, those with conductance-based inputs stay. @returns code that leaves how many do */
function sift(
  count: Local,
  neuron: Local,
  place: Local,
  kept: Local,
  own: (n: Local) => Code,
): Code {
  return [
    place.set(atZero),
    kept.set(atZero),
    flow.block(
      flow.loop(
        flow.brIf(1, i32.geS(place.get, count.get)),
        neuron.set(i32.load(four(place), at.HIT_LIST)),
        place.set(i32.add(place.get, i32.const(1))),
        flow.if(
          isForeign(neuron),
          [
            i32.store(four(kept), at.HIT_LIST, neuron.get),
            kept.set(i32.add(kept.get, i32.const(1))),
          ],
          own(neuron),
        ),
        flow.br(0),
      ),
    ),
    kept.get,
  ];
}

/**
 * `neurons/hits`(d) -> how many stay: neurons that kernels found above threshold `d` cycles before the end of the step. Leaky
 * ones get their appointments; the others stay in the list.
 */
function addHits(module: ModuleWriter): void {
  module.add('neurons/hits', ['i32'], 'i32', (f) => {
    const d = f.param(0);
    const count = f.local('i32');
    return [
      count.set(word(at.HITS)),
      i32.store(atZero, at.HITS, atZero),
      sift(count, f.local('i32'), f.local('i32'), f.local('i32'), (n) =>
        byKind(
          n,
          module.call('split/reach', n.get, d.get),
          module.call('leaky/reach', n.get, d.get),
        ),
      ),
    ];
  });
}

/**
 * `neurons/reconsider`(hemisphere, d) -> how many stay: spikes of the rest of the step are expected that may not come any more.
 * Leaky neurons are looked at again; the others are left in the list of hits.
 */
function addReconsider(module: ModuleWriter): void {
  module.add('neurons/reconsider', ['i32', 'i32'], 'i32', (f) => {
    const [hemisphere, d] = [f.param(0), f.param(1)];
    const [cycles, words, bits, n, count, place, kept] = f.locals('i32', 7);
    const j = f.local('i32');
    const w = f.local('i32');
    const dropLowest = (mask: Local): Code =>
      mask.set(i32.and(mask.get, i32.sub(mask.get, i32.const(1))));
    const each = (mask: Local, index: Local, body: Code): Code =>
      flow.block(
        flow.loop(
          flow.brIf(1, i32.eqz(mask.get)),
          index.set(i32.ctz(mask.get)),
          dropLowest(mask),
          body,
          flow.br(0),
        ),
      );
    const due = i32.add(i32.shl(j.get, i32.const(6)), i32.shl(w.get, i32.const(2)));
    return [
      cycles.set(word(at.DUE_CYCLES)),
      each(cycles, j, [
        words.set(
          i32.and(
            i32.load(four(j), at.DUE_WORDS),
            i32.shl(i32.const(255), i32.shl(hemisphere.get, i32.const(3))),
          ),
        ),
        each(words, w, [
          bits.set(i32.load(due, at.DUE_NEURONS)),
          each(bits, n, [
            n.set(i32.add(n.get, i32.shl(w.get, i32.const(5)))),
            flow.if(i32.eq(i32.load8(n.get, at.PURPOSE), i32.const(at.IS_SPIKE)), [
              i32.store(four(count), at.HIT_LIST, n.get),
              count.set(i32.add(count.get, i32.const(1))),
            ]),
          ]),
        ]),
      ]),
      sift(count, n, place, kept, (neuron) =>
        byKind(
          neuron,
          module.call('split/reconsider', neuron.get, d.get),
          module.call('leaky/look', neuron.get, d.get, atZero),
        ),
      ),
    ];
  });
}

/**
 * `neurons/advance`(limit, neuron, last): appointments before (limit, neuron) and steps that begin at cycle `last` at the latest.
 * Returns DONE, APPOINTMENT_WAITS or the number of hits that stay. Spikes are in the list of spikes.
 */
function addAdvance(module: ModuleWriter): void {
  module.add('neurons/advance', ['f64', 'i32', 'f64'], 'i32', (f) => {
    const [limit, neuron, last] = [f.param(0), f.param(1), f.param(2)];
    const cycles = f.local('i32');
    const j = f.local('i32');
    const n = f.local('i32');
    const t = f.local('f64');
    const flags = i32.load8(n.get, at.FLAGS);
    const d = i32.sub(i32.const(STEP), j.get);
    const first: Code = [
      j.set(i32.ctz(cycles.get)),
      t.set(f64.add(clock, f64.fromI32(i32.sub(j.get, i32.const(STEP))))),
      n.set(i32.ctz(i32.load(four(j), at.DUE_WORDS))),
      n.set(
        i32.add(
          i32.shl(n.get, i32.const(5)),
          i32.ctz(
            i32.load(
              i32.add(i32.shl(j.get, i32.const(6)), i32.shl(n.get, i32.const(2))),
              at.DUE_NEURONS,
            ),
          ),
        ),
      ),
    ];
    const isLate = i32.or(
      f64.gt(t.get, limit.get),
      i32.and(f64.eq(t.get, limit.get), i32.geS(n.get, neuron.get)),
    );
    const cannotFire = i32.or(
      i32.and(flags, i32.const(at.LEADS | at.IS_SPENT)),
      i32.geS(word(at.SPIKE_COUNT), i32.const(at.SPIKE_ROOM)),
    );
    return [
      flow.loop(
        flow.if(cycles.tee(word(at.DUE_CYCLES)), [
          first,
          flow.if(isLate, flow.return(i32.const(DONE))),
          flow.if(isForeign(n), flow.return(i32.const(APPOINTMENT_WAITS))),
          flow.if(
            i32.eq(i32.load8(n.get, at.PURPOSE), i32.const(at.IS_SPIKE)),
            [
              flow.if(cannotFire, flow.return(i32.const(APPOINTMENT_WAITS))),
              module.call('calendar/cancel', n.get, j.get),
              byKind(n, module.call('split/spike', n.get, d), module.call('leaky/spike', n.get, d)),
            ],
            [
              module.call('calendar/cancel', n.get, j.get),
              byKind(n, module.call('split/end', n.get, d), module.call('leaky/end', n.get, d)),
            ],
          ),
          flow.br(1),
        ]),
        flow.if(
          i32.eqz(KINDS.map((_, k) => word(at.COUNTS + 4 * k)).reduce((a, b) => i32.or(a, b))),
          flow.return(i32.const(DONE)),
        ),
        flow.if(f64.gt(clock, last.get), flow.return(i32.const(DONE))),
        module.call('neurons/step'),
        flow.brIf(0, i32.eqz(word(at.HITS))),
        flow.brIf(0, i32.eqz(n.tee(module.call('neurons/hits', i32.const(STEP))))),
      ),
      n.get,
    ];
  });
}

/** Adds the kernels of this file; steps, calendar and leaky neurons must be there. */
export function addLoopKernels(module: ModuleWriter): void {
  addStepAll(module);
  addHits(module);
  addReconsider(module);
  addAdvance(module);
}
