/**
 * Pipeline pictures for the Konata viewer (format "Kanata 0004"): one row per instruction with the stages
 * I (in the issue stage, waiting included), X (executes until its value is written), Q (vector queue), V (vector unit).
 */
import { disassemble } from '../../isa/disassemble.js';
import { hex32 } from '../../isa/listing.js';
import { lineAt, type Program } from '../../isa/program.js';
import { Kind, Operation, Slot } from '../ppu/operation.js';
import type { TraceEvent, TraceWriter } from './event.js';

/** An instruction without a general register as its result counts as done this many cycles after issue. */
const PLAIN = 2;

interface Row {
  readonly id: number;
  readonly op: Operation;
  /** Writes of general registers that are still to come, oldest first. */
  readonly awaited: number[];
  stage: 'I' | 'X' | 'Q' | 'V';
}

interface Line {
  readonly cycle: number;
  readonly text: string;
}

/** Lines wait until no earlier one can follow; an instruction may be held in the issue stage for long. */
const LATENESS = 4096;

export class KonataTrace implements TraceWriter {
  private readonly operations = new Map<number, Operation>();
  private lines: Line[] = [];
  private current: number;
  private next = 0;
  private retired = 0;
  private lastIssue: number;
  /** In flight: scalar instructions that await a write; vector instructions in the queue and in each unit. */
  private readonly scalar: Row[] = [];
  private readonly queue: Row[] = [];
  private readonly units: Row[][] = [[], [], [], [], [], []];

  /** @param start cycle at which the processor was started: the picture begins there */
  constructor(
    private readonly program: Program | undefined,
    private readonly start = 0,
  ) {
    this.current = start;
    this.lastIssue = start - 1;
  }

  begin(): string {
    return `Kanata\t0004\nC=\t${this.start}\n`;
  }

  take(event: TraceEvent): string {
    switch (event.kind) {
      case 'issue':
        this.issue(event);
        break;
      case 'register':
        this.written(event.cycle, event.register);
        break;
      case 'vector-pop': {
        const row = this.queue.shift();
        if (row === undefined) break;
        this.enter(event.cycle, row, 'V');
        this.units[row.op.unit]!.push(row);
        break;
      }
      case 'vector-retire': {
        const row = this.units[event.unit]!.shift();
        if (row !== undefined) this.retire(event.cycle + 1, row, 0);
        break;
      }
      default:
        break;
    }
    return this.flush(event.cycle - LATENESS);
  }

  end(_cycle: number): string {
    return this.flush(Infinity);
  }

  private issue(event: Extract<TraceEvent, { kind: 'issue' }>): void {
    const { cycle, address, word, part, fate } = event;
    if (part > 0) {
      // A further part of the same instruction.
      this.lastIssue = cycle;
      return;
    }
    let op = this.operations.get(word);
    if (op === undefined) {
      op = new Operation(word);
      this.operations.set(word, op);
    }
    const row: Row = { id: this.next++, op, awaited: awaitedBy(op), stage: 'I' };
    const from = Math.min(this.lastIssue + 1, cycle);
    this.put(from, `I\t${row.id}\t${row.id}\t0`);
    this.put(from, `L\t${row.id}\t0\t${hex32(address)}: ${disassemble(word, address)}`);
    const line = this.program && lineAt(this.program, address);
    if (line !== undefined) this.put(from, `L\t${row.id}\t1\t${line.file}:${line.line}`);
    this.put(from, `S\t${row.id}\t0\tI`);
    this.lastIssue = cycle;
    if (fate === 'cancelled') {
      this.retire(cycle + 1, row, 1);
      return;
    }
    if (op.kind === Kind.vector) {
      this.enter(cycle + 1, row, 'Q');
      this.queue.push(row);
      return;
    }
    if (fate === 'passed') {
      this.retire(cycle + 1, row, 0);
      return;
    }
    this.enter(cycle + 1, row, 'X');
    if (row.awaited.length === 0) this.retire(cycle + PLAIN, row, 0);
    else this.scalar.push(row);
  }

  private written(cycle: number, register: number): void {
    const index = this.scalar.findIndex(({ awaited }) => awaited.includes(register));
    const row = this.scalar[index];
    if (row === undefined) return;
    row.awaited.splice(row.awaited.indexOf(register), 1);
    if (row.awaited.length > 0) return;
    this.scalar.splice(index, 1);
    this.retire(cycle + 1, row, 0);
  }

  private enter(cycle: number, row: Row, stage: Row['stage']): void {
    this.put(cycle, `E\t${row.id}\t0\t${row.stage}`);
    this.put(cycle, `S\t${row.id}\t0\t${stage}`);
    row.stage = stage;
  }

  /** Ends a row: type 0 completed, 1 cancelled. */
  private retire(cycle: number, row: Row, type: 0 | 1): void {
    this.put(cycle, `E\t${row.id}\t0\t${row.stage}`);
    this.put(cycle, `R\t${row.id}\t${this.retired++}\t${type}`);
  }

  private put(cycle: number, text: string): void {
    this.lines.push({ cycle, text });
  }

  private flush(limit: number): string {
    if (this.lines.length === 0 || (limit !== Infinity && this.lines.length < 4096)) return '';
    const ready = this.lines.filter(({ cycle }) => cycle < limit);
    this.lines = this.lines.filter(({ cycle }) => cycle >= limit);
    let out = '';
    for (const { cycle, text } of ready.sort((a, b) => a.cycle - b.cycle)) {
      if (cycle > this.current) {
        out += `C\t${cycle - this.current}\n`;
        this.current = cycle;
      }
      out += `${text}\n`;
    }
    return out;
  }
}

/** General registers that an instruction will write, one entry per write. */
function awaitedBy(op: Operation): number[] {
  const { fields } = op;
  switch (op.kind) {
    case Kind.load:
      return [fields.rt];
    case Kind.loadUpdate:
      return [fields.rt, fields.ra];
    case Kind.storeUpdate:
      return [fields.ra];
    case Kind.loadMultiple:
      return Array.from({ length: 32 - fields.rt }, (_, i) => fields.rt + i);
    case Kind.divide:
      return [op.destination, op.destination];
    default:
      return op.destination === Slot.none || op.destination >= 32 ? [] : [op.destination];
  }
}
