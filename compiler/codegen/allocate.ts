/** Gives virtual vector registers their places among v0..v31, by linear scan over the structured code. */
import { type Line, type VirtualRegister, isVirtual } from './code.js';

interface Life {
  readonly register: VirtualRegister;
  from: number;
  to: number;
  readonly uses: number[];
}

export interface Allocation {
  /** By number of the virtual register. */
  readonly registers: ReadonlyMap<number, number>;
  /** Most registers alive at one time. */
  readonly pressure: number;
}

/** Too many values are alive at a place: these keys are, longest waiting first. */
export interface Overflow {
  readonly alive: readonly { readonly key: string; readonly waits: number }[];
}

const registerCount = 32;

/** First and last line at which each register matters; what enters a loop from outside lives to the loop's end. */
function lives(lines: readonly Line[]): Life[] {
  const found = new Map<number, Life>();
  const loops: { from: number; to: number }[] = [];
  const open: number[] = [];
  lines.forEach((line, position) => {
    if (line.kind === 'loop') {
      open.push(loops.length);
      loops.push({ from: position, to: position });
    } else if (line.kind === 'loop-end') {
      const loop = loops[open.pop() ?? -1];
      if (loop) loop.to = position;
    } else if (line.kind === 'instruction')
      for (const operand of line.operands) {
        if (!isVirtual(operand)) continue;
        const life = found.get(operand.number);
        if (life === undefined)
          found.set(operand.number, { register: operand, from: position, to: position, uses: [] });
        else {
          life.to = position;
          life.uses.push(position);
        }
      }
  });
  const result = [...found.values()];
  for (const life of result) {
    // Inner loops come later in the list: extend from the inside out.
    for (const loop of [...loops].reverse()) {
      const enters = life.from < loop.from && life.to >= loop.from && life.to <= loop.to;
      if (enters) life.to = loop.to;
    }
  }
  return result.sort((a, b) => a.from - b.from || a.register.number - b.register.number);
}

/** Allocates, or says where it does not work. */
export function allocate(lines: readonly Line[]): Allocation | Overflow {
  const registers = new Map<number, number>();
  const free: number[] = [];
  for (let r = registerCount - 1; r >= 0; r--) free.push(r);
  let active: Life[] = [];
  let pressure = 0;
  for (const life of lives(lines)) {
    const still: Life[] = [];
    for (const other of active) {
      // A register that is read for the last time by an instruction may take that instruction's result.
      if (other.to <= life.from) free.push(registers.get(other.register.number) ?? 0);
      else still.push(other);
    }
    active = still;
    // The register that has been free for longest avoids waiting for readers.
    const register = free.shift();
    if (register === undefined) {
      const alive = [...active, life]
        .map((other) => ({
          key: other.register.key,
          waits: (other.uses.find((use) => use > life.from) ?? other.to) - life.from,
        }))
        .sort((a, b) => b.waits - a.waits || (a.key < b.key ? -1 : 1));
      return { alive };
    }
    registers.set(life.register.number, register);
    active.push(life);
    pressure = Math.max(pressure, active.length);
  }
  return { registers, pressure };
}
