/** What has been decoded of the instruction memory: operations by word, and basic blocks by their first word. */
import { Block, isBlockOperation, MAX_BLOCK } from './block.js';
import { Kind, Operation } from './operation.js';

/** A word that was overwritten this often as part of a block is not made part of one again. */
const RESTLESS = 4;

export class CodeCache {
  readonly operations: (Operation | undefined)[];
  /** By word: 1 if a block relies on it. */
  readonly covered: Uint8Array;
  /** Grows when blocks become invalid; whoever keeps some has to forget them then. */
  generation = 0;

  private readonly blocks: (Block | null | undefined)[];
  private readonly overwritten: Uint8Array;

  /** @param words the instruction memory itself */
  constructor(private readonly words: Int32Array) {
    const { length } = words;
    this.operations = new Array<Operation | undefined>(length).fill(undefined);
    this.blocks = new Array<Block | null | undefined>(length).fill(undefined);
    this.covered = new Uint8Array(length);
    this.overwritten = new Uint8Array(length);
  }

  /** The operation of a word by its number. */
  operation(index: number): Operation {
    return (this.operations[index] ??= new Operation(this.words[index]!));
  }

  /** The block that begins at a byte address; null if the instruction there cannot be part of one. */
  block(address: number): Block | null {
    const index = address >>> 2;
    if (index >= this.words.length) return null;
    const known = this.blocks[index];
    return known === undefined ? this.build(index) : known;
  }

  private build(first: number): Block | null {
    const operations: Operation[] = [];
    for (let index = first; index < this.words.length && operations.length < MAX_BLOCK; index++) {
      const op = this.operation(index);
      if (!isBlockOperation(op) || this.overwritten[index]! >= RESTLESS) break;
      operations.push(op);
      if (op.kind === Kind.branch) break;
    }
    const block = operations.length === 0 ? null : new Block(first << 2, operations);
    // A word that begins no block must be looked at again when it changes, too; but not if it changes all the time.
    const isRestless = this.overwritten[first]! >= RESTLESS;
    this.covered.fill(1, first, first + Math.max(isRestless ? 0 : 1, operations.length));
    this.blocks[first] = block;
    return block;
  }

  /** Makes sure that a change of this word is noticed. */
  rely(index: number): void {
    if (index < this.words.length) this.covered[index] = 1;
  }

  /** A word has changed. */
  forget(index: number): void {
    this.operations[index] = undefined;
    if (this.covered[index] === 0) return;
    if (this.overwritten[index]! < RESTLESS) this.overwritten[index]!++;
    this.forgetBlocks();
  }

  /** Any word may have changed. */
  forgetAll(): void {
    this.operations.fill(undefined);
    this.overwritten.fill(0);
    this.forgetBlocks();
  }

  private forgetBlocks(): void {
    this.blocks.fill(undefined);
    this.covered.fill(0);
    this.generation++;
  }
}
