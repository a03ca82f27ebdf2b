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

/** Too many values are alive at a place: these keys are, longest waiting first. */
export interface Overflow {
  readonly alive: readonly { readonly key: string; readonly waits: number }[];
}

const registerCount = 32;

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
  for (const life of lives) {
    let carried: [number, number][] | undefined;
    // Inner loops come later in the list: extend from the inside out.
    for (const loop of [...loops].reverse()) {
      const enters = life.from < loop.from && life.to >= loop.from && life.to <= loop.to;
      if (!enters) continue;
      carried = carriedParts(life, loop);
      life.to = loop.to;
    }
    life.parts = carried ?? [[life.from, life.to]];
  }
  return lives.sort((a, b) => a.from - b.from || a.register.number - b.register.number);
}

/** The ranges in which one register of the machine is taken. */
class Place {
  private readonly taken: (readonly [number, number])[] = [];
  /** Last position before `from` at which it was in use. */
  lastBefore(from: number): number {
    let last = -1;
    for (const [, to] of this.taken) if (to <= from && to > last) last = to;
    return last;
  }

  /** First position from `to` on at which it is in use. */
  firstAfter(to: number): number {
    let first = Infinity;
    for (const [from] of this.taken) if (from >= to && from < first) first = from;
    return first;
  }

  isFree(parts: Life['parts']): boolean {
    // A register that is read for the last time by an instruction may take that instruction's result.
    for (const [from, to] of parts)
      for (const [a, b] of this.taken)
        if (
          from === to ? from >= a && from < b : a === b ? a >= from && a < to : from < b && a < to
        )
          return false;
    return true;
  }

  take(parts: Life['parts']): void {
    this.taken.push(...parts);
  }

  holdsAt(position: number): boolean {
    return this.taken.some(([from, to]) => position >= from && position < to);
  }
}

/**
 * Allocates, or says where it does not work. `tight` fills gaps, which finds room for more values; otherwise registers
 * rest as long as possible between values.
 */
export function allocate(lines: readonly Line[], tight = false): Allocation | Overflow {
  const registers = new Map<number, number>();
  const places = Array.from({ length: registerCount }, () => new Place());
  const lives = livesOf(lines);
  let pressure = 0;
  for (const [index, life] of lives.entries()) {
    let best = -1;
    let longest = Infinity;
    places.forEach((place, r) => {
      if (!place.isFree(life.parts)) return;
      // The register that has been free for longest avoids waiting for readers.
      const last = place.lastBefore(life.from);
      const cost = tight && life.to > life.from ? place.firstAfter(life.to) - last : last;
      if (cost < longest || best < 0) {
        longest = cost;
        best = r;
      }
    });
    const place = places[best];
    if (place === undefined) return { alive: aliveAt(lives.slice(0, index + 1), life.from) };
    place.take(life.parts);
    registers.set(life.register.number, best);
    pressure = Math.max(pressure, places.filter((each) => each.holdsAt(life.from)).length);
  }
  return { registers, pressure };
}

function aliveAt(lives: readonly Life[], position: number): Overflow['alive'] {
  return lives
    .filter(({ parts }) => parts.some(([from, to]) => from <= position && to > position))
    .map((life) => ({
      key: life.register.key,
      waits: (life.uses.find((use) => use > position) ?? life.to) - position,
    }))
    .sort((a, b) => b.waits - a.waits || (a.key < b.key ? -1 : 1));
}
