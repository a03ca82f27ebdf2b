/** What a board needs of the link below it, whichever that is: serial frames or HostARQ. */

import type { SelfDescription } from './self-description.js';
import type { LinkStatistics } from './statistics.js';

/** Why a link could not be opened, or was lost. */
export type LinkProblem =
  | 'no answer'
  | 'garbage'
  | 'echoed'
  | 'protocol version'
  | 'wrong parameters'
  | 'no echo'
  | 'board in use'
  | 'no acknowledgement'
  | 'silent'
  | 'board restarted'
  | 'closed by board'
  | 'line lost';

export interface HostLinkOwner {
  /** A session is open. */
  opened(description: SelfDescription): void;
  /** Words from the board, in order. */
  words(words: Uint32Array): void;
  /** The session has ended, or could not be opened; `open` may be called again. */
  down(problem: LinkProblem, facts?: Readonly<Record<string, string | number>>): void;
}

/** The host's end of a reliable link. */
export interface HostLink {
  readonly statistics: LinkStatistics;
  /** Words handed over and not yet acknowledged. */
  readonly unsent: number;
  /** Begins a session, which resets link and executor of the board, or begins it anew. */
  open(): void;
  send(words: Uint32Array): void;
  /** Acknowledges what has come, at once. */
  flush(): void;
  /** Measures one round trip: the board returns the bytes. */
  probe(returned: (milliseconds: number) => void, bytes?: number): void;
  /** Says goodbye. */
  close(): void;
}
