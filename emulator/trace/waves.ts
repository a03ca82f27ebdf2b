/** Signals over time as a Value Change Dump (IEEE 1364), for GTKWave and its kin. One cycle is 4 ns. */
import type { TraceEvent, TraceWriter } from './event.js';

const NANOSECONDS = 4;

interface Signal {
  readonly name: string;
  readonly bits: number;
  /** Falls back to 0 in the cycle after. */
  readonly isPulse: boolean;
}

const signals: readonly Signal[] = [
  { name: 'issue', bits: 1, isPulse: true },
  { name: 'pc', bits: 32, isPulse: false },
  { name: 'redirect', bits: 1, isPulse: true },
  { name: 'interrupt', bits: 1, isPulse: true },
  ...Array.from({ length: 32 }, (_, n) => ({ name: `r${n}`, bits: 32, isPulse: false })),
  { name: 'vector_pop', bits: 1, isPulse: true },
  { name: 'vector_read', bits: 1, isPulse: true },
  { name: 'vector_read_register', bits: 5, isPulse: false },
  { name: 'vector_write', bits: 1, isPulse: true },
  { name: 'vector_write_register', bits: 5, isPulse: false },
  { name: 'vector_condition', bits: 1, isPulse: true },
  { name: 'vector_retire', bits: 5, isPulse: true },
  { name: 'bus_request', bits: 1, isPulse: true },
  { name: 'bus_address', bits: 32, isPulse: false },
];

/** Short names in the file: printable characters from `!` on. */
function codeOf(index: number): string {
  const first = String.fromCharCode(33 + (index % 94));
  return index < 94 ? first : first + codeOf(Math.floor(index / 94) - 1);
}

const indexOf = new Map(signals.map(({ name }, index) => [name, index]));

export class WaveTrace implements TraceWriter {
  private readonly values = new Array<number>(signals.length).fill(0);
  private readonly wanted = new Map<number, number>();
  private cycle = -1;

  constructor(private readonly name = 'ppu') {}

  begin(): string {
    const declarations = signals.map(
      ({ name, bits }, i) =>
        `$var wire ${bits} ${codeOf(i)} ${name}${bits === 1 ? '' : ` [${bits - 1}:0]`} $end`,
    );
    return [
      '$timescale 1 ns $end',
      `$scope module ${this.name} $end`,
      ...declarations,
      '$upscope $end',
      '$enddefinitions $end',
      '#0',
      '$dumpvars',
      ...signals.map(({ bits }, i) => change(0, bits, codeOf(i))),
      '$end',
      '',
    ].join('\n');
  }

  take(event: TraceEvent): string {
    let out = '';
    if (event.cycle > this.cycle) {
      out = this.flush(event.cycle);
      this.cycle = event.cycle;
    }
    switch (event.kind) {
      case 'issue':
        this.set('issue', 1);
        this.set('pc', event.address);
        break;
      case 'register':
        this.set(`r${event.register}`, event.value);
        break;
      case 'redirect':
      case 'interrupt':
        this.set(event.kind, 1);
        break;
      case 'vector-pop':
        this.set('vector_pop', 1);
        break;
      case 'vector-read':
        this.set('vector_read', 1);
        this.set('vector_read_register', event.register);
        break;
      case 'vector-write':
        this.set('vector_write', 1);
        this.set('vector_write_register', event.register);
        break;
      case 'vector-condition':
        this.set('vector_condition', 1);
        break;
      case 'vector-retire': {
        const index = indexOf.get('vector_retire')!;
        this.wanted.set(index, (this.wanted.get(index) ?? 0) | (1 << event.unit));
        break;
      }
      case 'bus':
        this.set('bus_request', 1);
        this.set('bus_address', event.address);
        break;
      default:
        event satisfies never;
    }
    return out;
  }

  end(cycle: number): string {
    return `${this.flush(Math.max(cycle, this.cycle + 2))}#${NANOSECONDS * Math.max(cycle, this.cycle + 2)}\n`;
  }

  private set(name: string, value: number): void {
    this.wanted.set(indexOf.get(name)!, value);
  }

  /** Writes what changes in the present cycle, and in the next one if that lies before `next` (pulses end). */
  private flush(next: number): string {
    let out = this.write(this.cycle);
    const pulses = signals.some(({ isPulse }, i) => isPulse && this.values[i] !== 0);
    if (pulses && this.cycle + 1 < next) out += this.write(this.cycle + 1);
    return out;
  }

  private write(cycle: number): string {
    let out = '';
    signals.forEach(({ bits, isPulse }, i) => {
      const value = this.wanted.get(i) ?? (isPulse ? 0 : this.values[i]!);
      if (value === this.values[i]) return;
      this.values[i] = value;
      out += `${change(value, bits, codeOf(i))}\n`;
    });
    this.wanted.clear();
    return out === '' ? '' : `#${NANOSECONDS * cycle}\n${out}`;
  }
}

function change(value: number, bits: number, code: string): string {
  return bits === 1 ? `${value}${code}` : `b${(value >>> 0).toString(2)} ${code}`;
}
