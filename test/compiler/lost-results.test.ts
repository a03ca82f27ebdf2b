/**
 * The core's lost-result fault, which random rules run with half of the time, is really on there: a program that takes an
 * interrupt with a product in flight loses it. Compiled programs run with interrupts disabled, so it cannot reach them.
 */
import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { shippedRules } from '../../compiler/link/ppu-programs.js';
import { assemble } from '../../isa/assembler/index.js';
import { lockstep } from './lockstep.js';
import { RuleMachine, SynapseBus } from './rule-machine.js';

/** A trap while a product is on its way; the handler steps over it. */
const trapped = `
        .org 0
        b start
        .org 0x1c
        b handler
        .org 0x100
start:  li 4, 7
        mullw 6, 4, 4
        tw 31, 0, 0
        stw 6, 0x400(0)
        wait
        .org 0x200
handler:
        mfspr 20, 26
        addi 20, 20, 4
        mtspr 26, 20
        rfi
`;

const productWith = (interruptFaults: boolean): number => {
  const program = assemble([{ name: 'trapped.s', text: trapped }]);
  const machine = new RuleMachine(program, new SynapseBus(() => 0), { interruptFaults });
  machine.core.start(0);
  machine.core.run(2000);
  return machine.word(0x400);
};

test('a product in flight at an interrupt is lost with the fault, and kept without', () => {
  expect([productWith(false), productWith(true)]).toEqual([49, 0]);
});

test('a compiled rule takes the same course with the fault as without', () => {
  const name = 'r_stdp.plast';
  const compiled = compile([{ name, text: shippedRules[name] }], { rows: 2 });
  const longest = [false, true].map((interruptFaults) => {
    const options = { seed: 3, rows: 2, firstRow: 4, executions: 4, core: { interruptFaults } };
    return [...lockstep(compiled, options).longest];
  });
  expect(longest[0]?.length).toBeGreaterThan(0);
  expect(longest[1]).toEqual(longest[0]);
});
