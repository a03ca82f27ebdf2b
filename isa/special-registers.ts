/** The special-purpose registers of the processor, declared once. */

export const XER = 1;
export const LR = 8;
export const CTR = 9;
export const DEC = 22;
export const SRR0 = 26;
export const SRR1 = 27;
export const DECAR = 54;
export const CSRR0 = 58;
export const CSRR1 = 59;
export const DEAR = 61;
export const ESR = 62;
export const GIN = 65;
export const GOUT = 66;
export const GOE = 67;
export const ICCR = 68;
export const TBL = 284;
export const TBU = 285;
export const TSR = 336;
export const TCR = 340;
export const MCSRR0 = 570;
export const MCSRR1 = 571;

/** One special register. */
export interface SpecialRegister {
  readonly number: number;
  /** Lower case, as tools print it. */
  readonly name: string;
  /** `clear`: writing ones clears bits. */
  readonly access: 'read-write' | 'read' | 'write' | 'clear';
  /** Bits that are stored; the others read 0. */
  readonly mask: number;
  readonly text: string;
}

function row(
  number: number,
  name: string,
  access: SpecialRegister['access'],
  mask: number,
  text: string,
): SpecialRegister {
  return { number, name, access, mask, text };
}

const ALL = 0xffff_ffff;

/** In order of their numbers. All are 0 after reset. */
export const specialRegisters: readonly SpecialRegister[] = [
  row(XER, 'xer', 'read-write', 0xe000_0000, 'summary overflow, overflow, carry'),
  row(LR, 'lr', 'read-write', ALL, 'link register'),
  row(CTR, 'ctr', 'read-write', ALL, 'count register'),
  row(DEC, 'dec', 'read-write', ALL, 'down counter, one step a cycle, stops at 0'),
  row(SRR0, 'srr0', 'read-write', ALL, 'return address of an interrupt'),
  row(SRR1, 'srr1', 'read-write', ALL, 'machine state saved by an interrupt'),
  row(DECAR, 'decar', 'read-write', ALL, 'reload value of DEC when TCR.ARE is set'),
  row(CSRR0, 'csrr0', 'read-write', ALL, 'critical class; the core has no source of it'),
  row(CSRR1, 'csrr1', 'read-write', ALL, 'critical class'),
  row(DEAR, 'dear', 'read-write', ALL, 'storage only'),
  row(ESR, 'esr', 'read-write', ALL, '0x02000000 after a trap, 0 after an alignment interrupt'),
  row(GIN, 'gin', 'read', ALL, 'input pins'),
  row(GOUT, 'gout', 'read-write', ALL, 'output pins'),
  row(GOE, 'goe', 'read-write', ALL, 'output enable'),
  row(ICCR, 'iccr', 'write', 0x000f_ff01, 'interrupt controller; cannot be read'),
  row(TBL, 'tbl', 'read-write', ALL, 'time base, low word: one step a cycle'),
  row(TBU, 'tbu', 'read-write', ALL, 'time base, high word'),
  row(TSR, 'tsr', 'clear', 0x0c00_0000, 'timer status: DIS 0x08000000, FIS 0x04000000'),
  row(
    TCR,
    'tcr',
    'read-write',
    0x07c0_0000,
    'timer control: DIE 0x04000000, FP 0x03000000, FIE 0x00800000, ARE 0x00400000',
  ),
  row(MCSRR0, 'mcsrr0', 'read-write', ALL, 'machine-check class; the core has no source of it'),
  row(MCSRR1, 'mcsrr1', 'read-write', ALL, 'machine-check class'),
];
