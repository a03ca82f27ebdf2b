/** Time as the links see it, so that tests can run them in a time of their own. */

/** Milliseconds from an arbitrary origin, and timers on the same scale. */
export interface Clock {
  now(): number;
  /** Calls `run` once, `milliseconds` from now; the returned function takes it back. */
  after(milliseconds: number, run: () => void): () => void;
}

/**
 * The time of the machine. Timers do not keep a process alive: whoever waits for a board does.
 *
 * A process that was held up finds its timers due before it has read what came in the meantime. What a timer runs here
 * therefore runs after the input that is there: nobody gives up waiting for an answer that has arrived.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, run) => {
    let isCancelled = false;
    const timer: unknown = setTimeout(
      () => afterInput(() => (isCancelled ? undefined : run())),
      milliseconds,
    );
    if (typeof timer === 'object' && timer !== null && 'unref' in timer)
      (timer as { unref(): void }).unref();
    return () => {
      isCancelled = true;
      clearTimeout(timer as Parameters<typeof clearTimeout>[0]);
    };
  },
};

/** In Node right after the sockets have been looked at; in a browser after the events that wait. */
function afterInput(run: () => void): void {
  const soon = (globalThis as { readonly setImmediate?: (run: () => void) => unknown })
    .setImmediate;
  if (soon === undefined) setTimeout(run, 0);
  else soon(run);
}

/** One timer that is set, moved and cleared. */
export class Alarm {
  private cancel: (() => void) | undefined = undefined;
  private due = Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly run: () => void,
  ) {}

  get isSet(): boolean {
    return this.cancel !== undefined;
  }

  /** Goes off at `time`; an earlier setting is forgotten. */
  setAt(time: number): void {
    if (this.cancel !== undefined && this.due === time) return;
    this.clear();
    this.due = time;
    this.cancel = this.clock.after(Math.max(0, time - this.clock.now()), () => {
      this.cancel = undefined;
      this.run();
    });
  }

  /** Like `setAt`, but keeps an earlier time. */
  setBy(time: number): void {
    if (this.cancel === undefined || this.due > time) this.setAt(time);
  }

  clear(): void {
    this.cancel?.();
    this.cancel = undefined;
  }
}
