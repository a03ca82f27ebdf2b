/** Compares and traps. A compare copies XER.SO into the SO bit of its field. */
import type { Fields } from '../instruction.js';
import type { Machine } from '../machine.js';
import { d, define, x } from './define.js';
import { setField } from './flags.js';

export const compare = define('compare', [
  {
    name: 'cmpi',
    ...d(11),
    syntax: 'bf, l, ra, si',
    use: 'cr.bf <- ra xer',
    text: 'Condition field bf = signed comparison of ra with si.',
    run: (m, f) => {
      const a = m.gpr[f.ra]!;
      setField(m, f.bf, a < f.si, a > f.si);
    },
  },
  {
    name: 'cmpli',
    ...d(10),
    syntax: 'bf, l, ra, ui',
    use: 'cr.bf <- ra xer',
    text: 'Condition field bf = unsigned comparison of ra with ui.',
    run: (m, f) => {
      const a = m.gpr[f.ra]! >>> 0;
      setField(m, f.bf, a < f.ui, a > f.ui);
    },
  },
  {
    name: 'cmp',
    ...x(0),
    syntax: 'bf, l, ra, rb',
    use: 'cr.bf <- ra rb xer',
    text: 'Condition field bf = signed comparison of ra with rb.',
    run: (m, f) => {
      const a = m.gpr[f.ra]!;
      const b = m.gpr[f.rb]!;
      setField(m, f.bf, a < b, a > b);
    },
  },
  {
    name: 'cmpl',
    ...x(32),
    syntax: 'bf, l, ra, rb',
    use: 'cr.bf <- ra rb xer',
    text: 'Condition field bf = unsigned comparison of ra with rb.',
    run: (m, f) => {
      const a = m.gpr[f.ra]! >>> 0;
      const b = m.gpr[f.rb]! >>> 0;
      setField(m, f.bf, a < b, a > b);
    },
  },
]);

/** The five conditions of a trap, selected by the bits 16 8 4 2 1 of `to`. */
function trapOn(m: Machine, f: Fields, a: number, b: number): void {
  const holds =
    (a < b ? 16 : 0) |
    (a > b ? 8 : 0) |
    (a === b ? 4 : 0) |
    (a >>> 0 < b >>> 0 ? 2 : 0) |
    (a >>> 0 > b >>> 0 ? 1 : 0);
  if ((holds & f.to) !== 0) m.port.trap();
}

export const trap = define('trap', [
  {
    name: 'tw',
    ...x(4),
    syntax: 'to, ra, rb',
    use: '<- ra rb',
    timing: 'trap',
    text: 'Program interrupt if a condition selected by to holds between ra and rb.',
    run: (m, f) => trapOn(m, f, m.gpr[f.ra]!, m.gpr[f.rb]!),
  },
  {
    name: 'twi',
    ...d(3),
    syntax: 'to, ra, si',
    use: '<- ra',
    timing: 'trap',
    text: 'The same with an immediate, which the core zero-extends (Power: sign-extends).',
    run: (m, f) => trapOn(m, f, m.gpr[f.ra]!, m.power ? f.si : f.ui),
  },
]);
