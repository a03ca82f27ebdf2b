/** Symbols of one source: labels, numeric labels, and names given by .set, some of which have their value later. */
import type { OperandClass } from '../instruction.js';
import type { SourcePlace } from '../program.js';
import type { Expression } from './expression.js';
import { StatementError } from './problem.js';
import { anyRegisterNumber, classNames, registerNumber } from './registers.js';
import { evaluate, UnknownName, type Scope, type SectionPlace, type Value } from './value.js';

interface LocalLabel extends SectionPlace {
  readonly order: number;
}

/** Which register names count as numbers: those of an operand class, all (in .set), or none (in data). */
export type RegisterNames = OperandClass | 'any' | 'none';

/** All names of one source. */
export class SymbolTable {
  private readonly values = new Map<string, Value>();
  private readonly labels = new Map<string, SourcePlace>();
  private readonly locals = new Map<number, LocalLabel[]>();
  /** Names given by .set whose expressions name later symbols. */
  private readonly later = new Map<string, { tree: Expression; scope: Scope }>();
  private readonly resolving = new Set<string>();
  /** Counts statements: decides which numeric labels lie before and behind. */
  private order = 0;
  /** The source has been read: what is unknown now is for the linker. */
  private isComplete = false;

  constructor(private readonly isSection: (name: string) => boolean) {}

  /** A new statement begins. */
  advance(): void {
    this.order += 1;
  }

  /** The source has ended. */
  complete(): void {
    this.isComplete = true;
  }

  /** Defines a numeric label. */
  addLocal(number: number, place: SectionPlace): void {
    const list = this.locals.get(number) ?? [];
    list.push({ ...place, order: this.order });
    this.locals.set(number, list);
  }

  /** Defines a label, once. */
  addLabel(name: string, place: SectionPlace, source: SourcePlace): void {
    const before = this.labels.get(name);
    if (before !== undefined || this.isDefined(name)) {
      const where = before === undefined ? '' : `, first in ${before.file}:${before.line}`;
      throw new StatementError('duplicate-label', `'${name}' is defined twice${where}`, {
        repair: 'rename one of them, or use a numeric label (1: ... 1b)',
      });
    }
    this.labels.set(name, source);
    this.values.set(name, { constant: 0, plus: { name, place } });
  }

  /** Gives a name the value of an expression, or remembers it until its symbols are known. */
  assign(name: string, tree: Expression, here: SectionPlace, isOnce: boolean): void {
    if (this.labels.has(name) || (isOnce && this.isDefined(name))) {
      throw new StatementError('duplicate-label', `'${name}' has a value already`);
    }
    const scope = this.scope(here, 'any');
    this.later.delete(name);
    try {
      this.values.set(name, evaluate(tree, scope));
    } catch (error) {
      if (!(error instanceof UnknownName)) throw error;
      this.values.delete(name);
      this.later.set(name, { tree, scope });
    }
  }

  /** Whether a label or .set of this name has been seen. */
  isDefined(name: string): boolean {
    return this.values.has(name) || this.later.has(name);
  }

  /** Names with values that are not labels, for the symbol table. */
  assigned(): [string, Value | undefined][] {
    const names = [...this.values.keys(), ...this.later.keys()];
    return [...new Set(names)]
      .filter((name) => !this.labels.has(name))
      .map((name) => [name, this.lookup(name)]);
  }

  /** What names mean in an expression of the current statement, now or later. */
  scope(here: SectionPlace, registers: RegisterNames): Scope {
    const { order } = this;
    return {
      here,
      lookup: (name) => this.lookupIn(name, registers),
      local: (number, isForward) => this.local(number, isForward, order),
    };
  }

  private lookupIn(name: string, registers: RegisterNames): Value | undefined {
    const isOpen = registers === 'any' && !this.values.has(name);
    const number =
      registers === 'none' || registers === 'any'
        ? isOpen
          ? anyRegisterNumber(name)
          : undefined
        : registerNumber(name, registers);
    if (number !== undefined) return { constant: number };
    // A label may be called like a register, so a misplaced register is certain only at the end.
    const isUnknown = this.isComplete && !this.isDefined(name);
    if (isUnknown && registers !== 'none' && registers !== 'any') {
      if (anyRegisterNumber(name) !== undefined || name.startsWith('%')) {
        throw new StatementError('wrong-register', `'${name}' cannot stand here`, {
          expected: classNames[registers],
        });
      }
    }
    return this.lookup(name);
  }

  private lookup(name: string): Value | undefined {
    const known = this.values.get(name);
    if (known !== undefined) return known;
    const later = this.later.get(name);
    if (later !== undefined) return this.isComplete ? this.resolve(name, later) : undefined;
    if (this.isSection(name)) {
      return { constant: 0, plus: { name, place: { section: name, offset: 0 } } };
    }
    return this.isComplete ? { constant: 0, plus: { name } } : undefined;
  }

  private resolve(name: string, { tree, scope }: { tree: Expression; scope: Scope }): Value {
    if (this.resolving.has(name)) {
      throw new StatementError('circular', `the value of '${name}' depends on itself`);
    }
    this.resolving.add(name);
    try {
      const value = evaluate(tree, scope);
      this.values.set(name, value);
      return value;
    } finally {
      this.resolving.delete(name);
    }
  }

  private local(number: number, isForward: boolean, order: number): Value | undefined {
    const list = this.locals.get(number) ?? [];
    const found = isForward
      ? list.find((label) => label.order > order)
      : list.findLast((label) => label.order <= order);
    if (found === undefined) {
      if (isForward && !this.isComplete) return undefined;
      const side = isForward ? 'below' : 'above';
      throw new StatementError('local-label', `there is no label '${number}' ${side}`, {
        repair: `write ${number}: before an instruction ${side} this one`,
      });
    }
    const { section, offset } = found;
    return { constant: offset, plus: { name: section, place: { section, offset: 0 } } };
  }
}
