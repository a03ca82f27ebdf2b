/** Line numbers of offsets in source texts. */
import type { SourceText } from '../syntax/ast.js';

/** A function from file name and offset to the line, counted from 1. */
export function lineCounter(
  sources: readonly SourceText[],
): (file: string, offset: number) => number {
  const starts = new Map<string, number[]>();
  for (const { name, text } of sources) {
    const list = [0];
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) list.push(i + 1);
    starts.set(name, list);
  }
  return (file, offset) => {
    const list = starts.get(file) ?? [0];
    let low = 0;
    let high = list.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((list[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
