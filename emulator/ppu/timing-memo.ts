/**
 * Memory of timing: in which periods the instructions of a block issue depends on the state of score board and memory
 * queue in front of it, and such states recur. A node is a block with such a state; its edges say, for each outcome
 * of its branch, how long it took and which node comes next. (Schnarr and Larus, "Fast out-of-order processor
 * simulation using memoization", 1998.) What cannot be known from that, the branch cache above all, is not
 * remembered but asked every time; its answer is part of the outcome.
 */
import type { Block } from './block.js';
import { NO_TARGET } from './branch-cache.js';
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

/** What follows a block after one outcome of its branch. */
export class Edge {
  constructor(
    /** Address that comes next, plus 1 if the branch was taken. */
    readonly outcome: number,
    readonly predicted: number,
    /** Periods from the block's entry to that of the next. */
    readonly delta: number,
    readonly redirects: boolean,
    /** For a redirect: what had been fetched behind the branch; see `BranchCache.redirect`. */
    readonly following: number,
    readonly held: boolean,
    readonly multiPart: boolean,
    readonly to: TimedBlock,
    readonly next: Edge | null,
  ) {}
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
  edges: Edge | null = null;

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

  /** What follows `node` when its branch goes to `target` although or because `predicted` was fetched. */
  edge(node: TimedBlock, taken: boolean, target: number, predicted: number): Edge {
    const { rehearsal, code } = this;
    const block = node.block!;
    const redirects = taken ? predicted !== target : predicted !== NO_TARGET;
    rehearsal.run(node.state, block, block.length);
    const following = predicted === NO_TARGET ? block.next : predicted;
    let held = false;
    let multiPart = false;
    if (redirects) {
      const op = this.operationAt(following);
      code.rely(following >>> 2);
      held = op !== undefined && rehearsal.holds(op, node.span);
      multiPart = op !== undefined && parts(op) > 1;
    }
    const delay = redirects ? REDIRECT : 0;
    const to = this.node(target, rehearsal.timing(delay));
    const edge = new Edge(
      taken ? target | 1 : target,
      predicted,
      node.span + delay,
      redirects,
      following,
      held,
      multiPart,
      to,
      node.edges,
    );
    node.edges = edge;
    return edge;
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
