/** Tidy tables: one observation a row, one variable a column. */

/** A cell of a table. */
export type Cell = string | number | boolean | null;

/** A table: `columns` with unit in the name where there is one (`rate_hz`), one array of cells a row. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

function cellText(cell: Cell): string {
  if (cell === null || (typeof cell === 'number' && Number.isNaN(cell))) return '';
  const text = String(cell);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The table as CSV (RFC 4180 quoting, line feed). @throws RangeError when a row has another length than the head */
export function encodeCsv(table: Table): string {
  const lines = [table.columns.map(cellText).join(',')];
  for (const row of table.rows) {
    if (row.length !== table.columns.length)
      throw new RangeError(`a row of ${row.length} cells under ${table.columns.length} columns`);
    lines.push(row.map(cellText).join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** Reads CSV with a head line into rows of text. Quoted cells may hold commas, quotes and line feeds. */
export function decodeCsv(text: string): { columns: string[]; rows: string[][] } {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endCell = (): void => {
    row.push(cell);
    cell = '';
  };
  const endRow = (): void => {
    endCell();
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',') endCell();
    else if (c === '\n') endRow();
    else if (c !== '\r') cell += c;
  }
  if (cell !== '' || row.length > 0) endRow();
  return { columns: rows[0] ?? [], rows: rows.slice(1) };
}

/** A cell without CSV quoting; a bar would end the cell. */
function plainText(cell: Cell): string {
  return cell === null ? '' : String(cell).replaceAll('|', '\\|');
}

/** The table as GitHub-flavoured Markdown, for READMEs and the terminal. */
export function encodeMarkdown(table: Table): string {
  const cells = [table.columns.map(String), ...table.rows.map((row) => row.map(plainText))];
  const widths = table.columns.map((_, i) =>
    Math.max(3, ...cells.map((row) => (row[i] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return `${[line(cells[0] ?? []), rule, ...cells.slice(1).map(line)].join('\n')}\n`;
}
