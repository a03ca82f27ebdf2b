/** Runs golden files of every kind and counts what passed, failed and was set aside. */
import { encodings } from './encodings.js';
import { isRecord, type Case, type GoldenFile, type Kind, type Outcome } from './kind.js';
import { messages } from './messages.js';
import { nuxPrograms } from './nux-programs.js';
import { nuxTiming } from './nux-timing.js';
import { nuxVector } from './nux-vector.js';
import { scalar } from './scalar.js';
import { theory } from './theory.js';
import { vector } from './vector.js';

/** Every kind of golden file; the first that recognises a file runs it. */
export const kinds: readonly Kind[] = [
  encodings,
  scalar,
  vector,
  nuxTiming,
  nuxVector,
  nuxPrograms,
  theory,
  messages,
];

export interface Failure {
  readonly case: string;
  readonly detail: string;
}

/** Cases that the golden data themselves exempt for the same reason. */
export interface SetAside {
  readonly reason: string;
  readonly cases: readonly string[];
}

/** What came of one file. `kind` is null if nobody knows the file. */
export interface FileResult {
  readonly file: string;
  readonly kind: string | null;
  readonly passed: number;
  readonly failed: number;
  /** Neither passed nor failed: counted apart, with the reasons below. */
  readonly setAside: number;
  readonly failures: readonly Failure[];
  readonly reasons: readonly SetAside[];
}

function parse(json: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(json) as unknown };
  } catch {
    return undefined;
  }
}

/** Reads text as one JSON value, or as one per line. A line that is not JSON stays a string and fails later. */
export function readGolden(content: string): GoldenFile {
  const whole = parse(content);
  if (whole !== undefined) {
    return isRecord(whole.value)
      ? { whole: whole.value, lines: [whole.value] }
      : { whole: whole.value };
  }
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== '');
  return { lines: lines.map((line) => parse(line)?.value ?? line) };
}

/** The result of a file that did not run: one failure. */
export function notRun(file: string, kind: string | null, detail: string): FileResult {
  return {
    file,
    kind,
    passed: 0,
    failed: 1,
    setAside: 0,
    failures: [{ case: 'the file itself', detail }],
    reasons: [],
  };
}

async function outcomeOf(one: Case): Promise<Outcome> {
  try {
    return await one.run();
  } catch (error) {
    return { status: 'failed', detail: String(error) };
  }
}

/**
 * Runs the cases of one file. `only`: names of kinds and keys of cases; a case runs if its kind or one of its keys
 * is among them (none given: all run). A file of an unknown kind, or without cases, counts as one failure; one in which
 * `only` selects nothing counts nothing.
 */
export async function runFile(
  file: string,
  content: string,
  only: readonly string[] = [],
): Promise<FileResult> {
  const golden = readGolden(content);
  const kind = kinds.find((candidate) => candidate.recognises(golden));
  if (kind === undefined) {
    const known = kinds.map(({ name }) => name).join(', ');
    return notRun(file, null, `not a golden file of a known kind (${known})`);
  }
  const count = { passed: 0, failed: 0, 'set aside': 0 };
  const failures: Failure[] = [];
  const reasons = new Map<string, string[]>();
  for (const one of kind.cases(golden)) {
    if (only.length > 0 && ![kind.name, one.name, ...one.keys].some((key) => only.includes(key))) {
      continue;
    }
    const outcome = await outcomeOf(one);
    count[outcome.status]++;
    if (outcome.status === 'failed') failures.push({ case: one.name, detail: outcome.detail });
    else if (outcome.status === 'set aside') {
      reasons.set(outcome.reason, [...(reasons.get(outcome.reason) ?? []), one.name]);
    }
  }
  if (only.length === 0 && count.passed + count.failed + count['set aside'] === 0) {
    return notRun(file, kind.name, 'it has no cases');
  }
  return {
    file,
    kind: kind.name,
    passed: count.passed,
    failed: count.failed,
    setAside: count['set aside'],
    failures,
    reasons: [...reasons].map(([reason, cases]) => ({ reason, cases })),
  };
}

/** The totals over files. */
export function total(results: readonly FileResult[]): {
  readonly passed: number;
  readonly failed: number;
  readonly setAside: number;
} {
  const sum = (of: (result: FileResult) => number): number =>
    results.reduce((n, result) => n + of(result), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    setAside: sum(({ setAside }) => setAside),
  };
}
