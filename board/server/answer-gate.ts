/**
 * Answers of one program on their way to the wire, cut off when they are more than is allowed.
 *
 * The cut lies between two messages, so that a host can read on; where it lies depends on the answers and the limit
 * alone, not on the portions in which a machine hands them over.
 */

import { headerOf } from '../../isa/playback/index.js';
import { answerPieces } from '../framing/message-scan.js';
import { joinWords } from '../words.js';

const timeoutHeader = headerOf('from_fpga', 'timeout_notification');
const haltHeader = headerOf('from_fpga', 'loopback');
/** Messages are made of pieces of 16 bits, four in a word; a piece like this fills up the rest of a word. */
const inWord = 4;
const fill = 0x8000;

/** See the module's first sentence. */
export class AnswerGate {
  /** There were more answers than allowed; what comes now is dropped. */
  isFull = false;

  private readonly limit: number;
  /** Words with the beginning of a message that is not complete, and the piece where it begins. */
  private held: Uint32Array = new Uint32Array(0);
  private start = 0;
  /** Pieces before `held`. */
  private before = 0;
  /** The word in which the cut lies, filled up. */
  private last: Uint32Array = new Uint32Array(0);
  /** The last time-out notice among what was dropped. */
  private notice: Uint32Array | undefined = undefined;

  /** @param mostBytes of answers, fill included; the notices of `close` do not count */
  constructor(mostBytes: number) {
    this.limit = inWord * Math.floor(mostBytes / 8);
  }

  /** Takes answers in any portions. @returns the words that can go out */
  push(words: Uint32Array): Uint32Array {
    const all = joinWords([this.held, words]);
    const wasFull = this.isFull;
    let passed = -1;
    let at = this.start;
    for (;;) {
      const next = afterMessage(all, at);
      if (next > 2 * all.length) break;
      if (!this.isFull && this.before + next > this.limit) {
        this.isFull = true;
        this.last = filledUp(all, at);
        passed = Math.floor(at / inWord);
      }
      if (this.isFull && pieceOf(all, at) >>> 8 === timeoutHeader)
        this.notice = Uint32Array.of(twoPieces(all, at), twoPieces(all, at + 2));
      at = next;
    }
    const whole = Math.floor(at / inWord);
    this.held = all.slice(2 * whole);
    this.start = at % inWord;
    this.before += inWord * whole;
    return wasFull ? all.subarray(0, 0) : all.subarray(0, 2 * (passed < 0 ? whole : passed));
  }

  /**
   * What ends the answers of a program that was cut off: fill, a time-out notice (the machine's, or one that names
   * `instruction`), the halt.
   */
  close(instruction: number): Uint32Array {
    const notice = this.notice ?? Uint32Array.of(timeoutHeader * 0x1000000, instruction);
    return joinWords([this.last, notice, Uint32Array.of(haltHeader * 0x1000000, 0)]);
  }
}

/** The piece after the message, or the fill, that begins at piece `at`; beyond the words if it is not complete. */
function afterMessage(words: Uint32Array, at: number): number {
  const restOfWord = inWord - (at % inWord);
  if (at >= 2 * words.length) return Infinity;
  const value = pieceOf(words, at);
  // A header that no message has: nobody can read on, and it does not matter where such answers are cut.
  return at + (value >= fill ? restOfWord : answerPieces(value >>> 8) || restOfWord);
}

function pieceOf(words: Uint32Array, at: number): number {
  const entry = words[at >> 1] ?? 0;
  return at % 2 === 0 ? entry >>> 16 : entry & 0xffff;
}

function twoPieces(words: Uint32Array, at: number): number {
  return pieceOf(words, at) * 0x10000 + pieceOf(words, at + 1);
}

/** The word of piece `at` with fill from there on; nothing if the piece is the word's first. */
function filledUp(words: Uint32Array, at: number): Uint32Array {
  const used = at % inWord;
  if (used === 0) return new Uint32Array(0);
  const word = at - used;
  const pieces = Array.from({ length: inWord }, (_, i) =>
    i < used ? pieceOf(words, word + i) : i === used ? fill : 0,
  );
  return Uint32Array.of(
    (pieces[0] ?? 0) * 0x10000 + (pieces[1] ?? 0),
    (pieces[2] ?? 0) * 0x10000 + (pieces[3] ?? 0),
  );
}
