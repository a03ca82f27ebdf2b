/** What flashing tells while it goes on, and how it fails. */

export type FlashPhase =
  'identify' | 'bring up' | 'hold' | 'compare' | 'write' | 'verify' | 'start';

/** What flashing tells while it goes on, in this order. */
export type FlashEvent =
  | { readonly kind: 'phase'; readonly phase: FlashPhase }
  | {
      readonly kind: 'chip';
      readonly idcode: number;
      readonly revision: string;
      readonly dna: string;
    }
  | {
      readonly kind: 'progress';
      readonly phase: 'compare' | 'write';
      readonly wordsDone: number;
      readonly wordsTotal: number;
      /** Words of the image per second so far. */
      readonly rate: number;
      readonly secondsLeft: number;
    }
  | { readonly kind: 'rewrite'; readonly place: string; readonly words: number }
  | { readonly kind: 'link lost'; readonly problem: string; readonly attempt: number }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'recovered'; readonly how: string }
  | { readonly kind: 'started'; readonly hemisphere: number; readonly state: string };

/** What the processors do after a failure. */
export type ProcessorState =
  | 'untouched'
  | 'held in reset'
  | 'running the checksum program'
  | 'running the verified image'
  | 'running an unverified image'
  | 'reset with the chip'
  | 'unknown';

/** Flashing failed; no processor runs a half-written image. */
export class FlashError extends Error {
  override readonly name = 'FlashError';
  constructor(
    readonly problem: 'wrong chip' | 'bus hang' | 'verify' | 'not idle' | 'aborted' | 'link',
    readonly phase: FlashPhase,
    readonly processors: ProcessorState,
    readonly facts: Readonly<Record<string, string | number>>,
    options?: { readonly cause: unknown },
  ) {
    const list = Object.entries(facts).map(([key, value]) => `${key} ${value}`);
    super(`${problem} in phase "${phase}": ${list.join(', ')}; processors: ${processors}`, options);
  }
}
