/** From syntax tree to typed rules: all mistakes of one file in one run, none of them twice. */
import { hasErrors } from '../diagnostics/codes.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { FunctionNode, RuleNode, SourceTree, TriggerNode } from '../syntax/ast.js';
import { documentationBefore } from '../syntax/comments.js';
import { declareConst, declareStorage, declareTable } from './declarations.js';
import { oneLine, showNumber } from './describe.js';
import { checkDuration, checkInt } from './expressions.js';
import {
  acceptOnce,
  newUsage,
  type Place,
  type RuleFacts,
  type Run,
  type UsageFacts,
} from './place.js';
import { Scope } from './scope.js';
import { checkBlock } from './statements.js';
import { hull, point } from './interval.js';
import type {
  Expression,
  Interval,
  SignalSymbol,
  StorageSymbol,
  Trigger,
  TriggerEvent,
  TypedRule,
} from './typed.js';
import { statementsOf, warnAboutSensors, warnAboutWeights } from './warnings.js';

export interface Checked {
  /** The rules of the file, in order; empty if there is any error. */
  readonly rules: readonly TypedRule[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks a whole file: names, types, units, domains, ranges, and the warnings that need no machine code. */
export function check(tree: SourceTree): Checked {
  try {
    return checkTree(tree);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // The stack ran out in an expression or a chain of `else if` of thousands of parts.
    const diagnostics: Diagnostic[] = [];
    acceptOnce(diagnostics)('E0015', tree.items[0]?.span ?? tree.span);
    return { rules: [], diagnostics };
  }
}

function checkTree(tree: SourceTree): Checked {
  const diagnostics: Diagnostic[] = [];
  const accept = acceptOnce(diagnostics);
  const run: Run = { text: tree.source.text, accept, nextId: 0, calls: [] };
  const scope = new Scope();
  const place: Place = {
    run,
    scope,
    usage: newUsage(),
    domain: 'once',
    free: false,
    masked: false,
  };
  const rules: TypedRule[] = [];
  declareFunctions(
    tree.items.filter((item) => item.kind === 'function'),
    place,
  );
  const ruleNames = new Map<string, RuleNode>();
  announce(tree.items, scope);
  for (const item of tree.items) {
    if (item.kind === 'const') declareConst(item, place);
  }
  for (const item of tree.items) {
    if (item.kind === 'table') declareTable(item, place);
    else if (item.kind === 'rule') {
      const other = ruleNames.get(item.name.text);
      if (other) {
        accept(
          'E0102',
          item.name.span,
          { name: item.name.text },
          {
            secondary: [{ span: other.name.span, text: 'already declared here' }],
          },
        );
      }
      ruleNames.set(item.name.text, item);
    }
  }
  for (const node of ruleNames.values())
    rules.push(checkRule(node, tree, place, heldIntervals(node, tree, place)));
  if (ruleNames.size === 0) accept('E0510', { ...tree.span, end: Math.min(1, tree.span.end) });
  scope.reportUnused(accept);
  const ordered = inOrder(diagnostics);
  return { rules: hasErrors(diagnostics) ? [] : rules, diagnostics: ordered };
}

function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) => a.primary.start - b.primary.start || (a.code < b.code ? -1 : 1),
  );
}

/** Tells a scope of everything that is declared in it, in whatever order. */
function announce(
  items: readonly (SourceTree['items'][number] | RuleNode['items'][number])[],
  scope: Scope,
): void {
  for (const item of items) {
    if (item.kind === 'const' || item.kind === 'table') scope.announce(item.name, item.kind);
    else if (item.kind === 'declaration') scope.announce(item.name, item.role);
  }
}

function declareFunctions(nodes: readonly FunctionNode[], { run, scope }: Place): void {
  for (const node of nodes)
    scope.declare(node.name, 'function', { kind: 'function', node, scope }, run.accept);
}

/**
 * What the int states of a rule can hold: a silent first check, in which they hold anything, gives the hull of all
 * values assigned to each. Those that nothing assigns are left out.
 */
function heldIntervals(
  node: RuleNode,
  tree: SourceTree,
  file: Place,
): ReadonlyMap<string, Interval> {
  const held = new Map<string, Interval>();
  const hasInts = node.items.some(
    (item) => item.kind === 'declaration' && item.role === 'state' && item.int,
  );
  if (!hasInts) return held;
  const silent = { ...file.run, accept: () => undefined, calls: [] };
  const rule = checkRule(node, tree, { ...file, run: silent }, held);
  for (const statement of statementsOf(rule)) {
    if (statement.kind !== 'assign' || statement.target.kind !== 'symbol') continue;
    const { symbol } = statement.target;
    if (symbol.kind !== 'state' || symbol.type !== 'int') continue;
    const before = held.get(symbol.name) ?? point(symbol.initial);
    held.set(symbol.name, hull(before, statement.value.interval));
  }
  return held;
}

