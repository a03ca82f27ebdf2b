/**
 * How much slower the emulated chip is than the hardware, everything included: spikes that enter as playback words,
 * crossbar, buses, drivers, synapses, neurons, spikes that leave as words.
 *
 *   npx tsx bench/chip.ts              512 leaky neurons x 256 inputs at 1, 10 and 50 kHz, with and without sensors
 *   npx tsx bench/chip.ts --adex       the same with adaptive exponential neurons, 10 kHz
 *   npx tsx bench/chip.ts --small      three neurons with 32 inputs
 *   npx tsx bench/chip.ts --scaling    cost against the number of neurons and of events
 *   npx tsx bench/chip.ts --brian      10 kHz without noise, and the same network in Brian 2 (numpy and C++), where it is installed
 *
 * Times are processor time (user and system), the best and the median of pieces of the run, with the first pieces left out.
 */

import { Chip } from '../emulator/index.js';
import { findBrian, runBrian } from './brian.js';
import type { ChipOptions } from '../emulator/index.js';
import { Stream } from '../isa/numeric/random.js';
import { PlaybackWriter, ResponseReader } from '../isa/playback/index.js';
import {
  addressOf,
  backendWords,
  crossbarDropAll,
  crossbarNodeOf,
  driverWords,
  placeOfNeuron,
} from '../isa/registers/index.js';

interface Load {
  readonly name: string;
  readonly die: 'ideal' | number;
  readonly options: ChipOptions;
  /** Neurons in each hemisphere, from column 0, and inputs (rows) of each. */
  readonly columns: number;
  readonly inputs: number;
  /** Rate of an input in kHz of hardware time. */
  readonly rate: number;
  /** Mean weight; a fraction is a mixture of two weights. */
  readonly weight: number;
  readonly sensors: boolean;
  readonly adex: boolean;
  readonly milliseconds: number;
}

const LEAKY = {
  0: 629,
  1: 601,
  2: 329,
  8: 95,
  9: 1015,
  10: 50,
  12: 314,
  13: 500,
  14: 47,
  16: 294,
  17: 500,
};
/** V_T 20 mV above rest, threshold 100 mV above V_T; adaptation of 100 us. */
const ADEX = { ...LEAKY, 2: 329, 5: 629, 7: 629, 18: 100, 19: 20, 20: 30, 21: 300, 6: 600 };

/** Words that set the chip up; ends where the settled chip may be stimulated, at the tick that is returned. */
function configure(load: Load): Uint32Array {
  const writer = new PlaybackWriter();
  writer.reset(true).timerSetup().waitUntil(10).reset(false).timerSetup().waitUntil(100);
  writer.systimeInit().barrier(4).write(addressOf('EventRecordingConfig', []), 1);
  for (let node = 0; node < 76; node++)
    writer.write(addressOf('CrossbarNode', [node]), crossbarDropAll);
  // Inputs of the host go by one input of the crossbar to all buses of both hemispheres; neurons go to the host.
  for (let output = 0; output < 8; output++)
    writer.write(addressOf('CrossbarNode', [crossbarNodeOf(output, 8 + (output & 3))]), 0);
  for (let input = 0; input < 8; input++)
    writer.write(addressOf('CrossbarNode', [crossbarNodeOf(8 + (input & 3), input)]), 0);
  for (let hemisphere = 0; hemisphere < 2; hemisphere++) {
    writer.write(addressOf('CommonPADIBusConfig', [hemisphere]), 0xf);
    for (let driver = 0; driver < load.inputs / 2; driver++)
      writer.writeWords(
        'SynapseDriverConfig',
        [hemisphere, driver],
        driverWords({
          enable_receiver: 1,
          row_mask: 31,
          forward_address: 1,
          en_exc_bottom: 1,
          en_exc_top: 1,
        }),
      );
  }
  for (let block = 0; block < 4; block++)
    for (const [row, code] of [
      [4, 31],
      [8, 600],
      [9, 40],
      [10, 18],
      [15, 369],
    ] as const)
      writer.write(addressOf('CapMemCell', [block, row, 128]), code);
  synapses(writer, load);
  neurons(writer, load);
  return writer.words();
}

