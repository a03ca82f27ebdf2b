/**
 * What a board says of itself when a session opens: YAML of one level, `key: value` lines. A board may say more; what
 * is not understood is kept as text or left alone.
 */

export type DescriptionValue = string | number | boolean;
export type SelfDescription = Readonly<Record<string, DescriptionValue>>;

/** Revision of the playback messages that this program speaks; a board that wants more is refused. */
export const protocolRevision = 4;

/** Reads `key: value` lines; comments, nested and unknown lines are skipped. */
export function parseDescription(text: string): SelfDescription {
  const found: Record<string, DescriptionValue> = {};
  for (const line of text.split(/[\r\n]+/)) {
    const [, key, raw = ''] = /^([A-Za-z_][\w.-]*):\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && raw !== '') found[key] = valueOf(raw);
  }
  return found;
}

/** The lines that `parseDescription` reads. */
export function writeDescription(description: SelfDescription): string {
  return Object.entries(description)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? quoted(value) : value}\n`)
    .join('');
}

/** Bytes of a text; what is not ASCII becomes a question mark. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 63;
    return code < 128 ? code : 63;
  });
}

/** Text up to the first NUL. */
export function asciiText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
}

function valueOf(raw: string): DescriptionValue {
  const quotes = /^"(.*)"$/.exec(raw) ?? /^'(.*)'$/.exec(raw);
  if (quotes) return quotes[1] ?? '';
  const plain = raw.replace(/\s+#.*$/, '');
  if (plain === 'true' || plain === 'false') return plain === 'true';
  if (/^-?\d+(\.\d+)?(e[-+]?\d+)?$/.test(plain)) return Number(plain);
  return plain;
}

function quoted(text: string): string {
  return /^[A-Za-z][\w .,()/-]*$/.test(text) && !/^(true|false)$/.test(text) ? text : `"${text}"`;
}
