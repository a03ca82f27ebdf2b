/** Where the checker stands: what is in scope, which axes are fixed, what it reports to. */
import type { Accept, Diagnostic } from '../diagnostics/diagnostic.js';
import { acceptInto, type Code } from '../diagnostics/codes.js';
import type { Span } from '../syntax/ast.js';
import type { Scope } from './scope.js';
import type {
  Domain,
  Expression,
  Interval,
  ObservableName,
  ResetTarget,
  SignalSymbol,
  TableSymbol,
  ValueRange,
} from './typed.js';

/** One run of the checker over one file. */
export interface Run {
  readonly text: string;
  readonly accept: Accept;
  nextId: number;
  /** Functions being inlined, outermost first. */
  readonly calls: string[];
}

/** What is collected about one rule while it is checked. */
export interface RuleFacts {
  readonly signedWeights: boolean;
  readonly population?: string;
  /** Intervals of int states by name, as far as they are known. */
  readonly held: ReadonlyMap<string, Interval>;
  readonly tables: Set<TableSymbol>;
  readonly signals: Map<string, SignalSymbol>;
  /** Places where each observable is read first. */
  readonly firstReads: Map<ObservableName, Span>;
}

export interface UsageFacts {
  readonly reads: Set<ObservableName>;
  readonly resets: Set<ResetTarget>;
  writesWeights: boolean;
  writesLabels: boolean;
}

export interface Place {
  readonly run: Run;
  readonly scope: Scope;
  /** Absent at file level. */
  readonly rule?: RuleFacts;
  readonly usage: UsageFacts;
  /** Axes fixed by the `each`es around. */
  readonly domain: Domain;
  /** Axes need not be fixed: argument of a reduction, recorded value. */
  readonly free: boolean;
  /** Only constants, or constants and params, may be read: what for. */
  readonly only?: { readonly what: 'constants' | 'params'; readonly purpose: string };
  /** The period of the trigger, if it has one. */
  readonly period?: Expression;
  /** Inside an `fn`. */
  readonly function?: { readonly name: string; readonly range?: ValueRange };
  /** Inside an `if` whose condition differs between lanes. */
  readonly masked: boolean;
}

export function newUsage(): UsageFacts {
  return { reads: new Set(), resets: new Set(), writesWeights: false, writesLabels: false };
}

/** Reports each (code, place) once, however often a function's body is inlined. */
export function acceptOnce(list: Diagnostic[]): Accept {
  const accept = acceptInto(list);
  const seen = new Set<string>();
  return (code: Code, span, facts, more) => {
    const key = `${code}:${span.start}:${span.end}:${span.file}`;
    if (seen.has(key)) return;
    seen.add(key);
    accept(code, span, facts, more);
  };
}
