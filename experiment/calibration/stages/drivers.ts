/** Stage `drivers`: offset of every synapse driver, from the drop it makes on the lines of its half of the chip. */
import { ticks } from '../../network/configure.js';
import type { SharedParameter } from '../../../isa/registers/capmem.js';
import { inputDelay } from '../measure.js';
import { conversionTicks, Probe } from '../probe.js';
import { median } from '../search.js';
import { quiet, type Work } from '../work.js';

/** Voltage at which offsets are equalised, as code of all four driver voltages. */
const equalVoltage = 180;
const rampCode = 600;
const rows = 256;
export const driverCount = 128;
/** Offsets at which amplitudes are measured; a line through them tells the best. */
const probes = [1, 5, 10, 14];
const cells: readonly SharedParameter[] = [
  'stp_v_charge_0',
  'stp_v_charge_1',
  'stp_v_recover_0',
  'stp_v_recover_1',
];

export const driverMeasurements = probes.length + 2;

/** Amplitudes (counts, mean over the used columns of the half) by hemisphere * 128 + driver; NaN where nothing is used. */
async function amplitudes(work: Work): Promise<Float64Array> {
  const { rig, targets } = work;
  const probe = new Probe(rig);
  rig.configure(probe.writer, { ...quiet(work), readout_select: 1 });
  for (const cell of cells) rig.setShared(probe.writer, cell, new Int32Array(4).fill(equalVoltage));
  rig.setShared(probe.writer, 'stp_i_ramp', new Int32Array(4).fill(rampCode));
  rig.setDrivers(probe.writer, driverCount, {
    enable_receiver: 1,
    row_mask: 31,
    en_exc_bottom: 1,
    en_exc_top: 1,
    en_stp: 1,
    en_recovery: 1,
    utilization: 3,
  });
  rig.setWeights(probe.writer, rows, 63);
  probe.begin();
  const period = ticks(12 * targets.tau_syn_E) + 3 * conversionTicks;
  for (let driver = 0; driver < driverCount; driver++) {
    const at = 1000 + driver * period;
    probe.convert(at).pulseDriver(at + conversionTicks, driver);
    probe.convert(at + conversionTicks + inputDelay + 40);
  }
  const readings = await probe.run();
  work.measured();
  const result = new Float64Array(2 * driverCount).fill(NaN);
  for (const hemisphere of rig.hemispheres)
    for (let driver = 0; driver < driverCount; driver++) {
      let sum = 0;
      let count = 0;
      rig.neurons.forEach((neuron, i) => {
        if (neuron >> 8 !== hemisphere) return;
        sum += readings.at(2 * driver, i) - readings.at(2 * driver + 1, i);
        count++;
      });
      result[hemisphere * driverCount + driver] = sum / count;
    }
  return result;
}

/** Block of a driver's voltages. */
const blockOf = (index: number): number => 2 * (index >> 7) + (index & 1);

/** Amplitudes before and after: what the residuals are made of. */
export interface DriverResult {
  readonly before: Float64Array;
  readonly after: Float64Array;
}

export async function calibrateDrivers(work: Work): Promise<DriverResult> {
  const { rig } = work;
  const before = await amplitudes(work);
  const targets = [0, 1, 2, 3].map((block) =>
    median(before.filter((_, index) => blockOf(index) === block)),
  );
  const measured: Float64Array[] = [];
  for (const offset of probes) {
    rig.driverOffsets.fill(offset);
    measured.push(await amplitudes(work));
  }
  const n = probes.length;
  const meanOffset = probes.reduce((sum, offset) => sum + offset, 0) / n;
  rig.driverOffsets.fill(7);
  for (let index = 0; index < 2 * driverCount; index++) {
    const values = measured.map((list) => list[index] ?? NaN);
    const meanValue = values.reduce((sum, value) => sum + value, 0) / n;
    let [sxy, sxx] = [0, 0];
    probes.forEach((offset, k) => {
      sxy += (offset - meanOffset) * ((values[k] ?? 0) - meanValue);
      sxx += (offset - meanOffset) * (offset - meanOffset);
    });
    const slope = sxy / sxx;
    const target = targets[blockOf(index)] ?? NaN;
    const best = Math.round(meanOffset + (target - meanValue) / slope);
    if (Number.isFinite(best)) rig.driverOffsets[index] = Math.max(0, Math.min(15, best));
  }
  return { before, after: await amplitudes(work) };
}
