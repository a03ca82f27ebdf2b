/**
 * The way from FPGA to host: answers, spikes and samples wait here with the tick of their arrival and become words
 * in order of time. Ticks are FPGA cycles since power-up; the stream carries FPGA time, which is offset by the
 * last synchronisation.
 */

import { ResponseWriter } from '../../isa/playback/index.js';

/** Entries of one kind in order of time. */
class Lane {
  head = 0;
  private tail = 0;
  private ticks = new Float64Array(256);
  private loads = new Float64Array(256);

  get isEmpty(): boolean {
    return this.head === this.tail;
  }

  /** Tick of the first entry; Infinity if there is none. */
  get tick(): number {
    return this.head === this.tail ? Infinity : this.ticks[this.head]!;
  }

  get load(): number {
    return this.loads[this.head]!;
  }

  push(tick: number, load: number): void {
    if (this.tail === this.ticks.length) this.makeRoom();
    this.ticks[this.tail] = tick;
    this.loads[this.tail++] = load;
  }

  clear(): void {
    this.head = 0;
    this.tail = 0;
  }

  private makeRoom(): void {
    const used = this.tail - this.head;
    if (used * 2 > this.ticks.length) {
      const ticks = new Float64Array(this.ticks.length * 2);
      const loads = new Float64Array(ticks.length);
      ticks.set(this.ticks.subarray(this.head, this.tail));
      loads.set(this.loads.subarray(this.head, this.tail));
      this.ticks = ticks;
      this.loads = loads;
    } else {
      this.ticks.copyWithin(0, this.head, this.tail);
      this.loads.copyWithin(0, this.head, this.tail);
    }
    this.head = 0;
    this.tail = used;
  }
}

const span = 0x80000000000;
const tickMark = -1;

/** See the module's first sentence. */
export class Uplink {
  /** FPGA time minus tick. */
  offset = 0;
  /** Events that came too late for their 8-bit time stamps. */
  dropped = 0;

  private readonly writer = new ResponseWriter();
  private readonly answers = new Lane();
  private readonly jtag = new Lane();
  private readonly spikes = new Lane();
  private readonly samples = new Lane();
  private readonly pack = new Float64Array(3);

  /** Everything with state of its own, by name. */
  get parts(): Readonly<Record<string, object>> {
    const { writer, answers, jtag, spikes, samples } = this;
    return { uplink: this, writer, answers, jtagAnswers: jtag, spikes, samples };
  }

  /** @param limit ticks by which an event may be late on its way */
  constructor(private readonly limit: number) {}

  /** Answer to a register read. */
  answer(tick: number, value: number): void {
    this.answers.push(tick, value >>> 0);
  }

  /** Echo of a tick message, in order with the answers. */
  mark(tick: number): void {
    this.answers.push(tick, tickMark);
  }

  /** A kept JTAG response. */
  jtagAnswer(tick: number, value: number): void {
    this.jtag.push(tick, value);
  }

  /** A spike as label | stamp << 16. */
  spike(tick: number, item: number): void {
    this.spikes.push(tick, item);
  }

  /** An MADC sample as value | channel << 10 | stamp << 16. */
  sample(tick: number, item: number): void {
    this.samples.push(tick, item);
  }

  /** Writes everything due up to `tick`. */
  flush(tick: number): void {
    const { answers, jtag: responses, spikes, samples } = this;
    for (;;) {
      const answer = answers.tick;
      const jtag = responses.tick;
      const spike = spikes.tick;
      let first = answer < jtag ? answer : jtag;
      if (spike < first) first = spike;
      if (samples.tick < first) first = samples.tick;
      if (first > tick || first === Infinity) return;
      if (answer === first) {
        const load = this.answers.load;
        this.answers.head++;
        if (load === tickMark) this.writer.tick(this.time(first));
        else this.writer.data(this.time(first), load);
      } else if (jtag === first) {
        this.writer.jtag(this.time(first), this.jtag.load);
        this.jtag.head++;
      } else if (spike === first) this.sendEvents(this.spikes, first, true);
      else this.sendEvents(this.samples, first, false);
    }
  }

  /** A time-out notice; everything earlier goes first. */
  timeout(tick: number, instruction: number, readsInFlight: number): void {
    this.flush(tick);
    this.writer.timeout(this.time(tick), instruction, 0, readsInFlight);
  }

  /** Reports the time. */
  reportTime(tick: number): void {
    this.flush(tick);
    this.writer.systime(this.time(tick));
  }

  /** Ends a program. */
  halt(tick: number): void {
    this.flush(tick);
    this.writer.halt(this.time(tick));
  }

  /** From `tick` on FPGA time is `time`, and messages carry it. */
  synchronise(tick: number, time: number): void {
    this.flush(tick);
    this.offset = time - tick;
    this.writer.timed = true;
    this.writer.forgetTime();
  }

  /** FPGA time of a tick, 43 bits. */
  time(tick: number): number {
    const time = tick + this.offset;
    return time >= 0 && time < span ? time : ((time % span) + span) % span;
  }

  /** Words so far; `flush` fills up the last one. */
  take(flush: boolean): Uint32Array {
    return this.writer.take(flush);
  }

  /** Power-up at `tick`: what has arrived and pending answers still go out, events in flight are lost, time is unknown again. */
  powerUp(tick: number): void {
    this.flush(tick);
    this.spikes.clear();
    this.samples.clear();
    this.flush(Infinity);
    this.offset = 0;
    this.dropped = 0;
    this.writer.timed = false;
    this.writer.forgetTime();
  }

  /** Forgets everything that has not been taken. */
  clear(): void {
    for (const lane of [this.answers, this.jtag, this.spikes, this.samples]) lane.clear();
    const timed = this.writer.timed;
    this.writer.clear();
    this.writer.timed = timed;
  }

  private sendEvents(lane: Lane, tick: number, isSpike: boolean): void {
    let count = 0;
    while (count < 3 && lane.tick === tick) {
      this.pack[count++] = lane.load;
      lane.head++;
    }
    const time = this.time(tick);
    if (this.writer.lateness(time) > this.limit) {
      this.dropped += count;
      return;
    }
    if (isSpike) this.writer.spikes(time, this.pack, 0, count);
    else this.writer.samples(time, this.pack, 0, count);
  }
}
