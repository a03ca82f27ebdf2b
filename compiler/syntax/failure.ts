/** Finds out what a person most likely meant where the grammar could not go on. */
import type { Accept } from '../diagnostics/diagnostic.js';
import type { Span } from './ast.js';
import { nearest } from './near.js';
import { keywords, unitNames } from './grammar.js';
import { spellingOf } from './scan.js';

interface Place {
  readonly code: string;
  readonly file: string;
  /** Offset of the token at which matching stopped, blanks skipped. */
  readonly at: number;
  readonly token: string;
  readonly before: string;
  readonly beforeAt: number;
}

export interface Failure {
  /** The file's text, comments blanked out. */
  readonly code: string;
  readonly file: string;
  /** Offset that matching could not pass. */
  readonly stop: number;
  /** What the grammar would have taken there. */
  readonly expected: readonly string[];
}

/** Reports one diagnostic for a failed match. */
export function explainFailure({ code, file, stop, expected }: Failure, accept: Accept): void {
  if (unbalanced(code, file, accept)) return;
  const at = skipBlanks(code, stop);
  const { token: before, at: beforeAt } = tokenBefore(code, at);
  const place: Place = { code, file, at, token: tokenAt(code, at), before, beforeAt };
  for (const recognise of recognisers) if (recognise(place, accept)) return;
  const span = spanAt(place);
  const near = /^\w+$/.test(place.token) ? nearest(place.token, wordsIn(expected)) : undefined;
  accept(
    'E0001',
    span,
    { found: describe(place.token), expected: expectations(expected), near: near ?? '' },
    near ? { repair: { span, text: near } } : {},
  );
}

type Recogniser = (place: Place, accept: Accept) => boolean;

const foreignOperators: { readonly [token: string]: string } = {
  '&&': 'and',
  '||': 'or',
  '!': 'not',
  '**': '*',
  '++': '+= 1',
  '--': '-= 1',
  '<>': '!=',
  '~': '',
};

const foreignWords: { readonly [token: string]: string } = {
  while: 'for i in 0..n { }',
  elif: 'else if',
  elseif: 'else if',
  def: 'fn',
  function: 'fn',
  var: 'let',
  then: '{ }',
};

