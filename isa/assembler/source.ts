/** The stream of statements: macros are expanded, repeats unrolled and conditions decided while it is read. */
import type { SourcePlace } from '../program.js';
import { bindArguments, readMacro, substitute, type Macro } from './macro.js';
import { StatementError } from './problem.js';
import {
  blankComments,
  splitOperands,
  splitStatements,
  type Piece,
  type SourceLine,
  type Statement,
} from './statement.js';

interface Frame {
  readonly lines: readonly SourceLine[];
  next: number;
  /** Set in macro bodies: where `.exitm` leads out of. */
  readonly isMacro: boolean;
  /** How many conditions were open when it began. */
  readonly conditions: number;
}

interface Condition {
  readonly source: SourceLine;
  readonly isOuterActive: boolean;
  hasBeenTrue: boolean;
  isActive: boolean;
  hadElse: boolean;
}

/** Beyond these a source does not end: macros that call themselves, repeats of repeats. */
const deepestNesting = 64;
const mostLines = 2_000_000;

/** What the stream must ask the assembler for. */
export interface SourceQuestions {
  /** Value of an expression in a condition or count, at this point of the source. */
  number(piece: Piece): number;
  isDefined(name: string): boolean;
  /** Text of an included file, or undefined. */
  include(name: string, from: string): string | undefined;
  problem(statement: Statement, error: StatementError): void;
}

const comparisons: Readonly<Record<string, (value: number) => boolean>> = {
  '.if': (value) => value !== 0,
  '.ifne': (value) => value !== 0,
  '.ifeq': (value) => value === 0,
  '.iflt': (value) => value < 0,
  '.ifle': (value) => value <= 0,
  '.ifgt': (value) => value > 0,
  '.ifge': (value) => value >= 0,
};

/** Reads one source file with everything it expands to. */
export class SourceStream {
  private readonly frames: Frame[] = [];
  private readonly macros = new Map<string, Macro>();
  private readonly conditions: Condition[] = [];
  private queue: Statement[] = [];
  private calls = 0;
  private read = 0;

  constructor(
    file: string,
    text: string,
    private readonly questions: SourceQuestions,
  ) {
    this.push(linesOf(file, text, []), false);
  }

  /** The next statement that is not consumed by the stream itself; undefined at the end. */
  next(): Statement | undefined {
    for (;;) {
      const statement = this.queue.shift() ?? this.refill();
      if (statement === undefined) return this.end();
      try {
        if (!this.consume(statement)) return statement;
      } catch (error) {
        if (!(error instanceof StatementError)) throw error;
        this.questions.problem(statement, error);
      }
    }
  }

  /** Names of the macros defined so far. */
  macroNames(): Iterable<string> {
    return this.macros.keys();
  }

  private get isActive(): boolean {
    return this.conditions.at(-1)?.isActive ?? true;
  }

  private push(lines: readonly SourceLine[], isMacro: boolean): void {
    if (this.frames.length >= deepestNesting) {
      throw new StatementError('nesting', `macros are nested more than ${deepestNesting} deep`, {
        repair: 'a macro that calls itself needs a condition that ends it',
      });
    }
    this.frames.push({ lines, next: 0, isMacro, conditions: this.conditions.length });
  }

  private nextLine(): SourceLine | undefined {
    for (let frame = this.frames.at(-1); frame !== undefined; frame = this.frames.at(-1)) {
      const line = frame.lines[frame.next];
      if (line !== undefined) {
        frame.next += 1;
        return line;
      }
      this.frames.pop();
    }
    return undefined;
  }

  private refill(): Statement | undefined {
    for (;;) {
      const line = this.nextLine();
      if (line === undefined) return undefined;
      this.read += 1;
      this.queue = splitStatements(line);
      const first = this.queue.shift();
      if (first === undefined) continue;
      if (this.read > mostLines) {
        this.frames.length = 0;
        this.queue = [];
        this.questions.problem(
          first,
          new StatementError('too-long', `more than ${mostLines} lines after expansion`),
        );
        return undefined;
      }
      return first;
    }
  }

