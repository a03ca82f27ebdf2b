/** Splits source text into statements: comments removed, labels, name and operands apart, each with its column. */
import type { SourcePlace } from '../program.js';

/** A physical line, or what a macro made of one. */
export interface SourceLine {
  readonly text: string;
  readonly file: string;
  readonly line: number;
  /** Macro calls around it, innermost first. */
  readonly calledFrom: readonly SourcePlace[];
}

/** A piece of a line with the column (from 1) where it begins. */
export interface Piece {
  readonly text: string;
  readonly column: number;
}

/** `label: name operands`, one of several that may stand on a line. */
export interface Statement {
  readonly source: SourceLine;
  readonly labels: readonly Piece[];
  /** Mnemonic, directive or macro as written; undefined: only labels. */
  readonly name: Piece | undefined;
  /** What follows the name, without blanks around it. */
  readonly rest: Piece;
}

/**
 * The text with every comment replaced by blanks: `#` and `//` to the end of the line, and slash-star comments, which
 * may cross lines. Quoted text is left alone. Columns and lines stay as they are.
 */
export function blankComments(text: string): string {
  if (!/[#"']|\/[/*]/.test(text)) return text;
  return text.replace(
    /"(?:\\.|[^"\\\n])*"?|'(?:\\.'|[^\\\n]'|\\.|[^\n])|\/\*[\s\S]*?(?:\*\/|$)|(?:#|\/\/)[^\n]*/g,
    (part) => (/^["']/.test(part) ? part : part.replace(/[^\n]/g, ' ')),
  );
}

const quotedOrSeparator = /"(?:\\.|[^"\\])*"?|'(?:\\.'|[^\\]'|\\.|.)|;/g;

/** Statements of a line without comments: the parts between semicolons that are not empty. */
export function splitStatements(source: SourceLine): Statement[] {
  const { text } = source;
  const statements: Statement[] = [];
  let start = 0;
  const add = (end: number): void => {
    const statement = splitStatement(source, text.slice(start, end), start + 1);
    if (statement !== undefined) statements.push(statement);
  };
  if (text.includes(';')) {
    for (const match of text.matchAll(quotedOrSeparator)) {
      if (match[0] !== ';') continue;
      add(match.index);
      start = match.index + 1;
    }
  }
  add(text.length);
  return statements;
}

const labelPattern = /\s*([A-Za-z_.$\\][\w.$\\@()]*|\d+)\s*:/y;
const assignmentPattern = /\s*([A-Za-z_.$][\w.$]*)\s*={1,2}(?!=)/y;
const namePattern = /\s*([^\s"'(]+)/y;

function splitStatement(source: SourceLine, text: string, column: number): Statement | undefined {
  const labels: Piece[] = [];
  let at = 0;
  for (;;) {
    labelPattern.lastIndex = at;
    const match = labelPattern.exec(text);
    if (match === null) break;
    labels.push({ text: match[1]!, column: column + at + match[0].indexOf(match[1]!) });
    at = labelPattern.lastIndex;
  }
  assignmentPattern.lastIndex = at;
  const assignment = assignmentPattern.exec(text);
  if (assignment !== null) {
    // `name = value` is `.set name, value`; the operands keep their places.
    const symbol = assignment[1]!;
    const begin = at + assignment[0].indexOf(symbol);
    const value = trimmed(text, assignmentPattern.lastIndex, column);
    const gap = ' '.repeat(value.column - column - begin - symbol.length - 1);
    return {
      source,
      labels,
      name: { text: '.set', column: column + begin },
      rest: { text: `${symbol},${gap}${value.text}`, column: column + begin },
    };
  }
  namePattern.lastIndex = at;
  const name = namePattern.exec(text);
  if (name === null) {
    const rest = trimmed(text, at, column);
    if (rest.text !== '')
      return { source, labels, name: rest, rest: { text: '', column: rest.column } };
    return labels.length === 0 ? undefined : { source, labels, name: undefined, rest };
  }
  return {
    source,
    labels,
    name: { text: name[1]!, column: column + at + name[0].length - name[1]!.length },
    rest: trimmed(text, namePattern.lastIndex, column),
  };
}

function trimmed(text: string, from: number, column: number): Piece {
  const rest = text.slice(from);
  const lead = rest.length - rest.trimStart().length;
  return { text: rest.trim(), column: column + from + lead };
}

/** Operands between commas outside quotes and parentheses, without blanks around them. Empty text: none. */
export function splitOperands(rest: Piece): Piece[] {
  const { text, column } = rest;
  if (text === '') return [];
  const pieces: Piece[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      i += 1;
      while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
    } else if (character === "'") {
      i += text[i + 1] === '\\' ? 2 : 1;
      if (text[i + 1] === "'") i += 1;
    } else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === ',' && depth <= 0) {
      pieces.push(trimmed(text.slice(0, i), start, column));
      start = i + 1;
    }
  }
  pieces.push(trimmed(text, start, column));
  return pieces;
}
