/** What stands under the cursor, in words: type, domain, range, format, error bound, cost. */
import { functionNames, isObservable, observables } from '../check/scope.js';
import { showNumber } from '../check/describe.js';
import type { LetSymbol, StorageSymbol, TypedRule } from '../check/typed.js';
import { statementsOf } from '../check/warnings.js';
import { lineCounter } from '../link/lines.js';
import type { Span } from '../syntax/ast.js';
import { keywords } from '../syntax/grammar.js';
import type { Analysis } from './analysis.js';
import { contains, type Definition } from './names.js';
import { functionWords, keywordWords, observableWords } from './words.js';

export interface Hover {
  readonly span: Span;
  /** Markdown. */
  readonly text: string;
}

/** The word at `offset`, if there is one. */
export function wordAt(text: string, offset: number): { start: number; end: number } | undefined {
  let start = offset;
  let end = offset;
  while (start > 0 && /\w/.test(text.charAt(start - 1))) start--;
  while (end < text.length && /\w/.test(text.charAt(end))) end++;
  return start < end && /[A-Za-z_]/.test(text.charAt(start)) ? { start, end } : undefined;
}

/** The definition of the name at `offset`: of a use, or of the declared name itself. */
export function definitionAt({ names }: Analysis, offset: number): Definition | undefined {
  return (
    names.uses.find(({ span }) => contains(span, offset))?.definition ??
    names.definitions.find(({ span }) => contains(span, offset))
  );
}

/** What an editor shows beside the word at `offset`. */
export function hoverAt(analysis: Analysis, offset: number): Hover | undefined {
  const { source } = analysis;
  const word = wordAt(source.text, offset);
  if (!word) return undefined;
  const span: Span = { file: source.name, ...word };
  const lineStart = source.text.lastIndexOf('\n', word.start - 1) + 1;
  if (source.text.slice(lineStart, word.start).includes('//')) return undefined;
  const name = source.text.slice(word.start, word.end);
  const definition = definitionAt(analysis, word.start);
  const parts: string[] = [];
  if (definition) parts.push(...describeDefinition(analysis, definition));
  else if (isObservable(name)) parts.push(describeObservable(name, analysis, offset));
  else if (functionNames.includes(name)) {
    const [call, does] = functionWords[name] ?? [name, ''];
    parts.push(code(call), does);
  } else if (keywords.includes(name)) parts.push(code(name), keywordWords[name] ?? 'keyword');
  else return undefined;
  parts.push(...assignmentAt(analysis, offset), ...triggerAt(analysis, offset));
  return { span, text: parts.join('\n\n') };
}

const code = (text: string): string => `\`\`\`plastic\n${text}\n\`\`\``;

function describeObservable(
  name: keyof typeof observables,
  { rules }: Analysis,
  offset: number,
): string {
  const { domain, range } = observables[name];
  const inside = rules.find(({ span }) => contains(span, offset));
  const lo = name === 'w' && inside?.signedWeights ? -63 : range.lo;
  const per = domain === 'once' ? 'once' : `per ${domain}`;
  return `${code(`${name} ${per} in [${lo}, ${range.hi}]`)}\n\n${observableWords[name]}`;
}

function ruleAround(rules: readonly TypedRule[], span: Span): TypedRule | undefined {
  return rules.find((rule) => contains(rule.span, span.start));
}

function describeDefinition(analysis: Analysis, definition: Definition): string[] {
  const { source, rules, report } = analysis;
  const { declaration, name, role } = definition;
  const rule = ruleAround(rules, definition.span);
  if (role === 'rule') {
    const own = rules.find((each) => each.name === name);
    const parts = [code(`rule ${name}`)];
    if (own?.documentation) parts.push(own.documentation);
    if (report)
      parts.push(
        `${report.memory.code} bytes of code, ${report.memory.data} of data, ${report.memory.free} free; memory holds ${report.rowsInMemory} rows, ${report.rowsInTime} fit the periods`,
      );
    return parts;
  }
  const whole = source.text.slice(declaration.start, declaration.end);
  const firstLine = role === 'function' ? (whole.split('{')[0] ?? whole) : whole;
  const parts = [code(role === 'loop variable' ? `for ${name}` : firstLine.trim())];
  const storage = [...(rule?.params ?? []), ...(rule?.inputs ?? []), ...(rule?.states ?? [])].find(
    ({ span }) => span.start === definition.span.start || contains(declaration, span.start),
  );
  if (storage) parts.push(describeStorage(storage), ...formatOf(storage, rule, analysis));
  else if (role === 'let' && rule) {
    const symbol = statementsOf(rule).find(
      (statement) => statement.kind === 'let' && contains(declaration, statement.symbol.span.start),
    );
    if (symbol?.kind === 'let') parts.push(describeLet(symbol.symbol));
  } else parts.push(role);
  return parts;
}

