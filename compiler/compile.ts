/** The compiler as one function: rule files in, a program with its report and layout out, or diagnostics. */
import type { Program } from '../isa/program.js';
import type { BaselineMode, ImageLayout } from '../isa/runtime-layout.js';
import type { Budget } from './budget/budget.js';
import { checkBudget } from './budget/check.js';
import { type LatencyProfile, chipProfile } from './budget/profile.js';
import { check } from './check/check.js';
import { evaluateNumber } from './check/evaluate.js';
import { acceptOnce } from './check/place.js';
import type { Expression, Trigger, TypedRule } from './check/typed.js';
import { hasErrors } from './diagnostics/codes.js';
import type { Diagnostic, SecondaryPlace } from './diagnostics/diagnostic.js';
import type { RuleProgram } from './ir/ir.js';
import { type Image, ImageTooLarge, type TriggerTiming, buildImage } from './link/image.js';
import { lineCounter } from './link/lines.js';
import { lowerRule } from './lower/statements.js';
import type { SourceText } from './syntax/ast.js';
import { parse } from './syntax/parse.js';

/** The version of the package (package.json), which a browser cannot read; a test compares them. */
export const compilerVersion = '0.1.0';

/** PPU cycles per microsecond. */
const cyclesPerMicrosecond = 250;

/** What an image is compiled for. */
export interface CompileOptions {
  /** Synapse rows that the block has; absent: the image holds as many as fit. */
  readonly rows?: number;
  /** Default 'synapse'. */
  readonly baseline?: BaselineMode;
  /** Bytes of external block RAM for this processor; default all 128 KiB. */
  readonly external?: number;
  /** Only the rule of this name; absent: all rules of all sources in one image. */
  readonly rule?: string;
  /** Latencies that times must hold for; default those of the emulated chip. */
  readonly profile?: LatencyProfile;
}

/** One rule of an image, checked and lowered. */
export interface CompiledRule {
  readonly rule: TypedRule;
  readonly program: RuleProgram;
  readonly timing: readonly TriggerTiming[];
}

/** What `compile` gives; look for errors in `diagnostics` first. */
export interface Compiled {
  /** Absent if there are errors. */
  readonly program?: Program;
  readonly layout?: ImageLayout;
  readonly image?: Image;
  /** Time of the triggers; present whenever code was generated. */
  readonly budget?: Budget;
  readonly rules: readonly CompiledRule[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles rule files to one image for one processor. Never throws for what a user wrote. */
export function compile(sources: readonly SourceText[], options: CompileOptions = {}): Compiled {
  const diagnostics: Diagnostic[] = [];
  const typed: TypedRule[] = [];
  for (const source of sources) {
    const parsed = parse(source.text, source.name);
    diagnostics.push(...parsed.diagnostics);
    if (parsed.tree === undefined) continue;
    const checked = check(parsed.tree);
    diagnostics.push(...checked.diagnostics);
    const { rule } = options;
    typed.push(...checked.rules.filter(({ name }) => rule === undefined || name === rule));
  }
  if (hasErrors(diagnostics) || typed.length === 0) return { rules: [], diagnostics };
  const accept = acceptOnce(diagnostics);
  const rules = typed.map((rule) => ({
    rule,
    program: lowerRule(rule, accept),
    timing: rule.triggers.map((trigger) => timingOf(trigger, defaultOf)),
  }));
  if (hasErrors(diagnostics)) return { rules, diagnostics };
  const baseline = options.baseline ?? 'synapse';
  try {
    const image = buildImage(
      rules.map((part) => ({ ...part, baseline })),
      {
        ...(options.rows === undefined ? {} : { rows: options.rows }),
        ...(options.external === undefined ? {} : { external: options.external }),
        compilerVersion,
        sourceText: sources.map(({ text }) => text).join('\n'),
        lineOf: lineCounter(sources),
      },
    );
    const budget = checkBudget(image, rules, {
      ...(options.rows === undefined ? {} : { rows: options.rows }),
      profile: options.profile ?? chipProfile,
      lineOf: lineCounter(sources),
      accept,
    });
    if (hasErrors(diagnostics)) return { rules, diagnostics, budget };
    return { program: image.program, layout: image.layout, image, budget, rules, diagnostics };
  } catch (error) {
    const first = typed[0];
    if (first === undefined) throw error;
    if (error instanceof ImageTooLarge) {
      const facts = {
        memory: memoryNames[error.what],
        bytes: error.bytes,
        limit: error.limit,
        over: error.bytes - error.limit,
        parts: partsOf(error),
        rows: options.rows ?? 1,
      };
      accept('E0801', first.span, facts, { secondary: costlyStates(error, typed) });
    } else throw error;
    return { rules, diagnostics };
  }
}

const memoryNames = {
  sram: 'processor memory',
  mailbox: 'the mailbox page',
  external: 'external block RAM',
} as const;

/** The name that a rule gives to what the linker calls `rule0_state_trace`; undefined for the compiler's own values. */
function nameInRule(part: string): string | undefined {
  return /^(?:rule\d+_)?(?:state|param|input)_(.*)$/.exec(part)?.[1];
}

/** `code 1860, seen 12000`: what takes the memory, as the rule calls it. */
function partsOf({ parts }: ImageTooLarge): string {
  return parts
    .filter(({ name }) => !/^rule\d+_/.test(name) || nameInRule(name) !== undefined)
    .toSorted((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1))
    .map(({ name, bytes }) => `${nameInRule(name) ?? name} ${bytes}`)
    .join(', ');
}

/** The declarations of the states that take most of a memory that is too small. */
function costlyStates({ parts }: ImageTooLarge, rules: readonly TypedRule[]): SecondaryPlace[] {
  return parts.flatMap(({ name, bytes }) => {
    const symbol = rules
      .flatMap(({ states }) => states)
      .find((each) => each.name === nameInRule(name));
    return symbol ? [{ span: symbol.span, text: `${bytes} bytes` }] : [];
  });
}

/** When a trigger runs, in cycles. */
function timingOf({ event }: Trigger, defaults: Defaults): TriggerTiming {
  const cycles = (time: Expression): number =>
    Math.max(0, Math.round((evaluateNumber(time, defaults) ?? 0) * cyclesPerMicrosecond));
  const once = { period: 0, shortest: 0, first: 0, count: 1 } as const;
  switch (event.kind) {
    case 'start':
      return { ...once, kind: 'start' };
    case 'signal':
      return { ...once, kind: 'signal', count: 0 };
    case 'at':
      return { ...once, kind: 'timer', first: cycles(event.time) };
    case 'every': {
      const { period, from, times } = event;
      const count = times && Math.max(0, evaluateNumber(times, defaults) ?? 0);
      return {
        kind: 'timer',
        period: Math.max(1, cycles(period)),
        shortest: Math.max(1, Math.floor(period.interval.lo * cyclesPerMicrosecond)),
        first: cycles(from),
        count: count ?? 0,
        ...(count === 0 && { never: true }),
      };
    }
  }
}

type Defaults = (leaf: Expression) => number | undefined;

/** What parameters have unless the host sets them. */
const defaultOf: Defaults = (leaf) =>
  leaf.kind === 'read' && leaf.symbol.kind === 'param' ? leaf.symbol.initial : undefined;
