/** Playback words that bring a chip from reset to a configured network. */
import { capmemRowOf, neuronCapmemRows, sharedCapmemCells } from '../../isa/registers/capmem.js';
import type { SharedParameter } from '../../isa/registers/capmem.js';
import {
  crossbarNodes,
  driversPerHemisphere,
  entryOfColumn,
  placeOfNeuron,
  quadOfColumn,
} from '../../isa/registers/coordinates.js';
import { crossbarWord } from '../../isa/registers/logical.js';
import { addressOf, addressesOf } from '../../isa/registers/registers.js';
import type { FieldName } from '../../isa/registers/registers.js';
import type { PlaybackWriter } from '../../isa/playback/writer.js';
import { barriers, phyInstruction } from '../../isa/playback/messages.js';
import { ExperimentError } from '../failure.js';
import type { ChipCalibration } from './calibrated.js';
import { fireLine } from './fire-line.js';
import { circuitSettings } from './morphology.js';
import type { PlacedNeuron } from './neuron-places.js';
import type { NeuronSettings } from './neuron.js';
import type { PlacedHalf, PlacedProjection, Placement } from './placement.js';
import type { RegisterImage, RegisterSink } from './registers.js';
import { generatorShape } from './routes.js';
import { rowsForWeight, weightShare } from './weights.js';

/** Settings of the correlation sensors: codes of the shared cells that act on all synapses. */
export interface SensorCodes {
  /** syn_i_bias_store: amplitude per pair = 35 / code counts. */
  readonly store: number;
  /** syn_i_bias_ramp: time constant = 400 us / code. */
  readonly ramp: number;
}

/** Playback timer ticks (8 ns) in a number of seconds. */
export function ticks(seconds: number): number {
  return Math.round(seconds * 125e6);
}

/** Time that parameter-memory cells are given to settle, s. */
export const settlingTime = 20e-3;

const allLinks = 0xff;
const adpll = [0x2a20a902, 0xc0cbf200] as const;
const clockOutput = 0x110d0101;

/**
 * Reset, clocks, links, time: the sequence that every connection to the chip begins with.
 * @param noiseSeed seed of the trial noise, for emulated boards only
 */
export function writeInitialisation(writer: PlaybackWriter, noiseSeed?: number): void {
  writer.reset(true).timerSetup().waitUntil(10).reset(false).timerSetup().waitUntil(100);
  if (noiseSeed !== undefined) {
    writer.write(0x8800f001, noiseSeed >>> 0);
    writer.write(0x8800f002, Math.floor(noiseSeed / 4294967296) >>> 0);
  }
  writer.write(addressOf('InstructionTimeoutConfig', []), 1_250_000);
  writer.jtagScaler(6).jtagInit();
  const pll = (register: number, value: number): void => {
    writer.jtagInstruction(3).jtagData(4, register).jtagInstruction(4).jtagData(32, value);
  };
  for (const first of [0, 2]) adpll.forEach((value, i) => pll(first + i, value));
  pll(4, clockOutput);
  for (let link = 0; link < 8; link++) {
    writer.write(addressOf('PhyConfigFPGA', [link]), 0x00204040);
    writer.jtagInstruction(phyInstruction(link)).jtagData(22, 0x204000);
  }
  writer.waitUntil(12_500);
  writer.write(addressOf('CommonPhyConfigFPGA', []), allLinks);
  writer.jtagWrite(addressOf('CommonPhyConfigChip', []), allLinks);
  writer.barrier(barriers.jtag);
  writer.writeContainer('SystimeSyncBase', [], {});
  writer.barrier(barriers.omnibus).systimeInit(true).barrier(barriers.systime);
  writer.write(addressOf('EventRecordingConfig', []), 1);
}

/** What a circuit shows to the converters. */
export interface CircuitReadout {
  /** readout_select: 0 membrane, 1 excitatory line, 2 inhibitory line, 3 adaptation. */
  readonly select?: number;
  /** On the line to the fast converter. */
  readonly madc?: boolean;
}

/** Read-outs that differ from the membrane, by atomic neuron. */
export type Readouts = ReadonlyMap<number, CircuitReadout>;

