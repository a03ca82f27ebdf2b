/** Consistent overhead byte stuffing: bytes without zeros, so that a zero can end a frame. */

/** Encodes any bytes into bytes without 0 (the ending 0 is not added). */
export function cobsEncode(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + Math.floor(bytes.length / 254) + 1);
  let code = 0;
  let at = 1;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte !== 0) out[at++] = byte;
    const length = at - code;
    if (byte === 0 || (length === 255 && i + 1 < bytes.length)) {
      out[code] = length;
      code = at++;
    }
  }
  out[code] = at - code;
  return out.slice(0, at);
}

/** Decodes what stands between two zeros; undefined if it is no valid encoding. */
export function cobsDecode(bytes: Uint8Array): Uint8Array | undefined {
  const out = new Uint8Array(bytes.length);
  let used = 0;
  let at = 0;
  while (at < bytes.length) {
    const code = bytes[at]!;
    if (code === 0 || at + code > bytes.length) return undefined;
    for (let i = 1; i < code; i++) {
      const byte = bytes[at + i]!;
      if (byte === 0) return undefined;
      out[used++] = byte;
    }
    at += code;
    if (code < 255 && at < bytes.length) out[used++] = 0;
  }
  return bytes.length === 0 ? undefined : out.slice(0, used);
}
