/** Diagnostics as text for people: heading, excerpt with underlines, help, repaired line. */
import type { SourceText, Span } from './source.js';
import { entryOf } from './codes.js';
import type { Diagnostic, Severity } from './diagnostic.js';

export interface RenderOptions {
  /** ANSI colours. */
  readonly colour?: boolean;
}

/** One-based line and column of an offset, and the offsets of that line's ends. */
export interface LinePlace {
  readonly line: number;
  readonly column: number;
  readonly start: number;
  readonly end: number;
}

export function placeIn(text: string, offset: number): LinePlace {
  const at = Math.min(Math.max(offset, 0), text.length);
  const start = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
  const newline = text.indexOf('\n', at);
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < start; i = text.indexOf('\n', i + 1)) line++;
  return { line, column: at - start + 1, start, end: newline < 0 ? text.length : newline };
}

/** All diagnostics, in the order given, and a last line that counts them; empty text if there are none. */
export function renderAll(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceText[],
  options: RenderOptions = {},
): string {
  const blocks = diagnostics.map((diagnostic) => render(diagnostic, sources, options));
  return blocks.map((block) => `${block}\n`).join('\n');
}

/** `2 errors, 1 warning`; empty if there are none. */
export function countSeverities(diagnostics: readonly Diagnostic[]): string {
  const parts: string[] = [];
  for (const severity of ['error', 'warning', 'note'] as const) {
    const count = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    if (count > 0) parts.push(`${count} ${severity}${count === 1 ? '' : 's'}`);
  }
  return parts.join(', ');
}

interface Mark {
  readonly span: Span;
  readonly text: string;
  readonly primary: boolean;
  readonly place: LinePlace;
}

const colours: { readonly [severity in Severity]: number } = { error: 31, warning: 33, note: 36 };

/** One diagnostic as text without a new line at its end. */
export function render(
  diagnostic: Diagnostic,
  sources: readonly SourceText[],
  { colour = false }: RenderOptions = {},
): string {
  const paint = (code: number, text: string): string =>
    colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  const entry = entryOf(diagnostic.code);
  const { facts, severity, primary } = diagnostic;
  const textOf = (file: string): string =>
    sources.find((source) => source.name === file)?.text ?? '';
  const heading = `${paint(colours[severity], `${severity}[${diagnostic.code}]`)}: ${entry.message(facts)}`;
  const marks: Mark[] = [
    {
      span: primary,
      text: entry.here(facts),
      primary: true,
      place: placeIn(textOf(primary.file), primary.start),
    },
    ...diagnostic.secondary.map(({ span, text }) => ({
      span,
      text,
      primary: false,
      place: placeIn(textOf(span.file), span.start),
    })),
  ];
  const repaired =
    diagnostic.repair && repairedLine(textOf(diagnostic.repair.span.file), diagnostic.repair);
  const width = Math.max(...marks.map((mark) => String(mark.place.line).length));
  const gutter = ' '.repeat(width);
  const bar = paint(34, '|');
  const lines = [heading];
  const files = [primary.file, ...new Set(marks.map((mark) => mark.span.file))].filter(
    (f, i, all) => all.indexOf(f) === i,
  );
  for (const file of files) {
    const text = textOf(file);
    const own = marks.filter((mark) => mark.span.file === file);
    const first = own.find((mark) => mark.primary) ?? own[0];
    if (!first) continue;
    lines.push(
      `${gutter}${paint(34, '-->')} ${file}:${first.place.line}:${first.place.column}`,
      `${gutter} ${bar}`,
    );
    own.sort(
      (a, b) =>
        a.place.line - b.place.line ||
        Number(b.primary) - Number(a.primary) ||
        a.span.start - b.span.start,
    );
    let last: number | undefined;
    for (const mark of own) {
      const { line, start, end, column } = mark.place;
      if (last !== line) {
        if (last !== undefined && line > last + 1) lines.push(paint(34, '...'));
        lines.push(
          `${paint(34, String(line).padStart(width))} ${bar} ${expand(text.slice(start, end))}`.trimEnd(),
        );
        last = line;
      }
      const indent = expand(text.slice(start, start + column - 1)).length;
      const length = Math.max(
        1,
        expand(text.slice(start, Math.min(mark.span.end, end))).length - indent,
      );
      const underline = (mark.primary ? '^' : '-').repeat(length);
      const words = `${underline} ${mark.text}`.trimEnd();
      lines.push(
        `${gutter} ${bar} ${' '.repeat(indent)}${paint(mark.primary ? colours[severity] : 34, words)}`,
      );
    }
  }
  const help = entry.help?.(facts);
  if (help) lines.push(`${gutter} ${paint(34, '=')} help: ${help}`);
  if (repaired) {
    lines.push(`${gutter} ${paint(34, '=')} repaired:`);
    lines.push(
      `${paint(34, String(repaired.line).padStart(width))} ${bar} ${paint(32, expand(repaired.text))}`,
    );
  }
  return lines.join('\n');
}

function repairedLine(
  text: string,
  repair: NonNullable<Diagnostic['repair']>,
): { line: number; text: string } | undefined {
  const { line, start, end } = placeIn(text, repair.span.start);
  if (repair.span.end > end) return undefined;
  return {
    line,
    text: text.slice(start, repair.span.start) + repair.text + text.slice(repair.span.end, end),
  };
}

function expand(text: string): string {
  return text.replace(/\r/g, '').replace(/\t/g, '    ');
}
