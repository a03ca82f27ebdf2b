/**
 * The address space of the chip and the FPGA as host and processors see it: one read and one write, which find the
 * register behind an address and do what it does.
 *
 * The caller has brought the chip to `cycle`. Each access leaves in `extra` the cycles it takes beyond the way there
 * and back (only conversions take any).
 */

import {
  addressOf,
  columnOf,
  containerRow,
  decodeContainer,
  type ContainerName,
} from '../../isa/registers/index.js';
import type { AnalogCore } from '../analog/core.js';
import { Cadc } from './cadc.js';
import type { DigitalConstants } from './constants.js';
import type { ExternalMemory } from './external-memory.js';
import type { Fabric } from './fabric.js';
import type { Processors } from './processors.js';
import { RandomGenerators } from './random.js';
import { containerNumber, RegisterFile } from './register-file.js';
import { SynapseArray } from './synapse-array.js';

/** What the FPGA's own registers need from the playback executor and the chip. */
export interface FpgaSide {
  /** Playback timer at a cycle. */
  timerAt(cycle: number): number;
  /** Event recording has been switched. */
  setRecording(on: boolean): void;
  /** A new noise seed has been written (53 bits are used). */
  setNoiseSeed(seed: number): void;
  /** Device DNA, low and high word. */
  readonly dna: readonly [number, number];
}

const n = containerNumber;
const base = (name: ContainerName): number => containerRow(name).base;
const magicAddress = 0x8800f000;
const plainOwner = 250;
const seedOwner = 251;
const writeOnly = new Set(
  (Object.keys(n) as ContainerName[])
    .filter((name) => containerRow(name).access === 'w')
    .map((name) => n[name]),
);

/** See the module's first sentence. */
export class Omnibus {
  /** Cycles that the last access took beyond its way. */
  extra = 0;
  /** Accesses that hit no register: count and the first few addresses. */
  unmapped = 0;
  readonly unmappedAddresses = new Set<number>();

  readonly arrays: readonly [SynapseArray, SynapseArray];
  readonly cadcs: readonly [Cadc, Cadc];
  readonly random: readonly [RandomGenerators, RandomGenerators] = [
    new RandomGenerators(),
    new RandomGenerators(),
  ];

  constructor(
    private readonly analog: AnalogCore,
    private readonly fabric: Fabric,
    private readonly processors: Processors,
    readonly registers: RegisterFile,
    readonly memory: ExternalMemory,
    private readonly fpga: FpgaSide,
    constants: DigitalConstants,
  ) {
    this.arrays = [new SynapseArray(0, analog), new SynapseArray(1, analog)];
    this.cadcs = [
      new Cadc(0, analog, constants.cadcConversion),
      new Cadc(1, analog, constants.cadcConversion),
    ];
    // Carrier board, event switch and PLL words that the map does not list.
    registers.addPlain(0x88007001, 0x3ff, plainOwner);
    registers.addPlain(0x88007800, 0x409, plainOwner);
    registers.addPlain(0x88000000, 1, plainOwner);
    registers.addPlain(magicAddress, 3, seedOwner);
    this.clear();
  }

  /** True if something answers at an address. */
  isMapped(address: number): boolean {
    const a = address >>> 0;
    if (this.memory.isMapped(a)) return true;
    if (isSynram(a)) {
      const low = a & 0xffffff;
      if (low >= 0xc00000) return this.isArrayMapped(low & 0x3fffff);
      if (low >= 0x800000 && low < 0x801000) return true;
    }
    return this.registers.ownerOf(a) >= 0;
  }

