/**
 * The host's end of the serial link: greeting, then words.
 *
 * Opening takes three steps. A LOOPBACK with a number of its own goes out before the HELLO; when it comes back,
 * everything older has left the line, so the next HELLO_ACK answers this HELLO. A second LOOPBACK then shows that no
 * further HELLO of ours is under way that could reset the board in the middle of the session.
 */

import { frameTypes, type UartFrame } from '../framing/uart-frame.js';
import { Alarm, type Clock } from './clock.js';
import type { HostLink, HostLinkOwner, LinkProblem } from './host-link.js';
import { asciiText, parseDescription, protocolRevision } from './self-description.js';
import type { LinkStatistics } from './statistics.js';
import { UartLink, type Line } from './uart-link.js';

export const uartVersion = 1;
const repeatEvery = 200;
const probeEvery = 1000;
const probesUnanswered = 10;
/** Longest self-description that is taken, and longest frame: boards may have more than 32 words in a frame. */
const frameLimit = 8192;

export interface UartHostOptions {
  /** Milliseconds that the greeting may take. Default 3000. */
  readonly patience?: number;
  /** Where the numbers of LOOPBACK frames begin: different from that of earlier sessions on the line. */
  readonly nonce?: number;
}

type Stage = 'closed' | 'flushing' | 'greeting' | 'confirming' | 'open';

/** See the module's first sentence. */
export class UartHost implements HostLink {
  private readonly link: UartLink;
  private stage: Stage = 'closed';
  private nonce: number;
  /** Times that the greeting has gone out. */
  private greetings = 0;
  private bytesBefore = 0;
  private framesBefore = 0;
  private hasEcho = false;
  private description = '';
  private unanswered = 0;
  private readonly probes = new Map<
    number,
    { readonly at: number; readonly returned?: (milliseconds: number) => void }
  >();
  private readonly alarm: Alarm;

  constructor(
    private readonly clock: Clock,
    private readonly line: Line,
    private readonly owner: HostLinkOwner,
    private readonly options: UartHostOptions = {},
  ) {
    this.nonce = (options.nonce ?? 0) >>> 0;
    this.alarm = new Alarm(clock, () => this.tick());
    this.link = new UartLink(
      clock,
      line,
      {
        room: () => 0xffff,
        words: (words) => owner.words(words),
        control: (frame) => this.control(frame),
        gaveUp: () => this.fail('no acknowledgement'),
      },
      frameLimit,
    );
  }

  get statistics(): LinkStatistics {
    return this.link.counts.copy();
  }

  get unsent(): number {
    return this.link.unsent;
  }

  open(): void {
    this.link.stop();
    this.stage = 'flushing';
    this.greetings = 0;
    this.bytesBefore = this.link.counts.bytesReceived;
    this.framesBefore = this.link.counts.framesReceived;
    this.hasEcho = false;
    this.nonce = (this.nonce + 1) >>> 0;
    this.probes.clear();
    this.greet();
  }

  /** Bytes from the line. */
  receive(bytes: Uint8Array): void {
    this.link.receive(bytes);
  }

  /** The line takes more. */
  drained(): void {
    this.link.drained();
  }

  /** The line is gone. */
  lost(): void {
    if (this.stage !== 'closed') this.fail('line lost');
  }

  send(words: Uint32Array): void {
    this.link.send(words);
  }

  flush(): void {
    this.link.flush();
  }

  probe(returned: (milliseconds: number) => void, bytes = 4): void {
    if (this.stage === 'open') this.sendProbe(returned, bytes);
  }

  close(): void {
    if (this.stage !== 'closed') this.link.sendFrame(frameTypes.bye);
    this.end();
  }

  private greet(): void {
    this.greetings++;
    if (this.stage === 'confirming') this.loop();
    else {
      this.line.write(Uint8Array.of(0));
      this.link.counts.bytesSent++;
      this.loop();
      this.link.write({
        type: frameTypes.hello,
        seq: 0,
        ack: 255,
        credit: 0,
        payload: Uint8Array.of(uartVersion),
      });
    }
    this.alarm.setAt(this.clock.now() + repeatEvery);
  }

