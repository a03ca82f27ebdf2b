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
