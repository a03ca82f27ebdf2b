/** Diagnostics of the back end: numbers (07), time and memory (08), constructs not generated yet (09). */
import type { CodeEntry } from './diagnostic.js';

export const backCodes = {
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
