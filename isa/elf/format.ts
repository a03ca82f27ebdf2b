/**
 * Numbers of the ELF32 format as used for big-endian PowerPC.
 * Source: System V ABI, chapter 4, and its PowerPC supplement.
 */

export const elfMagic = 0x7f454c46;
export const headerBytes = 52;
export const sectionHeaderBytes = 40;
export const programHeaderBytes = 32;
export const symbolBytes = 16;
export const relocationBytes = 12;

export const elfType = { relocatable: 1, executable: 2 } as const;
export const machinePowerPc = 20;

export const sectionType = {
  null: 0,
  progbits: 1,
  symbols: 2,
  strings: 3,
  rela: 4,
  nobits: 8,
  rel: 9,
} as const;

export const sectionFlag = { write: 1, alloc: 2, execute: 4, infoLink: 0x40 } as const;

export const specialIndex = {
  undefined: 0,
  reserved: 0xff00,
  absolute: 0xfff1,
  common: 0xfff2,
} as const;
