/** What must come before what in the turns of a row loop: instructions with their scalar set-up, and their needs. */
import { findInstruction } from '../../isa/table/index.js';
import { vectorUnitOf, vectorUnits } from '../../isa/timing.js';
import { type InstructionLine, type Kernel, type Line, isVirtual } from './code.js';

/** A vector instruction with the scalar instructions that set its addresses. */
export interface Node {
  readonly lines: readonly InstructionLine[];
  readonly place: Line | undefined;
  /** It belongs to the row to come. */
  readonly ahead: boolean;
  readonly unit: number;
  /** Virtual registers read, in the order in which the unit reads them; and the one written, or -1. */
  readonly reads: readonly number[];
  readonly writes: number;
  readonly usesAccumulator: boolean;
  readonly startsAccumulator: boolean;
  readonly isCompare: boolean;
  readonly conditional: boolean;
  readonly order: string | undefined;
  readonly latency: number;
  /** Nodes that must come earlier, and those that must come later. */
  readonly before: Set<number>;
  readonly after: Set<number>;
  /** The accumulator or condition sequence that it belongs to: nothing of another may come in between. */
  sequences: Sequence[];
}

export interface Sequence {
  readonly resource: 'accumulator' | 'condition';
  readonly nodes: number[];
}

export interface Graph {
  readonly nodes: readonly Node[];
  /** Registers written for the next turn. */
  readonly carried: ReadonlySet<number>;
}

const usualBusLatency = 4;

function nodeOf(
  lines: readonly InstructionLine[],
  place: Line | undefined,
  ahead: boolean,
): Node | undefined {
  const last = lines.at(-1);
  const instruction = last && findInstruction(last.mnemonic);
  if (last === undefined || instruction === undefined) return undefined;
  const unit = vectorUnitOf[instruction.timing];
  if (unit === undefined) return undefined;
  const vectors = last.operands.filter(isVirtual).map(({ number }) => number);
  const writes = instruction.writes.includes('vrt') ? (vectors[0] ?? -1) : -1;
  const usesAccumulator = instruction.writes.includes('acc') || instruction.reads.includes('acc');
  const names = instruction.syntax.split(',').length;
  const condition = last.operands.at(-1);
  return {
    lines,
    place,
    ahead,
    unit,
    reads: writes < 0 ? vectors : vectors.slice(1),
    writes,
    usesAccumulator,
    startsAccumulator: usesAccumulator && !instruction.reads.includes('acc'),
    isCompare: instruction.timing === 'vector-compare',
    conditional:
      instruction.reads.includes('vcr?') && last.operands.length === names && condition !== 0,
    order: last.order ?? memoryName(unit, lines),
    latency: last.latency ?? usualBusLatency,
    before: new Set(),
    after: new Set(),
    sequences: [],
  };
}

/** Accesses of the same variable in SRAM keep their order. */
function memoryName(unit: number, lines: readonly InstructionLine[]): string | undefined {
  if (unit !== vectorUnits.memory) return undefined;
  for (const { operands } of lines)
    for (const operand of operands)
      if (typeof operand === 'object' && 'symbol' in operand) return `memory ${operand.symbol}`;
  return 'memory';
}

/** Cuts lines into nodes; undefined if something else than vector code is among them. */
function cut(lines: readonly Line[], ahead: boolean): Node[] | undefined {
  const nodes: Node[] = [];
  let pending: InstructionLine[] = [];
  let place: Line | undefined;
  for (const line of lines) {
    if (line.kind === 'place') place = line;
    else if (line.kind !== 'instruction') return undefined;
    else {
      pending.push(line);
      if (!line.mnemonic.startsWith('fxv')) continue;
      const node = nodeOf(pending, place, ahead);
      if (node === undefined) return undefined;
      nodes.push(node);
      pending = [];
    }
  }
  return pending.length === 0 ? nodes : undefined;
}

/** Without the instructions whose results nothing reads. */
function useful(nodes: readonly Node[]): Node[] {
  let list = [...nodes];
  for (;;) {
    const read = new Set(list.flatMap(({ reads }) => reads));
    const kept = list.filter(
      ({ writes, unit, usesAccumulator }) =>
        writes < 0 ||
        read.has(writes) ||
        usesAccumulator ||
        (unit !== vectorUnits.madd && unit !== vectorUnits.permute),
    );
    if (kept.length === list.length) return kept;
    list = kept;
  }
}

/** The graph of one turn: the work on the present row first, then the reads of the next. */
export function graphOf(kernel: Kernel): Graph | undefined {
  const ahead = cut(kernel.ahead, true);
  const body = cut(kernel.body, false);
  if (ahead === undefined || body === undefined) return undefined;
  const place = body.find((node) => node.place !== undefined)?.place;
  const nodes = useful([
    ...body.map((node) => ({ ...node, place: node.place ?? place })),
    ...ahead.map((node) => ({ ...node, place: node.place ?? place })),
  ]);
  const link = (from: number, to: number): void => {
    if (from === to) return;
    nodes[from]?.after.add(to);
    nodes[to]?.before.add(from);
  };
  const carried = new Set<number>();
  linkRegisters(nodes, link, carried);
  const last = new Map<string, number>();
  nodes.forEach(({ order, ahead: isAhead }, i) => {
    if (order === undefined) return;
    const key = `${order} ${isAhead}`;
    const previous = last.get(key);
    if (previous !== undefined) link(previous, i);
    last.set(key, i);
  });
  linkSequences(nodes, link);
  return { nodes, carried };
}

function linkRegisters(
  nodes: readonly Node[],
  link: (from: number, to: number) => void,
  carried: Set<number>,
): void {
  const writtenAhead = new Set(nodes.flatMap((node) => (node.ahead ? [node.writes] : [])));
  const writer = new Map<number, number>();
  const readers = new Map<number, number[]>();
  nodes.forEach((node, i) => {
    for (const register of node.reads) {
      const from = writer.get(register);
      if (from !== undefined) link(from, i);
      else if (!node.ahead && writtenAhead.has(register)) carried.add(register);
      const list = readers.get(register);
      if (list) list.push(i);
      else readers.set(register, [i]);
    }
    if (node.writes < 0) return;
    // What was read of the old content comes first; so does the old writer.
    for (const reader of readers.get(node.writes) ?? []) link(reader, i);
    const old = writer.get(node.writes);
    if (old !== undefined) link(old, i);
    writer.set(node.writes, i);
    readers.set(node.writes, []);
  });
}

function linkSequences(nodes: readonly Node[], link: (from: number, to: number) => void): void {
  for (const isAhead of [false, true]) {
    let sum: Sequence | undefined;
    let condition: Sequence | undefined;
    nodes.forEach((node, i) => {
      if (node.ahead !== isAhead) return;
      if (node.usesAccumulator) {
        if (node.startsAccumulator || sum === undefined)
          sum = { resource: 'accumulator', nodes: [] };
        const previous = sum.nodes.at(-1);
        if (previous !== undefined) link(previous, i);
        sum.nodes.push(i);
        node.sequences.push(sum);
      }
      if (node.isCompare) condition = { resource: 'condition', nodes: [] };
      if ((node.isCompare || node.conditional) && condition) {
        const compare = condition.nodes[0];
        if (compare !== undefined) link(compare, i);
        condition.nodes.push(i);
        node.sequences.push(condition);
      }
    });
  }
}
