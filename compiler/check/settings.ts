/** Values that a host gives to parameters: they must lie in the declared ranges, over which all bounds hold. */
import type { Accept } from '../diagnostics/diagnostic.js';
import { showNumber } from './describe.js';
import type { TypedRule } from './typed.js';

/** Reports every setting of a param or input outside its declared range; names that no rule declares are left alone. */
export function checkSettings(
  rules: readonly TypedRule[],
  settings: ReadonlyMap<string, number>,
  accept: Accept,
): void {
  for (const { params, inputs } of rules)
    for (const { name, span, range, type } of [...params, ...inputs]) {
      const value = settings.get(name);
      if (value === undefined) continue;
      const { lo, top } = range ?? { lo: -2147483648, top: 2147483647 };
      if (value >= lo && value <= top && (type === 'real' || Number.isInteger(value))) continue;
      const facts = { name, value: showNumber(value), lo: showNumber(lo), hi: showNumber(top) };
      accept('E0416', span, facts);
    }
}
