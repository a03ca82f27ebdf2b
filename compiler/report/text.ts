/** A report in words. */
import type { Report } from './report.js';

/** A number with four significant digits at most, without a trail of zeros. */
function show(x: number): string {
  if (x === 0) return '0';
  const size = Math.abs(x);
  if (size >= 1000 || Number.isInteger(x)) return String(Math.round(x));
  return String(Number(x.toPrecision(4)));
}

/** 2^-n as 1/2^n where that is shorter. */
function showStep(step: number): string {
  const inverse = 1 / step;
  return step < 1 && Number.isInteger(inverse) ? `1/${inverse}` : show(step);
}

const column = (text: string, width: number): string => text.padEnd(width);

/** Several lines of text, without a line end after the last. `lineOf` counts lines from 1. */
export function renderReport(
  report: Report,
  lineOf: (file: string, offset: number) => number,
): string {
  const { memory } = report;
  const lines: string[] = [];
  lines.push(
    `memory      code ${memory.code} bytes, data ${memory.data}, free ${memory.free} of ${memory.limit} (16 KiB less the mailbox page)`,
  );
  lines.push(
    `rows        memory holds ${report.rowsInMemory}, ${report.rowsInTime} fit the periods, ${report.rowsThatNeverMiss} never miss one`,
  );
  lines.push(
    `time        for ${report.rows} rows, latencies of the profile ${report.profile}: ${show(100 * report.load)} % of the processor`,
  );
  for (const trigger of report.triggers) {
    const spilled =
      trigger.inMemory.length > 0 ? `, ${trigger.inMemory.length} values in memory` : '';
    const share =
      trigger.period > 0
        ? `, ${show(100 * trigger.share)} % of its ${trigger.period} with the scheduler, waits at most ${trigger.blocking}`
        : '';
    const cycles = trigger.isBounded
      ? `at most ${trigger.cycles} cycles (${trigger.fixed} + ${trigger.perRow} per row)`
      : 'unbounded';
    lines.push(
      `trigger     ${trigger.rule}: ${trigger.name}: ${cycles}${share}; ${trigger.vectorRegisters} of 32 vector registers${spilled}`,
    );
    const costs = trigger.lines
      .filter(({ cycles: each }) => each > 0)
      .map(({ line, cycles: each }) => `line ${line} ${each}`);
    if (costs.length > 0) lines.push(`            cycles by line: ${costs.join(', ')}`);
  }
  for (const each of report.assignments) {
    const unit = each.target === 'w' ? ' LSB' : '';
    const mean = each.meanError === undefined ? '' : `, on average ${show(each.meanError)}`;
    const rounding = each.rounds === 'none' ? '' : `, rounds ${each.rounds}`;
    const place = `line ${lineOf(each.file, each.offset)}`;
    lines.push(
      `assignment  ${column(`${each.target} (${place})`, 22)} ${each.bits} bit, step ${showStep(each.step)}${rounding}, error at most ${show(each.bound)}${unit}${mean}`,
    );
  }
  for (const each of report.parameters) {
    const shown = each.values.slice(0, 4).map(show).join(', ');
    const off = (each.values[0] ?? 0) - each.written;
    const note = off === 0 ? 'exact' : `written ${show(each.written)}`;
    lines.push(
      `parameter   ${column(each.name, 22)} ${shown} (${note}), step ${showStep(each.step)}`,
    );
  }
  return lines.join('\n');
}
