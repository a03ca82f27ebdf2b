/** What a row of a trigger takes at least, however good the code is: conversions, answers of the parallel bus, serial memory. */
import { busOutstanding } from '../../isa/timing.js';
import type { LatencyProfile } from '../budget/profile.js';
import { discardedDraws } from '../codegen/hardware.js';
import type { Block, Slot } from '../ir/ir.js';

/** Accesses of one row. */
interface Accesses {
  conversions: number;
  /** Vectors over the parallel bus, which answers every other period. */
  bus: number;
  /** Vectors from and to the processor's own memory, a word a period. */
  serial: number;
}

/** Periods between answers of the parallel bus, and those that a vector of the own memory takes. */
const busPeriods = 2;
const serialPeriods = 38;

/**
 * Cycles of one row through all row loops of a trigger: the longest of what the converter, the bus and the memory port
 * take. Both column parities count; of two ways the cheaper one.
 */
export function leastOf(block: Block, signed: boolean, profile: LatencyProfile): number {
  let sum = 0;
  for (const item of block.items) {
    if (item.kind === 'rows') {
      const all = accessesOf(item.body, signed);
      // Answers come in order: what does not find room behind a conversion comes before the next one.
      const bus = all.conversions > 0 ? Math.max(0, all.bus - busOutstanding) : all.bus;
      sum += Math.max(
        all.conversions * profile.conversion + bus * busPeriods,
        all.serial * serialPeriods,
      );
    } else if (item.kind === 'if')
      sum += Math.min(
        leastOf(item.then, signed, profile),
        leastOf(item.otherwise, signed, profile),
      );
    else if (item.kind === 'for') sum += leastOf(item.body, signed, profile);
  }
  return sum;
}

function accessesOf(block: Block, signed: boolean): Accesses {
  const all: Accesses = { conversions: 0, bus: 0, serial: 0 };
  const branches = new Set<string>();
  const vectors = (slot: Slot): void => {
    const count = 2 * slot.format.bytes;
    if (slot.symbol.external) all.bus += count;
    else if (slot.symbol.domain === 'synapse') all.serial += count;
  };
  const rows = signed ? 2 : 1;
  for (const item of block.items)
    switch (item.kind) {
      case 'value': {
        const { operation, slot, depth } = item.value;
        if (depth < block.depth) break;
        if (operation === 'weight') all.bus += 2 * rows;
        else if (operation === 'label') all.bus += 2;
        else if (operation === 'random-byte') all.bus += 2 * (discardedDraws + 1);
        else if (operation === 'load-lanes' && slot) vectors(slot);
        else if (/^a?causal(-code)?$/.test(operation)) {
          const branch = operation.replace('-code', '');
          if (branches.has(operation)) break;
          if (!operation.endsWith('-code')) all.bus += 2;
          if (!branches.has(`${branch}`) && !branches.has(`${branch}-code`)) all.bus += 2;
          branches.add(operation);
          all.conversions = 1;
        }
        break;
      }
      case 'store':
        if (item.target.kind === 'weight') all.bus += 2 * rows;
        else if (item.target.kind === 'label') all.bus += 2;
        else if (item.target.kind === 'slot' && item.value.space !== 'scalar')
          vectors(item.target.slot);
        break;
      case 'reset':
        all.bus += 2;
        break;
      case 'record':
        for (const { bytes } of item.record.fields) if (bytes > 4) all.bus += bytes / 128;
        break;
      case 'if': {
        const then = accessesOf(item.then, signed);
        const otherwise = accessesOf(item.otherwise, signed);
        all.conversions = Math.max(
          all.conversions,
          Math.min(then.conversions, otherwise.conversions),
        );
        all.bus += Math.min(then.bus, otherwise.bus);
        all.serial += Math.min(then.serial, otherwise.serial);
        break;
      }
      case 'for': {
        const inner = accessesOf(item.body, signed);
        all.bus += inner.bus;
        all.serial += inner.serial;
        break;
      }
      default:
    }
  return all;
}
