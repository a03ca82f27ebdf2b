/**
 * Memory of timing: in which periods the instructions of a block issue depends on the state of score board and memory
 * queue in front of it, and such states recur. A node is a block with such a state; its edges say, for each outcome
 * of its branch, how long it took and which node comes next. (Schnarr and Larus, "Fast out-of-order processor
 * simulation using memoization", 1998.) What cannot be known from that, the branch cache above all, is not
 * remembered but asked every time; its answer is part of the outcome.
 */
import type { Block } from './block.js';
import type { CodeCache } from './code-cache.js';
import { Kind, type Operation } from './operation.js';
import type { PpuOptions } from './options.js';
import type { TimingState } from './issue-state.js';
import { Rehearsal } from './rehearsal.js';
import { parts } from './scoreboard.js';

/** Nodes after which everything is forgotten, so that memory stays within limits. */
const LIMIT = 20_000;
/** A state with larger numbers is not remembered. */
const LARGEST = 0xffff;
/** Periods from a branch's resolution to the entry of its target, less those without a redirect. */
const REDIRECT = 4;

/**
 * Outcomes of a block's branch: not taken or taken, and what had been fetched behind it: what follows in memory, the
 * right target, or something else.
 */
export const Outcome = {
  on: 0,
  onAfterOther: 1,
  taken: 2,
  takenAsPredicted: 3,
  takenAfterOther: 4,
};
const OUTCOMES = 5;

/** What follows a block after one outcome. */
export class Edge {
  constructor(
    /** Address that comes next. */
    readonly target: number,
    /** Periods from the block's entry to that of the next. */
    readonly delta: number,
    readonly redirects: boolean,
    readonly to: TimedBlock,
    /** The same outcome with another target. */
    readonly next: Edge | null,
  ) {}
}

/** What is held in the issue stage when a branch redirects; see `BranchCache.redirect`. */
export interface Held {
  readonly held: boolean;
  readonly multiPart: boolean;
}

/** A block that enters the issue stage in a certain state. */
export class TimedBlock {
  /** Null if what is at this address cannot be executed as a block. */
  readonly block: Block | null;
  /** Periods from its entry to the earliest entry of the next instruction, without a redirect. */
  span = 0;
  /** How many issues it takes. */
  issues = 0;
  /** By instruction: the last period before it entered, relative to the block's entry. */
  readonly advanced: Int32Array;
  /** By outcome. */
  readonly edges: (Edge | null)[] = new Array<Edge | null>(OUTCOMES).fill(null);
  /** By address that had been fetched behind the branch. */
  readonly held = new Map<number, Held>();

  constructor(
    readonly address: number,
    readonly state: TimingState,
    block: Block | null,
  ) {
    this.block = block;
    this.advanced = new Int32Array(block?.length ?? 0);
  }
}

export class TimingMemo {
  private readonly nodes = new Map<string, TimedBlock>();
  private readonly rehearsal: Rehearsal;
  private generation = 0;

  constructor(
    options: PpuOptions,
    private readonly code: CodeCache,
    private readonly operationAt: (address: number) => Operation | undefined,
  ) {
    this.rehearsal = new Rehearsal(options);
    this.generation = code.generation;
  }

  /** The node of a state in front of an address. */
  node(address: number, state: TimingState): TimedBlock {
    if (this.generation !== this.code.generation || this.nodes.size > LIMIT) {
      this.generation = this.code.generation;
      this.nodes.clear();
    }
    let key = String.fromCharCode(address & 0xffff, address >>> 16);
    for (const n of state) {
      if (n > LARGEST) return new TimedBlock(address, state, null);
      key += String.fromCharCode(n);
    }
    const known = this.nodes.get(key);
    if (known !== undefined) return known;
    const { code, rehearsal } = this;
    const node = new TimedBlock(address, state, code.block(address));
    if (node.block !== null) {
      rehearsal.run(state, node.block, node.block.length, node.advanced);
      node.span = rehearsal.elapsed;
      node.issues = rehearsal.issued;
    }
    this.nodes.set(key, node);
    return node;
  }

  /** What follows `node` after an outcome with execution going on at `target`. */
  edge(node: TimedBlock, outcome: number, target: number): Edge {
    const { rehearsal } = this;
    const block = node.block!;
    rehearsal.run(node.state, block, block.length);
    const redirects = outcome !== Outcome.on && outcome !== Outcome.takenAsPredicted;
    const delay = redirects ? REDIRECT : 0;
    const to = this.node(target, rehearsal.timing(delay));
    const edge = new Edge(target, node.span + delay, redirects, to, node.edges[outcome]!);
    node.edges[outcome] = edge;
    return edge;
  }

  /** What a redirect behind `node` finds in the issue stage if the fetch had gone on at `following`. */
  held(node: TimedBlock, following: number): Held {
    let found = node.held.get(following);
    if (found === undefined) {
      const { rehearsal } = this;
      const op = this.operationAt(following);
      this.code.rely(following >>> 2);
      rehearsal.run(node.state, node.block!, node.block!.length);
      const held = op !== undefined && rehearsal.holds(op, node.span);
      found = { held, multiPart: op !== undefined && parts(op) > 1 };
      node.held.set(following, found);
    }
    return found;
  }

  /** How far the first `count` instructions of a node bring the core. */
  part(node: TimedBlock, count: number): { span: number; issues: number; state: TimingState } {
    const { rehearsal } = this;
    rehearsal.run(node.state, node.block!, count);
    const { elapsed, issued } = rehearsal;
    return { span: elapsed, issues: issued, state: rehearsal.timing(0) };
  }

  /** Issues of a node before its instruction `k`. */
  issuesBefore(node: TimedBlock, k: number): number {
    let issues = 0;
    for (let i = 0; i < k; i++) {
      const op = node.block!.operations[i]!;
      if (op.kind !== Kind.nop) issues += parts(op);
    }
    return issues;
  }
}