  /** LOOPBACK with the present number. */
  private loop(payload = wordBytes(this.nonce)): void {
    this.link.sendFrame(frameTypes.loopback, payload);
  }

  private tick(): void {
    if (this.stage === 'closed') return;
    if (this.stage === 'open') {
      if (this.unanswered >= probesUnanswered) this.fail('silent');
      else this.sendProbe();
      return;
    }
    // Counted, not timed: a machine that was held up has not waited for answers in that time.
    const waited = this.greetings * repeatEvery;
    if (waited < (this.options.patience ?? 3000)) this.greet();
    else this.fail(this.reasonForSilence());
  }

  private reasonForSilence(): LinkProblem {
    const { counts } = this.link;
    if (this.stage === 'confirming') return 'no echo';
    if (counts.framesReceived > this.framesBefore) return this.hasEcho ? 'no answer' : 'no echo';
    return counts.bytesReceived - this.bytesBefore > 1 ? 'garbage' : 'no answer';
  }

  private control(frame: UartFrame): void {
    switch (frame.type) {
      case frameTypes.loopback:
        this.returned(frame.payload);
        return;
      case frameTypes.helloAck:
        this.answered(frame);
        return;
      case frameTypes.bye:
        if (this.stage === 'open') this.fail('closed by board');
        else if (this.stage !== 'closed') this.fail('board in use');
        return;
      case frameTypes.hello:
        if (this.stage !== 'open' && this.stage !== 'closed') this.fail('echoed');
        return;
    }
  }

  private answered({ payload, credit }: UartFrame): void {
    if (this.stage === 'open') {
      // Nothing of ours asked for it: the board has forgotten the session.
      this.fail('board restarted');
      return;
    }
    if (this.stage !== 'greeting') return;
    const [version = 0, window = 0] = payload;
    const maxWords = ((payload[2] ?? 0) << 8) | (payload[3] ?? 0);
    if (version !== uartVersion) {
      this.fail('protocol version', { board: version, here: uartVersion });
      return;
    }
    if (window < 1 || window > 127 || maxWords < 1 || 8 * maxWords > frameLimit) {
      this.fail('wrong parameters', { window, 'words in a frame': maxWords });
      return;
    }
    this.description = asciiText(payload.subarray(4));
    const until = parseDescription(this.description)['compatible_until'];
    if (typeof until === 'number' && until > protocolRevision) {
      this.fail('protocol version', { 'board wants revision': until, here: protocolRevision });
      return;
    }
    this.link.start({ window, maxWords }, credit);
    this.stage = 'confirming';
    this.nonce = (this.nonce + 1) >>> 0;
    this.greet();
  }

  private returned(payload: Uint8Array): void {
    const nonce = numberOf(payload);
    if (this.stage === 'open') {
      const probe = this.probes.get(nonce);
      if (probe === undefined) return;
      this.probes.clear();
      this.unanswered = 0;
      probe.returned?.(this.clock.now() - probe.at);
      return;
    }
    if (nonce !== this.nonce) return;
    if (this.stage === 'flushing') {
      this.hasEcho = true;
      this.stage = 'greeting';
    } else if (this.stage === 'confirming') {
      this.stage = 'open';
      this.unanswered = 0;
      this.alarm.setAt(this.clock.now() + probeEvery);
      this.link.announce();
      this.owner.opened(parseDescription(this.description));
    }
  }

  private sendProbe(returned?: (milliseconds: number) => void, bytes = 4): void {
    this.nonce = (this.nonce + 1) >>> 0;
    this.probes.set(this.nonce, {
      at: this.clock.now(),
      ...(returned === undefined ? {} : { returned }),
    });
    this.unanswered++;
    const payload = new Uint8Array(Math.max(4, bytes));
    payload.set(wordBytes(this.nonce));
    this.loop(payload);
    this.alarm.setAt(this.clock.now() + probeEvery);
  }

  private fail(problem: LinkProblem, facts?: Readonly<Record<string, string | number>>): void {
    this.end();
    this.owner.down(problem, facts);
  }

  private end(): void {
    this.stage = 'closed';
    this.alarm.clear();
    this.link.stop();
    this.probes.clear();
  }
}

function wordBytes(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function numberOf(bytes: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}