function describeStorage({ kind, type, domain, interval, dimension, sizes }: StorageSymbol) {
  const per = domain === 'once' ? 'once' : `per ${domain}`;
  const array = sizes.length > 0 ? `, array of ${sizes.join(' x ')}` : '';
  const unit = dimension === 1 ? ' us' : dimension === -1 ? ' MHz' : '';
  return `${kind}: ${type}, ${per}${array}, in [${showNumber(interval.lo)}, ${showNumber(interval.hi)}]${unit}`;
}

function describeLet({ type, domain, interval, dimension, mutable }: LetSymbol): string {
  const per = domain === 'once' ? 'once' : `per ${domain}`;
  const unit = dimension === 1 ? ' us' : dimension === -1 ? ' MHz' : '';
  return `let: ${type}, ${per}, in [${showNumber(interval.lo)}, ${showNumber(interval.hi)}]${unit}${mutable ? ', assigned again' : ''}`;
}

/** Chosen format and memory of a parameter, input or state. */
function formatOf(
  symbol: StorageSymbol,
  rule: TypedRule | undefined,
  { report }: Analysis,
): string[] {
  if (!report || !rule) return [];
  const { layout } = report;
  const slots = [
    ...layout.parameters,
    ...layout.inputs,
    ...layout.scalarStates,
    ...layout.laneInputs,
    ...layout.states,
  ];
  const slot = slots.find((each) => each.rule === rule.name && each.name === symbol.name);
  if (!slot) return [];
  const { bytes, step } = slot.format;
  const perRow =
    'rowBytes' in slot && slot.domain !== 'neuron' ? `, ${slot.rowBytes} bytes per row` : '';
  const parameter = report.parameters.find(
    (each) => each.rule === rule.name && each.name === symbol.name,
  );
  const start = parameter
    ? `; starts at ${parameter.values.slice(0, 4).map(showNumber).join(', ')}`
    : '';
  return [`format: ${8 * bytes} bit, step ${showStep(step)}${perRow}${start}`];
}

function showStep(step: number): string {
  const inverse = 1 / step;
  return step < 1 && Number.isInteger(inverse) ? `1/${inverse}` : showNumber(step);
}

/** Error bound and cost of the assignment whose target stands at `offset`. */
function assignmentAt({ report, source, compiled }: Analysis, offset: number): string[] {
  if (!report || !compiled) return [];
  const note = compiled.rules
    .flatMap(({ program }) => program.notes)
    .find(
      ({ span, target }) =>
        offset >= span.start && offset <= span.start + target.length && contains(span, offset),
    );
  if (!note) return [];
  const found = report.assignments.find(({ offset: at }) => at === note.span.start);
  if (!found) return [];
  const unit = found.target === 'w' ? ' LSB' : '';
  const rounding = found.rounds === 'none' ? '' : `, rounds ${found.rounds}`;
  const line = lineCounter([source])(source.name, note.span.start);
  const cost = compiled.budget?.triggers
    .flatMap(({ cycles }) => cycles.lines)
    .find((each) => each.line === line && each.file === source.name);
  return [
    `assignment: ${found.bits} bit, step ${showStep(found.step)}${rounding}, error at most ${showNumber(found.bound)}${unit}` +
      (cost
        ? `; this line costs ${cost.fixed + cost.perRow * report.rows} cycles of an execution with ${report.rows} rows`
        : ''),
  ];
}

/** Cost of the trigger whose head `offset` lies in. */
function triggerAt({ report, rules }: Analysis, offset: number): string[] {
  for (const rule of rules)
    for (const trigger of rule.triggers) {
      if (!contains(trigger.head, offset)) continue;
      const cost = report?.triggers.find(
        (each) => each.rule === rule.name && each.name === trigger.name,
      );
      if (!cost || !report) return [];
      const share =
        cost.period > 0
          ? `, ${showNumber(Math.round(1000 * cost.share) / 10)} % of its period`
          : '';
      const worst = cost.isBounded ? `at most ${cost.cycles} cycles` : 'unbounded';
      return [
        `${worst} for ${report.rows} rows (${cost.fixed} + ${cost.perRow} per row)${share}; ${report.rowsInTime} rows fit`,
      ];
    }
  return [];
}