/** Weights; the two rows of a driver listen to labels 0 and 1. */
function synapses(writer: PlaybackWriter, load: Load): void {
  const weights = new Stream(1, 'bench/weights');
  const weight = (): number =>
    Math.max(
      0,
      Math.min(63, Math.floor(load.weight * (1 + 0.3 * weights.normal()) + weights.uniform())),
    );
  for (let hemisphere = 0; hemisphere < 2; hemisphere++) {
    for (let quad = 0; quad < 64; quad++)
      writer.write(addressOf('ColumnCurrentQuad', [hemisphere, quad]), 0x03030303);
    for (let row = 0; row < load.inputs; row++)
      for (let quad = 0; quad < 64; quad++) {
        // The columns of quads 0..31 are 0..127, even ones first.
        if ((quad & 31) * 4 >= Math.min(128, load.columns)) continue;
        if (quad >= 32 && load.columns <= 128) continue;
        const word = (weight() << 24) | (weight() << 16) | (weight() << 8) | weight();
        writer.write(addressOf('SynapseWeightQuad', [hemisphere, row, quad]), word >>> 0);
        if (row & 1)
          writer.write(addressOf('SynapseLabelQuad', [hemisphere, row, quad]), 0x01010101);
      }
  }
}

function neurons(writer: PlaybackWriter, load: Load): void {
  const codes = load.adex ? ADEX : LEAKY;
  for (let n = 0; n < 512; n++) {
    if ((n & 255) >= load.columns) continue;
    const { block, slot, backendHalf, indexInHalf } = placeOfNeuron(n);
    for (const [row, code] of Object.entries(codes))
      writer.write(addressOf('CapMemCell', [block, Number(row), slot]), code);
    writer.writeContainer('NeuronConfig', [block, slot], {
      en_fire: 1,
      en_thresh_comp: 1,
      mem_cap_size: 63,
      en_synin_exc: 1,
      en_synin_exc_small_cap: 1,
      en_reset_mul: 1,
      ...(load.adex ? { en_exp: 1, en_adapt: 1 } : {}),
    });
    writer.writeWords(
      'NeuronBackendConfig',
      [backendHalf, indexInHalf],
      backendWords({
        address_out: n & 255,
        en_spike_out: 1,
        reset_holdoff: 15,
        refractory_time: 125,
        // Without sensors the columns see only global post pulses, of which none is sent.
        post_overwrite: load.sensors ? 0 : 1,
      }),
    );
  }
  for (let half = 0; half < 2; half++)
    writer.writeContainer('CommonNeuronBackendConfig', [half], {
      en_event_regs: 1,
      en_clocks: 1,
      clock_scale_slow: 1,
    });
}

/** Input spikes of a span of ticks since the timer was set, as words that end at its end. */
function stimulus(load: Load, stream: Stream, from: number, to: number): Uint32Array {
  const writer = new PlaybackWriter();
  const mean = 125_000 / (load.rate * load.inputs);
  const times: number[] = [];
  const labels: number[] = [];
  for (let at = from + stream.exponential() * mean; at < to; at += stream.exponential() * mean) {
    const row = stream.integer(load.inputs);
    const driver = row >> 1;
    // Driver 4 i + b hears bus b, that is crossbar input 8 + b; row select i.
    times.push(Math.floor(at));
    labels.push(((driver & 3) << 14) | ((driver >> 2) << 6) | (row & 1));
  }
  return writer.spikeTrain(times, labels).waitUntil(to).words();
}

const PIECES = 24;
const WARM_UP = 6;

interface Result {
  readonly best: number;
  readonly median: number;
  readonly inputs: number;
  readonly outputs: number;
}

function run(load: Load): Result {
  const chip =
    load.die === 'ideal' ? Chip.ideal(load.options) : Chip.fromSeed(load.die, load.options);
  chip.execute(configure(load));
  const begin = new PlaybackWriter().timerSetup();
  // The parameter memory settles within 20 ms.
  chip.execute(begin.waitUntil(20 * 125_000).words());
  const stream = new Stream(2, 'bench/inputs');
  const reader = new ResponseReader();
  const piece = (load.milliseconds * 125_000) / PIECES;
  const costs: number[] = [];
  let outputs = 0;
  for (let k = 0; k < PIECES; k++) {
    const from = 20 * 125_000 + Math.round(k * piece);
    const to = 20 * 125_000 + Math.round((k + 1) * piece);
    const words = stimulus(load, stream, from, to);
    const before = process.cpuUsage();
    const answers = chip.execute(words);
    const used = process.cpuUsage(before);
    costs.push((used.user + used.system) / ((to - from) / 125));
    const spikes = reader.push(answers).spikeLabels.length;
    if (k === WARM_UP - 1) outputs = -spikes;
    if (k === PIECES - 1) outputs += spikes;
  }
  const sorted = costs.slice(WARM_UP).sort((a, b) => a - b);
  const milliseconds = load.milliseconds * (1 - WARM_UP / PIECES);
  return {
    best: sorted[0] ?? 0,
    median: sorted[sorted.length >> 1] ?? 0,
    inputs: load.rate * load.inputs * milliseconds,
    outputs: outputs / (2 * load.columns) / milliseconds,
  };
}

