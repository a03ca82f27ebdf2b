import { expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import { ChipTrace } from '../../../emulator/trace/chip-trace.js';
import type { TraceEvent } from '../../../emulator/trace/event.js';
import { TextTrace } from '../../../emulator/trace/instructions.js';
import { KonataTrace } from '../../../emulator/trace/konata.js';
import { Profile } from '../../../emulator/trace/profile.js';
import { WaveTrace } from '../../../emulator/trace/waves.js';
import { assemble } from '../../../isa/assembler/index.js';
import { counter, hostProgram, LOOP } from '../debug/chip-session.js';

const words = hostProgram();
const program = assemble([{ name: 'counter.s', text: counter }]);

/** Runs the host's program on a chip, in portions, with both processors watched. */
function traced(portion = Infinity): { output: Uint32Array; events: TraceEvent[][]; end: number } {
  const chip = Chip.ideal();
  const events: TraceEvent[][] = [[], []];
  const traces = ([0, 1] as const).map(
    (processor) => new ChipTrace(chip, processor, (some) => events[processor]!.push(...some)),
  );
  chip.feed(words);
  while (!chip.run(portion));
  const ends = traces.map((trace) => trace.end());
  return { output: chip.takeOutput(), events, end: ends[0]! };
}

const whole = traced();

test('a traced run gives the host the bytes of a free one', () => {
  expect(whole.output).toEqual(Chip.ideal().execute(words));
});

test('events come in order of time, whatever the portions of the run', () => {
  for (const events of whole.events) {
    const cycles = events.map(({ cycle }) => cycle);
    expect(cycles).toEqual([...cycles].sort((a, b) => a - b));
  }
  const sortedText = (events: TraceEvent[]): string[] =>
    events.map((event) => JSON.stringify(event)).sort();
  traced(777).events.forEach((events, processor) => {
    expect(sortedText(events)).toEqual(sortedText(whole.events[processor]!));
  });
});

test('both processors are seen with what they execute, between their start and the end', () => {
  for (const events of whole.events) {
    const loops = events.filter((event) => event.kind === 'issue' && event.address === LOOP);
    expect(loops).toHaveLength(20);
    expect(events.filter(({ kind }) => kind === 'vector-retire')).toHaveLength(1);
    expect(events[0]!.cycle).toBeGreaterThan(100);
    expect(events.at(-1)!.cycle).toBeLessThan(whole.end);
  }
});

test('every kind of file is written from them', () => {
  const [events = []] = whole.events;
  const start = events[0]!.cycle;
  const textOf = (writer: TextTrace | KonataTrace | WaveTrace): string =>
    writer.begin() + events.map((event) => writer.take(event)).join('') + writer.end(whole.end);
  const text = textOf(new TextTrace(program));
  expect(text.match(/addi r3,r3,1/g)).toHaveLength(20);
  expect(text).toContain('counter.s:4');
  const pipeline = textOf(new KonataTrace(program, start));
  expect(pipeline.split('\n')[1]).toBe(`C=\t${start}`);
  expect(pipeline.match(/^R\t/gm)!.length).toBe(pipeline.match(/^I\t/gm)!.length);
  expect(textOf(new WaveTrace('top'))).toContain(`#${4 * start}\n`);
});

test('a profile counts from the start of the processor on, every cycle once', () => {
  const [events = []] = whole.events;
  const start = events[0]!.cycle;
  const profile = new Profile(program, start);
  for (const event of events) profile.take(event);
  profile.end(whole.end);
  const total = profile.byLine().reduce((sum, { cycles }) => sum + cycles, 0);
  expect(total).toBe(whole.end - start);
  expect(profile.table()).toContain(`${total} cycles\n`);
});
