/** Diagnostics as plain objects for `--json` and for editors. */
import type { SourceText, Span } from './source.js';
import { entryOf } from './codes.js';
import type { Diagnostic, Facts, Severity } from './diagnostic.js';
import { placeIn } from './render.js';

/** A place with one-based lines and columns; the end is exclusive. */
export interface JsonPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface JsonDiagnostic extends JsonPlace {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly message: string;
  readonly label: string;
  readonly help?: string;
  readonly related: readonly (JsonPlace & { readonly message: string })[];
  readonly repair?: JsonPlace & { readonly text: string };
  readonly facts: Facts;
}

/** A diagnostic as `--json` prints it, with places as lines and columns counted from 1. */
export function toJson(diagnostic: Diagnostic, sources: readonly SourceText[]): JsonDiagnostic {
  const entry = entryOf(diagnostic.code);
  const { facts, repair } = diagnostic;
  const place = (span: Span): JsonPlace => jsonPlace(span, sources);
  const help = entry.help?.(facts);
  return {
    code: diagnostic.code,
    severity: diagnostic.severity,
    title: entry.title,
    message: entry.message(facts),
    label: entry.here(facts),
    ...place(diagnostic.primary),
    ...(help && { help }),
    related: diagnostic.secondary.map(({ span, text }) => ({ ...place(span), message: text })),
    ...(repair && { repair: { ...place(repair.span), text: repair.text } }),
    facts,
  };
}

/** A span as lines and columns counted from 1. */
export function jsonPlace(span: Span, sources: readonly SourceText[]): JsonPlace {
  const text = sources.find((source) => source.name === span.file)?.text ?? '';
  const start = placeIn(text, span.start);
  const end = placeIn(text, span.end);
  return {
    file: span.file,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
  };
}
