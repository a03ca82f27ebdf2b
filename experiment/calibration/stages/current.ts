/** Stage `current`: the constant current that a neuron can be given, from how far it moves the resting potential. */
import type { StageResults } from '../quantities.js';
import { capacitanceOf, type Work } from '../work.js';
import { correctInRounds, restsAround, scaleCodes, voltsPerCount } from './terms.js';

/** Shifts of the resting potential that are well seen and stay inside the converter's span, counts. */
const leastShift = 30;
const mostShift = 90;
const highestRest = 200;
/** Most current that every circuit can give, A. */
const mostCurrent = 0.25e-6;

/** The current (A) that the measurement asks for: the target where its effect can be seen well. */
function testCurrent({ targets }: Work, conductance: number): number {
  const most = Math.min(mostShift, highestRest - targets.leak) * voltsPerCount * conductance;
  const least = leastShift * voltsPerCount * conductance;
  return Math.min(mostCurrent, most, Math.max(least, targets.i_offset));
}

/**
 * Current (A) by what it does: the shift of the resting potential over the resistance that all membranes have been
 * given. Capacitance and time constant of the single neuron are part of it, as in everything that such a current is for.
 */
async function offsetCurrents(work: Work): Promise<Float64Array> {
  const { targets, effort } = work;
  const conductance = capacitanceOf(targets) / targets.tau_m;
  const asked = testCurrent(work, conductance) / targets.i_offset;
  const rests = await restsAround(work, 4 * effort.reads, { en_mem_off: 1 }, 10, (probe) => {
    if (asked !== 1) probe.borrow('i_mem_offset', (code) => code * asked);
  });
  return rests.with.map(
    (at, i) => ((at - (rests.without[i] ?? NaN)) * voltsPerCount * conductance) / asked,
  );
}

export async function calibrateCurrent(work: Work, results: StageResults): Promise<void> {
  await correctInRounds(
    work,
    results,
    async () => ({ i_offset: await offsetCurrents(work) }),
    ({ i_offset = [] }) => scaleCodes(work, 'i_mem_offset', i_offset, work.targets.i_offset),
  );
}
