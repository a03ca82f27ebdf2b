import { createHash } from 'node:crypto';

/** First half of the SHA-256 of bytes, or of a text. */
export function contentHash(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 32);
}
