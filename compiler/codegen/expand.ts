/** Writes out row loops whose order is decided, and measures one on a model of the vector unit. */
import { symbol } from '../../isa/object-builder.js';
import { VectorModel, type VectorStep } from '../timing/vector-model.js';
import {
  type CodeOperand,
  type InstructionLine,
  type Kernel,
  type Line,
  isVirtual,
} from './code.js';
import { type Graph, type Node, noUnit } from './graph.js';

const line = (mnemonic: string, ...operands: InstructionLine['operands']): InstructionLine => ({
  kind: 'instruction',
  mnemonic,
  operands,
});

/** Field of the condition register that tells the last row. */
const rowsLeft = 6;

/** The loop with its turns in `order`, and what comes before the first turn. */
export function expand(kernel: Kernel, graph: Graph, order: readonly number[]): Line[] {
  const { labels, rows, moving, redirected, id } = kernel;
  const { top, last, end } = labels;
  const ahead = moving.filter((each) => each.ahead);
  return [
    ...prologue(graph),
    line('cmpwi', rowsLeft, rows, 1),
    ...ahead.map(({ register, step }) => line('addi', register, register, step)),
    line('ble', rowsLeft, symbol(last)),
    { kind: 'loop', id, turns: 'rows', overlaps: true },
    { kind: 'label', name: top },
    ...turn(kernel, graph, order),
    ...(kernel.polls === undefined ? [] : [line('bl', symbol(kernel.polls))]),
    line('bgt', rowsLeft, symbol(top)),
    line('blt', rowsLeft, symbol(end)),
    { kind: 'label', name: last },
    // Only the present row is left: what would be read ahead is read again, or somewhere harmless.
    ...ahead.map(({ register, step }) => line('addi', register, register, -step)),
    ...redirected.map((register) => line('li', register, 0)),
    line('b', symbol(top)),
    { kind: 'loop-end', id },
  ];
}

/** Numbers of registers that stand for others before the loop begin here. */
const renamed = 1 << 20;

/** The reads of the first row. What does not go into the loop has registers of its own. */
function prologue({ nodes, carried }: Graph): Line[] {
  const rename = (operand: CodeOperand): CodeOperand =>
    isVirtual(operand) && !carried.has(operand.number) && own.has(operand.number)
      ? { ...operand, number: operand.number + renamed }
      : operand;
  const ahead = nodes.filter((node) => node.ahead);
  const own = new Set(ahead.map(({ writes }) => writes));
  return ahead.flatMap(({ lines }) =>
    lines.map((each) => ({
      ...each,
      operands: each.operands.map(rename),
      ...(each.target ? { target: rename(each.target) as typeof each.target } : {}),
    })),
  );
}

/** The nodes in their order; registers that follow the rows move on as soon as nothing needs them any more. */
function turn({ moving, rows }: Kernel, { nodes }: Graph, order: readonly number[]): Line[] {
  const lines: Line[] = [];
  const due = new Map<number, InstructionLine[]>();
  const plan = (position: number, next: InstructionLine): void => {
    const list = due.get(position);
    if (list) list.push(next);
    else due.set(position, [next]);
  };
  for (const { register, step } of moving) {
    let at = 0;
    order.forEach((number, position) => {
      const uses = nodes[number]!.lines.some(({ operands }) => operands.includes(register));
      if (uses) at = position;
    });
    plan(at, line('addi', register, register, step));
  }
  const middle = order.length >> 1;
  plan(middle, line('addi', rows, rows, -1));
  plan(middle, line('cmpwi', rowsLeft, rows, 1));
  let place: Line | undefined;
  order.forEach((number, position) => {
    const node = nodes[number]!;
    if (node.place && node.place !== place) lines.push((place = node.place));
    lines.push(...node.lines, ...(due.get(position) ?? []));
  });
  return lines;
}

/** A node of the model: registers are those that the allocation gave. */
function stepOf(node: Node, registers: ReadonlyMap<number, number>): VectorStep {
  const real = (register: number | undefined): number =>
    register === undefined || register < 0 ? -1 : (registers.get(register) ?? -1);
  return {
    unit: node.unit,
    vectorA: real(node.reads[0]),
    vectorB: real(node.reads[1]),
    vectorTarget: real(node.writes),
    conditional: node.conditional,
  };
}

/** Periods until a loaded word can be used: mostly by the next instruction. */
const loadPeriods = 4;

/** Turns until the unit has found its rhythm, and those whose mean counts. */
const firstTurns = 3;
const meanTurns = 2;

/** Periods of a turn, over the phases in which the register port may be. */
export interface Measured {
  readonly mean: number;
  readonly most: number;
  readonly least: number;
}

/** Periods of a turn of a loop written out by `expand`, after some turns, with usual latencies, in `phases` phases. */
export function measure(
  lines: readonly Line[],
  graph: Graph,
  registers: ReadonlyMap<number, number>,
  phases: number,
): Measured {
  const nodes = new Map<Line | undefined, Node>();
  for (const node of graph.nodes) nodes.set(node.lines.at(-1), node);
  const steps: Timed[] = [];
  let since = 1;
  const begin = lines.findIndex(({ kind }) => kind === 'loop');
  for (const each of lines.slice(begin)) {
    if (each.kind === 'label' && steps.length > 0) break;
    if (each.kind !== 'instruction') continue;
    const node = nodes.get(each);
    if (node === undefined || node.unit === noUnit)
      since += each.mnemonic === 'lwz' ? loadPeriods : 1;
    else {
      steps.push({ step: stepOf(node, registers), after: since, latency: node.latency });
      since = 1;
    }
  }
  // The branch back is one period; the one behind it is not reached.
  const rest = since - 2;
  let sum = 0;
  let most = 0;
  let least = Infinity;
  for (let phase = 0; phase < phases; phase++) {
    const periods = periodsOf(steps, rest, phase);
    sum += periods;
    most = Math.max(most, periods);
    least = Math.min(least, periods);
  }
  return { mean: sum / phases, most, least };
}

interface Timed {
  readonly step: VectorStep;
  /** Periods since the one before. */
  readonly after: number;
  readonly latency: number;
}

function periodsOf(steps: readonly Timed[], rest: number, phase: number): number {
  const model = new VectorModel(phase);
  let t = 16;
  let from = t;
  for (let n = 0; n < firstTurns + meanTurns; n++) {
    if (n === firstTurns) from = t;
    for (const { step, after, latency } of steps) {
      t = model.roomFrom(t + after);
      model.issue(step, t, latency);
    }
    t += rest;
  }
  return (t - from) / meanTurns;
}
