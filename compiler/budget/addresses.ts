/** Which memory an access goes to, as far as the registers tell. */
import { type KnownState, region, regionOf } from './known.js';
import type { Step } from './step.js';

/** Where the address of an access lies. */
export function addressRegion(
  state: KnownState,
  gpr: Int32Array,
  { fields, instruction }: Step,
): number {
  const indexed = instruction.form === 'X' || instruction.form === 'FXV';
  const registers = [...(fields.ra === 0 ? [] : [fields.ra]), ...(indexed ? [fields.rb] : [])];
  if (registers.every((r) => state.known[r] === 1)) {
    const sum = registers.reduce((all, r) => (all + gpr[r]!) | 0, indexed ? 0 : fields.si);
    return regionOf(sum);
  }
  return mostDistant(state, gpr, registers);
}

function mostDistant(state: KnownState, gpr: Int32Array, registers: readonly number[]): number {
  let found: number = region.sram;
  for (const r of registers) {
    const each = state.known[r] === 1 ? regionOf(gpr[r]!) : state.regions[r]!;
    if (each !== region.sram) found = each;
  }
  return found;
}

/** The region of a sum or a merged upper half stays visible even if the number is not known. */
export function regionAfter(
  state: KnownState,
  gpr: Int32Array,
  { instruction, fields }: Step,
): number {
  switch (instruction.mnemonic) {
    case 'oris':
      return regionOf(fields.ui << 16) === region.sram
        ? state.regions[fields.rt]!
        : regionOf(fields.ui << 16);
    case 'add':
      return mostDistant(state, gpr, [fields.ra, fields.rb]);
    case 'or':
      return mostDistant(state, gpr, [fields.rt, fields.rb]);
    case 'addi':
      return fields.ra === 0 ? region.sram : mostDistant(state, gpr, [fields.ra]);
    case 'ori':
      return mostDistant(state, gpr, [fields.rt]);
    default:
      return region.sram;
  }
}
