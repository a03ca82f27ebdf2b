/**
 * The address space of the chip and the FPGA as host and processors see it: one read and one write, which find the
 * register behind an address and do what it does.
 *
 * The caller has brought the chip to `cycle`. Each access leaves in `extra` the cycles it takes beyond the way there
 * and back (only conversions take any).
 */

import {
  addressOf,
  containerRow,
  decodeContainer,
  type ContainerName,
} from '../../isa/registers/index.js';
import type { AnalogCore } from '../analog/core.js';
import { ArraySpace } from './array-space.js';
import type { DigitalConstants } from './constants.js';
import type { ExternalMemory } from './external-memory.js';
import type { Fabric } from './fabric.js';
import type { Processors } from './processors.js';
import { containerNumber, RegisterFile } from './register-file.js';

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

  /** Synapse array, converter and random generators of each hemisphere. */
  readonly arrays: readonly [ArraySpace, ArraySpace];

  constructor(
    private readonly analog: AnalogCore,
    private readonly fabric: Fabric,
    private readonly processors: Processors,
    readonly registers: RegisterFile,
    readonly memory: ExternalMemory,
    private readonly fpga: FpgaSide,
    constants: DigitalConstants,
  ) {
    const space = (hemisphere: number): ArraySpace =>
      new ArraySpace(hemisphere, analog, registers, constants, (address) =>
        this.noteUnmapped(address),
      );
    this.arrays = [space(0), space(1)];
    // Carrier board, event switch and PLL words that the map does not list.
    registers.addPlain(0x88007001, 0x3ff, plainOwner);
    registers.addPlain(0x88007800, 0x409, plainOwner);
    registers.addPlain(0x88000000, 1, plainOwner);
    registers.addPlain(0x8800c000, 16, plainOwner);
    registers.addPlain(magicAddress, 3, seedOwner);
    this.clear();
  }

  /** True if something answers at an address. */
  isMapped(address: number): boolean {
    const a = address >>> 0;
    if (this.memory.isMapped(a)) return true;
    if (isSynram(a)) {
      const low = a & 0xffffff;
      if (low >= 0xc00000) return this.arrays[0].isMapped(low & 0x3fffff);
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
      if (low >= 0xc00000) {
        const array = this.arrays[hemisphere]!;
        const word = array.read(low & 0x3fffff, cycle);
        this.extra = array.extra;
        return word;
      }
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
        this.arrays[hemisphere]!.write(low & 0x3fffff, value, enables);
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

  /** Power-up values: 0, but the instruction time-out, which the host may leave alone. */
  clear(): void {
    this.registers.clear();
    this.registers.set(addressOf('InstructionTimeoutConfig', []), 1_250_000, 0xf);
    this.memory.clear();
    for (const array of this.arrays) array.clear();
    this.unmapped = 0;
    this.unmappedAddresses.clear();
    this.extra = 0;
  }

  /** The chip's systime has been set: FPGA registers tell the last one. */
  noteSystime(systime: number): void {
    const address = base('FPGASystimeSyncLastAsicSystime');
    this.registers.set(address, systime >>> 0, 0xf);
    this.registers.set(address + 1, Math.floor(systime / 0x100000000), 0xf);
  }

  /** Counts an access to where nothing is. */
  noteUnmapped(address: number): void {
    this.unmapped++;
    if (this.unmappedAddresses.size < 16) this.unmappedAddresses.add(address >>> 0);
  }

  /** A multiplexer that has both a drivers' debug line and a converter's test line connects the two. */
  private connectTestLines(): void {
    const words = [0, 1].map((mux) => this.registers.get(base('ReadoutSourceSelection') + mux));
    for (const branch of [0, 1] as const) {
      const joined = words.find(
        (word) => ((word >>> (5 + branch)) & 1) === 1 && (word & 0x180) > 0,
      );
      this.analog.setDebugLine(branch, joined === undefined ? -1 : (joined & 0x80) > 0 ? 0 : 1);
    }
  }

  /** What a register does when its word has been written. */
  private act(owner: number, a: number, word: number, cycle: number): void {
    const { analog, fabric } = this;
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
        fabric.buses.config[hemisphere] = word;
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
        fabric.buses.write((a - base('PADIEvent')) >> 15, word, cycle);
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
      case n.SpikeIOConfig:
        fabric.serial.configure(word);
        return;
      case n.CrossbarNode:
        fabric.crossbar.setNode(a - base('CrossbarNode'), word);
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
        this.connectTestLines();
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
