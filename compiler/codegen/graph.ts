/** What must come before what in the turns of a row loop: instructions with their scalar set-up, and their needs. */
import { findInstruction } from '../../isa/table/index.js';
import { vectorUnitOf, vectorUnits } from '../../isa/timing.js';
import {
  type CodeOperand,
  type InstructionLine,
  type Kernel,
  type Line,
  type VirtualRegister,
  isVirtual,
} from './code.js';
import { type Recipe, reload, remake } from './spill.js';

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
  /** It writes a variable, which may be read after the loop. */
  readonly keeps: boolean;
  /** It brings back what found no register in the loop: made again, or from memory. Shortly before it is used. */
  readonly late?: 'made' | 'loaded';
}

export interface Sequence {
  readonly resource: 'accumulator' | 'condition';
  readonly nodes: number[];
}

/** How a register that a loop only reads is brought back where it is used. */
export type Evicted = { readonly recipe: Recipe } | { readonly name: string };

export interface Graph {
  readonly nodes: readonly Node[];
  /** Registers written for the next turn. */
  readonly carried: ReadonlySet<number>;
}

const usualBusLatency = 4;

/** Instructions of the scalar core alone. */
export const noUnit = -1;

/** A computation of scalars: nothing of the vector unit. */
const scalarNode = (
  lines: readonly InstructionLine[],
  place: Line | undefined,
  ahead: boolean,
): Node => ({
  lines,
  place,
  ahead,
  unit: noUnit,
  reads: [],
  writes: -1,
  usesAccumulator: false,
  startsAccumulator: false,
  isCompare: false,
  conditional: false,
  order: 'scalar',
  latency: 0,
  keeps: false,
  before: new Set(),
  after: new Set(),
  sequences: [],
});

function nodeOf(
  lines: readonly InstructionLine[],
  place: Line | undefined,
  ahead: boolean,
): Node | undefined {
  const last = lines.at(-1);
  if (last && !last.mnemonic.startsWith('fxv')) return scalarNode(lines, place, ahead);
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
    order: last.order ?? (last.group === undefined ? memoryName(unit, lines) : 'scalar'),
    latency: last.latency ?? usualBusLatency,
    keeps: last.target?.key.startsWith('let') === true,
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
      const before = pending[0];
      if (before !== undefined && before.group !== line.group) {
        // A group of scalars ends; what sets an address is never left alone.
        const node = before.group === undefined ? undefined : nodeOf(pending, place, ahead);
        if (node === undefined) return undefined;
        nodes.push(node);
        pending = [];
      }
      pending.push(line);
      if (!line.mnemonic.startsWith('fxv')) continue;
      const node = nodeOf(pending, place, ahead);
      if (node === undefined) return undefined;
      nodes.push(node);
      pending = [];
    }
  }
  if (pending.length === 0) return nodes;
  const node = pending[0]?.group === undefined ? undefined : nodeOf(pending, place, ahead);
  return node && [...nodes, node];
}

/** Without the instructions whose results nothing reads. */
function useful(nodes: readonly Node[]): Node[] {
  let list = [...nodes];
  for (;;) {
    const read = new Set(list.flatMap(({ reads }) => reads));
    const kept = list.filter(
      ({ writes, keeps, unit, usesAccumulator }) =>
        writes < 0 ||
        read.has(writes) ||
        keeps ||
        usesAccumulator ||
        (unit !== vectorUnits.madd && unit !== vectorUnits.permute),
    );
    if (kept.length === list.length) return kept;
    list = kept;
  }
}

/** A value from memory serves the uses of so many nodes. */
const loadedFor = 16;

/** The nodes with `evicted` registers brought back before each use. */
function broughtBack(
  nodes: readonly Node[],
  evicted: ReadonlyMap<number, Evicted>,
  register: (key: string) => VirtualRegister,
): Node[] {
  const out: Node[] = [];
  const loaded = new Map<number, { readonly register: VirtualRegister; readonly at: number }>();
  const bring = (number: number, at: number, node: Node): VirtualRegister | undefined => {
    const how = evicted.get(number);
    if (how === undefined) return undefined;
    const known = loaded.get(number);
    if (known && at - known.at < ('name' in how ? loadedFor : 1)) return known.register;
    const made = register('again');
    loaded.set(number, { register: made, at });
    const lines = 'name' in how ? reload(how.name, made) : remake(how.recipe, made);
    const back = nodeOf(lines, node.place, node.ahead);
    if (back === undefined) throw new Error('a value cannot be brought back');
    out.push({ ...back, order: undefined, late: 'name' in how ? 'loaded' : 'made' });
    return made;
  };
  nodes.forEach((node, at) => {
    const replaced = new Map<number, VirtualRegister>();
    for (const number of node.reads) {
      const made = bring(number, at, node);
      if (made) replaced.set(number, made);
    }
    if (replaced.size === 0) return void out.push(node);
    const swap = (each: CodeOperand): CodeOperand =>
      isVirtual(each) ? (replaced.get(each.number) ?? each) : each;
    out.push({
      ...node,
      lines: node.lines.map((line) => ({ ...line, operands: line.operands.map(swap) })),
      reads: node.reads.map((each) => replaced.get(each)?.number ?? each),
    });
  });
  return out;
}

/**
 * The graph of one turn: the work on the present row first, then the reads of the next. Registers that the loop only
 * reads may be `evicted` from it.
 */
export function graphOf(
  kernel: Kernel,
  evicted: ReadonlyMap<number, Evicted>,
  register: (key: string) => VirtualRegister,
): Graph | undefined {
  const ahead = cut(kernel.ahead, true);
  const body = cut(kernel.body, false);
  if (ahead === undefined || body === undefined) return undefined;
  const place = body.find((node) => node.place !== undefined)?.place;
  const needed = useful([
    ...body.map((node) => ({ ...node, place: node.place ?? place })),
    ...ahead.map((node) => ({ ...node, place: node.place ?? place })),
  ]);
  const nodes = evicted.size === 0 ? needed : broughtBack(needed, evicted, register);
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

/** Constants made for what is under way may come while it is. */
function joinMade(nodes: readonly Node[], user: Node, sequence: Sequence): void {
  for (const from of user.before) {
    const made = nodes[from];
    if (made?.late !== 'made' || made.sequences.length > 0) continue;
    sequence.nodes.push(from);
    made.sequences.push(sequence);
  }
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
        const previous = sum.nodes.findLast((each) => nodes[each]?.usesAccumulator);
        if (previous !== undefined) link(previous, i);
        sum.nodes.push(i);
        node.sequences.push(sum);
        joinMade(nodes, node, sum);
      }
      if (node.isCompare) condition = { resource: 'condition', nodes: [] };
      if ((node.isCompare || node.conditional) && condition) {
        const compare = condition.nodes.find((each) => nodes[each]?.isCompare);
        if (compare !== undefined) link(compare, i);
        condition.nodes.push(i);
        node.sequences.push(condition);
        joinMade(nodes, node, condition);
      }
    });
  }
}
