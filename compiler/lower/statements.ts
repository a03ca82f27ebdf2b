/** Statements and triggers: from the typed tree to blocks of IR. */
import type { Expression, RecordedValue, Statement, Trigger, TypedRule } from '../check/typed.js';
import { hasLanes, recordGroups } from '../check/typed.js';
import { showNumber } from '../check/describe.js';
import type { Accept } from '../diagnostics/diagnostic.js';
import type { Block, RecordField, RuleProgram, TriggerProgram, Value } from '../ir/ir.js';
import { RangeProofError } from '../ir/builder.js';
import { lowerAssign } from './assign.js';
import { UndefinedFunction } from '../numeric/scalar-functions.js';
import { type Context, Undefined, WideInt, isKeyOf, makeContext } from './context.js';
import { lowerLane } from './lane.js';
import { lowerCondition, lowerMask } from './condition.js';
import { lowerLet } from './let.js';
import { coarseNotes, withDefinitions } from './precision.js';
import { logBranch, lowerInt, lowerScalar } from './scalar.js';
import { lowerTimes } from './times.js';

/**
 * Lowers a whole rule; constructs without machine code are reported and left out. Assignments whose bound comes out
 * large are lowered again with more places, and keep them if that helps.
 */
export function lowerRule(rule: TypedRule, accept: Accept): RuleProgram {
  const plain = lowerWith(rule, new Set());
  let best = plain;
  const wanted = coarseNotes(plain.program.notes);
  if (wanted.length > 0 && !plain.reports.some(isError)) {
    const finer = lowerWith(rule, withDefinitions(rule, wanted));
    const found = finer.reports.some(isError)
      ? []
      : wanted.filter((id) => isFiner(plain, finer, id));
    if (found.length === wanted.length) best = finer;
    else if (found.length > 0) best = lowerWith(rule, withDefinitions(rule, found));
  }
  for (const report of best.reports) accept(...report);
  return best.program;
}

interface Attempt {
  readonly program: RuleProgram;
  /** What was to be reported. */
  readonly reports: readonly Parameters<Accept>[];
}

const isError = ([code]: Parameters<Accept>): boolean => code.startsWith('E');

/** Lowers with more places for the statements in `precise`. */
function lowerWith(rule: TypedRule, precise: ReadonlySet<number>): Attempt {
  const reports: Parameters<Accept>[] = [];
  const program = lowerTriggers(rule, (...report) => void reports.push(report), precise);
  return { program, reports };
}

/** Whether more places make the bound of a statement smaller by a quarter at least. */
function isFiner(before: Attempt, after: Attempt, statement: number): boolean {
  const bound = ({ program }: Attempt): number =>
    program.notes.find((note) => note.statement === statement)?.bound ?? Infinity;
  return bound(after) < 0.75 * bound(before);
}

function lowerTriggers(rule: TypedRule, accept: Accept, precise: ReadonlySet<number>): RuleProgram {
  const context = makeContext(rule, accept, precise);
  const triggers: TriggerProgram[] = [];
  for (const trigger of rule.triggers) triggers.push(lowerTrigger(context, trigger));
  const times = lowerTimes(context, rule);
  return {
    name: rule.name,
    slots: context.slots,
    triggers,
    notes: [...context.notes.values()],
    records: context.records,
    ...(times && { times }),
  };
}

function lowerTrigger(context: Context, trigger: Trigger): TriggerProgram {
  context.bindings.clear();
  context.cache = new Map();
  context.mask = undefined;
  context.trigger = trigger.index;
  const block = context.builder.within('trigger', () => {
    lowerAll(context, trigger.body);
  });
  return { index: trigger.index, block };
}

function lowerAll(context: Context, statements: readonly Statement[]): void {
  for (const statement of statements) {
    try {
      lowerStatement(context, statement);
    } catch (error) {
      report(context, statement, error);
      context.failed = true;
    }
  }
}

/** Says why a statement has no machine code. Throws again what is not the user's. */
function report(context: Context, statement: Statement, error: unknown): void {
  const { accept } = context;
  if (error instanceof WideInt) {
    const { span, interval } = error.expression;
    accept('E0702', span, { lo: showNumber(interval.lo), hi: showNumber(interval.hi) });
  } else if (error instanceof RangeProofError) accept('E0703', statement.span, {});
  else if (error instanceof UndefinedFunction)
    accept('E0704', statement.span, { construct: error.message });
  else if (!(error instanceof Undefined) || !context.failed) throw error;
}

