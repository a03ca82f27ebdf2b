/** Names and sizes of what a rule keeps in the processor's memory; the linker gives addresses. */
import type { ObjectBuilder } from '../../isa/object-builder.js';
import type { Slot, Value, Variable } from '../ir/ir.js';
import { hasLanes } from '../check/typed.js';

interface Entry {
  /** Bytes, of one row if `perRow`. */
  readonly bytes: number;
  readonly perRow?: boolean;
  /** Start value of each element of `width` bytes; absent: zeros. */
  readonly fill?: { readonly code: number; readonly width: 1 | 2 | 4 };
  /** Bytes at start. */
  readonly content?: Uint8Array;
}

/** Fills `bytes` with a big-endian code of 1, 2 or 4 bytes. */
function filled(bytes: number, code: number, width: 1 | 2 | 4): Uint8Array {
  const out = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) out[i] = code >> (8 * (width - 1 - (i % width)));
  return out;
}

/** The memory of one rule in one image. */
export class Memory {
  private readonly entries = new Map<string, Entry>();

  constructor(
    /** Distinguishes the rules of an image. */
    readonly prefix: string,
    /** Rows that per-synapse storage has room for; may change until `write`. */
    public rows: number,
  ) {}

  private readonly reserved = new Set<string>();
  private readonly external = new Map<number, number>();

  /** Says where in the processor's external memory a state lies. */
  placeExternal(slot: Slot, offset: number): void {
    this.external.set(slot.symbol.id, offset);
  }

  /** Byte offset of a state's first row in the external memory; undefined for one in SRAM. */
  externalOffset(slot: Slot): number | undefined {
    return this.external.get(slot.symbol.id);
  }

  private entry(name: string, entry: Entry): string {
    const full = `${this.prefix}_${name}`;
    if (!this.entries.has(full)) this.entries.set(full, entry);
    return full;
  }

  /** The name under which a slot lies in memory. */
  nameOf(slot: Slot): string {
    return `${this.prefix}_${slot.symbol.kind}_${slot.symbol.name}`;
  }

  /** Says that somebody else places this slot. */
  reserve(slot: Slot): void {
    this.reserved.add(this.nameOf(slot));
  }

  /** The word behind a scalar value. */
  scalar(value: Value): string {
    return this.entry(`value${value.id}`, { bytes: 4 });
  }

  variable(variable: Variable): string {
    return this.entry(`let${variable.id}`, { bytes: 4 });
  }

  /** 128 bytes for a vector that has no register, number `n` of those at one time. */
  vector(n: number): string {
    return this.entry(`spill_${n}`, { bytes: 128 });
  }

  /** Gives up the places of vectors: code is generated anew. */
  forgetVectors(): void {
    for (const name of this.entries.keys())
      if (name.startsWith(`${this.prefix}_spill_`)) this.entries.delete(name);
  }

  vectorName(n: number): string {
    return `${this.prefix}_spill_${n}`;
  }

  /** A parameter, input or state. */
  slot(slot: Slot): string {
    const { symbol, format, elements } = slot;
    const code = startCode(slot);
    const width = hasLanes(symbol.domain) ? format.bytes : 4;
    return this.entry(`${symbol.kind}_${symbol.name}`, {
      bytes: (hasLanes(symbol.domain) ? 256 * width : 4) * elements,
      perRow: symbol.domain === 'synapse' || symbol.domain === 'row',
      ...(code === 0 ? {} : { fill: { code, width } }),
    });
  }

  constantBytes(name: string, content: Uint8Array): string {
    return this.entry(name, { bytes: content.length, content });
  }

  space(name: string, bytes: number): string {
    return this.entry(name, { bytes });
  }

  private size(entry: Entry): number {
    return entry.bytes * (entry.perRow ? this.rows : 1);
  }

  /** Bytes of all entries. */
  get bytes(): number {
    let sum = 0;
    for (const entry of this.entries.values()) sum += this.size(entry);
    return sum;
  }

  /** Bytes that each row adds. */
  get bytesPerRow(): number {
    let sum = 0;
    for (const entry of this.entries.values()) sum += entry.perRow ? entry.bytes : 0;
    return sum;
  }

  /** Bytes per name, largest first. */
  listing(): { name: string; bytes: number }[] {
    return [...this.entries]
      .map(([name, entry]) => ({ name, bytes: this.size(entry) }))
      .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  }

  /** Writes everything into `int.data` and `int.bss`. */
  write(builder: ObjectBuilder): void {
    for (const [name, entry] of this.entries) {
      if (this.reserved.has(name)) continue;
      const { fill, content } = entry;
      const size = this.size(entry);
      builder.section((fill ?? content) ? 'int.data' : 'int.bss').align(4);
      builder.label(name, { binding: 'global', kind: 'object', size });
      if (content) builder.bytes(content);
      else if (fill) builder.bytes(filled(size, fill.code, fill.width));
      else builder.space(size);
    }
  }
}

/** The stored code of a slot's start value. */
export function startCode(slot: Slot): number {
  const { format, symbol } = slot;
  const code = Math.floor((symbol.initial - format.origin) / format.step + 0.5);
  return Math.min(format.maxCode, Math.max(format.minCode, code));
}
