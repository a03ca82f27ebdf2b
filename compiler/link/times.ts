/** Writes the code that keeps times of triggers up to date which depend on parameters. */
import { type ObjectBuilder, low, symbol } from '../../isa/object-builder.js';
import { type Generated, writeCode } from '../codegen/generate.js';
import { type PlacedRule, ruleTimesLabel, timesLabel } from './parts.js';

/** Places in the entry of a trigger, see `trigger_entry` of the run-time. */
const entry = { size: 32, period: 8, first: 12, count: 16, lapsBefore: 24 } as const;

/** One routine for all rules: it works the times out, rule by rule, and copies them to the table of triggers. */
export function writeTimes(
  builder: ObjectBuilder,
  placed: readonly PlacedRule[],
  code: readonly (Generated | undefined)[],
): void {
  if (code.every((each) => each === undefined)) return;
  placed.forEach(({ index }, i) => {
    const generated = code[i];
    if (generated === undefined) return;
    const label = ruleTimesLabel(index);
    builder.section('int.text').label(label, { binding: 'global', kind: 'function' });
    writeCode(builder, generated, () => 0);
    builder.endFunction(label);
  });
  builder.section('int.bss').align(4).label('plastic_times_return', { kind: 'object', size: 4 });
  builder.space(4);
  builder.section('int.text').label(timesLabel, { binding: 'global', kind: 'function' });
  builder.emit('mflr', 0);
  builder.emit('stw', 0, low('plastic_times_return'), 0);
  let first = 0;
  placed.forEach(({ part, memory, index }) => {
    const { times } = part.program;
    if (times) builder.emit('bl', symbol(ruleTimesLabel(index)));
    for (const { trigger, period, first: start, count } of times?.triggers ?? []) {
      const words = [
        { offset: entry.period, variable: period },
        { offset: entry.first, variable: start },
        { offset: entry.count, variable: count?.executions },
        { offset: entry.lapsBefore, variable: count?.never },
      ];
      for (const { offset, variable } of words) {
        if (variable === undefined) continue;
        builder.emit('lwz', 3, low(memory.variable(variable)), 0);
        builder.emit('stw', 3, low('plastic_triggers', entry.size * (first + trigger) + offset), 0);
      }
    }
    first += part.timing.length;
  });
  builder.emit('lwz', 0, low('plastic_times_return'), 0);
  builder.emit('mtlr', 0);
  builder.emit('blr');
  builder.endFunction(timesLabel);
}