function report(load: Load): Result {
  const result = run(load);
  const { best, median, outputs } = result;
  const events = load.rate * 1e3 * load.inputs * 2 * load.columns;
  console.log(
    `${load.name.padEnd(50)} ${best.toFixed(1).padStart(6)} (median ${median.toFixed(1).padStart(6)}) x slower than hardware` +
      ` ${(events / best / 1e6).toFixed(1).padStart(6)} M synaptic events/s ${outputs.toFixed(1).padStart(6)} kHz out`,
  );
  return result;
}

/** The same network on the chip and in Brian 2. A biological second is a millisecond of the hardware. */
function compareWithBrian(): void {
  const python = findBrian();
  if (python === undefined)
    console.log(
      'Brian 2 left out: no Python imports brian2 (Debian: apt-get install python3-brian)',
    );
  for (const sensors of [false, true]) {
    const weight = 2.6;
    const name = `512 neurons, 256 inputs, 10 kHz${sensors ? ', sensors' : ''}`;
    const { median } = report({ ...base, name, weight, sensors });
    if (python === undefined) continue;
    for (const target of ['numpy', 'cpp_standalone'] as const) {
      const { cost, rate } = runBrian(python, target, 10, weight, sensors);
      console.log(
        `  Brian 2 ${target}${sensors ? ', traces' : ''}`.padEnd(50) +
          ` ${(cost * 1e3).toFixed(1).padStart(6)} x slower than hardware,` +
          ` ${((cost * 1e3) / median).toFixed(1)} times the median above, ${rate.toFixed(1)} Hz out`,
      );
    }
  }
}

/** Weight times rate: one for some 9 kHz of output, one for 31 kHz. */
const ADEX_DRIVES = [18, 27];

const has = (flag: string): boolean => process.argv.includes(flag);
const options: ChipOptions = { engine: has('--precise') ? 'precise' : 'fast' };
const base: Omit<Load, 'name'> = {
  die: 'ideal',
  options,
  columns: 256,
  inputs: 256,
  rate: 10,
  weight: 2.7,
  sensors: false,
  adex: false,
  milliseconds: has('--precise') ? 1 : 36,
};
const dies = has('--ideal') ? (['ideal'] as const) : (['ideal', 1] as const);
const called = (die: 'ideal' | number): string =>
  die === 'ideal' ? 'ideal' : `seed ${die}, noisy`;

if (has('--small'))
  for (const die of dies)
    for (const rate of [10, 30, 100])
      report({
        ...base,
        name: `6 neurons, 32 inputs, ${rate} kHz, sensors, ${called(die)}`,
        die,
        columns: 3,
        inputs: 32,
        rate,
        weight: 200 / rate,
        sensors: true,
        milliseconds: 50,
      });
else if (has('--brian')) compareWithBrian();
else if (has('--scaling')) {
  for (const columns of [16, 32, 64, 128, 256])
    report({ ...base, name: `${2 * columns} neurons, 256 inputs, 10 kHz`, columns });
  for (const rate of [0, 0.1, 1, 3, 10, 30])
    report({ ...base, name: `512 neurons, 256 inputs, ${rate} kHz`, rate, weight: 1 });
} else
  for (const die of dies)
    for (const rate of has('--adex') || has('--middle') ? [10] : [1, 10, 50])
      for (const drive of has('--adex') ? ADEX_DRIVES : [26])
        for (const sensors of [false, true])
          report({
            ...base,
            name: `512 neurons, 256 inputs, ${rate} kHz${sensors ? ', sensors' : ''}, ${called(die)}`,
            die,
            rate,
            weight: drive / rate,
            sensors,
            adex: has('--adex'),
          });