const recognisers: readonly Recogniser[] = [
  function blockComment({ code, file, at }, accept) {
    if (!code.startsWith('/*', at)) return false;
    const close = code.indexOf('*/', at);
    accept('E0009', { file, start: at, end: close < 0 ? at + 2 : close + 2 });
    return true;
  },
  function foreignOperator({ code, file, at, token }, accept) {
    for (const [start, length] of [
      [at, 2],
      [at - 1, 2],
      [at, token.length],
    ] as const) {
      const found = code.slice(Math.max(start, 0), start + length);
      const instead = Object.hasOwn(foreignOperators, found) ? foreignOperators[found] : undefined;
      if (instead === undefined) continue;
      const span = { file, start, end: start + length };
      accept('E0006', span, { found, instead }, instead ? { repair: { span, text: instead } } : {});
      return true;
    }
    return false;
  },
  function foreignWord(place, accept) {
    const line = lineBefore(place) + place.token;
    const match = /\b(?:while|elif|elseif|def|function|var|then)\b/.exec(line);
    const instead = match ? foreignWords[match[0]] : undefined;
    if (!match || instead === undefined) return false;
    const start = lineStart(place.code, place.at) + match.index;
    accept(
      'E0006',
      { file: place.file, start, end: start + match[0].length },
      { found: match[0], instead },
    );
    return true;
  },
  function foreignUnit(place, accept) {
    const wrong =
      /^(?:m|min|mins|minutes?|h|hours?|secs?|seconds?|msecs?|usecs?|micros?|microseconds?|millis?|milliseconds?|nanoseconds?|GHz|hz|khz|mhz)$/;
    if (!/^\d/.test(place.before) || !wrong.test(place.token)) return false;
    accept('E0010', spanAt(place), { found: place.token });
    return true;
  },
  function assignmentInCondition(place, accept) {
    if (place.token !== '=' || !/\b(if|and|or|not)\b[^={}]*$/.test(lineBefore(place))) return false;
    accept('E0004', spanAt(place), {}, { repair: { span: spanAt(place), text: '==' } });
    return true;
  },
  function halfNumber(place, accept) {
    const around = /^(?:(\d+)\.(?!\.|\d)|\.(\d+))/.exec(place.code.slice(place.at));
    const behind = /(\d+)$/.exec(place.code.slice(0, place.at));
    let start = place.at;
    let written = '';
    if (around) written = around[0];
    else if (place.token === '.' && behind) {
      start = place.at - behind[0].length;
      written = `${behind[0]}.`;
    } else return false;
    if (around && !around[1] && behind) {
      start = place.at - behind[0].length;
      written = behind[0] + written;
    }
    const text = written.startsWith('.') ? `0${written}` : `${written}0`;
    const span = { file: place.file, start, end: start + written.length };
    accept('E0007', span, { found: written, instead: text }, { repair: { span, text } });
    return true;
  },
  function keywordAsName(place, accept) {
    const wantsName = [
      'let',
      'param',
      'state',
      'input',
      'const',
      'fn',
      'table',
      'rule',
      'for',
      'signal',
      'neurons',
    ];
    const reserved = keywords.includes(place.token) || unitNames.includes(place.token);
    if (!reserved || !wantsName.includes(place.before)) return false;
    accept('E0005', spanAt(place), { name: place.token });
    return true;
  },
  function unitAlone(place, accept) {
    if (!unitNames.includes(place.token)) return false;
    const span = spanAt(place);
    const number = /^\d/.test(place.before);
    accept('E0008', span, { unit: place.token, reason: number ? 'line' : 'number' });
    return true;
  },
  function gluedWord(place, accept) {
    const glued = /^(\d[\d.]*(?:[eE][+-]?\d+)?)([A-Za-z_]\w*)/.exec(place.code.slice(place.at));
    if (!glued?.[2] || unitNames.includes(glued[2])) return false;
    const start = place.at + (glued[1]?.length ?? 0);
    accept('E0010', { file: place.file, start, end: start + glued[2].length }, { found: glued[2] });
    return true;
  },
  function missingElse(place, accept) {
    const head = /=\s*if\b[^{}]*\{[^{}]*\}\s*$/.exec(place.code.slice(0, place.at));
    if (!head) return false;
    const start = place.at - head[0].length + head[0].indexOf('if');
    accept('E0012', { file: place.file, start, end: start + 2 });
    return true;
  },
  function conditionalOperand(place, accept) {
    if (place.token !== 'if' || !/[-+*/%^(,<>]$/.test(place.before)) return false;
    accept('E0013', spanAt(place));
    return true;
  },
];

/** Looks for a brace, bracket or parenthesis without partner; indentation tells which of several is meant. */
function unbalanced(code: string, file: string, accept: Accept): boolean {
  const partner: { readonly [open: string]: string } = { '{': '}', '[': ']', '(': ')' };
  const open: { readonly at: number; readonly sign: string; readonly indent: number }[] = [];
  let suspect: number | undefined;
  for (let at = 0; at < code.length; at++) {
    const sign = code.charAt(at);
    if (sign in partner) {
      open.push({ at, sign, indent: indentOf(code, at) });
    } else if (sign === '}' || sign === ']' || sign === ')') {
      const last = open.pop();
      if (!last) {
        accept('E0003', { file, start: at, end: at + 1 }, { found: sign });
        return true;
      }
      if (partner[last.sign] !== sign) {
        const start = last.at;
        accept(
          'E0002',
          { file, start, end: start + 1 },
          { open: last.sign, close: partner[last.sign] ?? '' },
          {
            secondary: [
              {
                span: { file, start: at, end: at + 1 },
                text: `\`${sign}\` comes before it is closed`,
              },
            ],
          },
        );
        return true;
      }
      if (sign === '}' && startsLine(code, at) && indentOf(code, at) < last.indent)
        suspect ??= last.at;
    }
  }
  const last = open.at(-1);
  if (!last) return false;
  const start = last.sign === '{' ? (suspect ?? last.at) : last.at;
  const end = code.trimEnd().length;
  accept(
    'E0002',
    { file, start, end: start + 1 },
    { open: code.charAt(start), close: partner[code.charAt(start)] ?? '' },
    {
      secondary: [{ span: { file, start: Math.max(end - 1, 0), end }, text: 'the file ends here' }],
    },
  );
  return true;
}

function indentOf(code: string, at: number): number {
  const line = lineStart(code, at);
  return skipBlanks(code, line) - line;
}

function startsLine(code: string, at: number): boolean {
  return skipBlanks(code, lineStart(code, at)) === at;
}

function lineStart(code: string, at: number): number {
  return at === 0 ? 0 : code.lastIndexOf('\n', at - 1) + 1;
}

function skipBlanks(code: string, at: number): number {
  while (at < code.length && code.charCodeAt(at) <= 32) at++;
  return at;
}

function tokenAt(code: string, at: number): string {
  return /^(?:\w+|[<>=!]=|[-+*/]=|\.\.|->|[^\s])/.exec(code.slice(at, at + 80))?.[0] ?? '';
}

function tokenBefore(code: string, at: number): { readonly token: string; readonly at: number } {
  const text = code.slice(0, at).trimEnd();
  const token = /(?:\w+|[<>=!]=|[-+*/]=|\.\.|->|[^\s])$/.exec(text)?.[0] ?? '';
  return { token, at: text.length - token.length };
}

function lineBefore({ code, at }: Place): string {
  return code.slice(lineStart(code, at), at);
}

function spanAt({ file, at, token }: Place): Span {
  return { file, start: at, end: at + Math.max(token.length, 1) };
}

function describe(token: string): string {
  return token === '' ? 'the end of the file' : `\`${token}\``;
}

/** The keywords among what was expected. */
function wordsIn(expected: readonly string[]): string[] {
  return expected
    .map((text) => spellingOf(text.slice(1, -1)) ?? '')
    .filter((spelling) => /^[a-z]+$/.test(spelling));
}

/** What could have stood there, at most six items. */
function expectations(expected: readonly string[]): string {
  const texts = expected
    .map((text) =>
      text.replace(
        /^"(.*)"$/,
        (_, character: string) => `\`${spellingOf(character) ?? character}\``,
      ),
    )
    .filter((text) => !text.startsWith('not ') && text !== 'end of input');
  const unique = [...new Set(texts)];
  if (unique.length === 0) return 'the end of the file';
  const shown = unique.length > 6 ? [...unique.slice(0, 6), '...'] : unique;
  return shown.length === 1 ? shown.join() : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}
