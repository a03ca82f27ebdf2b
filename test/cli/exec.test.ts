import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  bareProcessor,
  busContent,
  execute,
  ImageError,
  resultOf,
  type Stimulus,
} from '../../cli/exec/bare-processor.js';
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

interface VectorProgram {
  readonly name: string;
  readonly code: string;
  readonly data: string;
  readonly bus?: Readonly<Record<string, string>>;
  readonly runs: readonly {
    readonly branchCache: boolean;
    readonly dataLatency: number;
    readonly busLatency: number;
    readonly cycles: number;
    readonly bus?: Readonly<Record<string, string>>;
  }[];
}

describe('a preset of the parallel bus', () => {
  const { programs } = JSON.parse(readFileSync('test/golden/nux-programs.json', 'utf8')) as {
    readonly programs: readonly VectorProgram[];
  };
  const preset = programs.filter(({ bus }) => bus !== undefined);

  it.each(preset.map((program) => [program.name, program] as const))(
    'lets %s run as it was recorded',
    (_name, { code, data, bus, runs }) => {
      for (const run of runs) {
        const core = bareProcessor(
          { kind: 'raw', code: Buffer.from(code, 'hex'), data: Buffer.from(data, 'hex') },
          run.busLatency,
          {
            branchCache: run.branchCache ? 16 : 0,
            dataLatency: run.dataLatency,
            vectorDataLatency: run.dataLatency,
          },
          busContent(JSON.stringify(bus)),
        );
        const result = resultOf(core, execute(core, [], 1_000_000), false, [], true);
        expect(result).toMatchObject({ stopReason: 'sleep', cycles: run.cycles });
        for (const [address, digits] of Object.entries(run.bus ?? {})) {
          expect(result.bus?.[address.padStart(8, '0')]).toBe(digits);
        }
      }
    },
  );

  it('says what is wrong with it', () => {
    expect(() => busContent('{')).toThrow(ImageError);
    expect(() => busContent('[]')).toThrow(/object of addresses/);
    expect(() => busContent('{"xyz": ""}')).toThrow(/'xyz' is no address/);
    expect(() => busContent('{"10": "00"}')).toThrow(/256 hexadecimal digits/);
  });
});
