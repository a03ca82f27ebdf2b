/**
 * Cycles of generated code, from the same rules of the pipeline that the processor was measured to follow (manual of
 * the core, vector unit): one issue stage, a short vector queue, five units that start in order, and one register port.
 * What is left out is charged at its worst: mispredicted branches and loads that wait.
 */
import type { Line } from '../codegen/code.js';
import { isVirtual } from '../codegen/code.js';

/** Latencies outside the core, in cycles from request to answer. */
export interface LatencyProfile {
  readonly name: string;
  readonly parallelBus: number;
  readonly omnibus: number;
  /** A vector of external memory. */
  readonly externalVector: number;
  readonly externalWord: number;
  readonly conversion: number;
}

/** The chip as the emulator assumes it. */
export const assumedChip: LatencyProfile = {
  name: 'assumed chip',
  parallelBus: 4,
  omnibus: 8,
  externalVector: 314,
  externalWord: 250,
  conversion: 430,
};

type Unit = 'madd' | 'compare' | 'permute' | 'memory' | 'bus';

interface Shape {
  readonly unit: Unit;
  /** Positions of vector operands that are read. */
  readonly reads: readonly number[];
  readonly writes: boolean;
  readonly accumulator?: boolean;
}

const two = (writes: boolean): Shape => ({
  unit: 'madd',
  reads: writes ? [1, 2] : [0, 1],
  writes,
});

const shapes = new Map<string, Shape>();
for (const size of ['b', 'h'] as const) {
  for (const name of ['add', 'sub', 'mul'])
    for (const kind of ['m', 'fs']) shapes.set(`fxv${name}${size}${kind}`, two(true));
  for (const kind of ['m', 'fs']) {
    shapes.set(`fxvmultac${size}${kind}`, two(false));
    shapes.set(`fxvmatac${size}${kind}`, two(false));
    shapes.set(`fxvaddac${size}${kind}`, { unit: 'madd', reads: [1], writes: true });
  }
  for (const name of [`fxvmtac${size}`, `fxvmtac${size}f`, `fxvaddactac${size}m`])
    shapes.set(name, { unit: 'madd', reads: [0], writes: false });
  shapes.set(`fxvcmp${size}`, { unit: 'compare', reads: [0], writes: false });
  shapes.set(`fxvsplat${size}`, { unit: 'permute', reads: [], writes: true });
  shapes.set(`fxvsh${size}`, { unit: 'permute', reads: [1], writes: true });
}
for (const name of ['fxvsel', 'fxvpckbl', 'fxvpckbu', 'fxvupckbl', 'fxvupckbr'])
  shapes.set(name, { unit: 'permute', reads: [1, 2], writes: true });
shapes.set('fxvlax', { unit: 'memory', reads: [], writes: true });
shapes.set('fxvstax', { unit: 'memory', reads: [0], writes: false });
shapes.set('fxvinx', { unit: 'bus', reads: [], writes: true });
shapes.set('fxvoutx', { unit: 'bus', reads: [0], writes: false });

const stations: { readonly [U in Unit]: number } = {
  madd: 4,
  compare: 2,
  memory: 2,
  bus: 16,
  permute: 2,
};

/** What a routine of the run-time costs at most, all columns used. */
const routines: { readonly [name: string]: number } = {
  plastic_read_rates: 2900,
  plastic_reset_rates: 1300,
  // A load after it and the end of the trigger wait for the external memory.
  plastic_record: 620,
  plastic_random: 30,
  plastic_time: 170,
  plastic_lane_at: 30,
  plastic_reduce: 9000,
  plastic_gather: 900,
  plastic_emit: 700,
  plastic_poll_events: 60,
};

