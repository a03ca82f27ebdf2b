/** Where the sections of a program go in the memory of the processor, and the symbols that programs know it by. */
import type { ObjectSection } from './program.js';

/** Byte addresses as the processor sees them (processor manual, memory map and linker layout). */
export const sramBytes = 0x4000;
export const standardMailboxBytes = 0x1000;
const externalSramBytes = 0x20000;
const externalDramBytes = 0x10000000;

/** Sizes of the memory a program is linked for. */
export interface MemorySizes {
  /** Own SRAM, bytes. Default 16 KiB. */
  readonly ram?: number;
  /** Mailbox at the end of the SRAM, bytes. Default 4096. */
  readonly mailbox?: number;
}

/** Symbols every linked program has: the layout of its SRAM. */
export function layoutSymbols(sizes: MemorySizes, imageEnd: number): ReadonlyMap<string, number> {
  const ramEnd = sizes.ram ?? sramBytes;
  const mailboxSize = sizes.mailbox ?? standardMailboxBytes;
  const mailboxBase = ramEnd - mailboxSize;
  const heapBase = ((imageEnd + 15) & ~15) + 128;
  return new Map([
    ['ram_end', ramEnd],
    ['mailbox_size', mailboxSize],
    ['mailbox_base', mailboxBase],
    ['mailbox_end', ramEnd],
    ['stack_ptr_init', mailboxBase - 16],
    ['heap_base', heapBase],
    ['heap_end', mailboxBase - 8],
    ['stack_redzone', heapBase],
  ]);
}

/** A run of addresses that output sections fill one after the other. */
export interface Region {
  readonly name: 'int' | 'ext' | 'ext_dram' | 'mailbox';
  /** Output sections in order of address. `base` restarts the address (code and data views of one memory). */
  readonly outputs: readonly { readonly name: string; readonly base?: number }[];
  /** Address of byte 0 in the first view. */
  readonly base: number;
  readonly limit: number;
}

/** The memories of the chip with the output sections they hold. */
export function regions(sizes: MemorySizes): readonly Region[] {
  const ramEnd = sizes.ram ?? sramBytes;
  const mailbox = sizes.mailbox ?? standardMailboxBytes;
  return [
    {
      name: 'int',
      base: 0,
      // The last 16 bytes below the mailbox are the first stack frame and the return code.
      limit: ramEnd - mailbox - 16,
      outputs: [{ name: 'int.text' }, { name: 'int.data' }, { name: 'int.bss' }],
    },
    { name: 'mailbox', base: ramEnd - mailbox, limit: mailbox, outputs: [{ name: 'int.mailbox' }] },
    {
      name: 'ext',
      base: 0x80000000,
      limit: externalSramBytes,
      outputs: [{ name: 'ext.text' }, { name: 'ext.data', base: 0x40000000 }, { name: 'ext.bss' }],
    },
    {
      name: 'ext_dram',
      base: 0x90000000,
      limit: externalDramBytes,
      outputs: [
        { name: 'ext_dram.text' },
        { name: 'ext_dram.data', base: 0x50000000 },
        { name: 'ext_dram.bss' },
      ],
    },
  ];
}

/** The output section an input section goes to; undefined: it takes no memory and is dropped. */
export function outputFor(section: ObjectSection): string | undefined {
  const { name, flags } = section;
  // Tables for unwinding and notes of compilers: nothing on the chip reads them.
  if (!flags.allocated || /^\.(eh_frame|comment|note|gnu)/.test(name)) return undefined;
  if (/^(int\.|\.)?mailbox(\.|$)/.test(name)) return 'int.mailbox';
  const memory = /^\.?ext_dram(\.|$)/.test(name)
    ? 'ext_dram'
    : /^\.?ext(\.|$)/.test(name)
      ? 'ext'
      : 'int';
  return `${memory}.${flags.executable ? 'text' : flags.zeroFilled ? 'bss' : 'data'}`;
}

/** Start-up code goes before all other code of its memory, so that it lies at the reset address. */
export function isStartUp(section: ObjectSection): boolean {
  return /(^|\.)crt(\.|$)/.test(section.name);
}
