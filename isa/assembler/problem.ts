/** What can be wrong with an assembly source, as data; `AssemblerError` carries all of it. */
import type { SourcePlace } from '../program.js';

/** One mistake: where, what stands there, what should stand there, what to do. */
export interface AssemblerProblem {
  /** Stable name of the kind of mistake, for example `unknown-mnemonic`. */
  readonly code: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** How many characters the mistake covers, at least 1. */
  readonly length: number;
  /** The source line. */
  readonly excerpt: string;
  /** What is wrong, without the place. */
  readonly message: string;
  /** What could stand there. */
  readonly expected?: string;
  /** A change that would help. */
  readonly repair?: string;
  /** Where the macros were called from which the line came, innermost first. */
  readonly calledFrom: readonly SourcePlace[];
}

/** Everything that is wrong with the sources. The message shows each mistake with its line. */
export class AssemblerError extends Error {
  override readonly name = 'AssemblerError';
  constructor(readonly problems: readonly AssemblerProblem[]) {
    super(problems.map(renderProblem).join('\n'));
  }
}

/** A mistake as text of several lines: place and fault, the line with a mark below it, repair. */
export function renderProblem(problem: AssemblerProblem): string {
  const { file, line, column, message, expected, repair, excerpt, calledFrom } = problem;
  const number = String(line);
  const indent = ' '.repeat(number.length);
  const shown = excerpt.replace(/\t/g, ' ');
  const length = Math.max(1, Math.min(problem.length, shown.length - column + 1));
  const lines = [
    `${file}:${line}:${column}: ${message}${expected === undefined ? '' : `; expected ${expected}`}`,
    `  ${number} | ${shown}`,
    `  ${indent} | ${' '.repeat(column - 1)}${'^'.repeat(length)}`,
  ];
  for (const call of calledFrom) lines.push(`  called from ${call.file}:${call.line}`);
  if (repair !== undefined) lines.push(`  ${repair}`);
  return lines.join('\n');
}

/** Thrown inside the assembler to give up one statement; the driver turns it into a problem. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
  constructor(
    readonly code: string,
    message: string,
    readonly details: {
      /** Column in the source line, from 1; default: the statement's own. */
      readonly column?: number;
      readonly length?: number;
      readonly expected?: string;
      readonly repair?: string;
    } = {},
  ) {
    super(message);
  }
}

/** The word of `candidates` that differs least from `word`, if it is close enough to be what was meant. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Number of single-character changes between two words (Levenshtein), swaps of neighbours counted as one. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, beforeLast[j - 2]! + 1);
      }
      row.push(value);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
