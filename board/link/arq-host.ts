/** The host's end of HostARQ: reset, configuration, loopback of a number of its own, then words. */

import { bytesOfWords } from '../framing/bytes.js';
import { hostArqReset, hostArqWords, packetTypes } from '../framing/hostarq-frame.js';
import { ArqLink, arqSequence, arqWindow } from './arq-link.js';
import { Alarm, type Clock } from './clock.js';
import type { HostLink, HostLinkOwner, LinkProblem } from './host-link.js';
import { asciiText, parseDescription, protocolRevision } from './self-description.js';
import type { LinkStatistics } from './statistics.js';

/** The datagrams below: to the data port and to the reset port of the board. */
export interface DatagramLine {
  data(datagram: Uint8Array): void;
  reset(datagram: Uint8Array): void;
}

export interface ArqHostOptions {
  /** Milliseconds that opening may take. Default 2000. */
  readonly patience?: number;
  readonly nonce?: number;
}

const repeatEvery = 200;
const probeEvery = 1000;

/** See the module's first sentence. */
export class ArqHost implements HostLink {
  private readonly link: ArqLink;
  private stage: 'closed' | 'reset' | 'loopback' | 'open' = 'closed';
  private nonce: number;
  private resets = 0;
  private bytesBefore = 0;
  private info: number[] = [];
  private infoLength = -1;
  private readonly probes = new Map<
    number,
    { readonly at: number; readonly returned?: (milliseconds: number) => void }
  >();
  private readonly alarm: Alarm;

  constructor(
    private readonly clock: Clock,
    private readonly line: DatagramLine,
    private readonly owner: HostLinkOwner,
    private readonly options: ArqHostOptions = {},
  ) {
    this.nonce = (options.nonce ?? 0) >>> 0;
    this.alarm = new Alarm(clock, () => this.tick());
    this.link = new ArqLink(clock, (datagram) => line.data(datagram), {
      room: () => Infinity,
      frame: (type, words) => this.take(type, words),
      gaveUp: () => this.fail('no acknowledgement'),
    });
  }

  get statistics(): LinkStatistics {
    return this.link.counts.copy();
  }

  get unsent(): number {
    return this.link.unsent;
  }

  open(): void {
    this.stage = 'reset';
    this.resets = 0;
    this.bytesBefore = this.link.counts.bytesReceived;
    this.probes.clear();
    this.reset();
  }

  receive(datagram: Uint8Array): void {
    this.link.receive(datagram);
  }

  lost(): void {
    if (this.stage !== 'closed') this.fail('line lost');
  }

  send(words: Uint32Array): void {
    this.link.send(words);
  }

  flush(): void {
    this.link.flush();
  }

  probe(returned: (milliseconds: number) => void, bytes = 8): void {
    if (this.stage === 'open') this.loop(returned, Math.max(1, Math.ceil(bytes / 8)));
  }

  close(): void {
    if (this.stage === 'open') this.link.sendFrame(packetTypes.flush, new Uint32Array(2));
    this.end();
  }

  private reset(): void {
    this.resets++;
    this.link.start(packetTypes.configuration);
    this.info = [];
    this.infoLength = -1;
    this.link.counts.framesSent++;
    this.link.counts.bytesSent += hostArqReset.length;
    this.line.reset(hostArqReset);
    this.alarm.setAt(this.clock.now() + repeatEvery);
  }

  private tick(): void {
    if (this.stage === 'closed') return;
    if (this.stage === 'open') {
      // A frame now and then: a board that is gone shows by not acknowledging it.
      if (this.link.unsent === 0) this.loop(undefined, 1);
      this.alarm.setAt(this.clock.now() + probeEvery);
      return;
    }
    // Counted, not timed: a machine that was held up has not waited for answers in that time.
    const waited = this.resets * repeatEvery;
    if (waited >= (this.options.patience ?? 2000)) {
      const isSilent = this.link.counts.bytesReceived === this.bytesBefore;
      this.fail(isSilent ? 'no answer' : this.stage === 'loopback' ? 'no echo' : 'garbage');
    } else {
      this.stage = 'reset';
      this.reset();
    }
  }

  private take(type: number, words: Uint32Array): void {
    if (type === packetTypes.playback) {
      if (this.stage === 'open') this.owner.words(words);
    } else if (type === packetTypes.configuration) this.configure(words);
    else if (type === packetTypes.loopback) this.returned(words);
  }

  private configure(words: Uint32Array): void {
    if (this.stage === 'open') {
      this.fail('board restarted');
      return;
    }
    if (this.stage !== 'reset') return;
    let from = 0;
    if (this.infoLength < 0) {
      const [, sequence = 0, , window = 0, , most = 0, , length = 0] = words;
      if (sequence !== arqSequence || window !== arqWindow || most !== hostArqWords) {
        this.fail('wrong parameters', { 'sequence numbers': sequence, window, words: most });
        return;
      }
      this.infoLength = length;
      from = 8;
    }
    for (const entry of words.subarray(from)) this.info.push(entry);
    if (this.info.length < 2 * this.infoLength) return;
    const description = this.description();
    const until = description['compatible_until'];
    if (typeof until === 'number' && until > protocolRevision) {
      this.fail('protocol version', { 'board wants revision': until, here: protocolRevision });
      return;
    }
    this.stage = 'loopback';
    this.loop(undefined, 1);
  }

  private description(): ReturnType<typeof parseDescription> {
    return parseDescription(asciiText(bytesOfWords(Uint32Array.from(this.info))));
  }

  private returned(words: Uint32Array): void {
    const probe = this.probes.get(words[1] ?? 0);
    if (probe === undefined) return;
    this.probes.clear();
    probe.returned?.(this.clock.now() - probe.at);
    if (this.stage !== 'loopback') return;
    this.stage = 'open';
    this.alarm.setAt(this.clock.now() + probeEvery);
    this.owner.opened(this.description());
  }

  private loop(returned: ((milliseconds: number) => void) | undefined, count: number): void {
    this.nonce = (this.nonce + 1) >>> 0;
    this.probes.set(this.nonce, {
      at: this.clock.now(),
      ...(returned === undefined ? {} : { returned }),
    });
    const words = new Uint32Array(2 * count);
    words[0] = 0x504c4153;
    words[1] = this.nonce;
    this.link.sendFrame(packetTypes.loopback, words);
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
