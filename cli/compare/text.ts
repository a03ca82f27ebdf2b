/** A comparison in words. */
import type { AssignmentComparison, Comparison, Divergence } from './compare.js';

/** A number with four significant digits at most. */
function show(x: number): string {
  return String(Number(x.toPrecision(4)));
}

/** Several lines, without a line end after the last. */
export function renderComparison(comparison: Comparison, file: string): string {
  const { rule, rows, executions, triggers, divergence } = comparison;
  const counts = Object.entries(triggers).map(([name, count]) => `${count} of \`${name}\``);
  return [
    `${rule}: ${executions} executions (${counts.join(', ')}) over ${rows} rows x 256 columns`,
    ...comparison.assignments.map((each) => renderAssignment(each, file)),
    divergence
      ? renderDivergence(divergence, file)
      : 'machine code = exact evaluator: every weight, label, state and record, in every bit',
  ].join('\n');
}

function renderAssignment(each: AssignmentComparison, file: string): string {
  const unit = each.target === 'w' ? ' LSB' : '';
  const verdict = each.count === 0 ? 'never executed' : each.withinBound ? 'holds' : 'BROKEN';
  const measured =
    each.count === 0
      ? ''
      : `, largest |real - exact| ${show(each.largest)}${unit}, mean ${show(each.mean)}`;
  return `${file}:${each.line}: ${each.target}: bound ${show(each.bound)}${unit}${measured}: ${verdict}`;
}

function renderDivergence(divergence: Divergence, file: string): string {
  const { target, line, row, lane, machine, exact, kind } = divergence;
  const where = row >= 0 ? `row ${row}, lane ${lane}` : `lane ${lane}`;
  const when =
    divergence.cycle === undefined
      ? kind === 'record'
        ? 'in a record'
        : 'which the machine never stored'
      : `stored ${divergence.cycle} cycles after the execution began (core cycle ${divergence.coreCycle})`;
  const at =
    divergence.address === undefined
      ? ''
      : ` by the instruction at 0x${divergence.address.toString(16)}`;
  return [
    `${file}:${line}: DIVERGES: \`${target}\` at ${where} is ${machine} on the machine, ${exact} in the exact evaluator`,
    `  ${when}${at}; execution ${divergence.execution} of session ${divergence.session}, \`${divergence.trigger}\`; ${divergence.values} values differ after it`,
    '  please report this as a fault of the compiler, with the rule and the seed',
  ].join('\n');
}
