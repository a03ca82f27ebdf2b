/** Stage `compartments`: the conductance between two membranes. */
import { ticks } from '../../network/configure.js';
import { conversionTicks, Probe } from '../probe.js';
import type { StageResults } from '../quantities.js';
import type { NeuronFields, Rig } from '../rig.js';
import { decayTime } from '../search.js';
import { leakDivision, quiet, type Work } from '../work.js';
import { correctInRounds, scaleCodes, voltsPerCode, voltsPerCount } from './terms.js';

/** Reset potentials of even and odd columns, counts from the leak: the two of a pair begin so far apart. */
const apart = { even: 50, odd: -30 } as const;
const points = 12;
const baselineReads = 32;
/** Ticks that all membranes are held in reset, and from their release to the first point. */
const holdTicks = 500;
const lead = 20;

/**
 * Connects columns 2 k and 2 k + 1 by the conductance of the one with `parity`, the other's membrane being on the soma line.
 */
function pairFields(work: Work, parity: number): (neuron: number) => NeuronFields {
  const base = { ...quiet(work), en_leak_div: 1 };
  const line = { connect_somata: 1 };
  const own = { ...base, en_comp_cond: 1 };
  const other = { ...base, connect_soma: 1 };
  // The line between the two belongs to the left one.
  const fields = [
    { ...(parity === 0 ? own : other), ...line },
    parity === 1 ? own : other,
  ] as const;
  return (neuron) => ((neuron & 1) === 0 ? fields[0] : fields[1]);
}

/** Time constant (s) of the difference of each pair, by the position of the neuron whose conductance connects it. */
async function differenceTimes(work: Work, parity: number): Promise<Float64Array> {
  const { rig, targets, effort } = work;
  const half = ticks(targets.tau_icc / 2);
  const step = Math.max(1, Math.round(half / (points / 2)));
  const bursts = Math.ceil(conversionTicks / step);
  const probe = new Probe(rig);
  const { writer } = probe;
  rig.configure(writer, quiet(work));
  for (const [kind, odd] of [
    ['even', 0],
    ['odd', 1],
  ] as const) {
    const move = ((targets.leak + apart[kind] - targets.reset) * voltsPerCount) / voltsPerCode;
    probe.borrow('v_reset', (code, neuron) => ((neuron & 1) === odd ? code + move : code));
  }
  probe.begin();
  writer.at(1000);
  rig.configure(writer, pairFields(work, parity));
  let at = 1000 + 4 * rig.count + ticks(Math.max(8 * targets.tau_icc, 20e-6));
  probe.convertMany(baselineReads, at);
  at += baselineReads * conversionTicks;
  const pointOf: number[] = new Array<number>(baselineReads).fill(-1);
  for (let repeat = 0; repeat < 2 * effort.repeats; repeat++)
    for (let burst = 0; burst < bursts; burst++) {
      writer.at(at);
      rig.holdInReset(writer, true);
      writer.at(at + holdTicks);
      rig.holdInReset(writer, false);
      at += holdTicks + lead;
      for (let point = burst; point < points; point += bursts) {
        probe.convert(at + point * step);
        pointOf.push(point);
      }
      at += points * step + conversionTicks;
    }
  rig.configure(writer, quiet(work));
  const readings = await probe.run();
  const span = (points / 2) * step * 8e-9;
  return partnersOf(rig, parity).map((partner, i) => {
    if (partner < 0) return NaN;
    const sums = [0, 0, 0];
    const counts = [0, 0, 0];
    pointOf.forEach((point, k) => {
      const part = point < 0 ? 0 : point < points / 2 ? 1 : 2;
      sums[part] = (sums[part] ?? 0) + readings.at(k, i) - readings.at(k, partner);
      counts[part] = (counts[part] ?? 0) + 1;
    });
    const [rest = 0, first = 0, second = 0] = sums.map((sum, part) => sum / (counts[part] ?? 1));
    return decayTime(first - rest, second - rest, span);
  });
}

/** Position of the neuron in the other column of a pair, for neurons of this parity; -1 where there is none. */
function partnersOf({ neurons }: Rig, parity: number): Float64Array {
  const position = new Map(neurons.map((neuron, i) => [neuron, i]));
  return Float64Array.from(neurons, (neuron) =>
    (neuron & 1) === parity ? (position.get(neuron ^ 1) ?? -1) : -1,
  );
}

/** tau_icc = C / g_icc of every neuron; NaN for one whose neighbour is not calibrated. */
async function couplingTimes(work: Work): Promise<Float64Array> {
  const even = await differenceTimes(work, 0);
  const odd = await differenceTimes(work, 1);
  // Both membranes lose charge through their (divided) leaks too.
  const leak = 1 / (leakDivision * work.targets.tau_m);
  return even.map((value, i) => {
    const tau = Number.isNaN(value) ? (odd[i] ?? NaN) : value;
    return 2 / (1 / tau - leak);
  });
}

/** One correction: the law is simple, and coupled membranes take an emulator long. */
export const compartmentMeasurements = 2;

export async function calibrateCompartments(work: Work, results: StageResults): Promise<void> {
  await correctInRounds(
    work,
    results,
    async () => ({ tau_icc: await couplingTimes(work) }),
    ({ tau_icc = [] }) => scaleCodes(work, 'i_bias_nmda', tau_icc, work.targets.tau_icc, true),
    compartmentMeasurements - 1,
  );
}
