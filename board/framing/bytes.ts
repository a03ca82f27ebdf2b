/** Playback words as bytes on a wire: big endian, eight bytes a word. */

/** Bytes of a stream (two 32-bit entries a word, the more significant first). */
export function bytesOfWords(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < words.length; i++) view.setUint32(4 * i, words[i] ?? 0);
  return bytes;
}

/** Words of a stream from its bytes; the length must be a multiple of 8. */
export function wordsOfBytes(bytes: Uint8Array): Uint32Array {
  if (bytes.length % 8 !== 0)
    throw new RangeError(`${bytes.length} bytes are not a whole number of 64-bit words`);
  const words = new Uint32Array(bytes.length / 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < words.length; i++) words[i] = view.getUint32(4 * i);
  return words;
}
