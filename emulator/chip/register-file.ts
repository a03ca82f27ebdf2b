/**
 * Storage of all registers of the map: a value and a mask per word, and which container the word belongs to.
 * Words are grouped in pages of 4096, made on demand from the map.
 */

import {
  containerNames,
  containerRow,
  fieldMask,
  type ContainerName,
} from '../../isa/registers/index.js';

interface Page {
  readonly values: Uint32Array;
  readonly masks: Uint32Array;
  /** Container number + 1 of each word, 0 where nothing is. */
  readonly owners: Uint8Array;
}

/** Number of each container, used by the chip to tell writes apart. */
export const containerNumber = Object.fromEntries(
  containerNames.map((name, number) => [name, number]),
) as Readonly<Record<ContainerName, number>>;

/** Containers whose words are kept elsewhere: the synapse array and its views, SRAM, external memory. */
const elsewhere: ReadonlySet<ContainerName> = new Set<ContainerName>([
  'SynapseQuad',
  'SynapseWeightQuad',
  'SynapseLabelQuad',
  'SynapseCorrelationCalibQuad',
  'ColumnCurrentQuad',
  'ColumnCorrelationQuad',
  'CorrelationReset',
  'NeuronResetQuad',
  'CADCSampleQuad',
  'PPUMemoryWord',
  'ExternalPPUMemoryQuad',
  'ExternalPPUDRAMMemoryQuad',
]);

/** See the module's first sentence. Addresses are Omnibus word addresses. */
export class RegisterFile {
  private readonly pages = new Map<number, Page>();

  constructor() {
    for (const name of containerNames) if (!elsewhere.has(name)) this.place(name);
  }

  /** Container number of an address, or -1 where the map has nothing. */
  ownerOf(address: number): number {
    const page = this.pages.get(address >>> 12);
    return page === undefined ? -1 : page.owners[address & 4095]! - 1;
  }

  /** The stored word; 0 where the map has nothing. */
  get(address: number): number {
    const page = this.pages.get(address >>> 12);
    return page === undefined ? 0 : page.values[address & 4095]!;
  }

  /** Stores the defined bits of the enabled bytes. @returns true if a bit has changed */
  set(address: number, value: number, enables: number): boolean {
    const page = this.pages.get(address >>> 12);
    if (page === undefined) return false;
    const at = address & 4095;
    const old = page.values[at]!;
    const mask = page.masks[at]! & byteMask(enables);
    const fresh = ((old & ~mask) | (value & mask)) >>> 0;
    page.values[at] = fresh;
    return fresh !== old;
  }

  /** Values of each page by its number. */
  savePages(): [number, Uint32Array][] {
    return [...this.pages].map(([number, page]) => [number, page.values.slice()]);
  }

  /** Takes over the values of pages that exist. */
  loadPages(pages: readonly (readonly [number, Uint32Array])[]): void {
    for (const [number, values] of pages) this.pages.get(number)?.values.set(values);
  }

  /** All words to 0. */
  clear(): void {
    for (const page of this.pages.values()) page.values.fill(0);
  }

  /** Adds plain 32-bit words that the map does not list. */
  addPlain(first: number, count: number, owner: number): void {
    for (let i = 0; i < count; i++) this.define(first + i, 0xffffffff, owner);
  }

  private place(name: ContainerName): void {
    const row = containerRow(name);
    const masks = row.words.map((_, word) => fieldMask(name, word));
    const visit = (level: number, address: number): void => {
      const stride = row.strides[level];
      if (stride !== undefined) {
        for (let i = 0; i < stride.count; i++) visit(level + 1, address + i * stride.stride);
        return;
      }
      row.words.forEach((word, position) =>
        this.define((address + word.offset) >>> 0, masks[position] ?? 0, containerNumber[name]),
      );
    };
    visit(0, row.base);
  }

  private define(address: number, mask: number, owner: number): void {
    let page = this.pages.get(address >>> 12);
    if (page === undefined) {
      page = {
        values: new Uint32Array(4096),
        masks: new Uint32Array(4096),
        owners: new Uint8Array(4096),
      };
      this.pages.set(address >>> 12, page);
    }
    page.masks[address & 4095] = mask;
    page.owners[address & 4095] = owner + 1;
  }
}

/** Bits that byte enables cover: enable i covers bits 8i+7..8i. */
export function byteMask(enables: number): number {
  return (
    (enables & 1 ? 0xff : 0) |
    (enables & 2 ? 0xff00 : 0) |
    (enables & 4 ? 0xff0000 : 0) |
    (enables & 8 ? 0xff000000 : 0)
  );
}
