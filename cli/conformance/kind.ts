/** What a kind of golden file has to offer, so that `plastic conformance` can run it. */

/** A golden file after reading: either one JSON value, or one JSON value per line. */
export interface GoldenFile {
  /** The whole file, if it is one JSON value. */
  readonly whole?: unknown;
  /** Its lines, if every line is a JSON value by itself; a one-line file has both. */
  readonly lines?: readonly unknown[];
}

/** What became of a case. Only what the golden data themselves exempt is set aside. */
export type Outcome =
  | { readonly status: 'passed' }
  | { readonly status: 'failed'; readonly detail: string }
  | { readonly status: 'set aside'; readonly reason: string };

export interface Case {
  /** Tells the case from the others of its file. */
  readonly name: string;
  /** Words that `--only` may select it by, besides the name of its kind. */
  readonly keys: readonly string[];
  run(): Outcome | Promise<Outcome>;
}

export interface Kind {
  readonly name: string;
  /** Whether the file is of this kind, by its content. Must not throw. */
  recognises(file: GoldenFile): boolean;
  /** Its cases, in order. A case whose data are malformed is a case that fails. */
  cases(file: GoldenFile): Iterable<Case>;
}

export const passed: Outcome = { status: 'passed' };

export function failed(...lines: readonly string[]): Outcome {
  return { status: 'failed', detail: lines.join('\n') };
}

/** Passed if there are no differences. */
export function verdict(differences: readonly string[]): Outcome {
  return differences.length === 0 ? passed : failed(...differences);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The property of a record of unknown shape, or undefined. */
export function property(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) found = isRecord(found) ? found[name] : undefined;
  return found;
}

/** The data of a case are not of the form that its kind has. */
export class MalformedCase extends Error {
  override readonly name = 'MalformedCase';
}

/** The string at that path; throws MalformedCase. */
export function text(value: unknown, ...path: readonly string[]): string {
  const found = property(value, ...path);
  if (typeof found === 'string') return found;
  throw new MalformedCase(`'${path.join('.')}' should be a string`);
}

/** A hexadecimal number of at most 8 digits as an int32; throws MalformedCase. */
export function word(value: unknown, ...path: readonly string[]): number {
  const digits = text(value, ...path);
  if (/^[0-9a-f]{1,8}$/i.test(digits)) return Number.parseInt(digits, 16) | 0;
  throw new MalformedCase(`'${path.join('.')}' should be a hexadecimal word, is '${digits}'`);
}

/** An int32 as 8 hexadecimal digits. */
export function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** Splits `digits` into numbers of `width` hexadecimal digits each; throws MalformedCase. */
export function numbers(digits: string, width: number, count?: number): number[] {
  const wrong = digits.length % width !== 0 || !/^[0-9a-f]*$/i.test(digits);
  const found = wrong ? [] : (digits.match(new RegExp(`.{${width}}`, 'g')) ?? []);
  if (wrong || (count !== undefined && found.length !== count)) {
    throw new MalformedCase(
      `expected ${count ?? 'some'} numbers of ${width} hexadecimal digits, got ${digits.length} characters`,
    );
  }
  return found.map((part) => Number.parseInt(part, 16));
}
