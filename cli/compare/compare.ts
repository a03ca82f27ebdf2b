/** Real arithmetic, exact evaluator and machine code over the same inputs: bounds kept, and the first divergence. */
import { statementsOf } from '../../compiler/check/warnings.js';
import type { Compiled, CompiledRule } from '../../compiler/compile.js';
import { lineAt } from '../../isa/program.js';
import type { Recording } from './recording.js';
import { type Difference, type Execution, Session } from './session.js';

/** How far the exact evaluator came from real arithmetic in one assignment, in units of its target. */
export interface AssignmentComparison {
  readonly target: string;
  readonly line: number;
  /** What the compiler proved. */
  readonly bound: number;
  readonly largest: number;
  /** Mean of exact - real, with its sign. */
  readonly mean: number;
  readonly count: number;
  readonly rounds: 'nearest' | 'stochastic' | 'none';
  readonly withinBound: boolean;
}

/** The first place, in order of the rule's text as executed, where machine code differs from the exact evaluator. */
export interface Divergence extends Difference {
  readonly session: number;
  /** Number of the execution in its session, from 0. */
  readonly execution: number;
  readonly trigger: string;
  /** Line of the assignment that gave the value last; 0 if none did. */
  readonly line: number;
  /** The machine's last store to it: cycles since the execution began; absent if it stored nothing. */
  readonly cycle?: number;
  /** Same, since the core's start. */
  readonly coreCycle?: number;
  /** Address of the store, where it is known. */
  readonly address?: number;
  /** How many values differ after this execution. */
  readonly values: number;
}

export interface Comparison {
  readonly rule: string;
  readonly rows: number;
  readonly executions: number;
  /** Executions by trigger. */
  readonly triggers: { readonly [name: string]: number };
  readonly assignments: readonly AssignmentComparison[];
  readonly divergence?: Divergence;
  /** True if machine code equals the exact evaluator and every bound holds. */
  readonly agrees: boolean;
}

interface Tally {
  largest: number;
  sum: number;
  count: number;
}

/**
 * Compares one compiled rule (a program with exactly one rule) over `recordings`, each from a fresh start.
 * @param lineOf line of an offset in a source file, from 1
 */
export function compareRule(
  compiled: Compiled,
  recordings: readonly Recording[],
  lineOf: (file: string, offset: number) => number,
): Comparison {
  const [part] = compiled.rules;
  const { program } = compiled;
  if (part === undefined || program === undefined) throw new RangeError('nothing to compare');
  const tallies = new Map<number, Tally>();
  const triggers: { [name: string]: number } = {};
  let executions = 0;
  let divergence: Divergence | undefined;
  for (const [session, recording] of recordings.entries()) {
    const running = new Session(compiled, part, program, recording);
    for (let number = 0; number < recording.scenes.length && !divergence; number++) {
      const execution = running.next();
      executions++;
      const trigger = part.rule.triggers[execution.trigger]?.name ?? '';
      triggers[trigger] = (triggers[trigger] ?? 0) + 1;
      measure(execution, tallies);
      if (execution.differences.length > 0)
        divergence = locate({ compiled, part, recording, session, number, execution, lineOf });
    }
    if (divergence) break;
  }
  const assignments = part.program.notes.map((note): AssignmentComparison => {
    const { largest, sum, count } = tallies.get(note.statement) ?? { largest: 0, sum: 0, count: 0 };
    const { target, bound, rounds, span } = note;
    const mean = count > 0 ? sum / count : 0;
    const line = lineOf(span.file, span.start);
    // What float64 itself may add to the real evaluator.
    const withinBound = largest <= bound + 1e-9;
    return { target, line, bound, largest, mean, count, rounds, withinBound };
  });
  return {
    rule: part.rule.name,
    rows: recordings[0]?.rows ?? 0,
    executions,
    triggers,
    assignments,
    ...(divergence && { divergence }),
    agrees: divergence === undefined && assignments.every((each) => each.withinBound),
  };
}

