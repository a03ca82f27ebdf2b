/** Rows of line programs as ordered lines of one piece of code. */
import type { ObjectLine } from '../program.js';
import type { LineRow } from './read.js';

/**
 * The lines of the code at start..end from all rows that fall into it, offsets from `start`. Of rows at one address
 * the last one holds; equal neighbours are joined; where a sequence of rows ends before the code does, line 0 begins.
 */
export function linesWithin(rows: readonly LineRow[], start: number, end: number): ObjectLine[] {
  const inside = rows.filter((row) => row.address >= start && row.address < end);
  // The end of one sequence may be the start of the next: ends go first, so that the start wins.
  const ordered = inside
    .map((row, index) => ({ row, index }))
    .sort(
      (a, b) =>
        a.row.address - b.row.address ||
        Number(b.row.isEnd) - Number(a.row.isEnd) ||
        a.index - b.index,
    );
  const lines: ObjectLine[] = [];
  for (const { row } of ordered) {
    const isKnown = !row.isEnd && row.line > 0;
    const line: ObjectLine = {
      offset: row.address - start,
      file: isKnown ? row.file : '',
      line: isKnown ? row.line : 0,
      ...(isKnown && row.column > 0 ? { column: row.column } : {}),
    };
    if (lines.at(-1)?.offset === line.offset) lines.pop();
    const last = lines.at(-1);
    const isSame =
      last === undefined
        ? line.line === 0
        : last.file === line.file && last.line === line.line && last.column === line.column;
    if (!isSame) lines.push(line);
  }
  return lines;
}