function checkRule(
  node: RuleNode,
  tree: SourceTree,
  file: Place,
  held: ReadonlyMap<string, Interval>,
): TypedRule {
  const { accept } = file.run;
  const scope = new Scope(file.scope);
  let population: string | undefined;
  let signedWeights = false;
  node.items.forEach((item, i) => {
    if (item.kind !== 'neurons' && item.kind !== 'weights') return;
    const late = node.items
      .slice(0, i)
      .some((before) => before.kind !== 'neurons' && before.kind !== 'weights');
    const twice = item.kind === 'neurons' ? population !== undefined : signedWeights;
    if (late || twice) accept('E0506', item.span, { word: item.kind, twice: twice ? 1 : 0 });
    if (item.kind === 'weights') signedWeights = true;
    else {
      population ??= item.name.text;
      scope.declare(item.name, 'population', { kind: 'population' }, accept);
    }
  });
  const facts: RuleFacts = {
    signedWeights,
    held,
    tables: new Set(),
    signals: new Map(),
    firstReads: new Map(),
    ...(population !== undefined && { population }),
  };
  const usage = newUsage();
  const place: Place = { ...file, scope, rule: facts, usage };
  announce(node.items, scope);
  const storage: StorageSymbol[] = [];
  declareFunctions(
    node.items.filter((item) => item.kind === 'function'),
    place,
  );
  for (const item of node.items) if (item.kind === 'const') declareConst(item, place);
  for (const item of node.items) if (item.kind === 'table') declareTable(item, place);
  for (const item of node.items) {
    const symbol = item.kind === 'declaration' && declareStorage(item, place);
    if (symbol) storage.push(symbol);
  }
  const triggers: Trigger[] = [];
  for (const item of node.items) {
    if (item.kind !== 'trigger') continue;
    const own = newUsage();
    const trigger = checkTrigger(item, triggers.length, { ...place, usage: own });
    merge(usage, own);
    if (trigger) triggers.push(trigger);
  }
  scope.reportUnused(accept);
  const rule: TypedRule = {
    name: node.name.text,
    file: tree.source.name,
    span: node.span,
    documentation: documentationBefore(tree.comments, tree.source.text, node.span.start),
    signedWeights,
    params: storage.filter((symbol) => symbol.kind === 'param'),
    inputs: storage.filter((symbol) => symbol.kind === 'input'),
    states: storage.filter((symbol) => symbol.kind === 'state'),
    tables: [...facts.tables],
    signals: [...facts.signals.values()],
    triggers,
    usage,
    ...(population !== undefined && { population }),
  };
  warnAboutSensors(rule, facts, accept);
  warnAboutWeights(rule, accept);
  return rule;
}

function merge(into: UsageFacts, from: UsageFacts): void {
  from.reads.forEach((name) => into.reads.add(name));
  from.resets.forEach((name) => into.resets.add(name));
  into.writesWeights ||= from.writesWeights;
  into.writesLabels ||= from.writesLabels;
}

function checkTrigger(node: TriggerNode, index: number, place: Place): Trigger | undefined {
  const event = checkEvent(node, place);
  const period = event?.kind === 'every' ? { period: event.period } : {};
  const body = checkBlock(node.body, { ...place, ...period });
  if (!event) return undefined;
  const name = oneLine(place.run.text.slice(node.head.start, node.head.end));
  return { index, event, name, head: node.head, body, usage: place.usage, span: node.span };
}

function checkEvent(node: TriggerNode, place: Place): TriggerEvent | undefined {
  const { event } = node;
  const { accept } = place.run;
  const only = { what: 'params' as const, purpose: 'the time of a trigger' };
  const timing = { ...place, only };
  switch (event.kind) {
    case 'start':
      return { kind: 'start' };
    case 'signal':
      return { kind: 'signal', signal: signalNamed(event.name, place) };
    case 'at': {
      const time = checkDuration(event.time, timing, '`at`');
      if (!time) return undefined;
      if (time.interval.lo < 0) {
        accept('E0415', event.time.span, { word: 'at', lo: showNumber(time.interval.lo) });
        return undefined;
      }
      if (!canBeSet(time, place)) return undefined;
      return { kind: 'at', time };
    }
    case 'every': {
      const period = checkDuration(event.period, timing, '`every`');
      const from = event.from ? checkDuration(event.from, timing, '`from`') : period;
      const times = event.times && checkInt(event.times, timing, 'the number of times');
      if (!period || !from || (event.times && !times)) return undefined;
      if (period.interval.lo <= 0) {
        accept('E0415', event.period.span, { word: 'every', lo: showNumber(period.interval.lo) });
        return undefined;
      }
      if (from.interval.lo < 0) {
        accept('E0415', event.from?.span ?? node.head, {
          word: 'from',
          lo: showNumber(from.interval.lo),
        });
        return undefined;
      }
      if (times && times.interval.lo < 0) {
        accept('E0415', times.span, { word: 'for', lo: showNumber(times.interval.lo) });
        return undefined;
      }
      if (![period, from].every((time) => canBeSet(time, place))) return undefined;
      return { kind: 'every', period, from, ...(times && { times }) };
    }
  }
}

/** What the run-time compares times of triggers with, in us; longer ones are prepared when the rule is compiled. */
const longestSet = 8_500_000;

/** Reports a time that a parameter may make too long. */
function canBeSet(time: Expression, { run }: Place): boolean {
  if (time.kind === 'constant' || time.interval.hi <= longestSet) return true;
  run.accept('E0417', time.span, { hi: showNumber(time.interval.hi / 1_000_000) });
  return false;
}

function signalNamed(
  name: { readonly text: string; readonly span: SignalSymbol['span'] },
  place: Place,
): SignalSymbol {
  const known = place.rule?.signals.get(name.text);
  if (known) return known;
  const signal: SignalSymbol = {
    kind: 'signal',
    id: place.run.nextId++,
    name: name.text,
    span: name.span,
  };
  place.rule?.signals.set(name.text, signal);
  return signal;
}