  /** The word at an address. */
  read(address: number, cycle: number): number {
    this.extra = 0;
    const a = address >>> 0;
    if (isSynram(a)) {
      const hemisphere = (a >>> 24) & 1;
      const low = a & 0xffffff;
      if (low >= 0xc00000) return this.readArray(hemisphere, low & 0x3fffff, cycle);
      if (low >= 0x800000 && low < 0x801000)
        return this.processors.readWord(hemisphere, low & 0xfff);
    } else if (this.memory.isMapped(a)) return this.memory.read(a);
    const owner = this.registers.ownerOf(a);
    switch (owner) {
      case -1:
        this.noteUnmapped(a);
        return 0;
      case n.SpikeCounterRead:
        return this.fabric.backend.counters[neuronOfBackendAddress(a - base('SpikeCounterRead'))]!;
      case n.CrossbarInputDropCounter:
        return this.fabric.crossbar.dropCounters[a - base('CrossbarInputDropCounter')]!;
      case n.CrossbarOutputEventCounter:
        return this.fabric.crossbar.eventCounters[a - base('CrossbarOutputEventCounter')]!;
      case n.PPUStatusRegister:
        return this.processors.isSleeping((a >>> 24) & 1) ? 1 : 0;
      case n.ExecutorTimerRead:
        return this.fpga.timerAt(cycle);
      case n.FPGADeviceDNA:
        return this.fpga.dna[a - base('FPGADeviceDNA')] ?? 0;
      case seedOwner:
        return a === magicAddress ? 0x504c4153 : this.registers.get(a);
      default:
        return writeOnly.has(owner) ? 0 : this.registers.get(a);
    }
  }

  /** Writes the enabled bytes of a word: enable i covers bits 8i+7..8i. */
  write(address: number, value: number, enables: number, cycle: number): void {
    this.extra = 0;
    const a = address >>> 0;
    if (isSynram(a)) {
      const hemisphere = (a >>> 24) & 1;
      const low = a & 0xffffff;
      if (low >= 0xc00000) {
        this.writeArray(hemisphere, low & 0x3fffff, value, enables, cycle);
        return;
      }
      if (low >= 0x800000 && low < 0x801000) {
        this.processors.writeWord(hemisphere, low & 0xfff, value, enables);
        return;
      }
    } else if (this.memory.isMapped(a)) {
      this.memory.write(a, value, enables);
      return;
    }
    const owner = this.registers.ownerOf(a);
    if (owner < 0) {
      this.noteUnmapped(a);
      return;
    }
    if (enables === 0 || (owner < plainOwner && isReadOnly(owner))) return;
    this.registers.set(a, value, enables);
    this.act(owner, a, this.registers.get(a), cycle);
  }

  /**
   * 128 elements from the parallel bus of a hemisphere.
   * @returns cycles beyond the bus's own latency
   */
  readVector(hemisphere: number, address: number, out: Uint8Array, cycle: number): number {
    const space = (address >>> 16) & 15;
    const index = address & 0xffff;
    const row = index >> 1;
    const parity = index & 1;
    const array = this.arrays[hemisphere]!;
    const cadc = this.cadcs[hemisphere]!;
    switch (space) {
      case 0:
      case 1:
      case 2:
      case 4:
        array.readRow(space === 4 ? 3 : space, row, parity, out);
        return 0;
      case 8:
      case 12: {
        const buffered = (address & 0x200000) !== 0;
        const wait = buffered
          ? cadc.waitFrom(cycle)
          : cadc.convert(row, cycle, this.senseDelay(hemisphere));
        const codes = space === 8 ? cadc.causal : cadc.acausal;
        for (let j = 0; j < 128; j++) out[j] = codes[2 * j + parity]!;
        return wait;
      }
      case 14:
        this.random[hemisphere]!.draw(parity, out);
        return 0;
      case 15:
        for (let j = 0; j < 128; j++)
          out[j] = array.getRaw((index >> 1) & 1, index >> 2, 2 * j + parity);
        return 0;
      default:
        if (space !== 9 && space !== 13) this.noteUnmapped(address);
        out.fill(0);
        return 0;
    }
  }

  /** Writes the enabled ones of 128 elements to the parallel bus of a hemisphere. */
  writeVector(hemisphere: number, address: number, bytes: Uint8Array, enables: Uint8Array): void {
    const space = (address >>> 16) & 15;
    const index = address & 0xffff;
    const row = index >> 1;
    const parity = index & 1;
    const array = this.arrays[hemisphere]!;
    this.fabric.touch();
    switch (space) {
      case 0:
      case 1:
      case 2:
      case 4:
        array.writeRow(space === 4 ? 3 : space, row, parity, bytes, enables);
        return;
      case 8:
      case 9:
      case 12:
      case 13:
        for (let j = 0; j < 128; j++) {
          if (enables[j] === 0) continue;
          const column = 2 * j + parity;
          if (row === 256 && space === 9) this.analog.resetNeuron(hemisphere * 256 + column);
          else if (row < 256 && (space === 9 || space === 13 || (bytes[j]! & 3) === 3))
            this.analog.resetCorrelation(hemisphere * 65536 + row * 256 + column);
        }
        return;
      case 14:
        for (let j = 0; j < 128; j++)
          if (enables[j] !== 0) this.random[hemisphere]!.seed(2 * j + parity, bytes[j]!);
        return;
      case 15:
        for (let j = 0; j < 128; j++)
          if (enables[j] !== 0)
            array.setRaw((index >> 1) & 1, index >> 2, 2 * j + parity, bytes[j]!);
        return;
      default:
        this.noteUnmapped(address);
    }
  }