/** What the network does not say about its configuration. */
export interface ConfigurationOptions {
  readonly sensors: SensorCodes;
  readonly calibration?: ChipCalibration | undefined;
  readonly readouts?: Readouts | undefined;
  /** s that parameter-memory cells are given to settle; `settlingTime` if absent. */
  readonly settling?: number | undefined;
  /** Register contents that `writeNetwork` writes instead of the network's present ones. */
  readonly registers?: RegisterImage | undefined;
}

/** Everything of a placed network that is static during an experiment, with start weights. */
export function writeNetwork(
  writer: PlaybackWriter,
  placement: Placement,
  options: ConfigurationOptions,
): void {
  if (options.registers)
    for (const [address, value] of options.registers.words) writer.write(address, value);
  else configure(writer, placement, options);
  writer.barrier(barriers.omnibus);
  // Cells settle exponentially after a write; nothing that follows may see them move.
  writer.timerSetup().waitUntil(ticks(options.settling ?? settlingTime));
}

/** The registers of a placed network with its present parameters and weights. */
export function configure(
  sink: RegisterSink,
  placement: Placement,
  options: ConfigurationOptions,
): void {
  writeSharedCells(sink, options);
  writeNeurons(sink, placement, options);
  for (const half of placement.halves) writeDrivers(sink, placement, half, options);
  writeSynapses(sink, placement, options);
  writeCrossbar(sink, placement);
  writeGenerators(sink, placement);
}

function writeSharedCells(
  sink: RegisterSink,
  { sensors, calibration }: ConfigurationOptions,
): void {
  const nominal: Partial<Record<SharedParameter, number>> = {
    cadc_v_ramp_offset: 31,
    cadc_i_ramp_slope: 369,
    cadc_v_bias_ramp_buf: 400,
    cadc_i_bias_comp: 1022,
    cadc_i_bias_vreset_buf: 1022,
    syn_i_bias_dac: 600,
    syn_i_bias_ramp: sensors.ramp,
    syn_i_bias_store: sensors.store,
    syn_i_bias_corout: 600,
    neuron_v_bias_casc_n: 250,
    neuron_i_bias_readout_amp: 110,
    neuron_i_bias_leak_source_follower: 100,
    neuron_i_bias_spike_comparator: 200,
  };
  for (let block = 0; block < 4; block++) {
    const codes = { ...nominal, ...calibration?.sharedCodes?.(block, sensors) };
    for (const [name, code] of Object.entries(codes)) {
      const cell = sharedCapmemCells[name as SharedParameter];
      sink.write(addressOf('CapMemCell', [block, cell.row, cell.column]), code);
    }
  }
  // 0: biases of the synapses come from the parameter memory.
  sink.write(addressOf('SynapseBiasSelection', []), 0);
}

const leakySwitches = {
  en_reset_mul: 1,
  en_readout_amp: 1,
  en_synin_exc_small_cap: 1,
  en_synin_inh_small_cap: 1,
  en_fire: 1,
  en_thresh_comp: 1,
  en_synin_exc: 1,
  en_synin_inh: 1,
} as const;

/** Fields of a circuit's configuration words. */
export function neuronConfig(
  settings: NeuronSettings,
  readout: CircuitReadout = {},
): { readonly [F in FieldName<'NeuronConfig'>]?: number } {
  return {
    mem_cap_size: settings.capacitance,
    ...leakySwitches,
    ...settings.switches,
    ...(readout.select === undefined ? {} : { readout_select: readout.select }),
    ...(readout.madc ? { en_readout: 1 } : {}),
  };
}

function writeNeurons(
  sink: RegisterSink,
  { network, neurons, routing }: Placement,
  { calibration, readouts }: ConfigurationOptions,
): void {
  for (const population of network.populations)
    (neurons.get(population) ?? []).forEach((placed, index) => {
      const settings = population.settingsOf(index);
      placed.circuits.forEach(({ neuron }, k) => {
        const own = circuitSettings(settings, k);
        const place = placeOfNeuron(neuron);
        const codes = calibration?.neuronCodes(neuron, own) ?? own.codes;
        for (const parameter of neuronCapmemRows)
          sink.write(
            addressOf('CapMemCell', [place.block, capmemRowOf(parameter), place.slot]),
            codes[parameter],
          );
        sink.writeContainer(
          'NeuronConfig',
          [place.block, place.slot],
          neuronConfig(own, readouts?.get(neuron)),
        );
        writeBackend(sink, placed, k, own, routing.addressOf.get(placed) ?? 0);
      });
    });
  for (const half of [0, 1])
    sink.writeContainer('CommonNeuronBackendConfig', [half], {
      en_event_regs: 1,
      en_clocks: 1,
      // 250 MHz / 2 = 125 MHz: a refractory clock period is 8 ns.
      clock_scale_slow: 0,
      clock_scale_fast: 0,
      sample_pos_edge: 15,
      wait_global_post_pulse: 1,
      wait_spike_counter_reset: 4,
      wait_spike_counter_read: 4,
      wait_fire_neuron: 4,
    });
}