function measure({ exact, real }: Execution, tallies: Map<number, Tally>) {
  exact.steps.forEach((step, position) => {
    const other = real[position];
    if (step.kind !== 'assign' || other?.kind !== 'assign') return;
    const tally = tallies.get(step.statement) ?? { largest: 0, sum: 0, count: 0 };
    tallies.set(step.statement, tally);
    step.before.forEach((before, lane) => {
      const difference = before - (other.before[lane] ?? 0);
      tally.sum += difference;
      tally.count++;
      tally.largest = Math.max(tally.largest, Math.abs(difference));
    });
  });
}

interface Found {
  readonly compiled: Compiled;
  readonly part: CompiledRule;
  readonly recording: Recording;
  readonly session: number;
  readonly number: number;
  readonly execution: Execution;
  readonly lineOf: (file: string, offset: number) => number;
}

/** Runs the session again up to the execution that differs, watching the memory of the values that came out different. */
function locate({ compiled, part, recording, session, number, execution, lineOf }: Found) {
  const assigns = statementsOf(part.rule).filter((statement) => statement.kind === 'assign');
  const nameOf = (statement: number): string | undefined => {
    const target = assigns.find(({ id }) => id === statement)?.target;
    return target?.kind === 'symbol'
      ? target.symbol.name
      : target?.kind === 'weight'
        ? 'w'
        : target?.kind;
  };
  /** Position in the exact log of the last assignment to a value. */
  const lastStep = ({ target, row, lane, kind }: Difference): number =>
    execution.exact.steps.findLastIndex(
      (step) =>
        step.kind === 'assign' &&
        nameOf(step.statement) === target &&
        (step.row === row || step.row < 0) &&
        (step.stored.length === 1 || kind === 'record' || (step.mask?.[lane] ?? 1) !== 0),
    );
  const ordered = execution.differences
    .map((difference) => ({ difference, step: lastStep(difference) }))
    .sort((a, b) => (a.step < 0 ? Infinity : a.step) - (b.step < 0 ? Infinity : b.step) || 0);
  const first = ordered[0];
  if (first === undefined) return undefined;
  const { difference } = first;
  const step = execution.exact.steps[first.step];
  const statement =
    step?.kind === 'assign'
      ? assigns.find(({ id }) => id === step.statement)
      : assigns.find(({ id }) => nameOf(id) === difference.target);
  const store = lastStore(compiled, part, recording, number, execution, difference);
  const program = compiled.program;
  const machineLine =
    program && store?.address !== undefined ? lineAt(program, store.address)?.line : undefined;
  const divergence: Divergence = {
    ...difference,
    session,
    execution: number,
    trigger: part.rule.triggers[execution.trigger]?.name ?? '',
    line: statement ? lineOf(statement.span.file, statement.span.start) : (machineLine ?? 0),
    values: execution.differences.length,
    ...(store && { cycle: store.cycle - execution.begin, coreCycle: store.cycle }),
    ...(store?.address !== undefined && { address: store.address }),
  };
  return divergence;
}

function lastStore(
  compiled: Compiled,
  part: CompiledRule,
  recording: Recording,
  number: number,
  { begin, end }: Execution,
  { kind, row, lane, memory }: Difference,
): { cycle: number; address?: number } | undefined {
  const { program } = compiled;
  if (program === undefined) return undefined;
  const again = new Session(compiled, part, program, recording);
  for (let i = 0; i < number; i++) again.next();
  if (memory) again.machine.watch([memory]);
  again.next();
  const inside = ({ cycle }: { readonly cycle: number }): boolean => cycle >= begin && cycle <= end;
  if (memory) {
    const store = again.machine.watched.findLast(inside);
    return store && { cycle: store.cycle, address: store.pc };
  }
  return again.bus.stores.findLast(
    (store) =>
      store.kind === kind &&
      inside(store) &&
      store.row === row &&
      store.parity === (lane & 1) &&
      store.enables[lane >> 1] !== 0,
  );
}
