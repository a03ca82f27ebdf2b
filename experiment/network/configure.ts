/** Playback words that bring a chip from reset to a configured network. */
import { capmemRowOf, neuronCapmemRows, sharedCapmemCells } from '../../isa/registers/capmem.js';
import type { SharedParameter } from '../../isa/registers/capmem.js';
import {
  crossbarNodes,
  driversPerHemisphere,
  entryOfColumn,
  neuronAt,
  placeOfNeuron,
  quadOfColumn,
} from '../../isa/registers/coordinates.js';
import { addressOf, encodeContainer } from '../../isa/registers/registers.js';
import type { PlaybackWriter } from '../../isa/playback/writer.js';
import { barriers, phyInstruction } from '../../isa/playback/messages.js';
import type { Placement } from './placement.js';

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

/** Everything of a placed network that is static during an experiment, with start weights. */
export function writeNetwork(
  writer: PlaybackWriter,
  placement: Placement,
  sensors: SensorCodes,
): void {
  writeSharedCells(writer, sensors);
  writeNeurons(writer, placement);
  writeDrivers(writer, placement);
  writeSynapses(writer, placement);
  writeCrossbar(writer, placement);
  writer.barrier(barriers.omnibus);
  // Cells settle exponentially after a write; nothing that follows may see them move.
  writer.timerSetup().waitUntil(ticks(settlingTime));
}

