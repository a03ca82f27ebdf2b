/**
 * Watches what a board does: text in the mailboxes, counters and records of compiled rules, spikes and samples. Nothing
 * is written but the time that is waited for; a lost link is opened again.
 *
 * On an emulated board chip time passes only while a program runs, so watching makes it pass.
 */

import { barriers } from '../../isa/playback/index.js';
import {
  mailbox,
  mailboxBase,
  mailboxEnd,
  metadata,
  readyState,
} from '../../isa/runtime-layout.js';
import { Access, sramAddress } from '../access.js';
import type { Board } from '../board.js';
import { bytesOfWords } from '../framing/bytes.js';
import { LinkDownError, BoardLinkError } from '../link-error.js';
import { RecordWatch, type RecordEvent, type RecordingProgram } from './record-watch.js';

export interface MonitorOptions {
  /** Chip time between two looks, seconds. Default 0.01. */
  readonly step?: number;
  /** Looks; default without end. */
  readonly looks?: number;
  /** Seconds of real time between attempts to open a lost link. Default 1. */
  readonly retry?: number;
  readonly signal?: AbortSignal;
  /** The program that is watched: its records are read and taken apart. Without it they are counted. */
  readonly program?: RecordingProgram;
  readonly onEvent: (event: MonitorEvent) => void;
}

export type MonitorEvent =
  | { readonly kind: 'text'; readonly hemisphere: number; readonly text: string }
  | {
      readonly kind: 'rule';
      readonly hemisphere: number;
      readonly state: string;
      readonly executions: number;
      readonly missed: number;
      readonly recordBytes: number;
      readonly recordsDropped: number;
    }
  | RecordEvent
  | { readonly kind: 'spikes'; readonly labels: Uint16Array; readonly times: Float64Array }
  | { readonly kind: 'samples'; readonly values: Uint16Array; readonly times: Float64Array }
  | { readonly kind: 'lost'; readonly problem: string }
  | { readonly kind: 'back' };

const pageWords = (mailboxEnd - mailboxBase) >> 2;

/** Watches until aborted, or for so many looks. @throws BoardError, AccessError, but not for lost links */
export async function monitorBoard(
  board: Board & { reconnect?(): Promise<void> },
  options: MonitorOptions,
): Promise<void> {
  const watch = [0, 1].map((hemisphere) => {
    const { program, onEvent } = options;
    const records = program === undefined ? undefined : new RecordWatch(hemisphere, program);
    return new ProcessorWatch(hemisphere, onEvent, records);
  });
  const access = new Access(board, options.signal);
  const ticks = Math.max(1, Math.round((options.step ?? 0.01) * 125e6));
  for (let look = 0; look < (options.looks ?? Infinity); look++) {
    if (isAborted(options)) return;
    try {
      await lookOnce(access, watch, ticks, options.onEvent);
    } catch (error) {
      if (isAborted(options)) return;
      if (!(error instanceof LinkDownError) || board.reconnect === undefined) throw error;
      options.onEvent({ kind: 'lost', problem: error.problem });
      if (!(await comeBack(() => board.reconnect?.(), options))) return;
      options.onEvent({ kind: 'back' });
    }
  }
}

function isAborted({ signal }: MonitorOptions): boolean {
  return signal?.aborted === true;
}

async function lookOnce(
  access: Access,
  watch: readonly ProcessorWatch[],
  ticks: number,
  onEvent: (event: MonitorEvent) => void,
): Promise<void> {
  const answers = await access.run((program) => {
    program.timerSetup().waitUntil(ticks).systimeInit(false).barrier(barriers.systime);
    for (const { hemisphere } of watch) {
      program.read(sramAddress(hemisphere, metadata.address >>> 2));
      program.readBlock(sramAddress(hemisphere, mailboxBase >>> 2), pageWords);
    }
  }, ticks * 8e-9);
  const values = answers.reads.values();
  for (const [i, one] of watch.entries()) {
    const from = i * (1 + pageWords);
    const page = values.subarray(from + 1, from + 1 + pageWords);
    if (values[from] === metadata.magic) await one.takeRule(access, page);
    else one.takeText(page);
  }
  if (answers.spikeLabels.length > 0)
    onEvent({
      kind: 'spikes',
      labels: answers.spikeLabels.values(),
      times: answers.spikeTimes.values().map((time) => time * 4e-9),
    });
  if (answers.madcValues.length > 0)
    onEvent({
      kind: 'samples',
      values: answers.madcValues.values(),
      times: answers.madcTimes.values().map((time) => time * 4e-9),
    });
}

async function comeBack(
  reconnect: () => Promise<void> | undefined,
  { signal, retry = 1 }: MonitorOptions,
): Promise<boolean> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1000 * retry));
    if (signal?.aborted === true) return false;
    try {
      await reconnect();
      return true;
    } catch (error) {
      if (!(error instanceof BoardLinkError)) throw error;
    }
  }
}

/** Tells what has changed in one processor's mailbox. */
class ProcessorWatch {
  private text = '';
  private counters = '';

  constructor(
    readonly hemisphere: number,
    private readonly tell: (event: MonitorEvent) => void,
    private readonly records?: RecordWatch,
  ) {}

  /** Counters of a compiled rule, and its records. */
  async takeRule(access: Access, page: Uint32Array): Promise<void> {
    const at = (address: number): number => page[(address - mailboxBase) >>> 2] ?? 0;
    const state =
      Object.entries(readyState).find(([, value]) => value === at(mailbox.ready))?.[0] ??
      `state ${at(mailbox.ready)}`;
    const event = {
      kind: 'rule',
      hemisphere: this.hemisphere,
      state,
      executions: at(mailbox.executions),
      missed: at(mailbox.missed),
      recordBytes: at(mailbox.recordBytes),
      recordsDropped: at(mailbox.recordsDropped),
    } as const;
    const counters = JSON.stringify(event);
    if (counters !== this.counters) this.tell(event);
    this.counters = counters;
    const fresh = await this.records?.look(access, event.recordBytes, event.executions);
    for (const record of fresh ?? []) this.tell(record);
  }

  /** C strings: what has been appended since the last look, or all of it if it is another text. */
  takeText(page: Uint32Array): void {
    const bytes = bytesOfWords(page);
    const end = bytes.indexOf(0);
    const text = [...(end < 0 ? bytes : bytes.subarray(0, end))]
      .map((byte) =>
        byte === 9 || byte === 10 || (byte >= 32 && byte < 127) ? String.fromCharCode(byte) : '?',
      )
      .join('');
    if (text !== this.text) {
      const fresh = text.startsWith(this.text) ? text.slice(this.text.length) : text;
      if (fresh !== '') this.tell({ kind: 'text', hemisphere: this.hemisphere, text: fresh });
    }
    this.text = text;
  }
}
