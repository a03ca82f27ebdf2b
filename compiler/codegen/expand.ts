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
import type { Graph, Node } from './graph.js';

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

/** Scalar instructions at the end of a turn besides those that set addresses. */
const turnPeriods = 2;

/** Periods of a turn, after some turns, with usual latencies. */
export function measure(
  graph: Graph,
  order: readonly number[],
  registers: ReadonlyMap<number, number>,
  turns = 4,
): number {
  const model = new VectorModel();
  const steps = order.map((i) => ({
    step: stepOf(graph.nodes[i]!, registers),
    scalars: graph.nodes[i]!.lines.length,
    latency: graph.nodes[i]!.latency,
  }));
  let t = 16;
  let before = t;
  for (let n = 0; n < turns; n++) {
    before = t;
    for (const { step, scalars, latency } of steps) {
      t = model.roomFrom(t + scalars);
      model.issue(step, t, latency);
    }
    t += turnPeriods;
  }
  return t - before;
}
