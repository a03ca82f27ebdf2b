/** Every diagnostic code there is. Codes are stable: none is ever reused for something else. */
import { backCodes } from './codes-back.js';
import { checkCodes } from './codes-check.js';
import { syntaxCodes } from './codes-syntax.js';
import type { Accept, CodeEntry, Diagnostic } from './diagnostic.js';

const table = { ...syntaxCodes, ...checkCodes, ...backCodes };

export type Code = keyof typeof table;

/** The table of codes, in order of code. */
export const codes: ReadonlyMap<string, CodeEntry> = new Map(
  Object.entries<CodeEntry>(table).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
);

/** The row of `code`. */
export function entryOf(code: Code): CodeEntry {
  return table[code];
}

/** A function that appends a diagnostic to `list`. */
export function acceptInto(list: Diagnostic[]): Accept {
  return (code, primary, facts = {}, more = {}) => {
    list.push({
      code,
      severity: table[code].severity,
      primary,
      secondary: more.secondary ?? [],
      facts,
      ...(more.repair && { repair: more.repair }),
    });
  };
}

/** True if anything in `list` forbids going on. */
export function hasErrors(list: readonly Diagnostic[]): boolean {
  return list.some((diagnostic) => diagnostic.severity === 'error');
}
