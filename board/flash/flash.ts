/**
 * Loads a program into the processors of a board.
 *
 * The processors are held in reset before the first word is written and are released only after the whole image has been
 * verified (unless that is switched off), so whatever happens in between no processor runs a half-written image. SRAM is
 * volatile: nothing survives a loss of power.
 */

import { mailbox } from '../../isa/runtime-layout.js';
import {
  Access,
  AccessError,
  controlAddress,
  sramAddress,
  timeoutRegister,
  usualTimeout,
} from '../access.js';
import { BoardError, type Board } from '../board.js';
import { idcodes, linkEnables, writeBringUp, writeReset } from '../chip-setup.js';
import { LinkDownError, BoardLinkError } from '../link-error.js';
import { CheckerError } from './checksum.js';
import { FlashError, type FlashEvent, type FlashPhase, type ProcessorState } from './events.js';
import { ImageWriter, type FlashState, type Verification } from './image-writer.js';
import type { FlashPlan } from './plan.js';

export type { Verification } from './image-writer.js';
export { FlashError, type FlashEvent, type FlashPhase, type ProcessorState } from './events.js';

/** A board whose link can be opened again after it was lost. */
export type FlashBoard = Board & { reconnect?(): Promise<void> };

/** How programs are loaded onto a board. */
export interface FlashOptions {
  /** Write every block, also those that read back as they should. */
  readonly full?: boolean;
  /**
   * How to see that what was written is there: reading it back (default), letting the processor compute checksums, which
   * is faster on a slow line, or not at all. Without verification everything is written, too.
   */
  readonly verify?: Verification;
  /** Bring clocks and links up first: `auto` does if they are down. Default auto. */
  readonly init?: 'auto' | 'never';
  /** Release the processors at the end. Default true. */
  readonly start?: boolean;
  /** Write 1 to the word `go` of a compiled rule that has come up. */
  readonly go?: boolean;
  /** Seconds of chip time to wait for a program to come up. Default 1. */
  readonly patience?: number;
  /** How often a lost link is opened again. Default 3. */
  readonly reconnects?: number;
  readonly signal?: AbortSignal;
  /** Called for every step. */
  readonly onEvent?: (event: FlashEvent) => void;
}

/** What loading did. */
export interface FlashReport {
  readonly idcode: number;
  readonly revision: string;
  readonly dna: string;
  readonly words: number;
  readonly wordsWritten: number;
  readonly blocks: number;
  readonly blocksWritten: number;
  readonly verified: Verification;
  readonly broughtUp: boolean;
  readonly reconnects: number;
  readonly seconds: number;
  /** By processor, once started. */
  readonly states: readonly { readonly hemisphere: number; readonly state: string }[];
}

/** Loads a plan. @throws FlashError */
export async function flash(
  board: FlashBoard,
  plan: FlashPlan,
  options: FlashOptions = {},
): Promise<FlashReport> {
  return new Flasher(board, plan, options).run();
}

class Flasher implements FlashState {
  phase: FlashPhase = 'identify';
  processors: ProcessorState = 'untouched';
  private readonly access: Access;
  private readonly image: ImageWriter;
  private broughtUp = false;
  private reconnects = 0;
  private chip = { idcode: 0, revision: '', dna: '' };
  private readonly began = performance.now();

  constructor(
    private readonly board: FlashBoard,
    private readonly plan: FlashPlan,
    private readonly options: FlashOptions,
  ) {
    this.access = new Access(board, options.signal);
    this.image = new ImageWriter(this.access, plan.blocks, options, this);
  }

  async run(): Promise<FlashReport> {
    for (;;) {
      try {
        return await this.attempt();
      } catch (error) {
        if (!(await this.resume(error))) throw await this.failure(error);
      }
    }
  }

  private async attempt(): Promise<FlashReport> {
    await this.identify();
    await this.bringUp();
    await this.hold();
    await this.image.load();
    const states = await this.start();
    return {
      ...this.chip,
      words: this.plan.words,
      wordsWritten: this.image.wordsWritten,
      blocks: this.plan.blocks.length,
      blocksWritten: this.image.blocksWritten,
      verified: this.options.verify ?? 'read-back',
      broughtUp: this.broughtUp,
      reconnects: this.reconnects,
      seconds: (performance.now() - this.began) / 1000,
      states,
    };
  }

  /** After a lost link: opens it again. What has been written is found by comparing. */
  private async resume(error: unknown): Promise<boolean> {
    if (!(error instanceof LinkDownError) || this.board.reconnect === undefined) return false;
    for (;;) {
      if (this.reconnects >= (this.options.reconnects ?? 3)) return false;
      this.reconnects++;
      this.tell({ kind: 'link lost', problem: error.problem, attempt: this.reconnects });
      await new Promise((resolve) => setTimeout(resolve, 200 * this.reconnects));
      if (this.options.signal?.aborted === true) return false;
      try {
        await this.board.reconnect();
        this.tell({ kind: 'resumed' });
        return true;
      } catch (again) {
        if (!(again instanceof BoardLinkError)) throw again;
      }
    }
  }

