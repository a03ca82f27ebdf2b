/** Where the cycles go: by source line, by function and by call path. Every cycle of the run is counted once. */
import { decode } from '../../isa/decode.js';
import { lineAt, symbolAt, type Program } from '../../isa/program.js';
import type { TraceEvent } from './event.js';

/** Cycles that a redirect costs before the next instruction can issue. */
const REDIRECT = 4;

/** One place and what was spent there. */
export interface ProfileRow {
  readonly name: string;
  readonly cycles: number;
  /** Instructions, each counted once. */
  readonly instructions: number;
}

interface Frame {
  readonly name: string;
  /** Address at which the caller goes on; -1 at the bottom. */
  readonly resume: number;
}

type Issue = Extract<TraceEvent, { kind: 'issue' }>;

/** What an instruction does to the chain of callers. */
function callKind(word: number): 'call' | 'return' | 'other' {
  const found = decode(word);
  if (found === undefined) return 'other';
  const { instruction } = found;
  if (instruction.timing === 'return') return 'return';
  if (instruction.timing !== 'branch') return 'other';
  if (instruction.lk === 1) return 'call';
  return instruction.mnemonic.startsWith('bclr') ? 'return' : 'other';
}

/**
 * Counts cycles. The time up to the issue of an instruction is its own (it waits for operands, places, its fetch),
 * except what a branch costs by redirecting the fetch, which is the branch's, what follows a sync, which is the sync's,
 * and sleep, which is listed as such.
 */
export class Profile {
  private readonly counts = new Map<string, { cycles: number; instructions: number }>();
  private readonly frames: Frame[] = [];
  private before: { readonly event: Issue; readonly kind: ReturnType<typeof callKind> } | undefined;
  private beforeKey = '';
  private reached: number;
  private isRedirected = false;
  private interrupted: number | undefined;
  private isAsleep = false;

  /** @param start cycle at which the processor was started */
  constructor(
    private readonly program: Program | undefined,
    private readonly start = 0,
  ) {
    this.reached = start;
  }

  take(event: TraceEvent): void {
    if (event.kind === 'redirect') this.isRedirected = true;
    else if (event.kind === 'interrupt') this.interrupted = event.resume;
    else if (event.kind === 'issue') this.issue(event);
  }

  /** The run ended at `cycle`. */
  end(cycle: number): void {
    if (cycle > this.reached) this.add(this.restKey(), cycle - this.reached, 0);
    this.reached = Math.max(this.reached, cycle);
  }

  /** Collapsed stacks: `caller;callee;file:line cycles` per line, as flame graph tools read them. */
  collapsed(): string {
    const lines = [...this.counts]
      .filter(([, { cycles }]) => cycles > 0)
      .map(([key, { cycles }]) => `${key} ${cycles}`);
    return lines.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join('\n') + '\n';
  }

  /** By source line (an address where none is known), most cycles first. */
  byLine(): ProfileRow[] {
    return this.grouped((parts) => parts.at(-1) ?? '');
  }

  /** By function, without those it calls. */
  byFunction(): ProfileRow[] {
    return this.grouped((parts) => parts.at(-2) ?? parts[0] ?? '');
  }

  /** A table for people; `sourceLine` gives the text of a line if it is at hand. */
  table(sourceLine: (file: string, line: number) => string | undefined = () => undefined): string {
    const total = this.reached - this.start;
    const row = ({ name, cycles, instructions }: ProfileRow, text: string): string =>
      [
        String(cycles).padStart(12),
        `${((100 * cycles) / Math.max(1, total)).toFixed(1).padStart(5)} %`,
        String(instructions).padStart(12),
        ` ${name.padEnd(28)} ${text}`.trimEnd(),
      ].join(' ');
    const head = (what: string): string => `      cycles   share  instructions  ${what}`;
    const lines = this.byLine().map((one) => {
      const [, file = '', line = ''] = /^(.*):(\d+)$/.exec(one.name) ?? [];
      return row(one, file === '' ? '' : (sourceLine(file, Number(line))?.trim() ?? ''));
    });
    return [
      `${total} cycles`,
      '',
      head('function'),
      ...this.byFunction().map((one) => row(one, '')),
      '',
      head('line'),
      ...lines,
      '',
    ].join('\n');
  }

