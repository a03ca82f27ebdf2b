/** What went over a link: figures for people, for error messages and for the soak tests. */

export interface LinkStatistics {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly framesSent: number;
  /** Good frames. */
  readonly framesReceived: number;
  /** Pieces that were no frame: wrong checksum, length or stuffing. */
  readonly damaged: number;
  /** Frames sent again. */
  readonly resent: number;
  /** Data frames that came out of order or twice and were dropped. */
  readonly dropped: number;
  /** Words delivered in order. */
  readonly wordsSent: number;
  readonly wordsReceived: number;
  /** Last good frame, in words; undefined if there was none. */
  readonly lastGoodFrame: string | undefined;
  /** Clock time (ms) of the last good frame. */
  readonly lastGoodAt: number | undefined;
}

/** Counts while a link runs. */
export class LinkCounts implements LinkStatistics {
  bytesSent = 0;
  bytesReceived = 0;
  framesSent = 0;
  framesReceived = 0;
  damaged = 0;
  resent = 0;
  dropped = 0;
  wordsSent = 0;
  wordsReceived = 0;
  lastGoodFrame: string | undefined = undefined;
  lastGoodAt: number | undefined = undefined;

  /** A good frame came in. */
  good(what: string, now: number): void {
    this.framesReceived++;
    this.lastGoodFrame = what;
    this.lastGoodAt = now;
  }

  /** A copy that no longer changes. */
  copy(): LinkStatistics {
    return { ...this };
  }
}