function writeBackend(
  sink: RegisterSink,
  { circuits }: PlacedNeuron,
  index: number,
  { refractory, morphology }: NeuronSettings,
  address: number,
): void {
  const place = placeOfNeuron(circuits[index]?.neuron ?? 0);
  // Address and refractory period are stored inverted; hold-off 15 releases the reset one clock before the end.
  sink.writeContainer('NeuronBackendConfig', [place.backendHalf, place.indexInHalf], {
    address_out_msbs: ~(address >> 2) & 63,
    address_out_lsbs: ~address & 3,
    refractory_time_1: ~(refractory >> 4) & 15,
    refractory_time_2: ~refractory & 15,
    reset_holdoff_1: 3,
    reset_holdoff_2: 3,
    select_input_clock: 0,
    en_spike_out: Number(index === 0),
    ...fireLine(circuits, index, morphology),
  });
}

function writeDrivers(
  sink: RegisterSink,
  { neurons, network }: Placement,
  { hemisphere, rowModes, driverMasks }: PlacedHalf,
  { calibration }: ConfigurationOptions,
): void {
  for (let driver = 0; driver < driversPerHemisphere; driver++) {
    const bottom = rowModes[2 * driver] ?? 0;
    const top = rowModes[2 * driver + 1] ?? 0;
    if (bottom === 0 && top === 0) continue;
    sink.writeContainer('SynapseDriverConfig', [hemisphere, driver], {
      en_receiver: 1,
      row_address_compare_mask: driverMasks[driver] ?? 31,
      offset: calibration?.driverOffset?.(hemisphere, driver) ?? 7,
      en_exc_bottom: Number(bottom === 1),
      en_exc_top: Number(top === 1),
      en_inh_bottom: Number(bottom === 2),
      en_inh_top: Number(top === 2),
      hagen_dac_offset: 63,
      en_charge_sharing: 1,
    });
  }
  // Neurons in bypass need pulses of full length.
  const bypass = network.populations.some((population) =>
    (neurons.get(population) ?? []).some((_, i) => {
      const { switches } = population.settingsOf(i);
      return switches?.en_byp_exc === 1 || switches?.en_byp_inh === 1;
    }),
  );
  const extension = bypass ? 15 : 0;
  sink.writeContainer('CommonPADIBusConfig', [hemisphere], {
    enable_spl1_0: 1,
    enable_spl1_1: 1,
    enable_spl1_2: 1,
    enable_spl1_3: 1,
    dacen_pulse_extension_0: extension,
    dacen_pulse_extension_1: extension,
    dacen_pulse_extension_2: extension,
    dacen_pulse_extension_3: extension,
  });
}

/** Present weight of each synapse of a projection. */
export function presentWeights({ projection, synapses, synapsesOf }: PlacedProjection): Uint8Array {
  const weights = new Uint8Array(synapses.length);
  const width = projection.receptor === 'signed' ? 2 : 1;
  synapsesOf.forEach((own, connection) => {
    const weight = projection.connections[connection]?.weight ?? 0;
    const room = (63 * own.length) / width;
    if (Math.abs(weight) > room)
      throw new ExperimentError(
        `the weight ${weight} of synapse ${connection} does not fit its rows, which hold ${room}`,
        `projection "${projection.name}"`,
        `Rows are given when the network begins to run: make the projection with rows: ${rowsForWeight(weight)}, or reset before heavier weights are set.`,
      );
    own.forEach((synapse, k) => {
      const signed = k % width === 0 ? weight : -weight;
      weights[synapse] = weightShare(signed, Math.floor(k / width));
    });
  });
  return weights;
}

