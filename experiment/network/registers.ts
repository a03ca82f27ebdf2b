/** Register contents as a value: what a network wants to see in the chip, so that only differences need to be written. */
import { addressesOf, encodeContainer } from '../../isa/registers/registers.js';
import type { ContainerName, FieldName, Indices } from '../../isa/registers/registers.js';

/** Where configuration goes: a playback program, or an image of the registers. */
export interface RegisterSink {
  write(address: number, value: number): unknown;
  writeContainer<C extends ContainerName>(
    name: C,
    indices: Indices<C>,
    values: { readonly [F in FieldName<C>]?: number },
  ): unknown;
  writeWords<C extends ContainerName>(
    name: C,
    indices: Indices<C>,
    words: readonly number[],
  ): unknown;
}

/** See the module's first sentence. */
export class RegisterImage implements RegisterSink {
  /** Words by address, in the order of their first write. */
  readonly words = new Map<number, number>();

  write(address: number, value: number): void {
    this.words.set(address, value >>> 0);
  }

  writeContainer<C extends ContainerName>(
    name: C,
    indices: Indices<C>,
    values: { readonly [F in FieldName<C>]?: number },
  ): void {
    this.writeWords(name, indices, encodeContainer(name, values));
  }

  /** Last word first, as the playback writer does it. */
  writeWords<C extends ContainerName>(
    name: C,
    indices: Indices<C>,
    words: readonly number[],
  ): void {
    const addresses = addressesOf(name, indices);
    for (let i = addresses.length - 1; i >= 0; i--) this.write(addresses[i] ?? 0, words[i] ?? 0);
  }

  /** Writes that lead from another image to this one. */
  changesFrom(before: RegisterImage): [address: number, value: number][] {
    return [...this.words].filter(([address, value]) => before.words.get(address) !== value);
  }
}
