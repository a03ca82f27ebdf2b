import type { CodeEntry } from './diagnostic.js';
export const checkCodes = {} as const satisfies { readonly [code: string]: CodeEntry };
