/** Machine code before registers are known: instructions over virtual vector registers, with labels and marks. */
import type { Operand } from '../../isa/object-builder.js';

/** A vector register to be: allocated to one of 32 later. */
export interface VirtualRegister {
  readonly number: number;
  /** What it holds, for listings and for choosing what to give up; unique among values. */
  readonly key: string;
}

export type CodeOperand = Operand | VirtualRegister;

export const isVirtual = (operand: CodeOperand): operand is VirtualRegister =>
  typeof operand === 'object' && 'key' in operand;

export type Line =
  | {
      readonly kind: 'instruction';
      readonly mnemonic: string;
      readonly operands: readonly CodeOperand[];
      /** Written vector register, if any. */
      readonly target?: VirtualRegister;
      /** Bus accesses of one name keep their order. */
      readonly order?: string;
      /** Periods that the answer of the bus takes, if not as usual. */
      readonly latency?: number;
      /** Lines of one group use scalar registers that hold values; they stay together, and groups in their order. */
      readonly group?: number;
    }
  | { readonly kind: 'label'; readonly name: string }
  /** Rows loop: its body is everything up to the matching end. `turns` undefined: the block's rows. */
  | {
      readonly kind: 'loop';
      readonly id: number;
      readonly turns: number | 'rows';
      /** It computes one row while it reads the next: what it writes last it reads in its next turn. */
      readonly overlaps?: boolean;
    }
  | { readonly kind: 'loop-end'; readonly id: number }
  | { readonly kind: 'place'; readonly offset: number; readonly file: string }
  | { readonly kind: 'kernel'; readonly kernel: Kernel };

export type InstructionLine = Extract<Line, { kind: 'instruction' }>;

/**
 * A row loop before its order is decided. Vector registers that `ahead` writes and `body` reads go from one turn to
 * the next.
 */
export interface Kernel {
  readonly id: number;
  /** Reads of a row to come. */
  readonly ahead: readonly Line[];
  /** Work on the present row. */
  readonly body: readonly Line[];
  /** Registers that follow the rows: what is added to each from one row to the next. */
  readonly moving: readonly { readonly register: number; readonly step: number; ahead: boolean }[];
  /** Registers of addresses that must lead nowhere when there is no row to come. */
  readonly redirected: readonly number[];
  /** Routine of the run-time that is called after each row, if any. */
  readonly polls?: string;
  /** Register that counts the rows left. */
  readonly rows: number;
  readonly labels: { readonly top: string; readonly last: string; readonly end: string };
}

/** Instructions whose first operand is a vector register that they read. */
const readsFirst: ReadonlySet<string> = new Set([
  'fxvstax',
  'fxvoutx',
  'fxvcmph',
  'fxvcmpb',
  'fxvmtach',
  'fxvmtacb',
  'fxvmtachf',
  'fxvmtacbf',
  'fxvaddactachm',
  'fxvaddactachf',
  'fxvaddactacbm',
  'fxvaddactacbf',
  'fxvmatachm',
  'fxvmatachfs',
  'fxvmultachm',
  'fxvmultachfs',
]);

/** A growing list of lines. */
export class CodeList {
  readonly lines: Line[] = [];
  private nextRegister = 0;
  private nextLabel = 0;

  constructor(private readonly prefix: string) {}

  register(key: string): VirtualRegister {
    return { number: this.nextRegister++, key };
  }

  newLabel(hint: string): string {
    return `.L${this.prefix}_${hint}_${this.nextLabel++}`;
  }

  label(name: string): void {
    this.lines.push({ kind: 'label', name });
  }

  private order: string | undefined;
  private latency: number | undefined;

  /** The vector accesses in `fill` keep their order among those of the same name; `latency` is that of the bus. */
  ordered<T>(order: string, fill: () => T, latency?: number): T {
    const before = [this.order, this.latency] as const;
    this.order = order;
    this.latency = latency;
    try {
      return fill();
    } finally {
      [this.order, this.latency] = before;
    }
  }

  private group: number | undefined;
  private nextGroup = 0;

  /** The lines in `fill` read or write registers of scalar values. */
  grouped<T>(fill: () => T): T {
    if (this.group !== undefined) return fill();
    this.group = this.nextGroup++;
    try {
      return fill();
    } finally {
      this.group = undefined;
    }
  }

  /** The lines that `fill` emits, taken out again. */
  capture(fill: () => void): Line[] {
    const from = this.lines.length;
    fill();
    return this.lines.splice(from);
  }

  /** An instruction; a first operand that is a virtual register is its target unless the mnemonic only reads it. */
  emit(mnemonic: string, ...operands: readonly CodeOperand[]): void {
    const [first] = operands;
    const writes = first !== undefined && isVirtual(first) && !readsFirst.has(mnemonic);
    this.lines.push({
      kind: 'instruction',
      mnemonic,
      operands,
      ...(writes && isVirtual(first) ? { target: first } : {}),
      ...(this.order === undefined ? {} : { order: this.order }),
      ...(this.latency === undefined ? {} : { latency: this.latency }),
      ...(this.group === undefined ? {} : { group: this.group }),
    });
  }

  /** Writes a new register called `key`. */
  make(key: string, mnemonic: string, ...operands: readonly CodeOperand[]): VirtualRegister {
    const target = this.register(key);
    this.emit(mnemonic, target, ...operands);
    return target;
  }
}
