/** Memory behind the FPGA: 128 KiB block RAM, and 256 MiB DRAM of which only touched pages exist. */

import { byteMask } from './register-file.js';

const blockWords = 32768;
const dramWords = 67_108_864;
export const pageWords = 4096;

/** What `ExternalMemory.save` returns. */
export interface ExternalContent {
  readonly block: Uint32Array;
  /** Touched pages by number. */
  readonly pages: readonly (readonly [number, Uint32Array])[];
}

/** Words by Omnibus word address (0x80000000.. block RAM, 0x84000000.. DRAM); big-endian bytes in a word. */
export class ExternalMemory {
  readonly block = new Uint32Array(blockWords);
  private readonly pages = new Map<number, Uint32Array>();

  /** True if an address is memory. */
  isMapped(address: number): boolean {
    const offset = address - 0x80000000;
    return (
      (offset >= 0 && offset < blockWords) ||
      (offset >= 0x4000000 && offset < 0x4000000 + dramWords)
    );
  }

  read(address: number): number {
    const offset = address - 0x80000000;
    if (offset < blockWords) return this.block[offset]!;
    const page = this.pages.get((offset / pageWords) | 0);
    return page === undefined ? 0 : page[offset % pageWords]!;
  }

  write(address: number, value: number, enables: number): void {
    const offset = address - 0x80000000;
    const mask = byteMask(enables);
    let page: Uint32Array = this.block;
    let at = offset;
    if (offset >= blockWords) {
      const number = (offset / pageWords) | 0;
      page = this.pages.get(number) ?? new Uint32Array(pageWords);
      this.pages.set(number, page);
      at = offset % pageWords;
    }
    page[at] = (page[at]! & ~mask) | (value & mask);
  }

  /** A vector at a word address: its 32 words lie in reversed order. */
  readVector(address: number, out: Uint8Array): void {
    for (let word = 0; word < 32; word++) {
      const value = this.isMapped(address + word) ? this.read(address + word) : 0;
      const at = 4 * (31 - word);
      out[at] = value >>> 24;
      out[at + 1] = value >>> 16;
      out[at + 2] = value >>> 8;
      out[at + 3] = value;
    }
  }

  /** Writes the bytes whose enable is not 0. */
  writeVector(address: number, bytes: Uint8Array, enables: Uint8Array): void {
    for (let word = 0; word < 32; word++) {
      if (!this.isMapped(address + word)) continue;
      const at = 4 * (31 - word);
      let value = 0;
      let mask = 0;
      for (let i = 0; i < 4; i++) {
        value = (value << 8) | bytes[at + i]!;
        mask = (mask << 1) | (enables[at + i] !== 0 ? 1 : 0);
      }
      if (mask !== 0) this.write(address + word, value, mask);
    }
  }

  /** A copy of everything written, as plain data. */
  save(): ExternalContent {
    return {
      block: this.block.slice(),
      pages: [...this.pages].map(([number, words]) => [number, words.slice()] as const),
    };
  }

  /** Goes back to a copy. */
  load({ block, pages }: ExternalContent): void {
    this.block.set(block);
    this.pages.clear();
    for (const [number, words] of pages) this.pages.set(number, words.slice());
  }

  /** Touched pages of DRAM by number. */
  savePages(): [number, Uint32Array][] {
    return [...this.pages].map(([number, page]) => [number, page.slice()]);
  }

  loadPages(pages: readonly (readonly [number, Uint32Array])[]): void {
    this.pages.clear();
    for (const [number, page] of pages) this.pages.set(number, page.slice());
  }

  clear(): void {
    this.block.fill(0);
    this.pages.clear();
  }
}
