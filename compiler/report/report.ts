/** What a compilation promises: time, memory, registers, formats and error bounds, as data. */
import type { ImageLayout } from '../../isa/runtime-layout.js';
import { valueOf } from '../../isa/runtime-layout.js';
import type { LineCost } from '../budget/analyse.js';
import type { Compiled } from '../compile.js';
import { type MeasuredError, measureErrors } from './errors.js';

export interface TriggerReport {
  readonly rule: string;
  readonly name: string;
  /** Worst case from begin to end, cycles, at `Report.rows` rows. */
  readonly cycles: number;
  readonly fixed: number;
  readonly perRow: number;
  /** 0 if it has none. */
  readonly period: number;
  readonly share: number;
  readonly blocking: number;
  /** Cycles of the scheduler around an execution; `share` and `blocking` count them. */
  readonly around: number;
  /** False: a loop has no bound, and the worst case is unbounded. */
  readonly isBounded: boolean;
  /** Lines that cost most, with their cycles of one execution. */
  readonly lines: readonly {
    readonly file: string;
    readonly line: number;
    readonly cycles: number;
  }[];
  /** Vector registers alive at once, and values that found none. */
  readonly vectorRegisters: number;
  readonly inMemory: readonly string[];
}

export interface AssignmentReport {
  readonly rule: string;
  readonly target: string;
  readonly file: string;
  /** Offset in the file. */
  readonly offset: number;
  readonly bits: number;
  /** Stored resolution. */
  readonly step: number;
  /** Largest difference from real arithmetic before rounding, in units of the target (weight LSB, or as declared). */
  readonly bound: number;
  /** Mean of exact - real over random inputs, in the same units; absent if none could be made up. */
  readonly meanError?: number;
  readonly rounds: 'nearest' | 'stochastic' | 'none';
}

export interface ParameterReport {
  readonly rule: string;
  readonly name: string;
  readonly step: number;
  /** Start values after quantisation, and by how much they miss what was written. */
  readonly values: readonly number[];
  readonly written: number;
}

export interface Report {
  readonly version: string;
  readonly memory: {
    readonly code: number;
    readonly data: number;
    readonly free: number;
    readonly limit: number;
    readonly largest: readonly { readonly name: string; readonly bytes: number }[];
  };
  /** Latencies that times hold for. */
  readonly profile: string;
  /** Rows that times are given for: those asked for, else as many as fit. */
  readonly rows: number;
  readonly rowsInMemory: number;
  readonly rowsInTime: number;
  readonly rowsThatNeverMiss: number;
  readonly load: number;
  readonly triggers: readonly TriggerReport[];
  readonly assignments: readonly AssignmentReport[];
  readonly parameters: readonly ParameterReport[];
  readonly layout: ImageLayout;
}

/** The report of a compilation without errors; undefined if there is no program. */
export function reportOf(compiled: Compiled, version: string, measure = false): Report | undefined {
  const { image, layout, rules, budget } = compiled;
  if (image === undefined || layout === undefined || budget === undefined) return undefined;
  const { code, data, limit } = image.bytes;
  return {
    version,
    memory: {
      code,
      data,
      free: limit - code - data,
      limit,
      largest: image.memory.flatMap((memory) => memory.listing()).slice(0, 6),
    },
    profile: budget.profile,
    rows: budget.rows,
    rowsInMemory: layout.rules[0]?.maxRows ?? 0,
    rowsInTime: budget.rowsThatFit,
    rowsThatNeverMiss: budget.rowsThatNeverMiss,
    load: budget.load,
    triggers: rules.flatMap(({ rule }, index) =>
      rule.triggers.map((trigger, position) => {
        const generated = image.code[index]?.[position];
        const time = budget.triggers.find(
          (each) => each.rule === index && each.trigger === position,
        );
        return {
          cycles: time?.execution ?? 0,
          fixed: time?.cycles.fixed ?? 0,
          perRow: time?.cycles.perRow ?? 0,
          period: time?.timing.period ?? 0,
          share: time?.share ?? 0,
          blocking: time?.blocking ?? 0,
          around: time?.cycles.around ?? 0,
          isBounded: time?.cycles.isBounded ?? true,
          lines: costlyLines(time?.cycles.lines ?? [], budget.rows),
          rule: rule.name,
          name: trigger.name,
          vectorRegisters: generated?.pressure ?? 0,
          inMemory: generated?.given ?? [],
        };
      }),
    ),
    assignments: rules.flatMap(({ rule, program }) => {
      const means: ReadonlyMap<number, MeasuredError> = measure
        ? measureErrors(rule, program)
        : new Map();
      return program.notes.map((note) => ({
        rule: rule.name,
        target: note.target,
        file: note.span.file,
        offset: note.span.start,
        bits: 8 * note.bytes,
        step: stepOf(note.frac),
        bound: note.bound,
        rounds: note.rounds,
        ...(means.has(note.statement) ? { meanError: means.get(note.statement)?.mean ?? 0 } : {}),
      }));
    }),
    parameters: layout.parameters.map((slot) => {
      const symbol = rules
        .find(({ rule }) => rule.name === slot.rule)
        ?.rule.params.find(({ name }) => name === slot.name);
      return {
        rule: slot.rule,
        name: slot.name,
        step: slot.format.step,
        values: slot.initial.map((each) => valueOf(slot.format, each)),
        written: symbol?.initial ?? 0,
      };
    }),
    layout,
  };
}

function stepOf(frac: number): number {
  let step = 1;
  for (let i = 0; i < frac; i++) step /= 2;
  return step;
}

/** Lines named in a report. */
const linesNamed = 5;

function costlyLines(lines: readonly LineCost[], rows: number): TriggerReport['lines'] {
  return lines
    .map(({ file, line, fixed, perRow }) => ({
      file,
      line,
      cycles: Math.round(fixed + rows * perRow),
    }))
    .sort((a, b) => b.cycles - a.cycles)
    .slice(0, linesNamed);
}
