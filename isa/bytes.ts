/** Big-endian numbers and UTF-8 text in bytes, read with checks and written with growth. */

/** A file that is no ELF file for this processor, or a damaged one: where, what stands there, what should. */
export class ElfError extends Error {
  override readonly name = 'ElfError';
  constructor(
    /** Byte offset in the file. */
    readonly offset: number,
    /** Name of the field, for example `e_shoff` or `section 3 sh_size`. */
    readonly field: string,
    readonly found: string,
    readonly expected: string,
  ) {
    super(`offset 0x${offset.toString(16)}, ${field}: found ${found}, expected ${expected}`);
  }
}

/** Reads big-endian numbers and never beyond the end. */
export class ByteReader {
  constructor(readonly bytes: Uint8Array) {}

  /** Throws unless `count` bytes from `offset` on exist. */
  need(offset: number, count: number, field: string): void {
    if (offset < 0 || count < 0 || offset + count > this.bytes.length) {
      const found = `${count} bytes from 0x${offset.toString(16)} on`;
      const size = this.bytes.length;
      throw new ElfError(
        Math.min(offset, size),
        field,
        found,
        `a place inside the file of ${size} bytes`,
      );
    }
  }

  u8(offset: number, field: string): number {
    this.need(offset, 1, field);
    return this.bytes[offset]!;
  }

  u16(offset: number, field: string): number {
    this.need(offset, 2, field);
    return (this.bytes[offset]! << 8) | this.bytes[offset + 1]!;
  }

  u32(offset: number, field: string): number {
    this.need(offset, 4, field);
    const { bytes } = this;
    return (
      ((bytes[offset]! << 24) |
        (bytes[offset + 1]! << 16) |
        (bytes[offset + 2]! << 8) |
        bytes[offset + 3]!) >>>
      0
    );
  }

  /** The text from `offset` to the next zero byte before `end`. */
  text(offset: number, end: number, field: string): string {
    this.need(offset, 0, field);
    const limit = Math.min(end, this.bytes.length);
    let stop = offset;
    while (stop < limit && this.bytes[stop] !== 0) stop += 1;
    if (stop >= limit)
      throw new ElfError(offset, field, 'text without end', 'text that ends with a zero byte');
    return decodeText(this.bytes.subarray(offset, stop));
  }
}

/** Grows while big-endian numbers are appended. */
export class ByteWriter {
  private store = new Uint8Array(1024);
  private used = 0;

  get length(): number {
    return this.used;
  }

  bytes(): Uint8Array {
    return this.store.slice(0, this.used);
  }

  u8(value: number): this {
    this.reserve(1);
    this.store[this.used++] = value;
    return this;
  }

  u16(value: number): this {
    return this.u8(value >>> 8).u8(value);
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value);
  }

  append(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.store.set(bytes, this.used);
    this.used += bytes.length;
    return this;
  }

  zeroTerminated(text: string): this {
    return this.append(encodeText(text)).u8(0);
  }

  /** Fills with zeros up to a multiple of `boundary`. */
  align(boundary: number): this {
    while (this.used % boundary !== 0) this.u8(0);
    return this;
  }

  /** Overwrites four bytes written before. */
  patchU32(offset: number, value: number): void {
    for (let i = 0; i < 4; i++) this.store[offset + i] = value >>> (24 - 8 * i);
  }

  private reserve(count: number): void {
    if (this.used + count <= this.store.length) return;
    const larger = new Uint8Array(Math.max(this.used + count, 2 * this.store.length));
    larger.set(this.store.subarray(0, this.used));
    this.store = larger;
  }
}

/** UTF-8 of a string; written out because this layer knows no TextEncoder. Lone surrogates become U+FFFD. */
export function encodeText(text: string): Uint8Array {
  const out: number[] = [];
  for (const character of text) {
    let code = character.codePointAt(0) ?? 0xfffd;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) out.push(code);
    else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) {
      out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    } else {
      out.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
    }
  }
  return Uint8Array.from(out);
}

/** The string whose UTF-8 `bytes` are; bytes that are no UTF-8 become U+FFFD one by one. */
export function decodeText(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i]!;
    const count = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    let code = count === 1 ? lead : lead & (0x7f >> count);
    let complete = count > 0 && lead < 0xf5 && i + count <= bytes.length;
    for (let k = 1; complete && k < count; k++) {
      const next = bytes[i + k]!;
      complete = (next & 0xc0) === 0x80;
      code = (code << 6) | (next & 63);
    }
    const smallest = [0, 0, 0x80, 0x800, 0x10000][count] ?? 0;
    if (!complete || code < smallest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      text += '\ufffd';
      i += 1;
    } else {
      text += String.fromCodePoint(code);
      i += count;
    }
  }
  return text;
}
