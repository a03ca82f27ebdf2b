/**
 * How much slower the emulated chip is than the hardware: three leaky neurons with 32 input rows, no processor.
 * Run: npx esbuild bench/chip.ts --bundle --platform=node --format=esm --outfile=/tmp/chip.mjs && node /tmp/chip.mjs
 */

import { Chip } from '../emulator/index.js';
import { Stream } from '../isa/numeric/random.js';
import { PlaybackWriter, ResponseReader } from '../isa/playback/index.js';
import {
  addressOf,
  backendWords,
  crossbarDropAll,
  crossbarNodeOf,
  driverWords,
  neuronLabel,
  placeOfNeuron,
} from '../isa/registers/index.js';

const inputs = 32;
const neurons = [0, 2, 4];
const milliseconds = 100;

function program(rate: number): Uint32Array {
  const writer = new PlaybackWriter();
  writer.reset(true).timerSetup().waitUntil(10).reset(false).timerSetup().waitUntil(100);
  writer.systimeInit().barrier(4).write(addressOf('EventRecordingConfig', []), 1);
  for (let node = 0; node < 76; node++)
    writer.write(addressOf('CrossbarNode', [node]), crossbarDropAll);
  for (const [output, input] of [
    [0, 8],
    [1, 8],
    [2, 8],
    [3, 8],
    [8, 0],
  ] as const)
    writer.write(addressOf('CrossbarNode', [crossbarNodeOf(output, input)]), 0);
  writer.write(addressOf('CommonPADIBusConfig', [0]), 0xf);
  for (const block of [0, 1])
    for (const [row, code] of [
      [8, 600],
      [9, 40],
      [10, 18],
    ] as const)
      writer.write(addressOf('CapMemCell', [block, row, 128]), code);
  for (let driver = 0; driver < inputs; driver++) {
    const settings = { enable_receiver: 1, row_mask: 31, forward_address: 1, en_exc_bottom: 1 };
    writer.writeWords('SynapseDriverConfig', [0, driver], driverWords(settings));
    writer.write(addressOf('SynapseWeightQuad', [0, 2 * driver, 0]), 0x06060600);
  }
  writer.write(addressOf('ColumnCurrentQuad', [0, 0]), 0x03030303);
  const codes = {
    0: 629,
    1: 601,
    2: 329,
    8: 95,
    9: 1015,
    10: 50,
    12: 314,
    13: 500,
    14: 50,
    16: 294,
  };
  for (const neuron of neurons) {
    const { block, slot, backendHalf, indexInHalf } = placeOfNeuron(neuron);
    for (const [row, code] of Object.entries(codes))
      writer.write(addressOf('CapMemCell', [block, Number(row), slot]), code);
    writer.writeContainer('NeuronConfig', [block, slot], {
      en_fire: 1,
      en_thresh_comp: 1,
      mem_cap_size: 63,
      en_synin_exc: 1,
      en_synin_exc_small_cap: 1,
      en_reset_mul: 1,
    });
    const backend = {
      address_out: neuron,
      en_spike_out: 1,
      reset_holdoff: 15,
      refractory_time: 250,
    };
    writer.writeWords('NeuronBackendConfig', [backendHalf, indexInHalf], backendWords(backend));
  }
  writer.writeContainer('CommonNeuronBackendConfig', [0], { en_event_regs: 1, en_clocks: 1 });
  // The parameter memory settles within 20 ms.
  writer.timerSetup();
  const settled = 2_500_000;
  const end = settled + milliseconds * 125_000;
  const meanInterval = 125e6 / (rate * inputs);
  const stream = new Stream(1, 'bench');
  const times: number[] = [];
  const labels: number[] = [];
  for (let time = settled; time < end; time += 2 * meanInterval * stream.uniform()) {
    times.push(Math.floor(time));
    labels.push(neuronLabel(Math.floor(stream.uniform() * inputs) >> 2, 0));
  }
  writer.spikeTrain(times, labels).at(end);
  return writer.barrier().halt().words();
}

for (const [name, make] of [
  ['ideal', () => Chip.ideal()],
  ['seed 1', () => Chip.fromSeed(1)],
] as const)
  for (const rate of [10_000, 100_000]) {
    const words = program(rate);
    const chip = make();
    const begin = performance.now();
    const answers = new ResponseReader().push(chip.execute(words));
    const wall = performance.now() - begin;
    console.log(
      `${name}, ${rate / 1000} kHz on ${inputs} rows: ${(wall / (milliseconds + 20)).toFixed(1)} ms of wall time` +
        ` for 1 ms of the chip, ${answers.spikeLabels.length} spikes out`,
    );
  }
