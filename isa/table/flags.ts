/** The side results that several chapters share: CR0, overflow, condition fields, effective addresses. */
import type { Fields } from '../instruction.js';
import type { Machine } from '../machine.js';

/** CR0 of a signed 32-bit result, with the summary overflow as it is now. */
export function recordCr0(m: Machine, result: number): void {
  m.cr = (m.cr & 0x0fff_ffff) | (((result < 0 ? 8 : result > 0 ? 4 : 2) | m.so) << 28);
}

/** OV, and SO which only ever grows. */
export function setOverflow(m: Machine, overflow: boolean): void {
  m.ov = overflow ? 1 : 0;
  m.so |= m.ov;
}

/** Condition field `field` from a comparison, with a copy of SO. */
export function setField(m: Machine, field: number, less: boolean, greater: boolean): void {
  const shift = 28 - 4 * field;
  m.cr = (m.cr & ~(15 << shift)) | (((less ? 8 : greater ? 4 : 2) | m.so) << shift);
}

/** (RA|0). */
export function base(m: Machine, f: Fields): number {
  return f.ra === 0 ? 0 : m.gpr[f.ra]!;
}

/** (RA|0) + displacement. */
export function displaced(m: Machine, f: Fields): number {
  return (base(m, f) + f.si) | 0;
}

/** (RA|0) + RB. */
export function indexed(m: Machine, f: Fields): number {
  return (base(m, f) + m.gpr[f.rb]!) | 0;
}