  private grouped(nameOf: (parts: readonly string[]) => string): ProfileRow[] {
    const rows = new Map<string, { cycles: number; instructions: number }>();
    for (const [key, { cycles, instructions }] of this.counts) {
      const name = nameOf(key.split(';'));
      const found = rows.get(name);
      if (found === undefined) rows.set(name, { cycles, instructions });
      else {
        found.cycles += cycles;
        found.instructions += instructions;
      }
    }
    return [...rows]
      .map(([name, counted]) => ({ name, ...counted }))
      .sort((a, b) => b.cycles - a.cycles || (a.name < b.name ? -1 : 1));
  }

  private issue(event: Issue): void {
    const spent = event.cycle + 1 - this.reached;
    this.follow(event);
    const key = this.keyOf(event.address);
    let own = spent;
    if (this.isAsleep && spent > 1) {
      this.add('(asleep)', spent - 1, 0);
      own = 1;
    } else if (this.beforeKey !== '' && (this.isRedirected || this.drains())) {
      const lost = this.drains() ? spent - 1 : Math.min(REDIRECT, spent - 1);
      this.add(this.beforeKey, lost, 0);
      own -= lost;
    }
    this.add(key, own, event.part === 0 ? 1 : 0);
    this.reached = event.cycle + 1;
    this.beforeKey = key;
    this.isRedirected = false;
    this.before = { event, kind: callKind(event.word) };
    this.isAsleep = event.fate === 'passed' && decode(event.word)?.instruction.timing === 'wait';
  }

  /** The instruction before holds everything up until the pipeline is empty. */
  private drains(): boolean {
    const { before } = this;
    const timing = before && decode(before.event.word)?.instruction.timing;
    return timing === 'sync' || timing === 'move-to-msr' || timing === 'trap';
  }

  /** Keeps the chain of callers: pushed by branches that link and by interrupts, popped by returns. */
  private follow({ address }: Issue): void {
    const { frames, before } = this;
    if (frames.length === 0) frames.push({ name: this.functionAt(address), resume: -1 });
    if (this.interrupted !== undefined) {
      frames.push({ name: 'interrupt', resume: this.interrupted });
      this.interrupted = undefined;
      return;
    }
    if (before === undefined) return;
    const following = before.event.address + 4;
    if (before.kind === 'call' && address !== following) {
      frames.push({ name: this.functionAt(address), resume: following });
    } else if (before.kind === 'return') {
      let depth = frames.length - 1;
      while (depth > 0 && frames[depth]!.resume !== address) depth--;
      if (depth > 0) frames.length = depth;
    }
  }

  private functionAt(address: number): string {
    const name = this.program && symbolAt(this.program, address)?.symbol.name;
    return (name ?? `0x${address.toString(16)}`).replaceAll(/[; ]/g, '_');
  }

  private keyOf(address: number): string {
    const line = this.program && lineAt(this.program, address);
    const leaf =
      line === undefined
        ? `0x${address.toString(16)}`
        : `${line.file.replaceAll(/[; ]/g, '_')}:${line.line}`;
    return `${this.frames.map(({ name }) => name).join(';')};${leaf}`;
  }

  private restKey(): string {
    return this.isAsleep || this.beforeKey === '' ? '(asleep)' : this.beforeKey;
  }

  private add(key: string, cycles: number, instructions: number): void {
    const found = this.counts.get(key);
    if (found === undefined) this.counts.set(key, { cycles, instructions });
    else {
      found.cycles += cycles;
      found.instructions += instructions;
    }
  }
}
