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
      /** The old content of `target` is read as well (a conditional write). */
      readonly keeps?: boolean;
    }
  | { readonly kind: 'label'; readonly name: string }
  /** Rows loop: its body is everything up to the matching end. `turns` undefined: the block's rows. */
  | { readonly kind: 'loop'; readonly id: number; readonly turns: number | 'rows' }
  | { readonly kind: 'loop-end'; readonly id: number }
  | { readonly kind: 'place'; readonly offset: number; readonly file: string };

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
  'fxvmatachm',
  'fxvmultachm',
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

  /** An instruction; a first operand that is a virtual register is its target unless the mnemonic only reads it. */
  emit(mnemonic: string, ...operands: readonly CodeOperand[]): void {
    const [first] = operands;
    const writes = first !== undefined && isVirtual(first) && !readsFirst.has(mnemonic);
    this.lines.push({
      kind: 'instruction',
      mnemonic,
      operands,
      ...(writes && isVirtual(first) ? { target: first } : {}),
    });
  }

  /** Writes a new register called `key`. */
  make(key: string, mnemonic: string, ...operands: readonly CodeOperand[]): VirtualRegister {
    const target = this.register(key);
    this.emit(mnemonic, target, ...operands);
    return target;
  }
}