  private async identify(): Promise<void> {
    this.enter('identify');
    const idcode = await this.access.idcode();
    const revision = idcodes[idcode];
    if (revision === undefined)
      throw new FlashError('wrong chip', this.phase, this.processors, {
        identification: `0x${idcode.toString(16).padStart(8, '0')}`,
        expected: '0x348580af (HICANN-X v3)',
      });
    this.chip = { idcode, revision, dna: await this.access.dna() };
    this.tell({ kind: 'chip', ...this.chip });
  }

  private async bringUp(): Promise<void> {
    if (this.options.init === 'never') return;
    const [enables = 0] = await this.access.read([linkEnables]);
    if ((enables & 0xff) === 0xff) return;
    this.enter('bring up');
    await this.access.run((program) => writeBringUp(program));
    this.broughtUp = true;
  }

  private async hold(): Promise<void> {
    this.enter('hold');
    const { targets } = this.plan;
    this.processors = 'unknown';
    const answers = await this.access.run((program) => {
      for (const hemisphere of targets) program.write(controlAddress(hemisphere), 0);
      program.barrier();
      for (const hemisphere of targets) program.read(controlAddress(hemisphere));
    });
    if (answers.reads.values().some((word) => (word & 1) !== 0))
      throw new FlashError('verify', this.phase, this.processors, { register: 'control' });
    this.processors = 'held in reset';
  }

  private async start(): Promise<FlashReport['states']> {
    if (this.options.start === false) return [];
    this.enter('start');
    const states: { hemisphere: number; state: string }[] = [];
    for (const hemisphere of this.plan.targets) {
      const state = await this.release(hemisphere);
      states.push({ hemisphere, state });
      this.tell({ kind: 'started', hemisphere, state });
    }
    return states;
  }

  private async release(hemisphere: number): Promise<string> {
    const { idle } = this.plan;
    const control = controlAddress(hemisphere);
    this.processors =
      this.options.verify === 'none' ? 'running an unverified image' : 'running the verified image';
    if (idle === undefined) {
      const answers = await this.access.run((program) => {
        program.write(control, 1).barrier().timerSetup().waitUntil(12_500);
        program.read(control + 1);
      });
      return answers.reads.at(0) === 1 ? 'asleep after 0.1 ms' : 'running after 0.1 ms';
    }
    const patience = this.options.patience ?? 1;
    const word = sramAddress(hemisphere, idle.byteAddress >>> 2);
    try {
      await this.access.run((program) => {
        program.write(timeoutRegister, Math.round(patience * 125e6)).write(control, 1);
        program.pollFor(word, 0xffffffff, idle.value).write(timeoutRegister, usualTimeout);
      }, patience + 1);
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      const [value = 0] = await this.access.read([word]);
      await this.holdAll();
      throw new FlashError('not idle', this.phase, this.processors, {
        processor: hemisphere === 0 ? 'top' : 'bottom',
        [idle.name]: value,
        expected: idle.value,
        'waited s of chip time': patience,
      });
    }
    if (this.options.go !== true || idle.name !== 'ready') return `${idle.name} ${idle.value}`;
    await this.access.run((program) => program.write(sramAddress(hemisphere, mailbox.go >>> 2), 1));
    return 'running';
  }

  /** Stops the processors, as far as the link still allows. */
  private async holdAll(): Promise<void> {
    const access = new Access(this.board);
    await access.run((program) => {
      for (const hemisphere of this.plan.targets) program.write(controlAddress(hemisphere), 0);
      program.write(timeoutRegister, usualTimeout);
    });
    this.processors = 'held in reset';
  }

  /** What is thrown in the end, and what is done before: a bus that hangs is freed by resetting the chip. */
  private async failure(error: unknown): Promise<Error> {
    if (error instanceof FlashError) return error;
    if (error instanceof CheckerError)
      return new FlashError('verify', this.phase, this.processors, { why: error.message });
    const isHang =
      error instanceof AccessError ||
      (error instanceof BoardError && error.problem === 'time limit');
    if (isHang) {
      const facts = error instanceof AccessError ? error.facts : { answer: 'none' };
      try {
        await new Access(this.board).run((program) => {
          writeReset(program);
          writeBringUp(program);
        });
        this.processors = 'reset with the chip';
        this.tell({ kind: 'recovered', how: 'chip reset, clocks and links brought up again' });
      } catch {
        if (this.processors !== 'untouched') this.processors = 'unknown';
      }
      return new FlashError('bus hang', this.phase, this.processors, facts, { cause: error });
    }
    if (error instanceof BoardLinkError)
      return new FlashError(
        'link',
        this.phase,
        this.processors,
        { cause: error.problem, reconnects: this.reconnects },
        { cause: error },
      );
    if (error instanceof BoardError && error.problem === 'aborted') {
      if (this.processors.startsWith('running')) await this.holdAll().catch(() => {});
      return new FlashError('aborted', this.phase, this.processors, {}, { cause: error });
    }
    return error instanceof Error ? error : new Error(String(error));
  }

  enter(phase: FlashPhase): void {
    this.phase = phase;
    this.tell({ kind: 'phase', phase });
  }

  tell(event: FlashEvent): void {
    this.options.onEvent?.(event);
  }
}
