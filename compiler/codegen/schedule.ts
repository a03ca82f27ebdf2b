/**
 * The order of one turn of a row loop. Instructions are placed one after the other, each time the one that starts
 * soonest and has most work behind it, against a rough copy of the vector unit: stations that start their entries in
 * order, one register port, and results that take the units' time.
 */
import * as timing from '../../isa/timing.js';
import { type Graph, type Node, type Sequence, noUnit } from './graph.js';

// As constants of this module: imported ones would be looked up for every candidate.
const units = { ...timing.vectorUnits };
const unitCount = timing.vectorUnitCount;
const capacity = [...timing.stationCapacity];
const depths = [...timing.unitDepth];
const { transferWords } = timing;

/** What counts how much when the next instruction is chosen. */
export interface Weights {
  /** Periods in which nothing could be dispatched. */
  readonly stall: number;
  /** Periods until the instruction starts. */
  readonly start: number;
  /** Periods of work that wait for it. */
  readonly height: number;
  /** Advantage of reads of the next row. */
  readonly ahead: number;
}

const far = 1 << 28;
const portPeriods = 8192;
/** A bus answers at most every other period. */
const busRate = 2;

/** Periods from start to result. */
function depthOf({ unit, latency, writes, lines }: Node): number {
  if (unit === noUnit) return lines.length;
  if (unit === units.memory) return transferWords + (writes >= 0 ? 4 : 3);
  if (unit === units.bus) return 3 + latency;
  return depths[unit] ?? 0;
}

/** Periods of work from each node to the end of its part, its own included. */
function heightsOf(nodes: readonly Node[]): Int32Array {
  const heights = new Int32Array(nodes.length);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    let most = 0;
    for (const next of node.after)
      if (nodes[next]!.ahead === node.ahead) most = Math.max(most, heights[next]!);
    heights[i] = most + 2 + node.reads.length + depthOf(node);
  }
  return heights;
}

/** A rough vector unit. */
class Units {
  private readonly port = new Uint8Array(portPeriods);
  private readonly results: number[][] = Array.from({ length: unitCount }, () => []);
  private readonly idle = new Int32Array(unitCount);
  private readonly written = new Map<number, number>();
  private readonly lastRead = new Map<number, number>();
  private lastResult = new Int32Array(unitCount).fill(-1);
  private condition = 0;
  /** Period of the last dispatch. */
  last = 0;

  private free(from: number): number {
    let t = from;
    while (this.port[t & (portPeriods - 1)] === 1) t++;
    return t;
  }

  /** When `node` would be dispatched. */
  dispatch(node: Node): number {
    let t = this.last + node.lines.length;
    const { unit, writes } = node;
    if (unit === noUnit) return t;
    const results = this.results[unit]!;
    const oldest = results.length - capacity[unit]!;
    if (oldest >= 0) t = Math.max(t, results[oldest]! + 1);
    if (writes >= 0) {
      t = Math.max(t, (this.written.get(writes) ?? -1) + 1, (this.lastRead.get(writes) ?? -2) + 2);
    }
    return t;
  }

  /** When it would leave its station, dispatched at `t`. */
  private begin(node: Node, t: number): number {
    let at = Math.max(t + 1, this.idle[node.unit]!);
    for (const register of node.reads) at = Math.max(at, (this.written.get(register) ?? -1) + 1);
    return node.conditional ? Math.max(at, this.condition + 1) : at;
  }

  /** When it would start, dispatched at `t`, or need not start before. */
  start(node: Node, t: number): number {
    if (node.unit === noUnit) return t;
    const start = this.begin(node, t) + 1 + node.reads.length;
    if (node.unit !== units.bus || node.writes < 0) return start;
    // Answers come in the order of requests: behind a conversion nothing is gained by asking early.
    return Math.max(start, this.lastResult[units.bus]! + busRate - depthOf(node));
  }

  place(node: Node): void {
    const t = this.dispatch(node);
    const { unit, writes, reads } = node;
    this.last = t;
    if (unit === noUnit) return;
    let at = this.begin(node, t) + 1;
    for (const register of reads) {
      at = this.free(at);
      this.port[at & (portPeriods - 1)] = 1;
      this.lastRead.set(register, Math.max(this.lastRead.get(register) ?? 0, at));
      at++;
    }
    this.idle[unit] = unit === units.memory ? at + depthOf(node) + 1 : at + 1;
    let result = at + depthOf(node);
    const gap = unit === units.bus ? busRate : 1;
    result = Math.max(result, this.lastResult[unit]! + gap);
    if (writes >= 0) {
      result = this.free(result);
      this.port[result & (portPeriods - 1)] = 1;
      this.written.set(writes, result);
    }
    if (node.isCompare) this.condition = result;
    this.lastResult[unit] = result;
    this.results[unit]!.push(result);
    this.last = t;
  }
}

/** Counts the registers that hold something. */
class Pressure {
  private readonly left = new Map<number, number>();
  private readonly holds = new Set<number>();

  constructor(
    nodes: readonly Node[],
    carried: ReadonlySet<number>,
    /** Registers that the whole loop reads and nothing in it writes. */
    readonly fixed: number,
  ) {
    for (const { reads } of nodes)
      for (const register of new Set(reads))
        this.left.set(register, (this.left.get(register) ?? 0) + 1);
    for (const register of carried) this.holds.add(register);
    this.written = new Set(nodes.flatMap(({ writes }) => (writes < 0 ? [] : [writes])));
    this.carried = carried;
  }

  private readonly written: ReadonlySet<number>;
  private readonly carried: ReadonlySet<number>;

  get count(): number {
    return this.fixed + this.holds.size;
  }