/** The pipeline's state while it walks over lines. */
class Pipeline {
  now = 3;
  private readonly port = new Set<number>();
  private readonly written = new Map<number, number>();
  private readonly lastRead = new Map<number, number>();
  private readonly unitFree: { [U in Unit]: number } = {
    madd: 0,
    compare: 0,
    permute: 0,
    memory: 0,
    bus: 0,
  };
  private readonly retire: { [U in Unit]: number[] } = {
    madd: [],
    compare: [],
    permute: [],
    memory: [],
    bus: [],
  };
  private pops: number[] = [];
  private compareDone = 0;
  private conditionalStart = 0;
  private lastBusResult = 0;
  /** When everything in flight has ended. */
  idle = 0;

  /** The register port's first free period from `from` on. */
  private slot(from: number): number {
    let period = from;
    while (this.port.has(period)) period++;
    this.port.add(period);
    if (this.port.size > 4096)
      for (const old of this.port) if (old < period - 1500) this.port.delete(old);
    return period;
  }

  scalar(cost = 1): void {
    this.now += cost;
  }

  /** Waits for all vector and memory work. */
  drain(): void {
    this.now = Math.max(this.now + 2, this.idle + 2);
  }

  vector(
    mnemonic: string,
    registers: readonly (number | undefined)[],
    condition: number,
    latency: number,
  ): void {
    const shape = shapes.get(mnemonic);
    if (shape === undefined) return this.scalar();
    const { unit } = shape;
    // The queue takes an instruction only while it holds fewer than two.
    const waiting = this.pops[this.pops.length - 2];
    if (waiting !== undefined && waiting > this.now) this.now = waiting;
    const issue = this.now;
    this.now++;
    const target = shape.writes ? registers[0] : undefined;
    const conditional =
      condition !== 0 && (unit === 'madd' || unit === 'bus' || mnemonic === 'fxvsel');
    let pop = Math.max(issue + 3, (this.pops.at(-1) ?? 0) + 1);
    const queue = this.retire[unit];
    const blocking = queue[queue.length - stations[unit]];
    if (blocking !== undefined) pop = Math.max(pop, blocking + 1);
    if (target !== undefined) {
      pop = Math.max(
        pop,
        (this.written.get(target) ?? -9) + 1,
        (this.lastRead.get(target) ?? -9) + 2,
      );
    }
    if (unit === 'compare') pop = Math.max(pop, this.compareDone + 1, this.conditionalStart + 1);
    this.pops.push(pop);
    if (this.pops.length > 8) this.pops.shift();
    const sources = shape.reads.map((position) => registers[position] ?? 0);
    let ready = Math.max(pop + 1, this.unitFree[unit]);
    for (const source of sources) ready = Math.max(ready, (this.written.get(source) ?? -9) + 1);
    if (conditional) ready = Math.max(ready, this.compareDone + 1);
    let at = ready;
    for (const source of sources) {
      at = this.slot(at + 1);
      this.lastRead.set(source, Math.max(this.lastRead.get(source) ?? 0, at));
    }
    const start = at + 1;
    if (conditional) this.conditionalStart = start;
    this.unitFree[unit] = start + 1;
    let end: number;
    switch (unit) {
      case 'madd':
        end = start + 7;
        break;
      case 'compare':
        end = start + 2;
        this.compareDone = end;
        break;
      case 'permute':
        end = start + 3;
        break;
      case 'memory':
        end = start + (shape.writes ? 36 : 35);
        this.unitFree.memory = end + 1;
        break;
      case 'bus':
        end = Math.max(start + 2 + latency, this.lastBusResult + 2);
        this.lastBusResult = end;
    }
    if (target !== undefined) {
      end = this.slot(end);
      this.written.set(target, end);
    }
    queue.push(Math.max(end, queue.at(-1) ?? 0));
    if (queue.length > 20) queue.shift();
    this.idle = Math.max(this.idle, end);
  }
}

/** Cycles of a trigger: fixed part and part per row. */
export interface TriggerCycles {
  readonly fixed: number;
  readonly perRow: number;
}

/** The order in which units get the register port is not modelled; it costs up to this much. */
const margin = 1.08;

/** Loop bodies are walked this often to see what one more turn costs. */
const turnsWalked = 4;

