/** Words of a stream as 16-digit hexadecimal strings. */

export function words(list: readonly string[]): Uint32Array {
  return Uint32Array.from(
    list.flatMap((word) => [parseInt(word.slice(0, 8), 16), parseInt(word.slice(8), 16)]),
  );
}

export function wordsToHex(stream: Uint32Array): string[] {
  const list: string[] = [];
  for (let i = 0; i < stream.length; i += 2)
    list.push(
      [stream[i] ?? 0, stream[i + 1] ?? 0]
        .map((half) => half.toString(16).padStart(8, '0'))
        .join(''),
    );
  return list;
}
