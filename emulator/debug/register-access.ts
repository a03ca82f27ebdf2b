/** Registers of a processor core by their number in the target description, as big-endian bytes. */
import { LANES } from '../../isa/machine.js';
import type { PpuCore } from '../ppu/core.js';
import { debugRegisters, type RegisterPlace } from './registers.js';

/** Index of a relation in the machine's vector condition register. */
const conditions = { gt: 1, lt: 2, eq: 3 } as const;

function wordBytes(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function read(core: PpuCore, place: RegisterPlace): Uint8Array {
  const { machine } = core;
  switch (place.kind) {
    case 'gpr':
      return wordBytes(machine.gpr[place.index]!);
    case 'pc':
      return wordBytes(core.nextAddress);
    case 'spr':
      return wordBytes(core.inspectSpr(place.index));
    case 'vector': {
      const bytes = new Uint8Array(2 * LANES);
      machine.readVector(place.index, bytes);
      return bytes;
    }
    case 'accumulator': {
      const bytes = new Uint8Array(4 * LANES);
      machine.acc.forEach((value, lane) => bytes.set(wordBytes(value), 4 * lane));
      return bytes;
    }
    case 'condition': {
      const bytes = new Uint8Array(2 * LANES);
      machine.vcr[conditions[place.relation]].forEach((mask, lane) => {
        bytes[2 * lane] = mask >> 8;
        bytes[2 * lane + 1] = mask;
      });
      return bytes;
    }
    default:
      return wordBytes(machine[place.kind]);
  }
}

function write(core: PpuCore, place: RegisterPlace, bytes: Uint8Array): void {
  const { machine } = core;
  switch (place.kind) {
    case 'gpr':
      machine.gpr[place.index] = wordAt(bytes, 0);
      return;
    case 'pc':
      core.nextAddress = wordAt(bytes, 0);
      return;
    case 'msr':
      core.changeMsr(wordAt(bytes, 0));
      return;
    case 'spr':
      core.changeSpr(place.index, wordAt(bytes, 0));
      return;
    case 'vector':
      machine.writeVector(place.index, bytes);
      return;
    case 'accumulator':
      for (let lane = 0; lane < LANES; lane++) machine.acc[lane] = wordAt(bytes, 4 * lane);
      return;
    case 'condition': {
      const masks = machine.vcr[conditions[place.relation]];
      for (let lane = 0; lane < LANES; lane++) {
        masks[lane] = (bytes[2 * lane]! << 8) | bytes[2 * lane + 1]!;
      }
      return;
    }
    default:
      machine[place.kind] = wordAt(bytes, 0);
  }
}

/** Big-endian content of a register; undefined for a number that no register has. */
export function readRegister(core: PpuCore, number: number): Uint8Array | undefined {
  const register = debugRegisters[number];
  return register && read(core, register.place);
}

/** Sets a register; false if there is none of that number or the bytes are too few. Read-only ones keep their value. */
export function writeRegister(core: PpuCore, number: number, bytes: Uint8Array): boolean {
  const register = debugRegisters[number];
  if (register === undefined || bytes.length < register.bytes) return false;
  write(core, register.place, bytes);
  return true;
}
