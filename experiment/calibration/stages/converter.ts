/** Stage `converter`: ramps of the four quadrants and offsets of the channels, with a test voltage on all of them. */
import { encodeContainer, addressOf } from '../../../isa/registers/registers.js';
import { driverWords } from '../../../isa/registers/logical.js';
import type { PlaybackWriter } from '../../../isa/playback/writer.js';
import { Probe } from '../probe.js';
import { ticks } from '../../network/configure.js';
import type { Rig } from '../rig.js';
import { median, searchCodes, spread } from '../search.js';
import type { Work } from '../work.js';

/** Codes of the test voltage and what they are to read: both ends of the calibrated span, and its middle. */
const low = { code: 70, counts: 20 };
const high = { code: 550, counts: 220 };
const middleCode = 310;
const reads = 8;
const rampSteps = [64, 32, 16, 8, 4, 2, 1];
const testCells = [
  'stp_v_charge_0',
  'stp_v_charge_1',
  'stp_v_recover_0',
  'stp_v_recover_1',
] as const;

export const converterMeasurements = 4 * (rampSteps.length + 3) + 2 - 4;

/** Connects the voltage of the first driver to the test lines of all channels, or takes it away. */
function connectTestVoltage(writer: PlaybackWriter, on: boolean): void {
  writer.writeWords('SynapseDriverConfig', [0, 0], driverWords({ en_readout: on ? 1 : 0 }));
  const words = encodeContainer(
    'ReadoutSourceSelection',
    on ? { syndrv_debug_top_0: 1, cadc_test_causal_0: 1, cadc_test_acausal_0: 1 } : {},
  );
  words.forEach((word, k) => writer.write(addressOf('ReadoutSourceSelection', [], k), word));
}

/** Reading of every channel (2 i + branch), mean over conversions, and its noise. */
async function readChannels(
  rig: Rig,
  code: number,
  prepare: (writer: PlaybackWriter) => void,
): Promise<{ mean: Float64Array; noise: number }> {
  const probe = new Probe(rig);
  connectTestVoltage(probe.writer, true);
  probe.connect('test line');
  for (const cell of testCells) rig.setShared(probe.writer, cell, [code, code, code, code]);
  prepare(probe.writer);
  const readings = await probe.begin().convertMany(reads, ticks(20e-6)).run();
  const mean = new Float64Array(2 * rig.count);
  const sds: number[] = [];
  for (let i = 0; i < rig.count; i++)
    for (const branch of [0, 1] as const) {
      const own = spread(Array.from({ length: reads }, (_, k) => readings.channel(k, i, branch)));
      mean[2 * i + branch] = own.mean;
      sds.push(own.sd * own.sd);
    }
  return { mean, noise: Math.sqrt(spread(sds).mean) };
}

/** Means over the channels of each quadrant; NaN where no neuron is used. */
function quadrantMeans(rig: Rig, channels: Float64Array): Float64Array {
  return Float64Array.from([0, 1, 2, 3], (block) => {
    const own: number[] = [];
    rig.neurons.forEach((neuron, i) => {
      if (neuron >> 7 === block) own.push(channels[2 * i] ?? 0, channels[2 * i + 1] ?? 0);
    });
    return spread(own).mean;
  });
}

export async function calibrateConverter(work: Work): Promise<ConverterResult> {
  const { rig } = work;
  const search = async (
    name: 'cadc_v_ramp_offset' | 'cadc_i_ramp_slope',
    steps: readonly number[],
    point: { code: number; counts: number },
  ): Promise<void> => {
    const now = rig.sharedOf(name);
    const chosen = (codes: Int32Array): Int32Array =>
      codes.map((code, block) => (rig.usesBlock(block) ? code : (now[block] ?? code)));
    const found = await searchCodes(
      { count: 4, start: (block) => now[block] ?? 0, steps, rises: false },
      new Float64Array(4).fill(point.counts),
      async (codes) => {
        const { mean } = await readChannels(rig, point.code, (writer) =>
          rig.setShared(writer, name, chosen(codes)),
        );
        work.measured();
        return quadrantMeans(rig, mean);
      },
    );
    await readChannels(rig, point.code, (writer) =>
      rig.setShared(writer, name, chosen(found.codes)),
    );
  };
  // The slope moves the lower end a little, so both are searched twice.
  await search('cadc_v_ramp_offset', rampSteps, low);
  await search('cadc_i_ramp_slope', rampSteps, high);
  await search('cadc_v_ramp_offset', rampSteps.slice(2), low);
  await search('cadc_i_ramp_slope', rampSteps.slice(2), high);
  return equaliseChannels(work);
}

/** How far channels differ that read the same voltage: single ones from all, and the means of the quadrants. */
export interface ChannelSpread {
  readonly sd: number;
  /** Mean reading of each quadrant, counts; NaN where nothing is used. */
  readonly quadrants: readonly number[];
}
/** Before and after the channels' offsets were stored. */
export interface ConverterResult {
  readonly before: ChannelSpread;
  readonly after: ChannelSpread;
}

function spreadOf(rig: Rig, channels: Float64Array): ChannelSpread {
  return { sd: spread(channels).sd, quadrants: [...quadrantMeans(rig, channels)] };
}

/** One linear step: every channel is brought to the median of all at the middle of the span. */
async function equaliseChannels(work: Work): Promise<ConverterResult> {
  const { rig } = work;
  const { mean, noise } = await readChannels(rig, middleCode, () => {});
  const middle = median(mean);
  rig.neurons.forEach((neuron, i) => {
    for (const branch of [0, 1]) {
      const channel = (neuron >> 8) * 512 + branch * 256 + (neuron & 255);
      const stored = 128 + Math.round(middle - (mean[2 * i + branch] ?? middle));
      rig.cadcOffsets[channel] = Math.max(0, Math.min(255, stored));
    }
  });
  work.converterNoise = noise;
  work.measured();
  const { mean: after } = await readChannels(rig, middleCode, (writer) => {
    for (const hemisphere of rig.hemispheres) rig.writeCadcOffsets(writer, hemisphere);
  });
  const probe = new Probe(rig);
  connectTestVoltage(probe.writer, false);
  probe.connect('neurons');
  rig.settle(probe.writer);
  await probe.run();
  work.measured();
  return { before: spreadOf(rig, mean), after: spreadOf(rig, after) };
}
