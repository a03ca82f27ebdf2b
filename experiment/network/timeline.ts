/** Spikes and other messages of a piece in one order of time. */
import type { PlaybackWriter } from '../../isa/playback/writer.js';
import type { SpikeEvents } from './stimuli.js';

/** Messages that go out at a time. */
export interface TimedAction {
  /** Playback timer tick (8 ns). */
  readonly tick: number;
  write(writer: PlaybackWriter): void;
}

/** Ticks after which a spike counts as late: 100 ns. */
const tolerance = 13;

/**
 * Appends spikes and actions by time; at equal ticks spikes go first, then actions in the order given. One message leaves
 * per tick, so a burst of actions delays what follows.
 * @returns how many spikes will leave more than 100 ns late for that reason
 */
export function writeTimeline(
  writer: PlaybackWriter,
  spikes: SpikeEvents,
  actions: readonly TimedAction[],
  from: number,
): number {
  if (actions.length === 0) {
    writer.spikeTrain(spikes.times, spikes.labels);
    return 0;
  }
  const ordered = [...actions].sort((a, b) => a.tick - b.tick);
  const clock = new MessageClock(writer, from);
  let late = 0;
  let sent = 0;
  const sendUpTo = (tick: number): void => {
    const first = sent;
    while (sent < spikes.times.length && (spikes.times[sent] ?? 0) <= tick) sent++;
    if (sent === first) return;
    for (let i = first; i < sent;) {
      const time = spikes.times[i] ?? 0;
      let end = i;
      while (end < sent && spikes.times[end] === time) end++;
      clock.reach(time);
      if (clock.now - time > tolerance) late += end - i;
      writer.spikeTrain(spikes.times.subarray(i, end), spikes.labels.subarray(i, end));
      i = end;
    }
  };
  for (const action of ordered) {
    sendUpTo(action.tick);
    clock.reach(action.tick);
    writer.at(action.tick);
    action.write(writer);
  }
  sendUpTo(Infinity);
  return late;
}

/** The tick at which the next message leaves, if every message takes one. */
class MessageClock {
  private anchor: number;
  private length: number;

  constructor(
    private readonly writer: PlaybackWriter,
    from: number,
  ) {
    this.anchor = from;
    this.length = writer.length;
  }

  get now(): number {
    return this.anchor + this.writer.length - this.length;
  }

  /** Waiting until a tick starts the count anew. */
  reach(tick: number): void {
    if (tick <= this.now) return;
    this.anchor = tick;
    this.length = this.writer.length;
  }
}
