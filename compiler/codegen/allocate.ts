/** Gives virtual vector registers their places among v0..v31, over the structured code. */
import { type Line, type VirtualRegister, isVirtual } from './code.js';

interface Life {
  readonly register: VirtualRegister;
  from: number;
  to: number;
  /** Positions of reads, and of writes after the first. */
  readonly uses: number[];
  readonly writes: number[];
  /** Half-open ranges of positions in which the register holds something. */
  parts: readonly (readonly [number, number])[];
}

interface Loop {
  readonly from: number;
  to: number;
  readonly overlaps: boolean;
}

export interface Allocation {
  /** By number of the virtual register. */
  readonly registers: ReadonlyMap<number, number>;
  /** Most registers in use at one time. */
  readonly pressure: number;
}

/** Too many values are alive at a place: these are, longest waiting first. */
export interface Overflow {
  readonly position: number;
  readonly alive: readonly {
    readonly key: string;
    readonly register: number;
    readonly waits: number;
  }[];
}

const registerCount = 32;
const none: ReadonlyMap<number, number> = new Map();

/** Where each register is written and read. */
function occurrences(lines: readonly Line[]): { lives: Life[]; loops: Loop[] } {
  const found = new Map<number, Life>();
  const loops: Loop[] = [];
  const open: Loop[] = [];
  lines.forEach((line, position) => {
    if (line.kind === 'loop') {
      const loop = { from: position, to: position, overlaps: line.overlaps === true };
      loops.push(loop);
      open.push(loop);
    } else if (line.kind === 'loop-end') {
      const loop = open.pop();
      if (loop) loop.to = position;
    } else if (line.kind === 'instruction')
      line.operands.forEach((operand, index) => {
        if (!isVirtual(operand)) return;
        let life = found.get(operand.number);
        if (life === undefined) {
          life = {
            register: operand,
            from: position,
            to: position,
            uses: [],
            writes: [],
            parts: [],
          };
          found.set(operand.number, life);
          return;
        }
        life.to = position;
        if (index === 0 && line.target !== undefined) life.writes.push(position);
        else life.uses.push(position);
      });
  });
  return { lives: [...found.values()], loops };
}

/** What a loop writes for its own next turn holds from there to the loop's end, and from before it to the last use. */
function carriedParts(life: Life, loop: Loop): [number, number][] | undefined {
  const { from } = life;
  const inside = (position: number): boolean => position > loop.from && position < loop.to;
  const writes = life.writes.filter(inside);
  const [write] = writes;
  if (!loop.overlaps || from > loop.from || writes.length !== 1 || write === undefined)
    return undefined;
  const last = Math.max(loop.from, ...life.uses);
  return last > write
    ? undefined
    : [
        [from, last],
        [write, loop.to],
      ];
}

/** First and last line at which each register matters; what enters a loop from outside lives to the loop's end. */
function livesOf(lines: readonly Line[]): Life[] {
  const { lives, loops } = occurrences(lines);
  // Inner loops come later in the list: extend from the inside out.
  loops.reverse();
  for (const life of lives) {
    let carried: [number, number][] | undefined;
    for (const loop of loops) {
      const enters = life.from < loop.from && life.to >= loop.from && life.to <= loop.to;
      if (!enters) continue;
      carried = carriedParts(life, loop);
      life.to = loop.to;
    }
    life.parts = carried ?? [[life.from, life.to]];
  }
  return lives.sort((a, b) => a.from - b.from || a.register.number - b.register.number);
}

/** The ranges in which one register of the machine is taken. Lives come in the order of their beginnings. */
class Place {
  /** End of the last range that has begun. */
  private end = -1;
  /** An empty range there: a result that nothing reads. */
  private point = -1;
  /** Ranges that begin later. */
  private later: (readonly [number, number])[] = [];

  private settle(position: number): void {
    if (this.later.length === 0) return;
    const begun = this.later.filter(([from]) => from <= position);
    if (begun.length === 0) return;
    for (const [from, to] of begun)
      if (from === to) this.point = Math.max(this.point, from);
      else this.end = Math.max(this.end, to);
    this.later = this.later.filter(([from]) => from > position);
  }

