/** A time of its own and lines that lose, damage and disorder what they carry. */

import type { Clock } from '../../board/link/clock.js';
import { Stream } from '../../isa/numeric/random.js';

/** Runs timers in order, without waiting. */
export class VirtualClock implements Clock {
  private time = 0;
  private timers: { at: number; order: number; run: () => void }[] = [];
  private order = 0;

  now(): number {
    return this.time;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.time + milliseconds, order: this.order++, run };
    let place = this.timers.length;
    while (place > 0 && this.timers[place - 1]!.at > timer.at) place--;
    this.timers.splice(place, 0, timer);
    return () => {
      const at = this.timers.indexOf(timer);
      if (at >= 0) this.timers.splice(at, 1);
    };
  }

  /** Lets time pass until `isDone`, at most to `limit`. @returns whether it was done */
  runUntil(isDone: () => boolean, limit: number): boolean {
    while (!isDone()) {
      const next = this.timers[0];
      if (next === undefined || next.at > limit) return false;
      this.timers.shift();
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    return true;
  }
}

/** Chance per byte of each kind of damage. */
export interface Damage {
  readonly flip?: number;
  readonly lose?: number;
  readonly insert?: number;
  readonly twice?: number;
  /** A chunk changes places with the next. */
  readonly swap?: number;
}

/** One direction of a serial line: so many bytes a second, a delay, and damage. */
export class VirtualLine {
  /** While true nothing arrives. */
  isCut = false;
  carried = 0;
  readonly bytesPerSecond: number;
  private free = 0;
  private waiting = 0;
  private held: Uint8Array | undefined = undefined;

  constructor(
    private readonly clock: Clock,
    rate: number,
    private readonly delay: number,
    private readonly random: Stream,
    private readonly damage: Damage,
    private readonly deliver: (bytes: Uint8Array) => void,
    private readonly drained: () => void = () => {},
  ) {
    this.bytesPerSecond = rate;
  }

  isCongested(): boolean {
    return this.waiting > 600;
  }

  write(bytes: Uint8Array): void {
    this.waiting += bytes.length;
    this.carried += bytes.length;
    const begin = Math.max(this.clock.now(), this.free);
    this.free = begin + (1000 * bytes.length) / this.bytesPerSecond;
    const copy = bytes.slice();
    this.clock.after(this.free - this.clock.now(), () => {
      const wasCongested = this.isCongested();
      this.waiting -= copy.length;
      if (wasCongested && !this.isCongested()) this.drained();
    });
    this.clock.after(this.free + this.delay - this.clock.now(), () => this.arrive(copy));
  }

  private arrive(bytes: Uint8Array): void {
    if (this.isCut) return;
    const out = this.spoil(bytes);
    const { held } = this;
    if (held === undefined && this.happens(this.damage.swap, 1)) {
      this.held = out;
      return;
    }
    this.held = undefined;
    this.deliver(out);
    if (held !== undefined) this.deliver(held);
  }

  private spoil(bytes: Uint8Array): Uint8Array {
    const { flip, lose, insert, twice } = this.damage;
    if (!this.happens((flip ?? 0) + (lose ?? 0) + (insert ?? 0) + (twice ?? 0), bytes.length))
      return bytes;
    const list = [...bytes];
    const at = this.random.integer(list.length);
    const what = this.random.uniform() * ((flip ?? 0) + (lose ?? 0) + (insert ?? 0) + (twice ?? 0));
    if (what < (flip ?? 0)) list[at] = (list[at] ?? 0) ^ (1 << this.random.integer(8));
    else if (what < (flip ?? 0) + (lose ?? 0)) list.splice(at, 1 + this.random.integer(8));
    else if (what < (flip ?? 0) + (lose ?? 0) + (insert ?? 0))
      list.splice(at, 0, this.random.integer(256), this.random.integer(4));
    else list.splice(at, 0, ...list.slice(Math.max(0, at - 40), at + 1));
    return Uint8Array.from(list);
  }

  private happens(chance: number | undefined, times: number): boolean {
    return chance !== undefined && chance > 0 && this.random.uniform() < chance * times;
  }
}
