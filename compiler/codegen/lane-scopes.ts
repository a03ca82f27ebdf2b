/** What the registers of lane values hold, scope by scope, and what a row loop wants to find ready. */
import type { CodeList, VirtualRegister } from './code.js';
import type { Lanes } from './lanes.js';
import type { Memory } from './memory.js';

/** Makes a vector again in a later pass: it may only use what it is given. */
export type Maker = (lanes: Lanes) => VirtualRegister;

/** A vector that a loop's body wants from before the loop. */
export interface Wanted {
  readonly make: Maker;
  /** A constant, which does not remember itself. */
  readonly constant: boolean;
}

/** The memory of `Lanes`: which value lies in which register. */
export abstract class LaneScopes {
  /** Registers that hold something, innermost scope last. */
  private readonly scopes: Map<string, VirtualRegister>[] = [new Map()];
  /** Per row loop: what its body wants to find ready. */
  readonly wanted = new Map<number, Map<string, Wanted>>();
  /** The row loop under construction and the depth of its body in the IR. */
  private loop: { readonly id: number; readonly depth: number } | undefined;

  /** Constants made in code that may be skipped; undefined outside such code. */
  private passing: Map<string, VirtualRegister> | undefined;

  constructor(
    readonly code: CodeList,
    readonly memory: Memory,
  ) {}

  /** The whole, for makers. */
  protected abstract lanes(): Lanes;

  enter(): void {
    this.scopes.push(new Map());
  }

  leave(): void {
    this.scopes.pop();
  }

  /** The body of a row loop begins: prepares what an earlier pass has found to be wanted. */
  enterLoop(id: number, depth: number, wanted: ReadonlyMap<string, Wanted> | undefined): void {
    // Wanted values are made whatever the parity: they are few, and loops are many.
    for (const [key, { make, constant }] of wanted ?? [])
      if (!this.find(key)) {
        const register = make(this.lanes());
        if (constant) this.remember(key, register);
      }
    this.loop = { id, depth };
  }

  leaveLoop(): void {
    this.loop = undefined;
  }

  protected want(key: string, depth: number, make: Maker, constant: boolean): void {
    if (this.loop === undefined || depth >= this.loop.depth) return;
    let wanted = this.wanted.get(this.loop.id);
    if (wanted === undefined) this.wanted.set(this.loop.id, (wanted = new Map()));
    if (!wanted.has(key)) wanted.set(key, { make, constant });
  }

  protected find(key: string): VirtualRegister | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]?.get(key);
      if (found) return found;
    }
    return undefined;
  }

  remember(key: string, register: VirtualRegister): VirtualRegister {
    this.scopes.at(-1)?.set(key, register);
    return register;
  }

  /** Drops what is remembered under `key` everywhere: the memory behind it changed. */
  forget(key: string): void {
    for (const scope of this.scopes) scope.delete(key);
  }

  /** What is remembered under `key`, or else made and remembered. */
  once(key: string, make: () => VirtualRegister): VirtualRegister {
    return this.find(key) ?? this.remember(key, make());
  }

  /**
   * The code that `fill` emits may be skipped at run time: constants made in it are not there afterwards. Values of the
   * skipped parity are, because whoever wants them is skipped too.
   */
  skippable(fill: () => void): void {
    const outer = this.passing;
    this.passing = new Map();
    fill();
    this.passing = outer;
  }

  /** A constant vector, shared by all who ask for the same key; `depth` is that of what it is made of. */
  shared(key: string, depth: number, make: Maker): VirtualRegister {
    const found = this.find(key) ?? this.passing?.get(key);
    if (found) return found;
    this.want(key, depth, make, true);
    const register = make(this.lanes());
    if (this.passing === undefined) return this.remember(key, register);
    this.passing.set(key, register);
    return register;
  }
}