/** A block whose assignments may or may not happen: what it changes is not known afterwards. */
function uncertain(context: Context, kind: 'if' | 'for', fill: () => void): Block {
  const before = new Map(context.cache);
  if (kind === 'for') context.cache = new Map();
  const block = context.builder.within(kind, fill);
  const after = context.cache;
  // Only what was known before and is still the same stays known.
  context.cache = new Map(
    [...before].filter(([key, value]) => (kind === 'if' ? after.get(key) === value : false)),
  );
  return block;
}

export function lowerStatement(context: Context, statement: Statement): void {
  const { sums } = context;
  const outer = sums.precise;
  if (context.precise.has(statement.id)) sums.precise = true;
  try {
    lowerOne(context, statement);
  } finally {
    sums.precise = outer;
  }
}

function lowerOne(context: Context, statement: Statement): void {
  const { builder } = context;
  switch (statement.kind) {
    case 'let':
      return lowerLet(context, statement);
    case 'assign':
      return lowerAssign(context, statement);
    case 'if':
      return lowerIf(context, statement);
    case 'for':
      return lowerFor(context, statement);
    case 'each':
      return lowerEach(context, statement);
    case 'reset': {
      const { mask } = context;
      builder.push({
        kind: 'reset',
        targets: statement.targets,
        visit: context.inVisit,
        ...(mask ? { mask } : {}),
        span: statement.span,
      });
      return;
    }
    case 'record':
      return lowerRecord(context, statement.values, statement.span);
    case 'emit': {
      const row = lowerInt(context, statement.row);
      const label = lowerInt(context, statement.label);
      const { math } = context;
      const delay = lowerScalar(context, statement.after);
      const after = math.saturated(delay, 8, -0x7ffffe00, 0x7ffffe00).value;
      builder.push({ kind: 'emit', row, label, after, span: statement.span });
    }
  }
}

function lowerIf(context: Context, statement: Statement & { kind: 'if' }): void {
  const { builder } = context;
  const { condition } = statement;
  if (condition.kind === 'constant')
    return lowerAll(context, condition.value === 0 ? statement.otherwise : statement.then);
  if (!hasLanes(condition.domain)) {
    const value = lowerCondition(context, condition);
    logBranch(context, condition, value);
    const then = uncertain(context, 'if', () => lowerAll(context, statement.then));
    const otherwise = uncertain(context, 'if', () => lowerAll(context, statement.otherwise));
    builder.push({ kind: 'if', condition: value, then, otherwise });
    return;
  }
  const outer = context.mask;
  const mask = lowerMask(context, condition);
  logBranch(context, condition, mask);
  const joined = (inner: Value): Value =>
    outer ? builder.value('mask', 'and', [outer, inner], 0, 1) : inner;
  context.mask = joined(mask);
  lowerAll(context, statement.then);
  if (statement.otherwise.length > 0) {
    context.mask = joined(builder.value('mask', 'not', [mask], 0, 1));
    lowerAll(context, statement.otherwise);
  }
  context.mask = outer;
}

function lowerFor(context: Context, statement: Statement & { kind: 'for' }): void {
  const { builder } = context;
  const from = lowerInt(context, statement.from);
  const to = lowerInt(context, statement.to);
  const variable = {
    id: context.nextVariable++,
    name: statement.variable.name,
    space: 'scalar',
    frac: 0,
    lo: Math.max(from.lo, -0x80000000),
    hi: Math.max(from.lo, to.hi),
  } as const;
  const body = uncertain(context, 'for', () => {
    context.bindings.set(statement.variable.id, { kind: 'variable', variable, error: 0 });
    lowerAll(context, statement.body);
  });
  builder.push({ kind: 'for', variable, from, to, body, turns: statement.turns });
}

function lowerEach(context: Context, statement: Statement & { kind: 'each' }): void {
  const hasRows = statement.domain === 'synapse' || statement.domain === 'row';
  if (!hasRows || context.inVisit) {
    // Columns are lanes: no loop. In a visit a second axis needs none either.
    lowerAll(context, statement.body);
    return;
  }
  const only = singleRow(statement.body);
  const row = only && lowerInt(context, only.row);
  const visited = only && row ? { only: { row, at: only.at } } : {};
  visitRows(context, statement.span, visited, () =>
    lowerAll(context, only ? only.body : statement.body),
  );
}

