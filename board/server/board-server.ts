/** The server end of the wire: one client at a time in front of one machine. */

import { Alarm, systemClock, type Clock } from '../link/clock.js';
import { parseDescription, writeDescription } from '../link/self-description.js';
import type { DeviceLink, DeviceOwner } from '../link/uart-device.js';
import {
  defaultLimits,
  largestFrame,
  ProgramRunner,
  type LimitName,
  type Machine,
} from './machine.js';
import type { ServerLimits } from './machine.js';

/** How a board is served. */
export interface ServerOptions {
  readonly limits?: Partial<ServerLimits>;
  /** Seconds without a sign of the client after which another may have the board. Default 60. */
  readonly idleSeconds?: number;
  /** YAML lines that replace or add to what the board says of itself. */
  readonly yaml?: string;
  /** Called for everything that happens. */
  readonly onEvent?: (event: ServerEvent) => void;
  /** Time in which clients are idle. Default: that of the machine. */
  readonly clock?: Clock;
}

/** What happens at a served board. */
export type ServerEvent =
  | { readonly kind: 'client'; readonly peer: string }
  | { readonly kind: 'session'; readonly peer: string }
  | { readonly kind: 'gone'; readonly peer: string; readonly why: string }
  | { readonly kind: 'refused'; readonly peer: string; readonly why: string }
  | {
      readonly kind: 'program';
      readonly words: number;
      readonly chipSeconds: number;
      readonly limit: LimitName | undefined;
    };

interface Client {
  readonly peer: string;
  link: DeviceLink | undefined;
  heard: number;
  readonly dismiss: (why: string) => void;
}

/** A client's place at the board: what its link needs, and what its port tells. */
export interface Seat {
  readonly owner: DeviceOwner;
  /** The client gave a sign of life. */
  heard(): void;
  /** The port of the client is gone. */
  left(why: string): void;
}

/** See the module's first sentence. */
export class BoardServer {
  readonly runner: ProgramRunner;
  private readonly limits: ServerLimits;
  private readonly idle: number;
  private client: Client | undefined = undefined;
  private readonly clock: Clock;
  private readonly watch: Alarm;

  constructor(
    private readonly machine: Machine,
    private readonly options: ServerOptions = {},
  ) {
    const limits = { ...defaultLimits, ...options.limits };
    this.limits = { ...limits, playbackWords: Math.max(limits.playbackWords, 2 * largestFrame) };
    this.idle = 1000 * (options.idleSeconds ?? 60);
    this.clock = options.clock ?? systemClock;
    this.runner = new ProgramRunner(
      machine,
      this.limits,
      {
        answers: (words) => this.client?.link?.send(words),
        backlog: () => this.client?.link?.unsent ?? 0,
        roomGrew: () => this.client?.link?.roomGrew(),
        programEnded: (words, chipSeconds, limit) =>
          this.tell({ kind: 'program', words, chipSeconds, limit }),
      },
      () => systemClock.now(),
      (milliseconds, run) => {
        if (milliseconds === 0) setImmediate(run);
        else setTimeout(run, milliseconds);
      },
    );
    this.watch = new Alarm(this.clock, () => this.lookForIdle());
  }

  /** Who uses the board. */
  get peer(): string | undefined {
    return this.client?.peer;
  }

  /** What the board says of itself. */
  description(): string {
    const { limits } = this;
    return writeDescription({
      ...this.machine.description,
      playback_words: limits.playbackWords,
      streams: true,
      limit_chip_seconds: limits.chipSeconds,
      limit_wall_seconds: limits.wallSeconds,
      limit_output_bytes: limits.outputBytes,
      ...parseDescription(this.options.yaml ?? ''),
    });
  }

  /**
   * Gives the board to a client, unless it is taken; then undefined, and the refusal is told.
   * @param dismiss called when the client has lost its place: it is to be told, and its port closed
   */
  admit(
    peer: string,
    link: (owner: DeviceOwner) => DeviceLink,
    dismiss: (why: string) => void,
  ): Seat | undefined {
    if (this.client !== undefined) {
      this.tell({ kind: 'refused', peer, why: `${this.client.peer} uses the board` });
      return undefined;
    }
    const client: Client = { peer, link: undefined, heard: this.clock.now(), dismiss };
    const isHere = (): boolean => this.client === client;
    const owner: DeviceOwner = {
      room: () => (isHere() ? this.runner.room : 0),
      words: (words) => {
        if (isHere()) this.runner.accept(words);
      },
      started: () => {
        if (!isHere()) return;
        this.runner.reset();
        this.tell({ kind: 'session', peer });
      },
      ended: (why) => this.release(client, why),
      description: () => this.description(),
    };
    this.client = client;
    this.watch.setAt(client.heard + this.idle);
    this.tell({ kind: 'client', peer });
    client.link = link(owner);
    return {
      owner,
      heard: () => {
        client.heard = this.clock.now();
      },
      left: (why) => this.release(client, why),
    };
  }

  /** Sends the client away and stops. */
  close(): void {
    const { client } = this;
    if (client !== undefined) {
      client.link?.close();
      this.release(client, 'the server ends');
    }
  }

  /** Ends the present session because of a failure behind the board. */
  dismiss(why: string): void {
    const { client } = this;
    if (client === undefined) return;
    client.link?.close();
    this.release(client, why);
  }

  private lookForIdle(): void {
    const { client } = this;
    if (client === undefined) return;
    const due = client.heard + this.idle;
    if (this.clock.now() < due) this.watch.setAt(due);
    else this.dismiss('it was idle for too long');
  }

  private release(client: Client, why: string): void {
    if (this.client !== client) return;
    this.client = undefined;
    this.watch.clear();
    this.runner.reset();
    this.tell({ kind: 'gone', peer: client.peer, why });
    client.dismiss(why);
  }

  private tell(event: ServerEvent): void {
    this.options.onEvent?.(event);
  }
}
