/** Source texts and places in them. */

/** A piece of one source file: character offsets, `end` exclusive. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** A source file in memory; `name` is what diagnostics print. */
export interface SourceText {
  readonly name: string;
  readonly text: string;
}