  private end(): undefined {
    for (const { source } of this.conditions.splice(0)) {
      const at = { source, labels: [], name: undefined, rest: { text: '', column: 1 } };
      this.questions.problem(at, new StatementError('open-condition', '.if without .endif'));
    }
    return undefined;
  }

  /** Handles conditions, repeats, macro definitions and calls. False: the assembler's business. */
  private consume(statement: Statement): boolean {
    const name = statement.name?.text.toLowerCase();
    if (name === undefined) return !this.isActive;
    if (/^\.(if|else|endif)/.test(name) && this.condition(name, statement)) return true;
    if (!this.isActive) return true;
    const macro = this.macros.get(name);
    if (macro !== undefined) {
      if (statement.labels.length > 0) this.requeueLabels(statement);
      else this.call(macro, statement);
      return true;
    }
    switch (name) {
      case '.macro':
        this.define(statement);
        return true;
      case '.rept':
      case '.irp':
      case '.irpc':
        if (statement.labels.length > 0) this.requeueLabels(statement);
        else this.repeat(name, statement);
        return true;
      case '.exitm':
        this.exitMacro();
        return true;
      case '.purgem':
        this.macros.delete(statement.rest.text.toLowerCase());
        return true;
      case '.include':
        this.include(statement);
        return true;
      case '.endm':
      case '.endr':
        throw new StatementError(
          'unmatched',
          `${name} without ${name === '.endm' ? '.macro' : '.rept'}`,
        );
      default:
        return false;
    }
  }

  /** Lets the assembler see the labels first and the rest of the statement again. */
  private requeueLabels(statement: Statement): void {
    const { source, labels, rest } = statement;
    this.queue.unshift(
      { source, labels, name: undefined, rest: { text: '', column: rest.column } },
      { ...statement, labels: [] },
    );
  }

  private condition(name: string, statement: Statement): boolean {
    const { source, rest } = statement;
    const open = this.conditions.at(-1);
    if (name === '.endif') {
      if (this.conditions.pop() === undefined)
        throw new StatementError('unmatched', '.endif without .if');
      return true;
    }
    if (name === '.else' || name === '.elseif') {
      if (open === undefined || open.hadElse) {
        throw new StatementError('unmatched', `${name} without .if`);
      }
      open.hadElse = name === '.else';
      const isCandidate = open.isOuterActive && !open.hasBeenTrue;
      open.isActive = isCandidate && (name === '.else' || this.questions.number(rest) !== 0);
      open.hasBeenTrue ||= open.isActive;
      return true;
    }
    if (!(name in comparisons) && !/^\.if(n?def|n?b|n?c|eqs|nes)$/.test(name)) return false;
    const isOuterActive = this.isActive;
    const condition = { source, isOuterActive, hasBeenTrue: true, isActive: false, hadElse: false };
    this.conditions.push(condition);
    if (isOuterActive) {
      condition.isActive = this.decide(name, rest);
      condition.hasBeenTrue = condition.isActive;
    }
    return true;
  }

  private decide(name: string, rest: Piece): boolean {
    const compare = comparisons[name];
    if (compare !== undefined) return compare(this.questions.number(rest));
    const isNegated = /^\.if(n|nes)/.test(name);
    const holds = (): boolean => {
      if (name.endsWith('def')) return this.questions.isDefined(rest.text);
      if (name.endsWith('b')) return rest.text === '';
      const [left, right] = splitOperands(rest);
      if (right === undefined) {
        throw new StatementError('operand-count', `${name} compares two texts`, {
          column: rest.column,
          expected: 'two texts with a comma between them',
        });
      }
      return left?.text === right.text;
    };
    return holds() !== isNegated;
  }

  /** Lines up to the matching end, which is dropped. Nested definitions are counted. */
  private body(statement: Statement, opens: RegExp, closes: RegExp): SourceLine[] {
    this.queue = [];
    const lines: SourceLine[] = [];
    let depth = 1;
    const frame = this.frames.at(-1);
    while (frame !== undefined && frame.next < frame.lines.length) {
      const line = frame.lines[frame.next++]!;
      if (opens.test(line.text)) depth += 1;
      else if (closes.test(line.text)) depth -= 1;
      if (depth === 0) return lines;
      lines.push(line);
    }
    const name = statement.name?.text ?? '';
    throw new StatementError('open-block', `${name} without its end`, {
      expected: name.toLowerCase() === '.macro' ? '.endm' : '.endr',
    });
  }

