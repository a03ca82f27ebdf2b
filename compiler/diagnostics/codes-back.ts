/** Diagnostics of the back end: numbers (07), time and memory (08), constructs not generated yet (09). */
import type { CodeEntry } from './diagnostic.js';

export const backCodes = {
  E0801: {
    severity: 'error',
    title: 'too much memory',
    message: (f) =>
      `the rule needs ${f['bytes']} bytes of ${f['memory']} for ${f['rows']} rows, but there are ${f['limit']}`,
    here: (f) => `${f['over']} bytes too many; largest: ${f['parts']}`,
    help: () => 'attach the rule to fewer rows, use coarser steps, or keep a state `external`',
    explanation:
      'Code, state and variables share the 16 KiB of the processor with the mailbox page of 4 KiB; per-synapse state costs 256 bytes per row for each byte of resolution. Baselines and records share the external block RAM.',
    failing: '',
    repaired: '',
  },
  E0802: {
    severity: 'error',
    title: 'period too short',
    message: (f) =>
      `\`${f['trigger']}\` takes up to ${f['cycles']} cycles for ${f['rows']} rows, but its period has ${f['period']}`,
    here: (f) => `${f['over']} cycles too many (${f['profile']})`,
    help: (f) =>
      Number(f['fits']) > 0
        ? `lengthen the period, or use at most ${f['fits']} rows`
        : 'lengthen the period',
    explanation:
      'One execution of a trigger must end before its next release. The time is the worst case for the named latencies of the chip; it grows with the number of rows.',
    failing: '',
    repaired: '',
  },
  E0803: {
    severity: 'error',
    title: 'too much work',
    message: (f) =>
      `the triggers together need ${f['percent']} % of the processor for ${f['rows']} rows`,
    here: (f) => `all of them fit up to ${f['fits']} rows`,
    help: () => 'lengthen periods, or use fewer rows',
    explanation:
      'The worst-case times of all triggers, each divided by its period, must not add up to more than the processor has.',
    failing: '',
    repaired: '',
  },
  W0801: {
    severity: 'warning',
    title: 'may start late and miss',
    message: (f) =>
      `\`${f['trigger']}\` can be kept waiting for ${f['blocking']} cycles by another trigger and then misses its deadline`,
    here: (f) => `needs ${f['cycles']} of its ${f['period']} cycles itself`,
    help: (f) => `up to ${f['fits']} rows nothing is missed`,
    explanation:
      'Triggers are not interrupted: one that is released while a long one runs has to wait. Releases that cannot be served in time are skipped and counted.',
    failing: '',
    repaired: '',
  },
  E0900: {
    severity: 'error',
    title: 'not generated yet',
    message: (f) => `${f['construct']} is understood but not generated yet`,
    here: () => 'no machine code for this',
    help: (f) => `${f['instead'] ?? 'write the rule without it for now'}`,
    explanation:
      'The rule is correct, but this version of the compiler has no machine code for the construct. Nothing is written.',
    failing: '',
    repaired: '',
  },
} as const satisfies { readonly [code: string]: CodeEntry };