/** A loop over the rows of the block, or a visit of one of them. */
function visitRows(
  context: Context,
  span: Statement['span'],
  visited: { readonly only?: { readonly row: Value; readonly at: Statement['span'] } },
  fill: () => void,
): void {
  const { builder } = context;
  const before = new Map(context.cache);
  const masked = context.mask;
  context.inVisit = true;
  const body = builder.within('rows', fill);
  context.inVisit = false;
  context.mask = masked;
  // Values of one row say nothing about the next; those per neuron cannot have changed inside.
  const after = context.cache;
  const depth = builder.block.depth;
  context.cache = new Map(
    [...after].filter(
      ([key, value]) => before.get(key) === value || value.atom.value.depth <= depth,
    ),
  );
  for (const key of [...context.cache.keys()]) if (isOfRow(context, key)) context.cache.delete(key);
  builder.push({ kind: 'rows', body, span, ...visited });
}

/** `if row == k { .. }` as the whole body of a row loop: that row alone is visited. */
function singleRow(
  body: readonly Statement[],
): { row: Expression; body: readonly Statement[]; at: Statement['span'] } | undefined {
  const [only] = body;
  if (body.length !== 1 || only?.kind !== 'if' || only.otherwise.length > 0) return undefined;
  const { condition } = only;
  if (condition.kind !== 'compare' || condition.operator !== '==') return undefined;
  const isRow = (side: Expression): boolean => side.kind === 'observe' && side.observable === 'row';
  const { left, right } = condition;
  const row = isRow(left) ? right : isRow(right) ? left : undefined;
  return row?.domain === 'once' && row.type === 'int'
    ? { row, body: only.then, at: condition.span }
    : undefined;
}

const rowKeys = ['w ', 'label ', 'causal ', 'acausal ', 'causal_code ', 'acausal_code '];

function isOfRow(context: Context, key: string): boolean {
  if (rowKeys.includes(key)) return true;
  for (const [id, slot] of context.slots)
    if (isKeyOf(key, id)) return slot.symbol.domain === 'synapse';
  return false;
}

/** The header of a record, see `recordHeader`. */
const headerBytes = 16;

/** Values whose rows nothing has fixed are recorded row by row, in records of their own. */
function lowerRecord(
  context: Context,
  values: readonly RecordedValue[],
  span: Statement['span'],
): void {
  for (const { swept, values: group } of recordGroups(values, context.inVisit))
    if (swept) visitRows(context, span, {}, () => oneRecord(context, group, span));
    else oneRecord(context, group, span);
}

function oneRecord(
  context: Context,
  values: readonly RecordedValue[],
  span: Statement['span'],
): void {
  const scalars: RecordField[] = [];
  const lanes: RecordField[] = [];
  let offset = headerBytes;
  for (const { name, value, domain } of values)
    if (!hasLanes(value.domain) && !hasLanes(domain)) {
      const scalar = lowerScalar(context, value);
      const { frac } = scalar;
      scalars.push({ name, domain, value: scalar.value, frac, origin: 0, offset, bytes: 4 });
      offset += 4;
    }
  offset = Math.ceil(offset / 16) * 16;
  for (const { name, value, domain } of values)
    if (hasLanes(value.domain) || hasLanes(domain)) {
      const field = laneField(context, value);
      lanes.push({ name, domain, ...field, offset });
      offset += field.bytes;
    }
  const record = {
    index: context.records.length,
    bytes: offset,
    trigger: context.trigger,
    // In the order of the statement.
    fields: values.flatMap(({ name }) =>
      [...scalars, ...lanes].filter((field) => field.name === name).slice(0, 1),
    ),
  };
  context.records.push(record);
  context.builder.push({ kind: 'record', record, span });
}

/** A lane value as bytes if it is one, else as halves. */
function laneField(
  context: Context,
  expression: Expression,
): Pick<RecordField, 'value' | 'frac' | 'origin' | 'bytes'> {
  const linear = lowerLane(context, expression);
  const [first] = linear.terms.filter((term) => term.x !== undefined);
  const others = linear.terms.filter((term) => term.x === undefined);
  const plain =
    first?.x?.value.space === 'byte' &&
    first.factor === 1 &&
    first.coefficient === undefined &&
    first.y === undefined &&
    others.length === linear.terms.length - 1 &&
    others.every((term) => term.coefficient === undefined);
  if (plain && first?.x) {
    const origin = others.reduce((sum, term) => sum + term.factor, 0);
    return { value: first.x.value, frac: first.x.frac, origin, bytes: 256 };
  }
  const atom = context.sums.half(linear);
  return { value: atom.value, frac: atom.frac, origin: 0, bytes: 512 };
}