  /** Power-up values: 0, but the instruction time-out, which the host may leave alone. */
  clear(): void {
    this.registers.clear();
    this.registers.set(addressOf('InstructionTimeoutConfig', []), 1_250_000, 0xf);
    this.memory.clear();
    for (const array of this.arrays) array.clear();
    for (const cadc of this.cadcs) cadc.clear();
    for (const random of this.random) random.clear();
    this.unmapped = 0;
    this.unmappedAddresses.clear();
    this.extra = 0;
  }

  private senseDelay(hemisphere: number): number {
    return this.registers.get(addressOf('CommonCorrelationConfig', [hemisphere])) & 0xfff;
  }

  private noteUnmapped(address: number): void {
    this.unmapped++;
    if (this.unmappedAddresses.size < 16) this.unmappedAddresses.add(address >>> 0);
  }

  private isArrayMapped(offset: number): boolean {
    const space = (offset >> 16) & 15;
    return (
      this.arrays[0].isMapped(offset) || space === 8 || space === 9 || space === 12 || space === 14
    );
  }

  private readArray(hemisphere: number, offset: number, cycle: number): number {
    const space = (offset >> 16) & 15;
    let word = 0;
    if (space === 8 || space === 12) {
      const cadc = this.cadcs[hemisphere]!;
      this.extra =
        (offset & 0x200000) !== 0
          ? cadc.waitFrom(cycle)
          : cadc.convert((offset & 0xffff) >> 6, cycle, this.senseDelay(hemisphere));
      const codes = space === 8 ? cadc.causal : cadc.acausal;
      for (let entry = 0; entry < 4; entry++)
        word = (word << 8) | codes[columnOf(offset & 63, entry)]!;
      return word >>> 0;
    }
    if (!this.isArrayMapped(offset)) this.noteUnmapped(0x02c00000 + offset);
    const array = this.arrays[hemisphere]!;
    for (let entry = 0; entry < 4; entry++)
      word = (word << 8) | array.readEntry(offset & 0xfffff, entry);
    return word >>> 0;
  }

  private writeArray(
    hemisphere: number,
    offset: number,
    value: number,
    enables: number,
    _cycle: number,
  ): void {
    const space = (offset >> 16) & 15;
    const row = (offset & 0xffff) >> 6;
    this.fabric.touch();
    if (!this.isArrayMapped(offset)) this.noteUnmapped(0x02c00000 + offset);
    for (let entry = 0; entry < 4; entry++) {
      if (((enables >> (3 - entry)) & 1) === 0) continue;
      const byte = (value >>> (24 - 8 * entry)) & 0xff;
      const column = columnOf(offset & 63, entry);
      if (space === 9 && row === 256) this.analog.resetNeuron(hemisphere * 256 + column);
      else if (space === 9 || ((space === 8 || space === 12) && (byte & 3) === 3)) {
        if (row < 256) this.analog.resetCorrelation(hemisphere * 65536 + row * 256 + column);
      } else if (space === 14) {
        // Random generators: quad layout of one row per hemisphere.
        if (row === 0) this.random[hemisphere]!.seed(column, byte);
      } else this.arrays[hemisphere]!.writeEntry(offset & 0xfffff, entry, byte);
    }
  }