function writeSynapses(
  sink: RegisterSink,
  placement: Placement,
  { calibration }: ConfigurationOptions,
): void {
  const weights = new Map<number, number>();
  const labels = new Map<number, number>();
  for (const placed of placement.projections) {
    const present = presentWeights(placed);
    placed.synapses.forEach(({ hemisphere, row, column, label }, i) => {
      const quad = quadOfColumn(column);
      const shift = 24 - 8 * entryOfColumn(column);
      const w = addressOf('SynapseWeightQuad', [hemisphere, row, quad]);
      const l = addressOf('SynapseLabelQuad', [hemisphere, row, quad]);
      weights.set(w, (weights.get(w) ?? 0) | ((present[i] ?? 0) << shift));
      labels.set(l, (labels.get(l) ?? 0) | (label << shift));
    });
  }
  for (const [address, word] of [...weights, ...labels]) sink.write(address, word >>> 0);
  for (const { hemisphere } of placement.halves)
    writeColumns(sink, placement, hemisphere, calibration);
}

/** Switches of the used columns, and the parallel converter. */
function writeColumns(
  sink: RegisterSink,
  placement: Placement,
  hemisphere: number,
  calibration: ChipCalibration | undefined,
): void {
  const currents = new Map<number, number>();
  const correlation = new Map<number, number>();
  for (const list of placement.neurons.values())
    for (const { circuits } of list)
      for (const circuit of circuits) {
        if (circuit.hemisphere !== hemisphere) continue;
        const quad = quadOfColumn(circuit.column);
        const shift = 24 - 8 * entryOfColumn(circuit.column);
        const current = addressOf('ColumnCurrentQuad', [hemisphere, quad]);
        const sensor = addressOf('ColumnCorrelationQuad', [hemisphere, quad]);
        // Bits 0 and 1: excitatory and inhibitory line to the neuron. Bits 6 and 7: sensors to the converter.
        currents.set(current, (currents.get(current) ?? 0) | (3 << shift));
        correlation.set(sensor, (correlation.get(sensor) ?? 0) | (0xc0 << shift));
      }
  for (const [address, word] of [...currents, ...correlation]) sink.write(address, word >>> 0);
  sink.writeWords('CommonCorrelationConfig', [hemisphere], [1, 200, 5, 0]);
  sink.writeContainer('CADCConfig', [hemisphere], { enable: 1, reset_wait: 100, dead_time: 20 });
  for (const channel of [0, 1])
    for (const half of [0, 1])
      for (let column = 0; column < 128; column++)
        sink.write(
          addressOf('CADCChannelConfig', [hemisphere, channel, half, column]),
          calibration?.cadcOffset?.(hemisphere, channel, 128 * half + column) ?? 128,
        );
}

function writeCrossbar(sink: RegisterSink, placement: Placement): void {
  const { neurons, halves, routing, generators } = placement;
  const outputs = new Set([...neurons.values()].flat().map(({ output }) => output));
  const used = new Set(halves.map(({ hemisphere }) => hemisphere));
  const hemisphereBit = 0x2000;
  const word = (output: number, input: number): number => {
    const half = output >> 2;
    if (input < 8 && output >= 8) return outputs.has(input) ? pass : dropAll;
    if (input < 8)
      return routing.toSynapses[input]?.[half] === true
        ? crossbarWord(routing.busFilter.mask, routing.busFilter.target)
        : dropAll;
    if (input < 12)
      return half < 2 && used.has(half as 0 | 1) && output === 4 * half + (input - 8)
        ? crossbarWord(hemisphereBit, half * hemisphereBit)
        : dropAll;
    const generator = generators.find((each) => each.generator === input - 12);
    if (!generator) return dropAll;
    return output < 8 || generator.isRecorded ? pass : dropAll;
  };
  crossbarNodes.forEach(([output, input], node) =>
    sink.write(addressOf('CrossbarNode', [node]), word(output, input)),
  );
}

const pass = crossbarWord(0, 0);
const dropAll = crossbarWord(0, 1);

/** Generators with everything but their enable bit, which belongs to a time. */
function writeGenerators(sink: RegisterSink, { generators }: Placement): void {
  for (const { generator, settings, seed, label } of generators) {
    const [, seedAddress = 0, shapeAddress = 0] = addressesOf('BackgroundSpikeSource', [generator]);
    sink.write(seedAddress, seed);
    sink.write(shapeAddress, generatorShape(label, settings));
  }
}
