/** Instruction traces: one line per instruction and per result of the vector unit, as text or as JSON lines. */
import { disassemble } from '../../isa/disassemble.js';
import { hex32 } from '../../isa/listing.js';
import { lineAt, symbolAt, type Program } from '../../isa/program.js';
import type { TraceEvent, TraceWriter } from './event.js';

/** Lanes of a vector that the text shows; the JSON lines hold all. */
const SHOWN_LANES = 4;

const hex16 = (value: number): string => (value & 0xffff).toString(16).padStart(4, '0');

function place(program: Program | undefined, address: number): string {
  const line = program && lineAt(program, address);
  return line === undefined ? '' : `${line.file}:${line.line}`;
}

/** Text with the columns cycle, address, instruction, what it writes, source line. */
export class TextTrace implements TraceWriter {
  private function = '';

  constructor(private readonly program: Program | undefined) {}

  begin(): string {
    return '#    cycle  address   instruction                      writes                        source\n';
  }

  take(event: TraceEvent): string {
    const cycle = String(event.cycle).padStart(10);
    switch (event.kind) {
      case 'issue': {
        if (event.part > 0) return '';
        const text = disassemble(event.word, event.address);
        const writes =
          event.fate === 'cancelled'
            ? '(cancelled)'
            : event.written.map(({ name, value }) => `${name}=${hex32(value)}`).join(' ');
        const source = place(this.program, event.address);
        const line = `${cycle}  ${hex32(event.address)}  ${text.padEnd(31)}  ${writes.padEnd(28)}  ${source}`;
        return `${this.heading(event.address)}${line.trimEnd()}\n`;
      }
      case 'vector-write': {
        const lanes = Array.from(event.value.subarray(0, SHOWN_LANES), hex16).join(' ');
        return `${cycle}            ${'(vector unit)'.padEnd(31)}  v${event.register}=${lanes} ...\n`;
      }
      case 'interrupt':
        return `${cycle}            interrupt to 0x${event.vector.toString(16)}, resumes at 0x${event.resume.toString(16)}\n`;
      default:
        return '';
    }
  }

  end(cycle: number): string {
    return `${String(cycle).padStart(10)}  end\n`;
  }

  private heading(address: number): string {
    const name = (this.program && symbolAt(this.program, address)?.symbol.name) ?? '';
    if (name === this.function) return '';
    this.function = name;
    return name === '' ? '' : `${name}:\n`;
  }
}

/** One JSON object per line; `kind` is `instruction`, `vector` or `interrupt`. Numbers are decimal, vectors hex. */
export class JsonTrace implements TraceWriter {
  constructor(private readonly program: Program | undefined) {}

  begin(): string {
    return '';
  }

  take(event: TraceEvent): string {
    const object = this.objectOf(event);
    return object === undefined ? '' : `${JSON.stringify(object)}\n`;
  }

  end(cycle: number): string {
    return `${JSON.stringify({ kind: 'end', cycle })}\n`;
  }

  private objectOf(event: TraceEvent): object | undefined {
    const { cycle } = event;
    switch (event.kind) {
      case 'issue': {
        if (event.part > 0) return undefined;
        const line = this.program && lineAt(this.program, event.address);
        return {
          kind: 'instruction',
          cycle,
          address: event.address,
          word: hex32(event.word),
          text: disassemble(event.word, event.address),
          ...(event.fate === 'cancelled' ? { cancelled: true } : {}),
          ...(line === undefined ? {} : { file: line.file, line: line.line }),
          writes: Object.fromEntries(event.written.map(({ name, value }) => [name, value])),
        };
      }
      case 'vector-write':
        return {
          kind: 'vector',
          cycle,
          register: event.register,
          value: Array.from(event.value, hex16).join(''),
        };
      case 'interrupt':
        return { kind: 'interrupt', cycle, vector: event.vector, resume: event.resume };
      default:
        return undefined;
    }
  }
}