  private define(statement: Statement): void {
    const { rest } = statement;
    const [, name = '', list = ''] = /^([A-Za-z_.$][\w.$]*)\s*,?\s*(.*)$/s.exec(rest.text) ?? [];
    const body = this.body(statement, /^\s*\.macro\b/i, /^\s*\.endm\b/i);
    if (name === '') {
      throw new StatementError('macro-name', '.macro needs a name', { column: rest.column });
    }
    this.macros.set(name.toLowerCase(), readMacro(name, list, body));
  }

  private call(macro: Macro, statement: Statement): void {
    const values = bindArguments(macro, statement.rest);
    this.calls += 1;
    values.set('@', String(this.calls - 1));
    this.expand(macro.body, statement, values, true);
  }

  private expand(
    body: readonly SourceLine[],
    statement: Statement,
    values: ReadonlyMap<string, string>,
    isMacro: boolean,
  ): void {
    const { source } = statement;
    const call: SourcePlace = { file: source.file, line: source.line };
    const calledFrom = isMacro ? [call, ...source.calledFrom] : source.calledFrom;
    const lines = body.map(({ text, file, line }) => ({
      text: substitute(text, values),
      file,
      line,
      calledFrom,
    }));
    // Statements after the call on the same line come behind the expansion.
    const after = this.queue.splice(0);
    const frame = this.frames.at(-1);
    if (after.length > 0 && frame !== undefined) {
      const text = source.text.slice((after[0]?.labels[0] ?? after[0]?.name)!.column - 1);
      this.push([{ ...source, text }], false);
    }
    this.push(lines, isMacro);
  }

  private repeat(name: string, statement: Statement): void {
    const body = this.body(statement, /^\s*\.(rept|irpc?)\b/i, /^\s*\.endr\b/i);
    const rounds = this.rounds(name, statement);
    const lines = rounds.flatMap((values) =>
      body.map((line) => ({
        ...line,
        text: substitute(line.text, values),
        calledFrom: statement.source.calledFrom,
      })),
    );
    this.push(lines, false);
  }

  private rounds(name: string, statement: Statement): ReadonlyMap<string, string>[] {
    const { rest } = statement;
    if (name === '.rept') {
      const count = this.questions.number(rest);
      if (count < 0 || count > mostLines) {
        throw new StatementError('range', `a repeat of ${count} times`, {
          column: rest.column,
          expected: `0..${mostLines}`,
        });
      }
      return new Array<ReadonlyMap<string, string>>(count).fill(new Map());
    }
    const [parameter, ...values] = splitOperands(rest).map((piece) => piece.text);
    const items = name === '.irp' ? values : [...values.join(',')];
    return (items.length === 0 ? [''] : items).map((value) => new Map([[parameter ?? '', value]]));
  }

  private exitMacro(): void {
    if (!this.frames.some((frame) => frame.isMacro)) {
      throw new StatementError('unmatched', '.exitm outside a macro');
    }
    this.queue = [];
    for (let frame = this.frames.pop(); frame !== undefined; frame = this.frames.pop()) {
      this.conditions.length = Math.min(this.conditions.length, frame.conditions);
      if (frame.isMacro) return;
    }
  }

  private include(statement: Statement): void {
    const { rest, source } = statement;
    const name = /^"(.*)"$/.exec(rest.text)?.[1] ?? '';
    const text = this.questions.include(name, source.file);
    if (text === undefined) {
      throw new StatementError('include', `cannot read the included file '${name}'`, {
        column: rest.column,
        length: rest.text.length,
        repair: 'name a file relative to this one, in double quotes',
      });
    }
    this.push(linesOf(name, text, source.calledFrom), false);
  }
}

function linesOf(file: string, text: string, calledFrom: readonly SourcePlace[]): SourceLine[] {
  return blankComments(text)
    .split(/\r?\n/)
    .map((line, index) => ({ text: line, file, line: index + 1, calledFrom }));
}
