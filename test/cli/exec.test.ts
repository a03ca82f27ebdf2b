import { describe, expect, it } from 'vitest';
import { bareProcessor, execute, resultOf, type Stimulus } from '../../cli/exec/bare-processor.js';
import { assemble } from '../../isa/assembler/index.js';

const source = `
_start: li r3, 1
        li r4, 33
        slw r5, r3, r4
        wait
        b .
`;

function run(maxCycles: number, stimuli: readonly Stimulus[] = []) {
  const program = assemble([{ name: 'short.s', text: source }]);
  const core = bareProcessor({ kind: 'program', program }, 4, {});
  return resultOf(core, execute(core, stimuli, maxCycles), true, []);
}

describe('the end of a program on a bare processor', () => {
  it('shows the special registers of the moment when it fell asleep, whatever the limit', () => {
    const ended = run(1_000_000);
    expect(ended.stopReason).toBe('sleep');
    expect(ended.spr['tbl']).toBe(ended.cycles);
    expect(run(10_000_000_000)).toEqual(ended);
    expect(run(1000, [{ cycle: 500, doorbell: true }])).toEqual(ended);
  });

  it('is not reached with a limit below its last cycle', () => {
    const { cycles } = run(1000);
    expect(run(cycles).stopReason).toBe('sleep');
    expect(run(cycles - 1)).toMatchObject({ stopReason: 'max-cycles', cycles: cycles - 1 });
  });
});
