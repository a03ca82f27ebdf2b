/**
 * The network of the chip's benchmarks: leaky or adaptive exponential neurons, all inputs on all neurons, spikes in and out
 * as playback words through crossbar, buses and drivers.
 */
import { Chip } from '../emulator/index.js';
import type { ChipOptions } from '../emulator/index.js';
import { Stream } from '../isa/numeric/random.js';
import { PlaybackWriter, ResponseReader } from '../isa/playback/index.js';
import {
  addressOf,
  backendWords,
  columnOf,
  crossbarDropAll,
  crossbarNodeOf,
  driverWords,
  placeOfNeuron,
} from '../isa/registers/index.js';

export interface Load {
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

/** Codes by row of the parameter memory; the laws make the constants of `leakyParameters` of them. */
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
/** Codes that a block shares, by row: converter offset, DAC bias, sensor ramp and store, converter slope. */
const SHARED = { 4: 31, 8: 600, 9: 40, 10: 18, 15: 369 };

/** Clock periods of 16 ns that a neuron is refractory; the last one is hold-off. */
const REFRACTORY_PERIODS = 125;

const LEAK_CONDUCTANCE = 2.53e-3 * LEAKY[8];
const RESET_CONDUCTANCE = 2.53e-3 * LEAKY[9] * 8;

/**
 * What the codes of the leaky neurons mean by the laws of the analog core: us, and mV above the leak potential.
 * While it is reset, a membrane is pulled by g_r against leak and input, which ends at `reset + resetPerEvent * s`.
 */
export const leakyParameters = {
  tauM: 2.4 / LEAK_CONDUCTANCE,
  tauSyn: 503 / LEAKY[10],
  threshold: 18.75 + 1.875 * LEAKY[2] - 13 - (18.75 + 1.875 * LEAKY[0] - 778),
  reset:
    (RESET_CONDUCTANCE * (1.875 * (LEAKY[1] - LEAKY[0]) + 778 - 770)) /
    (RESET_CONDUCTANCE + LEAK_CONDUCTANCE),
  /** Of a full event at its height. */
  resetPerEvent: 40 / (RESET_CONDUCTANCE + LEAK_CONDUCTANCE),
  refractory: REFRACTORY_PERIODS * 0.016,
  /** mV/us of a full event at its height. */
  drive: 40 / 2.4,
  sensorTau: 400 / SHARED[9],
  sensorAmplitude: 35 / SHARED[10],
} as const;

/** Weights 0..63 by 65536 hemisphere + 256 row + column; 0 where there is no neuron or input. */
export function weightsOf(load: Load): Uint8Array {
  const stream = new Stream(1, 'bench/weights');
  const weights = new Uint8Array(131072);
  for (let hemisphere = 0; hemisphere < 2; hemisphere++)
    for (let row = 0; row < load.inputs; row++)
      for (let column = 0; column < load.columns; column++) {
        const drawn = load.weight * (1 + 0.3 * stream.normal()) + stream.uniform();
        weights[65536 * hemisphere + 256 * row + column] = Math.max(
          0,
          Math.min(63, Math.floor(drawn)),
        );
      }
  return weights;
}

/** Words that set the chip up. */
function configure(load: Load, weights: Uint8Array): Uint32Array {
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
    for (const [row, code] of Object.entries(SHARED))
      writer.write(addressOf('CapMemCell', [block, Number(row), 128]), code);
  synapses(writer, load, weights);
  neurons(writer, load);
  return writer.words();
}

/** Weights; the two rows of a driver listen to labels 0 and 1. */
function synapses(writer: PlaybackWriter, load: Load, weights: Uint8Array): void {
  for (let hemisphere = 0; hemisphere < 2; hemisphere++) {
    for (let quad = 0; quad < 64; quad++)
      writer.write(addressOf('ColumnCurrentQuad', [hemisphere, quad]), 0x03030303);
    for (let row = 0; row < load.inputs; row++)
      for (let quad = 0; quad < 64; quad++) {
        if (columnOf(quad, 0) >= load.columns) continue;
        let word = 0;
        for (let entry = 0; entry < 4; entry++)
          word =
            (word << 8) | (weights[65536 * hemisphere + 256 * row + columnOf(quad, entry)] ?? 0);
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
        address_out: ((n >> 8) << 5) | (n & 31),
        en_spike_out: 1,
        reset_holdoff: 15,
        refractory_time: REFRACTORY_PERIODS,
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

/** Neuron 0..511 of the label of a spike: the label holds its eighth of the columns beside the address given above. */
export const neuronOf = (label: number): number =>
  (((label >> 5) & 1) << 8) | (((label >> 8) & 7) << 5) | (label & 31);

/** Label by which the host reaches a row: driver 4 i + b hears bus b, that is crossbar input 8 + b, row select i. */
export const labelOf = (row: number): number =>
  (((row >> 1) & 3) << 14) | ((row >> 3) << 6) | (row & 1);

/** Input spikes of a span of ticks since the timer was set, as words that end at its end. */
export function poissonWords(load: Load, stream: Stream, from: number, to: number): Uint32Array {
  const writer = new PlaybackWriter();
  const mean = 125_000 / (load.rate * load.inputs);
  const times: number[] = [];
  const labels: number[] = [];
  for (let at = from + stream.exponential() * mean; at < to; at += stream.exponential() * mean) {
    times.push(Math.floor(at));
    labels.push(labelOf(stream.integer(load.inputs)));
  }
  return writer.spikeTrain(times, labels).waitUntil(to).words();
}

/** Processor time (user and system, all threads) and wall time of something, in seconds. */
export interface Cost {
  readonly processor: number;
  readonly wall: number;
}

export function measured(work: () => void): Cost {
  const wall = process.hrtime.bigint();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return {
    processor: (user + system) / 1e6,
    wall: Number(process.hrtime.bigint() - wall) / 1e9,
  };
}

/** A chip that carries a load, settled: time is counted in ticks of 8 ns from `start` on. */
export class LoadedChip {
  /** 20 ms after set-up, when the parameter memory has settled. */
  static readonly start = 20 * 125_000;
  private readonly chip: Chip;
  private readonly reader = new ResponseReader();

  constructor(load: Load, weights = weightsOf(load)) {
    this.chip =
      load.die === 'ideal' ? Chip.ideal(load.options) : Chip.fromSeed(load.die, load.options);
    this.chip.execute(configure(load, weights));
    // Times of spikes and of the host begin together.
    const settle = new PlaybackWriter().systimeInit().timerSetup().waitUntil(LoadedChip.start);
    this.chip.execute(settle.words());
  }

  /** Executes words; what it costs, without taking the answers apart. */
  execute(words: Uint32Array): Cost {
    let answers: Uint32Array = new Uint32Array(0);
    const cost = measured(() => {
      answers = this.chip.execute(words);
    });
    this.reader.push(answers);
    return cost;
  }

  /** Spikes that came out since the beginning. */
  get spikes(): number {
    return this.reader.spikeLabels.length;
  }

  /** Neuron and time (us since power-up) of the spike with this number. */
  spike(index: number): readonly [neuron: number, time: number] {
    return [
      neuronOf(this.reader.spikeLabels.at(index) ?? 0),
      (this.reader.spikeTimes.at(index) ?? NaN) * 0.004,
    ];
  }

  /** Sums of a synapse's sensors (counts), by 65536 hemisphere + 256 row + column: causal, acausal. */
  correlation(synapse: number): readonly [causal: number, acausal: number] {
    const view = this.chip.analogView;
    return [view.correlation(synapse, 0), view.correlation(synapse, 1)];
  }
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
