/** One source while it is assembled: output, symbols, mistakes, and what waits for later labels. */
import { BuildError } from '../build-error.js';
import { ObjectBuilder, type Operand } from '../object-builder.js';
import type { ObjectFile, SourcePlace } from '../program.js';
import { OperandSyntaxError, parseOperand, type OperandTree } from './expression.js';
import { StatementError, type AssemblerProblem } from './problem.js';
import type { Piece, Statement } from './statement.js';
import { SymbolTable } from './symbols.js';
import { asNumber, evaluate, UnknownName, type SectionPlace, type Value } from './value.js';

/** Most mistakes that are reported for one source. */
const mostProblems = 100;

/** Place of a piece in its line, for messages. */
export function span(piece: Piece): { column: number; length: number } {
  return { column: piece.column, length: Math.max(1, piece.text.length) };
}

/** The same error with the place of `piece`, if it has none of its own. */
export function atPiece(error: unknown, piece: Piece): unknown {
  if (!(error instanceof StatementError) || error.details.column !== undefined) return error;
  return new StatementError(error.code, error.message, { ...error.details, ...span(piece) });
}

/** State of one source. Directives, instructions and the driver work on it. */
export class Assembly {
  readonly builder: ObjectBuilder;
  readonly symbols: SymbolTable;
  private readonly noted: AssemblerProblem[] = [];
  readonly sectionStack: string[] = [];
  previousSection: string;
  private statement: Statement | undefined;
  /** Position of every statement in the expanded source: mistakes found at the end are put in order. */
  private readonly orders = new Map<Statement, number>();
  private readonly problemOrders: number[] = [];
  private readonly trees = new Map<string, OperandTree>();
  private readonly deferred: { readonly statement: Statement; readonly run: () => void }[] = [];

  constructor(file: string, firstSection: string) {
    this.builder = new ObjectBuilder(file, firstSection);
    this.symbols = new SymbolTable((name) => this.builder.hasSection(name));
    this.previousSection = firstSection;
  }

  /** What follows belongs to this statement. */
  begin(statement: Statement): void {
    this.statement = statement;
    this.orders.set(statement, this.orders.size);
    this.symbols.advance();
    this.builder.mark(this.place());
  }

  /** Defines a label at the current place: a name, or a number for a numeric label. */
  label(piece: Piece): void {
    const place = this.here();
    if (/^\d+$/.test(piece.text)) {
      this.symbols.addLocal(Number(piece.text), place);
      return;
    }
    try {
      this.symbols.addLabel(piece.text, place, this.place());
    } catch (error) {
      throw atPiece(error, piece);
    }
    this.builder.label(piece.text);
  }

  /** Gives a name the value of an expression. `isOnce`: it must not have one. */
  assign(name: Piece, value: Piece, isOnce: boolean): void {
    const { value: tree } = this.parse(value);
    try {
      this.symbols.assign(name.text, tree, this.here(), isOnce);
    } catch (error) {
      throw atPiece(error, name);
    }
  }

  /** Where the next byte goes. */
  here(): SectionPlace {
    return { section: this.builder.sectionName, offset: this.builder.offset };
  }

  /** Source line of the statement, for line tables: that of the outermost call when it comes from a macro. */
  place(): SourcePlace {
    const source = this.statement?.source;
    const outer = source?.calledFrom.at(-1);
    return {
      file: outer?.file ?? source?.file ?? this.builder.name,
      line: outer?.line ?? source?.line ?? 1,
    };
  }

  /** The tree of an operand; syntax errors get their place in the source. */
  parse(piece: Piece): OperandTree {
    const known = this.trees.get(piece.text);
    if (known !== undefined) return known;
    try {
      const tree = parseOperand(piece.text);
      this.trees.set(piece.text, tree);
      return tree;
    } catch (error) {
      if (!(error instanceof OperandSyntaxError)) throw error;
      const found = piece.text.slice(error.at, error.at + 12);
      const what = found === '' ? 'the operand ends too early' : `'${found}' makes no sense here`;
      throw new StatementError('syntax', what, {
        column: piece.column + error.at,
        length: Math.max(1, found.length),
        expected: error.expected,
      });
    }
  }

  /** The value of an expression that must be known now. */
  private valueNow(piece: Piece): Value {
    const { value: tree, base } = this.parse(piece);
    if (base !== undefined) {
      throw new StatementError('syntax', 'no register belongs here', span(piece));
    }
    try {
      return evaluate(tree, this.symbols.scope(this.here(), 'none'));
    } catch (error) {
      if (!(error instanceof UnknownName)) throw atPiece(error, piece);
      throw new StatementError('not-known-yet', `'${error.symbol}' has no value yet`, {
        ...span(piece),
        expected: 'a value known at this point of the source',
      });
    }
  }

  /** The value of an expression that must be a number now: sizes, counts, conditions. */
  number(piece: Piece, range?: { readonly min: number; readonly max: number }): number {
    const number = asNumber(this.valueNow(piece));
    if (number === undefined) {
      throw new StatementError('not-a-number', 'this is an address', {
        ...span(piece),
        expected: 'a number',
      });
    }
    if (range !== undefined && (number < range.min || number > range.max)) {
      throw new StatementError('range', `${number} is out of range`, {
        ...span(piece),
        expected: `${range.min}..${range.max}`,
      });
    }
    return number;
  }

  /** An offset in the current section: a number, or the address of a place in it. */
  offsetHere(piece: Piece): number {
    const value = this.valueNow(piece);
    const place = value.plus?.place;
    if (place?.section === this.here().section && value.minus === undefined) {
      return place.offset + value.constant;
    }
    return this.number(piece);
  }

