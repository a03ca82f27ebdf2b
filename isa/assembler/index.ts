/** Assembly language of the plasticity processor: sources become object files and programs. */
import { link, type LinkOptions } from '../linker.js';
import type { ObjectFile, Program } from '../program.js';
import { extendedMnemonics } from '../table/extended.js';
import { instructions } from '../table/index.js';
import { Assembly, span } from './assembly.js';
import { directiveNames, runDirective } from './directives.js';
import { assembleInstruction } from './instruction.js';
import { AssemblerError, closest, StatementError, type AssemblerProblem } from './problem.js';
import { SourceStream } from './source.js';
import type { Piece, Statement } from './statement.js';

export { AssemblerError, renderProblem } from './problem.js';
export type { AssemblerProblem } from './problem.js';

/** A file of assembly text. */
export interface AssemblySource {
  /** Shown in messages and line tables. */
  readonly name: string;
  readonly text: string;
}

export interface AssemblerOptions {
  /** Text of a file named by .include; undefined if there is none. */
  readonly include?: (name: string, from: string) => string | undefined;
  /** Bytes of a `.word`: 4 (default) as in the Power manual, 2 as in GNU as for PowerPC. */
  readonly wordBytes?: 2 | 4;
  /** Symbols that have a value before the first line. */
  readonly define?: Readonly<Record<string, number>>;
}

/**
 * Assembles one source.
 * @throws AssemblerError with every mistake found
 */
export function assembleObject(source: AssemblySource, options: AssemblerOptions = {}): ObjectFile {
  const { object, problems } = assembleOne(source, options);
  if (problems.length > 0) throw new AssemblerError(problems);
  return object;
}

/**
 * Assembles sources and links them in the given order to a program.
 * @throws AssemblerError with the mistakes of all sources
 * @throws LinkError
 */
export function assemble(
  sources: readonly AssemblySource[],
  options: AssemblerOptions & LinkOptions = {},
): Program {
  const problems: AssemblerProblem[] = [];
  const objects: ObjectFile[] = [];
  for (const source of sources) {
    const result = assembleOne(source, options);
    problems.push(...result.problems);
    objects.push(result.object);
  }
  if (problems.length > 0) throw new AssemblerError(problems);
  return link(objects, options);
}

function assembleOne(
  source: AssemblySource,
  options: AssemblerOptions,
): { object: ObjectFile; problems: readonly AssemblerProblem[] } {
  const assembly = new Assembly(source.name, '.text');
  for (const [name, value] of Object.entries(options.define ?? {})) {
    const piece = (text: string): Piece => ({ text, column: 1 });
    assembly.assign(piece(name), piece(String(value)), false);
  }
  const wordBytes = options.wordBytes ?? 4;
  const stream = new SourceStream(source.name, source.text, {
    number: (piece) => assembly.number(piece),
    isDefined: (name) => assembly.symbols.isDefined(name),
    include: (name, from) => options.include?.(name, from),
    problem: (statement, error) => assembly.report(statement, error),
  });
  for (let statement = stream.next(); statement !== undefined; statement = stream.next()) {
    if (statement.name?.text.toLowerCase() === '.end') break;
    assembleStatement(assembly, statement, { wordBytes }, stream);
  }
  const object = assembly.finish();
  return { object, problems: assembly.problems() };
}

function assembleStatement(
  assembly: Assembly,
  statement: Statement,
  options: { wordBytes: 2 | 4 },
  stream: SourceStream,
): void {
  assembly.begin(statement);
  for (const label of statement.labels) {
    assembly.attempt(statement, () => assembly.label(label));
  }
  const { name, rest } = statement;
  if (name === undefined) return;
  assembly.attempt(statement, () => {
    const isDirective = name.text.startsWith('.');
    const isKnown = isDirective
      ? runDirective(assembly, name.text.toLowerCase(), rest, options)
      : assembleInstruction(assembly, name, rest);
    if (!isKnown) throw unknownName(name, stream);
  });
}

function unknownName(name: Piece, stream: SourceStream): StatementError {
  const isDirective = name.text.startsWith('.');
  const candidates = isDirective
    ? directiveNames
    : [...instructions, ...extendedMnemonics].map(({ mnemonic }) => mnemonic);
  const near = closest(name.text.toLowerCase(), [...candidates, ...stream.macroNames()]);
  return new StatementError(
    isDirective ? 'unknown-directive' : 'unknown-mnemonic',
    `there is no ${isDirective ? 'directive' : 'instruction'} '${name.text}'`,
    { ...span(name), ...(near === undefined ? {} : { repair: `did you mean ${near}?` }) },
  );
}
