import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import { ResponseReader } from '../../../isa/playback/index.js';
import { containerNames, containerRow } from '../../../isa/registers/index.js';

/** The time-out stays as it is set, or a polling might wait for minutes of chip time. */
const names = containerNames.filter((name) => name !== 'InstructionTimeoutConfig');

/** Addresses that mean something more often than chance would have it. */
const address = fc.oneof(
  { weight: 1, arbitrary: fc.nat(0xffffffff) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.nat(names.length - 1), fc.nat(), fc.nat(3))
      .map(([number, choice, word]) => {
        const name = names[number] ?? 'PPUMemoryWord';
        const { base, strides } = containerRow(name);
        let rest = choice;
        return (
          strides.reduce((at, { count, stride }) => {
            const index = rest % count;
            rest = Math.floor(rest / count);
            return at + index * stride;
          }, base + word) >>> 0
        );
      }),
  },
);

const data = fc.oneof(
  fc.nat(0xffffffff),
  fc.nat(255),
  fc.constantFrom(0, 1, 3, 0xffffffff, 0x7c00004c),
);
const word = (header: number, high: number, low: number): number[] => [
  ((header << 24) | (high & 0xffffff)) >>> 0,
  low >>> 0,
];

/** Any message to the FPGA, with any payload; waits stay short. */
const message = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(address, data, fc.nat(15))
      .map(([a, v, enables]) => [...word(11, enables, a), ...word(12, 0, v)]),
  },
  { weight: 4, arbitrary: address.map((a) => word(11, 0x1f, a)) },
  { weight: 2, arbitrary: fc.nat(30_000).map((ticks) => word(5, 0, ticks)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 13, max: 15 }), fc.nat(), fc.nat(0xffffffff))
      .map(([h, a, b]) => word(h, a & 0xffff, b)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(0, 1, 2, 3, 4, 6, 7, 8, 12), fc.nat(0x1ffff), fc.nat(0xffffffff))
      .map(([h, a, b]) => word(h, a, b)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat(0x7f), fc.nat(0xffffff))
      .filter(([h]) => h > 15)
      .map(([h, a]) => word(h, a, 0)),
  },
  { weight: 1, arbitrary: fc.constant(word(9, 0, 1)) },
);

const timeout = 0x88000009;

test('no program of valid words makes the chip throw or hang: each ends with its halt', () => {
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 120 }),
      fc.constantFrom('ideal', 'drawn'),
      fc.constantFrom('precise', 'fast'),
      fc.boolean(),
      (messages, die, engine, strict) => {
        const chip =
          die === 'ideal' ? Chip.ideal({ engine, strict }) : Chip.fromSeed(3, { engine, strict });
        // A polling that never matches gives up after 2000 ticks.
        const words = Uint32Array.from([
          ...word(11, 15, timeout),
          ...word(12, 0, 2000),
          ...messages.flat(),
          ...word(10, 0, 0),
        ]);
        chip.feed(words);
        // 40 million cycles are more than any of these can take; a chip that hangs would need more.
        expect(chip.run(40_000_000)).toBe(true);
        const answers = new ResponseReader().push(chip.takeOutput());
        expect(answers.halts.length).toBeGreaterThanOrEqual(1);
        expect(chip.halted).toBe(true);
      },
    ),
    { numRuns: 25, seed: 20 },
  );
});
