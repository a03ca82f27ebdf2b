/**
 * The scanner: text to tokens, one character of a private range per token, which is what the grammar matches.
 * Blanks, comments and spelling are dealt with here, once, so that matching is several times faster than on the text.
 */
import { terminals, tokenSets } from './grammar.js';

export interface Tokens {
  /** One character per token. */
  readonly codes: string;
  /** Where each token begins and ends in the text. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** First character of the private range. */
const base = 0xe000;

/** Tokens that are not spelled in one way. `stray` matches nothing in the grammar. */
export const tokenClasses = ['NAME', 'NUMBER', 'QUANTITY', 'STRAY'] as const;

/** All tokens; those that one rule of the grammar takes stand together, so that it matches a range of characters. */
const spellings: readonly string[] = [
  ...new Set([...tokenSets.flat(), ...tokenClasses, ...terminals]),
];

/** The character that stands for a terminal (`let`, `+=`) or a class of tokens. */
export const characterOf: ReadonlyMap<string, string> = new Map(
  spellings.map((spelling, i) => [spelling, String.fromCharCode(base + i)]),
);

/** The terminal or class that a character stands for. */
export function spellingOf(character: string): string | undefined {
  return spellings[character.charCodeAt(0) - base];
}

const word = /[A-Za-z_]\w*/y;
const number = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const unit = /[ \t]*(?:ns|us|ms|s|Hz|kHz|MHz)(?!\w)/y;
const loneUnit = /^(?:ns|us|ms|s|Hz|kHz|MHz)$/;
const operator = /==|!=|<=|>=|\+=|-=|\*=|\/=|->|\.\.|[{}[\]().,:;=<>+\-*/%^]/y;

const nameCode = characterOf.get('NAME') ?? '';
const numberCode = characterOf.get('NUMBER') ?? '';
const quantityCode = characterOf.get('QUANTITY') ?? '';
const strayCode = characterOf.get('STRAY') ?? '';

/** The tokens of `code`, a text without comments. Never fails: what is no token becomes a stray one. */
export function scan(code: string): Tokens {
  const starts: number[] = [];
  const ends: number[] = [];
  let codes = '';
  let at = 0;
  const endOf = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.test(code) ? pattern.lastIndex : at;
  };
  while (at < code.length) {
    const first = code.charCodeAt(at);
    if (first <= 32) {
      at++;
      continue;
    }
    starts.push(at);
    let end = endOf(word);
    let character = strayCode;
    if (end > at) {
      const text = code.slice(at, end);
      character = loneUnit.test(text) ? strayCode : (characterOf.get(text) ?? nameCode);
    } else if ((end = endOf(number)) > at) {
      at = end;
      end = endOf(unit);
      const glued = end === at && /\w/.test(code.charAt(end));
      character = glued ? strayCode : end > at ? quantityCode : numberCode;
    } else if ((end = endOf(operator)) > at) {
      character = characterOf.get(code.slice(at, end)) ?? strayCode;
    } else {
      end = at + 1;
    }
    codes += character;
    ends.push(end);
    at = end;
  }
  return { codes, starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
}