  /** Last position before `from` at which it was in use. */
  lastBefore(from: number): number {
    this.settle(from);
    return Math.max(this.end <= from ? this.end : -1, this.point <= from ? this.point : -1);
  }

  /** First position from `to` on at which it is in use. */
  firstAfter(to: number): number {
    let first = Infinity;
    for (const [from] of this.later) if (from >= to && from < first) first = from;
    return first;
  }

  isFree(parts: Life['parts']): boolean {
    const [first] = parts;
    if (first === undefined) return true;
    const [begin] = first;
    this.settle(begin);
    // A register that is read for the last time by an instruction may take that instruction's result.
    if (this.end > begin || (this.point === begin && first[1] > begin)) return false;
    return this.isFreeLater(parts);
  }

  isFreeLater(parts: Life['parts']): boolean {
    for (const [from, to] of parts)
      for (const [a, b] of this.later)
        if (
          from === to ? from >= a && from < b : a === b ? a >= from && a < to : from < b && a < to
        )
          return false;
    return true;
  }

  take(parts: Life['parts']): void {
    const [first, ...more] = parts;
    if (first === undefined) return;
    if (first[0] === first[1]) this.point = Math.max(this.point, first[0]);
    else this.end = Math.max(this.end, first[1]);
    this.later.push(...more);
  }

  /** Takes it from the beginning, for what may begin later. */
  reserve(parts: Life['parts']): void {
    this.later.push(...parts);
  }

  holdsAt(position: number): boolean {
    return this.end > position;
  }
}

/**
 * Allocates, or says where it does not work. `tight` fills gaps, which finds room for more values; otherwise registers
 * rest as long as possible between values. `chosen` ones have their places already.
 */
export function allocate(
  lines: readonly Line[],
  tight = false,
  chosen: ReadonlyMap<number, number> = none,
): Allocation | Overflow {
  const registers = new Map<number, number>();
  const places = Array.from({ length: registerCount }, () => new Place());
  const lives = livesOf(lines);
  let pressure = 0;
  if (chosen.size > 0)
    for (const [index, life] of lives.entries()) {
      const place = places[chosen.get(life.register.number) ?? -1];
      if (place === undefined) continue;
      if (!place.isFreeLater(life.parts))
        return { position: life.from, alive: aliveAt(lives.slice(0, index + 1), life.from) };
      place.reserve(life.parts);
      registers.set(life.register.number, chosen.get(life.register.number) ?? 0);
    }
  for (const [index, life] of lives.entries()) {
    if (registers.has(life.register.number)) continue;
    let best = -1;
    let longest = Infinity;
    for (let r = 0; r < registerCount; r++) {
      const place = places[r]!;
      if (!place.isFree(life.parts)) continue;
      // The register that has been free for longest avoids waiting for readers.
      const last = place.lastBefore(life.from);
      const cost = tight && life.to > life.from ? place.firstAfter(life.to) - last : last;
      if (cost < longest || best < 0) {
        longest = cost;
        best = r;
      }
    }
    const place = places[best];
    if (place === undefined)
      return { position: life.from, alive: aliveAt(lives.slice(0, index + 1), life.from) };
    place.take(life.parts);
    registers.set(life.register.number, best);
    let held = 0;
    for (const each of places) if (each.holdsAt(life.from)) held++;
    if (held > pressure) pressure = held;
  }
  return { registers, pressure };
}

function aliveAt(lives: readonly Life[], position: number): Overflow['alive'] {
  return lives
    .filter(({ parts }) => parts.some(([from, to]) => from <= position && to > position))
    .map((life) => ({
      key: life.register.key,
      register: life.register.number,
      waits: (life.uses.find((use) => use > position) ?? life.to) - position,
    }))
    .sort((a, b) => b.waits - a.waits || (a.key < b.key ? -1 : 1));
}
