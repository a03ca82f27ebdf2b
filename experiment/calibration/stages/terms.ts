/** What the stages of single terms share: corrections from measured values, and the figures before and after. */
import type { NeuronParameter } from '../../../isa/registers/capmem.js';
import { ticks } from '../../network/configure.js';
import { meanReading, Probe } from '../probe.js';
import type { StageResults, TermQuantity } from '../quantities.js';
import { limitCode, type NeuronFields } from '../rig.js';
import { checkRuns } from './membrane.js';
import { quiet, type Work } from '../work.js';

/** V per code of a voltage cell, V per count of the membrane converter. */
export const voltsPerCode = 1.875e-3;
export const voltsPerCount = 4.5e-3;

export type TermValues = Readonly<Partial<Record<TermQuantity, Float64Array>>>;

/** Largest factor by which one step of a correction changes a code: a wrong reading must not throw it away. */
const boldest = 2;

/** Conversions lie so far apart (ticks) that the membrane's own noise is another one. */
const apart = 1250;

/**
 * Resting potentials (counts, means of `reads` readings) without and with what `fields` switch on, so many membrane time
 * constants after they did; `lend` may lend codes for the time of it.
 */
export async function restsAround(
  work: Work,
  reads: number,
  fields: NeuronFields,
  timeConstants: number,
  lend: (probe: Probe) => void,
): Promise<{ readonly without: Float64Array; readonly with: Float64Array }> {
  const { rig, targets } = work;
  const probe = new Probe(rig);
  const { writer } = probe;
  rig.configure(writer, quiet(work));
  lend(probe);
  probe.begin();
  probe.convertMany(reads, 1000, apart);
  const on = 1000 + reads * apart;
  writer.at(on);
  rig.reconfigure(writer, fields);
  probe.convertMany(reads, on + 4000 + ticks(timeConstants * targets.tau_m), apart);
  rig.configure(writer, quiet(work));
  const readings = await probe.run();
  return {
    without: meanReading(readings, rig.count, 0, reads),
    with: meanReading(readings, rig.count, reads, 2 * reads),
  };
}

/** New codes of a cell; neurons without a finite value keep theirs. */
export function correctCodes(
  work: Work,
  name: NeuronParameter,
  values: ArrayLike<number>,
  change: (code: number, value: number) => number,
): void {
  const { rig } = work;
  rig.pending.set(
    name,
    rig.codesOf(name).map((code, i) => {
      const value = values[i] ?? NaN;
      const wanted = Number.isFinite(value) ? change(code, value) : NaN;
      return Number.isFinite(wanted) ? limitCode(wanted) : code;
    }),
  );
}

/** A cell whose effect is proportional to its code (`inverse`: to 1 / code). */
export function scaleCodes(
  work: Work,
  name: NeuronParameter,
  values: ArrayLike<number>,
  target: number,
  inverse = false,
): void {
  correctCodes(work, name, values, (code, value) => {
    const factor = inverse ? value / target : target / value;
    return Math.max(1, code * Math.max(1 / boldest, Math.min(boldest, factor)));
  });
}

/** A voltage cell, from volts that miss their target. */
export function shiftCodes(
  work: Work,
  name: NeuronParameter,
  values: ArrayLike<number>,
  target: number,
): void {
  correctCodes(
    work,
    name,
    values,
    (code, value) => code + Math.max(-100, Math.min(100, (target - value) / voltsPerCode)),
  );
}

/** Corrections after which a code stands still as far as the noise lets it. */
export const rounds = 2;
/** Measurements of a stage of `rounds` corrections, one before and one after. */
export const roundMeasurements = rounds + 1;

/** Measures and corrects some `times`, then measures with other trial noise what is left. */
export async function correctInRounds(
  work: Work,
  results: StageResults,
  measure: () => Promise<TermValues>,
  correct: (values: TermValues) => void,
  times = rounds,
): Promise<void> {
  for (let round = 0; round < times; round++) {
    const values = await measure();
    work.measured();
    if (round === 0) results.before = { ...results.before, ...values };
    correct(values);
  }
  await nextRun(work, checkRuns);
  results.after = { ...results.after, ...(await measure()) };
  await nextRun(work, 0);
  work.measured();
}

/** Trial noise of another run from here on. */
export async function nextRun(work: Work, run: number): Promise<void> {
  const { rig } = work;
  await rig.change((writer) => rig.writeNoiseSeed(writer, work.noiseSeed + run));
}