  /** Appends data items of `width` bytes. */
  data(pieces: readonly Piece[], width: 1 | 2 | 4): void {
    for (const piece of pieces) {
      const { value: tree, base } = this.parse(piece);
      if (base !== undefined) {
        throw new StatementError('syntax', 'no register belongs here', span(piece));
      }
      const here = this.here();
      const scope = this.symbols.scope(here, 'none');
      this.nowOrLater(piece, width, () => {
        const item = this.dataItem(evaluate(tree, scope), width, piece, here);
        if (width === 4) this.builder.word(item);
        else if (width === 2) this.builder.half(item);
        else this.builder.byte(item);
      });
    }
  }

  private dataItem(value: Value, width: 1 | 2 | 4, piece: Piece, here: SectionPlace): Operand {
    const number = asNumber(value);
    if (number === undefined) return this.reference(value, piece, here);
    const count = { 1: 0x100, 2: 0x10000, 4: 0x100000000 }[width];
    if (number < -count / 2 || number >= count) {
      throw new StatementError('range', `${number} does not fit in ${width} bytes`, {
        ...span(piece),
        expected: `${-count / 2}..${count - 1}`,
      });
    }
    return number;
  }

  /** A value that is an address, as the builder wants it. `here`: where it is stored. */
  reference(value: Value, piece: Piece, here: SectionPlace): Operand {
    const { plus, minus, constant, part } = value;
    if (plus === undefined || (minus !== undefined && minus.place?.section !== here.section)) {
      throw new StatementError('address-arithmetic', 'this value is not known before linking', {
        ...span(piece),
        expected: 'an address, or the distance to a place in this section',
      });
    }
    const base = { symbol: plus.name, ...(part === undefined ? {} : { part }) };
    if (minus === undefined) return { ...base, addend: constant };
    const from = minus.place?.offset ?? 0;
    return { ...base, addend: constant + here.offset - from, relative: true };
  }

  /** Writes now if all names have values, else leaves room of `bytes` and writes at the end of the source. */
  nowOrLater(piece: Piece, bytes: number, write: () => void): void {
    try {
      write();
    } catch (error) {
      const { statement } = this;
      if (!(error instanceof UnknownName) || statement === undefined) throw atPiece(error, piece);
      const { section, offset } = this.here();
      const place = this.place();
      this.builder.space(bytes);
      this.deferred.push({
        statement,
        run: () => {
          try {
            this.builder.rewrite(section, offset, place, write);
          } catch (failure) {
            throw atPiece(failure, piece);
          }
        },
      });
    }
  }

  /** Writes everything that waited for later labels and gives the object file. */
  finish(): ObjectFile {
    this.symbols.complete();
    for (const { statement, run } of this.deferred.splice(0)) this.attempt(statement, run);
    if (this.noted.length > 0) return this.builder.build(() => undefined);
    this.attempt(this.statement, () => {
      for (const [name, value] of this.symbols.assigned()) this.publish(name, value);
    });
    return this.builder.build((error) => this.report(this.statement, error));
  }

  /** Puts a name made by .set into the symbol table. */
  private publish(name: string, value: Value | undefined): void {
    if (value === undefined || name.startsWith('.L')) return;
    const number = asNumber(value);
    if (number !== undefined) this.builder.absolute(name, number);
    else if (value.plus?.place !== undefined && value.minus === undefined) {
      const { section, offset } = value.plus.place;
      this.builder.alias(name, section, offset + value.constant);
    }
  }

  /** All mistakes, in the order of the statements. */
  problems(): AssemblerProblem[] {
    return this.noted
      .map((problem, index) => ({ problem, order: this.problemOrders[index] ?? 0, index }))
      .sort((a, b) => a.order - b.order || a.index - b.index)
      .map(({ problem }) => problem);
  }

  /** Runs a step of a statement; what goes wrong is noted, and the next statement goes on. */
  attempt(statement: Statement | undefined, step: () => void): void {
    try {
      step();
    } catch (error) {
      this.report(statement, error);
    }
  }

  /** Notes a mistake; errors that are not about the source are passed on. */
  report(statement: Statement | undefined, error: unknown): void {
    if (!(error instanceof StatementError || error instanceof BuildError)) throw error;
    if (this.noted.length >= mostProblems) return;
    this.problemOrders.push((statement && this.orders.get(statement)) ?? this.orders.size);
    const source = statement?.source;
    const shared = { excerpt: source?.text.trimEnd() ?? '', calledFrom: source?.calledFrom ?? [] };
    const at = { file: source?.file ?? this.builder.name, line: source?.line ?? 1 };
    const name = {
      column: statement?.name?.column ?? 1,
      length: statement?.name?.text.length ?? 1,
    };
    if (error instanceof BuildError) {
      const { place } = error;
      const isHere = place === undefined || (place.file === at.file && place.line === at.line);
      this.noted.push({
        code: error.problem.kind,
        ...(isHere
          ? { ...at, ...name, ...shared }
          : { ...shared, ...place, column: 1, length: 1, excerpt: '' }),
        message: error.explanation,
      });
      return;
    }
    const { column, length, expected, repair } = error.details;
    this.noted.push({
      code: error.code,
      ...at,
      ...shared,
      column: column ?? name.column,
      length: length ?? (column === undefined ? name.length : 1),
      message: error.message,
      ...(expected === undefined ? {} : { expected }),
      ...(repair === undefined ? {} : { repair }),
    });
  }
}
