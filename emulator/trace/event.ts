/** What happened inside a processor, as a list in order of time that every kind of trace is written from. */

/** A register or memory word that an instruction wrote. */
export interface Written {
  /** `r3`, `cr`, `lr`, `ctr`, `xer`, `msr`, a special register's name, or `[address]`. */
  readonly name: string;
  /** Unsigned. */
  readonly value: number;
}

export type TraceEvent =
  | {
      readonly kind: 'issue';
      readonly cycle: number;
      /** Unsigned byte address and word of the instruction. */
      readonly address: number;
      readonly word: number;
      /** 0; for loads and stores of several parts, which part this is. */
      readonly part: number;
      /** `effective`; `cancelled`: an interrupt or refused access left no trace of it; `passed`: nop, sync, wait. */
      readonly fate: 'effective' | 'cancelled' | 'passed';
      /** Values it leaves (those of loads too, although they arrive later); none for further parts. */
      readonly written: readonly Written[];
    }
  /** A value reaches the general register file. */
  | {
      readonly kind: 'register';
      readonly cycle: number;
      readonly register: number;
      readonly value: number;
    }
  | { readonly kind: 'redirect'; readonly cycle: number }
  | {
      readonly kind: 'interrupt';
      readonly cycle: number;
      readonly vector: number;
      readonly resume: number;
    }
  /** The vector unit: an instruction leaves the queue; the register port is used; an instruction is done. */
  | { readonly kind: 'vector-pop'; readonly cycle: number }
  | { readonly kind: 'vector-read'; readonly cycle: number; readonly register: number }
  | {
      readonly kind: 'vector-write';
      readonly cycle: number;
      readonly register: number;
      /** 64 halfwords, element 0 first. */
      readonly value: Int16Array;
    }
  | { readonly kind: 'vector-condition'; readonly cycle: number }
  | { readonly kind: 'vector-retire'; readonly cycle: number; readonly unit: number }
  /** A request on the parallel bus. */
  | { readonly kind: 'bus'; readonly cycle: number; readonly address: number };

/** Something that turns events, in order of time, into the text of a file. */
export interface TraceWriter {
  /** What the file begins with. */
  begin(): string;
  take(event: TraceEvent): string;
  /** What it ends with; `cycle` is the end of the run. */
  end(cycle: number): string;
}
