/** The growing content of one section while it is being written: bytes, source lines, alignment. */
import type { ObjectLine, SectionFlags, SourcePlace } from './program.js';
import { sectionKinds } from './program.js';

/** The word `nop` (ori 0,0,0), which fills gaps in code. */
const nopWord = 0x60000000;
/** The word `b .`, to which a distance is added. */
const branchWord = 0x48000000;

/** The flags that a section gets by its name when nobody says otherwise. */
export function flagsForName(name: string): SectionFlags {
  if (/^\.(debug|comment|note|gnu\.attributes)/.test(name)) return sectionKinds.note;
  if (/(^|\.)(text|crt|init|fini)(\.|$)/.test(name)) return sectionKinds.text;
  if (/(^|\.)s?bss(\.|$)/.test(name)) return sectionKinds.bss;
  if (/(^|\.)mailbox(\.|$)/.test(name)) return sectionKinds.bss;
  if (/(^|\.)rodata(\.|$)/.test(name)) return sectionKinds.readOnly;
  return sectionKinds.data;
}

/** Content of one section. In a zero-filled section only the length grows. */
export class SectionBuffer {
  alignment: number;
  readonly lines: ObjectLine[] = [];
  private store = new Uint8Array(0);
  private used = 0;
  private pending: SourcePlace | undefined;

  constructor(
    readonly name: string,
    readonly flags: SectionFlags,
  ) {
    // The host writes memory in words, and most data is words.
    this.alignment = flags.allocated ? 4 : 1;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.used;
  }

  /** A copy of the content. */
  bytes(): Uint8Array {
    return this.flags.zeroFilled ? new Uint8Array(this.used) : this.store.slice(0, this.used);
  }

  /** From the next byte on, the content comes from `place`. */
  mark(place: SourcePlace): void {
    this.pending = place;
  }

  /** Appends `width` low bytes of `value`, big-endian. Returns false if the section holds no bytes. */
  append(value: number, width: number): boolean {
    const at = this.grow(width);
    if (this.flags.zeroFilled) return value === 0;
    for (let i = 0; i < width; i++) this.store[at + i] = value >>> (8 * (width - 1 - i));
    return true;
  }

  /** Replaces `width` bytes written before. */
  overwrite(offset: number, value: number, width: number): void {
    for (let i = 0; i < width; i++) this.store[offset + i] = value >>> (8 * (width - 1 - i));
  }

  /** Appends bytes as they are. Returns false if the section holds no bytes and they are not all zero. */
  appendBytes(bytes: Uint8Array): boolean {
    const at = this.grow(bytes.length);
    if (this.flags.zeroFilled) return bytes.every((byte) => byte === 0);
    this.store.set(bytes, at);
    return true;
  }

  /** Appends `count` bytes of value `fill`. */
  fill(count: number, fill: number): void {
    const at = this.grow(count);
    if (!this.flags.zeroFilled) this.store.fill(fill, at, at + count);
  }

  /**
   * Fills up to a multiple of `boundary` (a power of two): with `fill`, or in code with nops, jumped over when there
   * are more than four. A gap in code that is no multiple of 4 is zero. The same bytes as GNU as gives.
   */
  align(boundary: number, fill?: number): void {
    this.alignment = Math.max(this.alignment, boundary);
    const gap = -this.used & (boundary - 1);
    if (fill !== undefined || !this.flags.executable || (gap & 3) !== 0) {
      this.fill(gap, fill ?? 0);
      return;
    }
    let words = gap >> 2;
    if (words > 4) {
      this.append(branchWord | gap, 4);
      words -= 1;
    }
    for (; words > 0; words--) this.append(nopWord, 4);
  }

  private grow(count: number): number {
    const at = this.used;
    this.used += count;
    if (count > 0 && this.pending !== undefined) {
      this.noteLine(at, this.pending);
      this.pending = undefined;
    }
    if (!this.flags.zeroFilled && this.used > this.store.length) {
      const larger = new Uint8Array(Math.max(256, this.used, this.store.length * 2));
      larger.set(this.store);
      this.store = larger;
    }
    return at;
  }

  private noteLine(offset: number, place: SourcePlace): void {
    const last = this.lines.at(-1);
    if (
      last !== undefined &&
      last.file === place.file &&
      last.line === place.line &&
      last.column === place.column
    ) {
      return;
    }
    this.lines.push({ offset, ...place });
  }
}