function writeSharedCells(writer: PlaybackWriter, sensors: SensorCodes): void {
  const codes: Partial<Record<SharedParameter, number>> = {
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
  for (let block = 0; block < 4; block++)
    for (const [name, code] of Object.entries(codes)) {
      const cell = sharedCapmemCells[name as SharedParameter];
      writer.write(addressOf('CapMemCell', [block, cell.row, cell.column]), code);
    }
  // 0: biases of the synapses come from the parameter memory.
  writer.write(addressOf('SynapseBiasSelection', []), 0);
}

function writeNeurons(writer: PlaybackWriter, { network, columns, hemisphere }: Placement): void {
  for (const population of network.populations)
    for (const column of columns.get(population) ?? []) {
      const { settings } = population;
      const place = placeOfNeuron(neuronAt(hemisphere, column));
      for (const parameter of neuronCapmemRows)
        writer.write(
          addressOf('CapMemCell', [place.block, capmemRowOf(parameter), place.slot]),
          settings.codes[parameter],
        );
      writer.writeContainer('NeuronConfig', [place.block, place.slot], {
        mem_cap_size: settings.capacitance,
        en_reset_mul: 1,
        en_readout_amp: 1,
        en_synin_exc_small_cap: 1,
        en_synin_inh_small_cap: 1,
        en_fire: 1,
        en_thresh_comp: 1,
        en_synin_exc: 1,
        en_synin_inh: 1,
      });
      const address = backendAddress(hemisphere, column);
      const r = settings.refractory;
      // Address and refractory period are stored inverted; hold-off 15 releases the reset one clock before the end.
      writer.writeContainer('NeuronBackendConfig', [place.backendHalf, place.indexInHalf], {
        address_out_msbs: ~(address >> 2) & 63,
        address_out_lsbs: ~address & 3,
        refractory_time_1: ~(r >> 4) & 15,
        refractory_time_2: ~r & 15,
        reset_holdoff_1: 3,
        reset_holdoff_2: 3,
        select_input_clock: 0,
        en_spike_out: 1,
      });
    }
  for (const half of [0, 1])
    writer.writeContainer('CommonNeuronBackendConfig', [half], {
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

/** Low 8 label bits of a neuron's events: unique among the neurons that share an event output. */
export function backendAddress(hemisphere: number, column: number): number {
  return (hemisphere << 5) | (column & 31);
}

function writeDrivers(writer: PlaybackWriter, { rowModes, hemisphere }: Placement): void {
  for (let driver = 0; driver < driversPerHemisphere; driver++) {
    const bottom = rowModes[2 * driver] ?? 0;
    const top = rowModes[2 * driver + 1] ?? 0;
    if (bottom === 0 && top === 0) continue;
    writer.writeContainer('SynapseDriverConfig', [hemisphere, driver], {
      en_receiver: 1,
      row_address_compare_mask: 31,
      offset: 7,
      en_exc_bottom: Number(bottom === 1),
      en_exc_top: Number(top === 1),
      en_inh_bottom: Number(bottom === 2),
      en_inh_top: Number(top === 2),
      hagen_dac_offset: 63,
      en_charge_sharing: 1,
    });
  }
  writer.writeContainer('CommonPADIBusConfig', [hemisphere], {
    enable_spl1_0: 1,
    enable_spl1_1: 1,
    enable_spl1_2: 1,
    enable_spl1_3: 1,
  });
}

function writeSynapses(writer: PlaybackWriter, placement: Placement): void {
  const { hemisphere } = placement;
  const weights = new Map<number, number>();
  const labels = new Map<number, number>();
  for (const { synapses } of placement.projections)
    for (const { row, column, weight, label } of synapses) {
      const quad = quadOfColumn(column);
      const shift = 24 - 8 * entryOfColumn(column);
      const w = addressOf('SynapseWeightQuad', [hemisphere, row, quad]);
      const l = addressOf('SynapseLabelQuad', [hemisphere, row, quad]);
      weights.set(w, (weights.get(w) ?? 0) | (weight << shift));
      labels.set(l, (labels.get(l) ?? 0) | (label << shift));
    }
  for (const [address, word] of [...weights, ...labels]) writer.write(address, word >>> 0);
  const currents = new Map<number, number>();
  const correlation = new Map<number, number>();
  for (const columns of placement.columns.values())
    for (const column of columns) {
      const quad = quadOfColumn(column);
      const shift = 24 - 8 * entryOfColumn(column);
      const current = addressOf('ColumnCurrentQuad', [hemisphere, quad]);
      const sensor = addressOf('ColumnCorrelationQuad', [hemisphere, quad]);
      // Bits 0 and 1: excitatory and inhibitory line to the neuron. Bits 6 and 7: sensors to the converter.
      currents.set(current, (currents.get(current) ?? 0) | (3 << shift));
      correlation.set(sensor, (correlation.get(sensor) ?? 0) | (0xc0 << shift));
    }
  for (const [address, word] of [...currents, ...correlation]) writer.write(address, word >>> 0);
  writer.writeWords('CommonCorrelationConfig', [hemisphere], [1, 200, 5, 0]);
  writer.writeContainer('CADCConfig', [hemisphere], { enable: 1, reset_wait: 100, dead_time: 20 });
  for (const channel of [0, 1])
    for (const half of [0, 1])
      for (let column = 0; column < 128; column++)
        writer.write(addressOf('CADCChannelConfig', [hemisphere, channel, half, column]), 128);
}

function writeCrossbar(writer: PlaybackWriter, { network, columns, hemisphere }: Placement): void {
  const outputs = new Set(
    network.populations.flatMap((population) =>
      (columns.get(population) ?? []).map((column) => column >> 5),
    ),
  );
  const hemisphereBit = 0x2000;
  crossbarNodes.forEach(([output, input], node) => {
    const fromNeurons = input < 8 && output >= 8 && outputs.has(input);
    const fromHost =
      input >= 8 && input < 12 && output < 8 && output === 4 * hemisphere + (input - 8);
    const [word = 0] = encodeContainer(
      'CrossbarNode',
      fromNeurons
        ? { mask: 0, target: 0 }
        : fromHost
          ? { mask: hemisphereBit, target: hemisphere * hemisphereBit }
          : { mask: 0, target: 1 },
    );
    writer.write(addressOf('CrossbarNode', [node]), word);
  });
}