  /** What a register does when its word has been written. */
  private act(owner: number, a: number, word: number, cycle: number): void {
    const { analog, fabric } = this;
    fabric.touch();
    switch (owner) {
      case n.CapMemCell: {
        const offset = a - base('CapMemCell');
        analog.setCapmem(offset >> 15, offset & 31, (offset & 0x7fff) >> 5, word);
        return;
      }
      case n.NeuronConfig: {
        const offset = a - base('NeuronConfig');
        const slot = a - (offset & 7);
        const words = [2, 3, 4, 5, 6, 7].map((at) => this.registers.get(slot + at));
        const neuron = (offset >> 15) * 128 + ((offset & 0x7fff) >> 3);
        analog.setNeuron(neuron, decodeContainer('NeuronConfig', words));
        fabric.madc.reconnect();
        return;
      }
      case n.NeuronBackendConfig: {
        const offset = a - base('NeuronBackendConfig');
        fabric.backend.configure(neuronOfBackendAddress(offset), offset & 3, word);
        return;
      }
      case n.CommonNeuronBackendConfig: {
        const offset = a - base('CommonNeuronBackendConfig');
        fabric.backend.configureCommon(offset >> 15, offset & 1, word);
        return;
      }
      case n.SynapseDriverConfig: {
        const offset = a - base('SynapseDriverConfig');
        fabric.drivers[offset >> 15]?.configure((offset & 0x1ff) >> 2, offset & 3, word);
        return;
      }
      case n.CommonPADIBusConfig: {
        const hemisphere = (a - base('CommonPADIBusConfig')) >> 15;
        fabric.padiConfig[hemisphere] = word;
        for (let bus = 0; bus < 4; bus++)
          analog.setPulseExtension(hemisphere, bus, (word >>> (16 + 4 * bus)) & 15);
        return;
      }
      case n.CommonSTPConfig:
        analog.setStp(
          (a - base('CommonSTPConfig')) >> 15,
          decodeContainer('CommonSTPConfig', [word]),
        );
        return;
      case n.PADIEvent:
        fabric.padiEvent((a - base('PADIEvent')) >> 15, word, cycle);
        return;
      case n.NeuronReset:
        analog.resetNeuron(neuronOfBackendAddress(a - base('NeuronReset')));
        return;
      case n.BlockPostPulse:
        analog.globalPost((a - base('BlockPostPulse')) >> 15);
        return;
      case n.SpikeCounterReset:
        fabric.backend.counters[neuronOfBackendAddress(a - base('SpikeCounterReset'))] = 0;
        return;
      case n.BackgroundSpikeSource: {
        const offset = a - base('BackgroundSpikeSource');
        fabric.background.configure((offset / 3) | 0, offset % 3, word, cycle);
        return;
      }
      case n.CrossbarOutputConfig:
        fabric.crossbar.outputConfig = word;
        return;
      case n.CrossbarNode:
        fabric.crossbar.nodes[a - base('CrossbarNode')] = word;
        return;
      case n.CADCChannelConfig: {
        const hemisphere = (a >>> 24) & 1;
        const offset = a & 0xfff;
        const east = offset < 0x800;
        const low = offset & 0xff;
        analog.setCadcOffset(hemisphere, low & 1, (east ? 128 : 0) + (low >> 1), word);
        return;
      }
      case n.MADCControl:
        fabric.madc.control(word, cycle);
        return;
      case n.ReadoutSourceSelection:
        fabric.madc.reconnect();
        return;
      case n.PPUControlRegister:
        this.processors.control((a >>> 24) & 1, word, cycle);
        return;
      case n.EventRecordingConfig:
        this.fpga.setRecording((word & 1) !== 0);
        return;
      case seedOwner:
        this.fpga.setNoiseSeed(
          this.registers.get(magicAddress + 1) +
            (this.registers.get(magicAddress + 2) & 0x1fffff) * 0x100000000,
        );
        return;
    }
  }
}

function isSynram(address: number): boolean {
  return address >= 0x02000000 && address < 0x04000000;
}

const readOnly = new Set(
  (Object.keys(n) as ContainerName[])
    .filter((name) => containerRow(name).access === 'r')
    .map((name) => n[name]),
);

function isReadOnly(owner: number): boolean {
  return readOnly.has(owner);
}

/** Atomic neuron of an offset in one of the back end's per-neuron spaces (half in bit 15, stride 4). */
function neuronOfBackendAddress(offset: number): number {
  const index = (offset & 0x3ff) >> 2;
  return 256 * (index >> 7) + 128 * (offset >> 15) + (index & 127);
}
