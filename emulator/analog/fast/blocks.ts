/** Which blocks of sixteen neurons are awake, by which kernel each is stepped, and what the kernels found. */
import * as at from './layout.js';
import { BLOCKS } from './layout.js';
import type { Machine } from './machine.js';

export class Blocks {
  readonly awake: Uint8Array;
  /** Reasons not to sleep, by block: neurons in a phase that ends. */
  readonly pinned: Uint8Array;
  readonly kinds: Uint8Array;
  private readonly counts: Int32Array;
  private readonly lists: Int32Array;
  private readonly hits: Int32Array;
  private readonly hitCount: Int32Array;
  private conductances = false;

  constructor(machine: Machine) {
    this.awake = machine.bytes(at.AWAKE, BLOCKS);
    this.pinned = machine.bytes(at.PINNED, BLOCKS);
    this.kinds = machine.bytes(at.KIND, BLOCKS);
    this.counts = machine.integers(at.COUNTS, 3);
    this.lists = machine.integers(at.LISTS, 3 * BLOCKS);
    this.hits = machine.integers(at.HIT_LIST, 512);
    this.hitCount = machine.integers(at.HITS, 1);
  }

  get isIdle(): boolean {
    const counts = this.counts;
    return counts[0] === 0 && counts[1] === 0 && counts[2] === 0;
  }

  /** Some block has conductance-based inputs. */
  get hasConductances(): boolean {
    return this.conductances;
  }

  /** Number of the `j`-th neuron found above its threshold. */
  hit(j: number): number {
    return this.hits[j]!;
  }

  /** The kernels have found some that nobody has taken yet. */
  get hasHits(): boolean {
    return this.hitCount[0] !== 0;
  }

  sleeps(n: number): boolean {
    return this.awake[n >> 4] === 0;
  }

  kindOf(n: number): number {
    return this.kinds[n >> 4]!;
  }

  wake(n: number): void {
    const block = n >> 4;
    if (this.awake[block] !== 0) return;
    this.awake[block] = 1;
    this.append(block);
  }

  private append(block: number): void {
    const kind = this.kinds[block]!;
    const count = this.counts[kind]!;
    this.lists[kind * BLOCKS + count] = block;
    this.counts[kind] = count + 1;
  }

  /** One more reason to keep the block of a neuron awake. */
  hold(n: number): void {
    this.pinned[n >> 4] = this.pinned[n >> 4]! + 1;
  }

  release(n: number): void {
    this.pinned[n >> 4] = this.pinned[n >> 4]! - 1;
  }

  /**
   * The kind of a neuron has been set: that of its block is the most general one in it.
   * @returns true if the block's kind changed
   */
  updateKind(n: number, kindOfNeuron: Uint8Array, served: Uint8Array): boolean {
    const first = n & ~15;
    let kind = 0;
    for (let m = first; m < first + 16; m++)
      if (served[m] === 0 && kindOfNeuron[m]! > kind) kind = kindOfNeuron[m]!;
    if (this.kinds[n >> 4] === kind) return false;
    this.kinds[n >> 4] = kind;
    this.list();
    return true;
  }

  /** Makes the lists anew from `awake` and `kinds`. */
  list(): void {
    this.counts.fill(0);
    this.conductances = this.kinds.includes(2);
    for (let block = 0; block < BLOCKS; block++) if (this.awake[block] !== 0) this.append(block);
  }

  powerUp(): void {
    this.awake.fill(0);
    this.pinned.fill(0);
    this.kinds.fill(0);
    this.hitCount.fill(0);
    this.list();
  }
}
