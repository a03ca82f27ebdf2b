/** A diagnostic is data: a stable code, places and facts. The words are in the table of codes, found when rendering. */
import type { Span } from './source.js';
import type { Code } from './codes.js';

/** An error stops compilation, a warning does not, a note explains. */
export type Severity = 'error' | 'warning' | 'note';

export type Facts = { readonly [name: string]: string | number };

/** Another place that matters, such as a declaration, with the text that stands beside its underline. */
export interface SecondaryPlace {
  readonly span: Span;
  readonly text: string;
}

/** Replace the text at `span` (possibly empty) by `text`. */
export interface Repair {
  readonly span: Span;
  readonly text: string;
}

/** One finding as data; words come from its code when it is shown. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly primary: Span;
  readonly secondary: readonly SecondaryPlace[];
  /** What the words are made of: names and numbers. */
  readonly facts: Facts;
  readonly repair?: Repair;
}

/** One row of the table of codes. The functions make words of a diagnostic's facts. */
export interface CodeEntry {
  readonly severity: Severity;
  /** A few words for lists and headings. */
  readonly title: string;
  /** One sentence: what was found, what was expected. */
  message(facts: Facts): string;
  /** Text beside the underline. */
  here(facts: Facts): string;
  /** What to do about it. */
  help?(facts: Facts): string;
  /** A paragraph for `plastic explain`. */
  readonly explanation: string;
  /** A whole file that gets this code, and one that does not. */
  readonly failing: string;
  readonly repaired: string;
}

/** Makes a diagnostic of `code`, with the severity of the table. */
export type Accept = (
  code: Code,
  primary: Span,
  facts?: Facts,
  more?: { readonly secondary?: readonly SecondaryPlace[]; readonly repair?: Repair },
) => void;
