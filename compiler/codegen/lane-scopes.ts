/** What the registers of lane values hold, scope by scope, and what a row loop wants to find ready. */
import { low } from '../../isa/object-builder.js';
import type { CodeList, VirtualRegister } from './code.js';
import type { Lanes } from './lanes.js';
import type { Memory } from './memory.js';
import { scratch } from './scalars.js';

/** Makes a vector again in a later pass: it may only use what it is given. */
export type Maker = (lanes: Lanes) => VirtualRegister;

/** A vector that a loop's body wants from before the loop. */
export interface Wanted {
  readonly make: Maker;
  /** A constant that is made anew if it gets no register of its own (others are kept in memory). */
  readonly constant: boolean;
}

/** The memory of `Lanes`: which value lies in which register, or in SRAM for lack of one. */
export abstract class LaneScopes {
  /** Registers that hold something, innermost scope last; and what was put into memory in each scope. */
  private readonly scopes: { registers: Map<string, VirtualRegister>; memory: Set<string> }[] = [
    { registers: new Map(), memory: new Set() },
  ];
  /** Per row loop: what its body wants to find ready. */
  readonly wanted = new Map<number, Map<string, Wanted>>();
  /** The row loop under construction and the depth of its body in the IR. */
  private loop: { readonly id: number; readonly depth: number } | undefined;

  /** Constants made in code that may be skipped; undefined outside such code. */
  private passing: Map<string, VirtualRegister> | undefined;

  constructor(
    readonly code: CodeList,
    readonly memory: Memory,
    /** Keys that get no register of their own: made again, or kept in memory. */
    readonly given: ReadonlySet<string>,
  ) {}

  /** The whole, for makers. */
  protected abstract lanes(): Lanes;

  enter(): void {
    this.scopes.push({ registers: new Map(), memory: new Set() });
  }

  leave(): void {
    this.scopes.pop();
  }

  /** The body of a row loop begins: prepares what an earlier pass has found to be wanted. */
  enterLoop(id: number, depth: number, wanted: ReadonlyMap<string, Wanted> | undefined): void {
    // Wanted values are made whatever the parity: they are few, and loops are many.
    for (const [key, { make, constant }] of wanted ?? [])
      if (!(constant && this.given.has(key)) && !this.find(key) && !this.isInMemory(key)) {
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
      const found = this.scopes[i]?.registers.get(key);
      if (found) return found;
    }
    return undefined;
  }

  protected isInMemory(key: string): boolean {
    return this.scopes.some((scope) => scope.memory.has(key));
  }

  remember(key: string, register: VirtualRegister): VirtualRegister {
    this.scopes.at(-1)?.registers.set(key, register);
    return register;
  }

  /** Drops what is remembered under `key` everywhere: the memory behind it changed. */
  forget(key: string): void {
    for (const scope of this.scopes) {
      scope.registers.delete(key);
      scope.memory.delete(key);
    }
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
    // One that was given up is made anew for each use.
    if (this.given.has(key)) return register;
    if (this.passing === undefined) return this.remember(key, register);
    this.passing.set(key, register);
    return register;
  }

  /** Remembers a register, or puts it into memory if it has to give way. */
  keep(key: string, register: VirtualRegister): VirtualRegister {
    if (!this.given.has(key)) return this.remember(key, register);
    this.code.emit('li', scratch, low(this.place(key)));
    this.code.emit('fxvstax', register, 0, scratch);
    this.scopes.at(-1)?.memory.add(key);
    return register;
  }

  protected place(key: string): string {
    return this.memory.vector(key.replace(/[^A-Za-z0-9]/g, '_'));
  }

  protected reload(key: string): VirtualRegister | undefined {
    if (!this.isInMemory(key)) return undefined;
    this.code.emit('li', scratch, low(this.place(key)));
    return this.code.make(key, 'fxvlax', 0, scratch);
  }
}
