/** Row loops that read the next row while they compute the present one. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../../compiler/compile.js';
import { shippedRules } from '../../../compiler/link/ppu-programs.js';
import { mailbox, triggerCounters } from '../../../isa/runtime-layout.js';
import { RuleMachine, SynapseBus } from '../rule-machine.js';

const relaxed = (text: string): string => text.replace(/every \d+ [um]s/g, 'every 50 ms');

function run(text: string, rows: number, firstRow: number) {
  const { program, image, budget, diagnostics } = compile([{ name: 'r.plast', text }], { rows });
  if (!program || !image || !budget) throw new Error(JSON.stringify(diagnostics));
  const bus = new SynapseBus((_, column) => column & 255);
  bus.conversionCycles = 428;
  const machine = new RuleMachine(program, bus);
  machine.patch({ rows, firstRow });
  machine.start();
  machine.go();
  const longest = mailbox.triggers + triggerCounters.longest;
  machine.until(() => machine.word(longest) > 0);
  return { bus, cycles: machine.word(longest), image, budget };
}

describe.each(['stdp', 'soft_bound_stdp', 'homeostasis', 'meta'] as const)('%s', (name) => {
  const text = relaxed(shippedRules[`${name}.plast`]);

  test('rows overlap', () => {
    const { image } = run(text, 2, 0);
    const loops = image.code.flat().flatMap(({ lines }) => lines.filter((l) => l.kind === 'loop'));
    expect(loops.some((loop) => loop.kind === 'loop' && loop.overlaps === true)).toBe(true);
  });

  test.each([1, 2, 3, 9])('%i rows: each is converted and drawn for once, and no other', (rows) => {
    const firstRow = 4;
    const { bus } = run(text, rows, firstRow);
    const all = Array.from({ length: rows }, (_, i) => firstRow + i);
    const converted = bus.reads.filter(({ kind }) => kind === 'conversion').map(({ row }) => row);
    const converts = text.includes('causal');
    expect(converted).toEqual(converts ? all : []);
    const draws = bus.reads.filter(({ kind }) => kind === 'random').length;
    // Eight thrown away and one taken, for each parity.
    expect(draws).toBe(text.includes('stochastic') ? 18 * rows : 0);
    const written = (parity: number): number[] =>
      bus.stores
        .filter((each) => each.kind === 'weight' && each.parity === parity)
        .map((s) => s.row);
    expect(written(0)).toEqual(all);
    expect(written(1)).toEqual(all);
    const reset = bus.resets.filter(({ parity }) => parity === 0).map(({ row }) => row);
    expect(reset).toEqual(text.includes('reset causal') ? all : []);
  });

  // The bound holds whichever phase the register port is in when the loop begins; a run is in one of them. For a row of
  // 90 cycles without a conversion, phases differ by up to 6 cycles.
  const most = text.includes('causal') ? 1.05 : 1.1;

  test('the static bound holds for many rows, and is little above', () => {
    const rows = 90;
    const { cycles, budget } = run(text, rows, 0);
    const bound = budget.triggers[0]?.execution ?? 0;
    expect(cycles).toBeLessThanOrEqual(bound);
    // Straight-line code: the model and the machine differ only in the beginning.
    expect(bound / cycles).toBeLessThan(most);
  });
});

test('a row costs little more than its conversion where there is enough to hide behind it', () => {
  const text = relaxed(shippedRules['stdp.plast']);
  const [few, many] = [run(text, 20, 0), run(text, 60, 0)];
  expect((many.cycles - few.cycles) / 40).toBeLessThan(1.05 * 428);
});