/** Worst-case cycles from the beginning of a trigger to its end. */
export function triggerCycles(
  lines: readonly Line[],
  registers: ReadonlyMap<number, number>,
  profile: LatencyProfile,
  parameterWords: number,
): TriggerCycles {
  const pipeline = new Pipeline();
  let perRow = 0;
  /** Cycles of rows that were walked, which do not belong to the fixed part. */
  let ofRows = 0;
  const bases = new Map<number, number>();
  const walk = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const line = lines[i];
      if (line === undefined) continue;
      if (line.kind === 'loop') {
        const end = matching(lines, i);
        const rows = line.turns === 'rows';
        const turns = rows ? turnsWalked : line.turns;
        const walked = Math.min(Number(turns), turnsWalked);
        const ends: number[] = [];
        for (let turn = 0; turn < walked; turn++) {
          walk(i + 1, end);
          ends.push(pipeline.now);
        }
        const step = (ends.at(-1) ?? 0) - (ends.at(-2) ?? ends.at(-1) ?? 0);
        // A mispredicted branch at the last turn, another at the first.
        pipeline.scalar(10);
        if (rows) {
          perRow += step;
          ofRows += walked * step;
        } else if (Number(turns) > walked) pipeline.scalar((Number(turns) - walked) * step);
        i = end;
        continue;
      }
      if (line.kind === 'instruction') instruction(pipeline, line, registers, profile, bases);
    }
  };
  walk(0, lines.length);
  pipeline.drain();
  // Taking parameters, calling the handler, reading the clock.
  const around = 90 + 3 * parameterWords;
  return {
    fixed: Math.ceil(margin * (pipeline.now - ofRows + around)),
    perRow: Math.ceil(margin * perRow),
  };
}

function matching(lines: readonly Line[], at: number): number {
  let depth = 0;
  for (let i = at; i < lines.length; i++) {
    if (lines[i]?.kind === 'loop') depth++;
    if (lines[i]?.kind === 'loop-end' && --depth === 0) return i;
  }
  return lines.length;
}

function instruction(
  pipeline: Pipeline,
  line: Line & { kind: 'instruction' },
  registers: ReadonlyMap<number, number>,
  profile: LatencyProfile,
  bases: Map<number, number>,
): void {
  const { mnemonic, operands } = line;
  const numbers = operands.map((operand) =>
    typeof operand === 'number'
      ? operand
      : isVirtual(operand)
        ? registers.get(operand.number)
        : undefined,
  );
  if (mnemonic.startsWith('fxv')) {
    const last = operands.at(-1);
    const condition =
      typeof last === 'number' && operands.length > 3 && mnemonic !== 'fxvpckbl' ? last : 0;
    const base = numbers[1] ?? 0;
    const upper = base === 0 ? undefined : bases.get(base);
    let latency = profile.parallelBus;
    // A base of zero with one register is an address of its own: external memory, unless it is a row index.
    if (mnemonic === 'fxvinx' && upper === 0x0008) latency = profile.conversion;
    else if (base === 0 && numbers[2] === 25) latency = profile.externalVector;
    pipeline.vector(mnemonic, numbers, condition, latency);
    return;
  }
  if (mnemonic === 'lis') bases.set(numbers[0] ?? 0, numbers[1] ?? 0);
  if (mnemonic === 'sync') return pipeline.drain();
  if (mnemonic === 'bl') {
    const [callee] = operands;
    const name = typeof callee === 'object' && 'symbol' in callee ? callee.symbol : '';
    return pipeline.scalar(10 + (routines[name] ?? 500));
  }
  if (/^(divw|divwu)/.test(mnemonic)) return pipeline.scalar(33);
  if (/^mul/.test(mnemonic)) return pipeline.scalar(4);
  if (/^(addc|addze|srawi)/.test(mnemonic)) return pipeline.scalar(3);
  if (/^l[whb]z|^lha/.test(mnemonic)) return pipeline.scalar(3);
  if (/^b/.test(mnemonic)) return pipeline.scalar(mnemonic === 'blr' ? 5 : 3);
  pipeline.scalar(1);
}
