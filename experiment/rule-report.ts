/** What the run-time of a rule counted, as numbers, arrays, a picture, and warnings. */
import { drawTimeline } from './pictures/timeline.js';
import type { Results } from './results.js';
import type { RuleLog } from './rule.js';

/** Adds executions, missed releases, the time-line and its picture to the results; nothing without a log. */
export function addRuleLog(results: Results, log: RuleLog | undefined): void {
  if (!log) return;
  results.addValue('executions of the rule', log.executions);
  results.addValue('missed releases', log.missed);
  results.addValue('longest execution', log.longest * 1e6, 'us');
  if (log.worst > 0) results.addValue('worst case by the compiler', log.worst * 1e6, 'us');
  const column = (value: (execution: RuleLog['timeline'][number]) => number): Float64Array =>
    Float64Array.from(log.timeline, value);
  results.addArray(
    'records',
    'timeline_trigger',
    Uint8Array.from(log.timeline, (e) => e.trigger),
    'index of the trigger',
  );
  results.addArray(
    'records',
    'timeline_release',
    column((e) => e.release),
    's since the rule started',
  );
  results.addArray(
    'records',
    'timeline_begin',
    column((e) => e.begin),
    's since the rule started',
  );
  results.addArray(
    'records',
    'timeline_end',
    column((e) => e.end),
    's since the rule started',
  );
  if (log.missed > 0)
    results.warn(
      `the rule missed ${log.missed} releases: its work does not fit its period; use fewer rows or a longer period`,
    );
  if (log.dropped > 0)
    results.warn(`${log.dropped} executions found the time-line full and are not in it`);
  const periods = log.triggers.filter(({ period }) => period > 0);
  const shortest = Math.min(...periods.map(({ period }) => period));
  results.addPicture(
    'timeline',
    'What the processor did',
    `${log.executions} executions, ${log.missed} missed releases; the longest took ${(log.longest * 1e6).toFixed(1)} us` +
      (periods.length > 0 ? ` of a period of ${(shortest * 1e6).toFixed(0)} us.` : '.'),
    drawTimeline({
      title: 'Executions of the rule',
      triggers: log.triggers.map(({ name, period }) => (period > 0 ? { name, period } : { name })),
      executions: log.timeline,
      missed: log.missed,
      ...(log.worst > 0 ? { worst: log.worst } : {}),
    }),
  );
}
