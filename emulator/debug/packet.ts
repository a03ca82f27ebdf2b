/**
 * Packets of the gdb remote serial protocol: `$text#checksum`, `+` and `-` acknowledgements, the interrupt byte 0x03,
 * and the escapes of binary data. Text is Latin-1: one character per byte.
 */

/** What the other side sent. */
export type Received =
  | { readonly kind: 'packet'; readonly text: string }
  | { readonly kind: 'acknowledge'; readonly good: boolean }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'damaged' };

/** Longest packet accepted, in characters; announced to gdb as PacketSize. */
export const PACKET_LIMIT = 0x4000;

const checksum = (text: string): number => {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum + text.charCodeAt(i)) & 0xff;
  return sum;
};

/** A whole number below 256 as two lower-case hexadecimal digits. */
export const hexByte = (value: number): string => (value & 0xff).toString(16).padStart(2, '0');

/** A 32-bit word as eight digits, most significant byte first. */
export const hexWord = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** Bytes as hexadecimal text. */
export function hexBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += hexByte(byte);
  return text;
}

/** Text as hexadecimal bytes of its Latin-1 characters. */
export function hexText(text: string): string {
  let digits = '';
  for (let i = 0; i < text.length; i++) digits += hexByte(text.charCodeAt(i));
  return digits;
}

/** The bytes of hexadecimal text, or undefined if it is not an even number of digits. */
export function bytesOfHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Frames a reply; characters with a meaning of their own are escaped. */
export function frame(text: string): string {
  let body = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    body +=
      code === 0x23 || code === 0x24 || code === 0x7d || code === 0x2a
        ? `}${String.fromCharCode(code ^ 0x20)}`
        : text[i]!;
  }
  return `$${body}#${hexByte(checksum(body))}`;
}

function unescape(body: string): string {
  let text = '';
  for (let i = 0; i < body.length; i++) {
    if (body[i] === '}' && i + 1 < body.length)
      text += String.fromCharCode(body.charCodeAt(++i) ^ 0x20);
    else text += body[i]!;
  }
  return text;
}

/** Cuts a byte stream into packets, whatever pieces it arrives in. */
export class PacketReader {
  private pending = '';

  /** Takes what arrived and returns what is complete. */
  push(text: string): Received[] {
    this.pending += text;
    const out: Received[] = [];
    for (;;) {
      const first = this.pending[0];
      if (first === undefined) return out;
      if (first === '+' || first === '-') {
        out.push({ kind: 'acknowledge', good: first === '+' });
        this.pending = this.pending.slice(1);
      } else if (first === '\x03') {
        out.push({ kind: 'interrupt' });
        this.pending = this.pending.slice(1);
      } else if (first !== '$') {
        this.pending = this.pending.slice(1);
      } else {
        const end = this.pending.indexOf('#');
        if (end < 0 || this.pending.length < end + 3) {
          if (this.pending.length <= PACKET_LIMIT + 3) return out;
          out.push({ kind: 'damaged' });
          this.pending = '';
          return out;
        }
        const body = this.pending.slice(1, end);
        const sum = this.pending.slice(end + 1, end + 3);
        this.pending = this.pending.slice(end + 3);
        const good = /^[0-9a-fA-F]{2}$/.test(sum) && parseInt(sum, 16) === checksum(body);
        out.push(good ? { kind: 'packet', text: unescape(body) } : { kind: 'damaged' });
      }
    }
  }
}