  /** How many more registers hold something after `node`. */
  change({ reads, writes }: Node): number {
    let freed = 0;
    for (const register of new Set(reads))
      if (this.written.has(register) && this.left.get(register) === 1) freed++;
    return (writes >= 0 ? 1 : 0) - freed;
  }

  place({ reads, writes }: Node): void {
    for (const register of new Set(reads)) {
      const left = (this.left.get(register) ?? 1) - 1;
      this.left.set(register, left);
      if (left === 0 && this.written.has(register)) this.holds.delete(register);
    }
    if (writes < 0) return;
    if (this.carried.has(writes) || (this.left.get(writes) ?? 0) > 0) this.holds.add(writes);
  }
}

/** Values from memory that are on their way or wait for their use. */
const mostLoaded = 3;

/** When what found no register is brought back: shortly before it is used. */
class Late {
  /** Node that uses each constant, and what else that node waits for. */
  private readonly others = new Map<number, readonly number[]>();
  private readonly loads: number[] = [];
  private next = 0;

  constructor(
    private readonly nodes: readonly Node[],
    private readonly placed: Uint8Array,
  ) {
    nodes.forEach((node, i) => {
      if (node.late === 'loaded') this.loads.push(i);
      if (node.late !== 'made' || node.sequences.length > 0) return;
      const [user] = node.after;
      if (user === undefined) return;
      const others = [...nodes[user]!.before].filter((from) => nodes[from]!.late !== 'made');
      this.others.set(i, others);
    });
  }

  allows(i: number): boolean {
    const { late } = this.nodes[i]!;
    if (late === undefined) return true;
    const { placed } = this;
    if (late === 'made') return (this.others.get(i) ?? []).every((from) => placed[from] === 1);
    if (this.loads[this.next] !== i) return false;
    let waiting = 0;
    for (const load of this.loads.slice(0, this.next))
      if ([...this.nodes[load]!.after].some((to) => placed[to] === 0)) waiting++;
    return waiting < mostLoaded;
  }

  place(i: number): void {
    if (this.loads[this.next] === i) this.next++;
  }
}

/** Registers that reads of the next row leave to the work on the present one. */
const reserve = 4;

/**
 * What it costs to fill one more register with so much `room` left. Without room the work is done in the order in which
 * it was written, which finishes one half of a vector before it begins the next; reads of the next row come last.
 */
function crowding(node: Node, index: number, room: number): number {
  if (node.ahead) return room < reserve && node.latency < startsEarly ? 2 * far : 0;
  return room < 0 ? far + index * far * 1e-3 : 0;
}

/** A read that takes so many periods is never put off. */
const startsEarly = 200;

/** An order of all nodes, or undefined if sequences get in each other's way. */
export function schedule(
  graph: Graph,
  fixed: number,
  weights: Weights & {
    /** Vector registers that may hold something at once. */
    readonly registers: number;
  },
): number[] | undefined {
  const { nodes, carried } = graph;
  const heights = heightsOf(nodes);
  const waiting = nodes.map(({ before }) => before.size);
  const placed = new Uint8Array(nodes.length);
  const model = new Units();
  const pressure = new Pressure(nodes, carried, fixed);
  const open: { accumulator?: Sequence; condition?: Sequence } = {};
  const left = new Map<Sequence, number>();
  const ready: number[] = [];
  waiting.forEach((count, i) => {
    if (count === 0) ready.push(i);
  });
  const order: number[] = [];
  const outside = new Map<Sequence, number[]>();
  const outsideOf = (sequence: Sequence): number[] => {
    let list = outside.get(sequence);
    if (list === undefined) {
      const inside = new Set(sequence.nodes);
      list = sequence.nodes.flatMap((i) =>
        [...nodes[i]!.before].filter((from) => !inside.has(from)),
      );
      outside.set(sequence, list);
    }
    return list;
  };
  const mayBegin = (sequence: Sequence): boolean =>
    outsideOf(sequence).every((from) => placed[from] === 1);
  const late = new Late(nodes, placed);
  const fits = (node: Node, i: number): boolean =>
    late.allows(i) &&
    node.sequences.every((sequence) => {
      const now = open[sequence.resource];
      return now === sequence || (now === undefined && mayBegin(sequence));
    });
  while (order.length < nodes.length) {
    let best = -1;
    let least = Infinity;
    const room = weights.registers - pressure.count;
    for (const i of ready) {
      const node = nodes[i]!;
      if (!fits(node, i)) continue;
      const t = model.dispatch(node);
      const start = model.start(node, t);
      const more = pressure.change(node);
      const cost =
        (t - model.last) * weights.stall +
        (start - model.last) * weights.start -
        heights[i]! * weights.height -
        (node.ahead ? weights.ahead : 0) +
        (more > 0 ? crowding(node, i, room - more) : 0);
      if (cost < least || (cost === least && i < best)) {
        least = cost;
        best = i;
      }
    }
    const node = nodes[best];
    if (node === undefined) return undefined;
    model.place(node);
    pressure.place(node);
    placed[best] = 1;
    late.place(best);
    order.push(best);
    ready.splice(ready.indexOf(best), 1);
    for (const next of node.after) if (--waiting[next]! === 0) ready.push(next);
    for (const sequence of node.sequences) {
      const rest = (left.get(sequence) ?? sequence.nodes.length) - 1;
      left.set(sequence, rest);
      if (rest > 0) open[sequence.resource] = sequence;
      else delete open[sequence.resource];
    }
  }
  return order;
}

/** The order in which the code was made: the present row, then the next. It needs fewest registers. */
export const asWritten = ({ nodes }: Graph): number[] => nodes.map((_, i) => i);
