/** Short words for types, dimensions and places in messages. */
import type { Span } from '../syntax/ast.js';
import type { Place } from './place.js';
import type { Dimension, Expression } from './typed.js';

export function describeDimension(dimension: Dimension): string {
  return dimension === 1 ? 'a duration' : dimension === -1 ? 'a frequency' : 'a plain number';
}

export function describeType({ type }: Pick<Expression, 'type'>): string {
  return type === 'bool' ? 'a condition' : type === 'int' ? 'an int' : 'a real';
}

/** The source text at `span`, on one line without comments. */
export function subject(place: Pick<Place, 'run'>, span: Span): string {
  return oneLine(place.run.text.slice(span.start, span.end));
}

export function oneLine(text: string): string {
  return text
    .replace(/\/\/[^\n]*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A number with at most six digits. */
export function showNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}
