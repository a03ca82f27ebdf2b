/** Goes through hot code block by block, with the memory of timing instead of the issue stage. Nothing else differs. */
import type { Block } from './block.js';
import { ELSEWHERE, ON } from './block-runner.js';
import { NO_TARGET } from './branch-cache.js';
import { Pipeline } from './pipeline.js';
import { TimingMemo, type Edge, type TimedBlock } from './timing-memo.js';

/** Branches to a word until it is tried. */
const COLD = 3;
/** The same after a trial that did not get far, or none at all. */
const FRUSTRATED = 64;
/** Blocks that make a trial worth while. */
const FAR = 12;
/** Periods that must be left. */
const LEAST = 128;
/** Latencies above this make states too long-lived. */
const SLOWEST = 64;

export abstract class FastForward extends Pipeline {
  private memo: TimingMemo | null = null;

  /** Whether hot code may be fast-forwarded at all; makes no difference but in speed. */
  get fastForwards(): boolean {
    return this.heat !== null;
  }

  set fastForwards(wanted: boolean) {
    const isPossible =
      this.allowsBlocks &&
      this.options.accounting === 'exact' &&
      this.queue.isForgetful &&
      this.options.dataLatency <= SLOWEST;
    this.heat =
      wanted && isPossible ? new Uint8Array(this.instructionMemory.words.length).fill(COLD) : null;
  }

  /** Goes on in front of the next instruction for as long as everything needed is remembered or can be. */
  protected fastForward(limit: number): void {
    const heat = this.heat!;
    const at = (this.pc >>> 2) & (heat.length - 1);
    const before = this.position;
    const blocks = this.enter >= 31 || this.epochShift > 0 ? this.forward(limit) : 0;
    heat[at] = blocks >= FAR ? COLD : this.position === before ? 4 * FRUSTRATED - 1 : FRUSTRATED;
  }

  /** The number of blocks that were executed. */
  private forward(limit: number): number {
    const stop = Math.min(limit, this.interruptAt);
    if (stop - this.enter < LEAST) return 0;
    this.memo ??= new TimingMemo(this.options, this.code, (address) => this.operationAt(address));
    const { memo, fetch, blocks } = this;
    const { advanced } = fetch;
    const predicts = this.options.branchCache !== 0;
    let node: TimedBlock = memo.node(this.pc, this.saveTiming());
    let { enter, position, issued } = this;
    let redirectAt = -1;
    let count = 0;
    let stoppedAt = 0;
    blocks.earlierR0 = this.earlierR0;
    for (;;) {
      const block: Block | null = node.block;
      const after = enter + node.span;
      if (block === null || after > stop) break;
      const { compiled } = block;
      const end = compiled !== null ? compiled(blocks) : blocks.run(block);
      if (end >= 0) {
        stoppedAt = end;
        break;
      }
      count++;
      const last = position + block.length - 1;
      if (fetch.strays > 0) this.follow(node, enter, position, block.length);
      else {
        // The fetch stage looks back three instructions at most.
        const past = node.advanced;
        const k = block.length - 1;
        advanced[last & 15] = enter + past[k]!;
        if (k > 0) advanced[(last - 1) & 15] = enter + past[k - 1]!;
        if (k > 1) advanced[(last - 2) & 15] = enter + past[k - 2]!;
      }
      if (block.nops > 0) this.noteNops(node, block, issued);
      const target: number =
        end === ON ? block.next : end === ELSEWHERE ? blocks.next : block.target;
      let predicted = NO_TARGET;
      if (predicts && block.branch !== null) {
        predicted = fetch.branch(last, after - 1, block.branchAddress, end !== ON, target);
      }
      let outcome = end === ON ? 0 : 2;
      if (predicted !== NO_TARGET) outcome += end !== ON && predicted !== target ? 2 : 1;
      let edge: Edge | null = node.edges[outcome]!;
      while (edge !== null && edge.target !== target) edge = edge.next;
      edge ??= memo.edge(node, outcome, target);
      position = last + 1;
      issued += node.issues;
      enter += edge.delta;
      if (edge.redirects) {
        this.redirects++;
        redirectAt = after;
        if (fetch.needsStream) {
          const following = predicted === NO_TARGET ? block.next : predicted;
          const { held, multiPart } = memo.held(node, following);
          fetch.redirect(position, after, following, held, multiPart);
        } else fetch.redirect(position, after, 0, false, false);
      }
      node = edge.to;
    }
    this.position = position;
    this.issued = issued;
    this.enter = enter;
    this.pc = node.address;
    this.earlierR0 = blocks.earlierR0;
    if (redirectAt >= 0) {
      this.branchRedirectAt = redirectAt;
      this.blockFrom = redirectAt + 1;
      this.blockTo = redirectAt + 4;
    }
    this.loadTiming(node.state);
    if (stoppedAt > 0) this.leaveWithin(memo, node, stoppedAt);
    return count;
  }

  /** Writes down when the first `count` instructions of a node passed. */
  private follow(node: TimedBlock, enter: number, position: number, count: number): void {
    const { fetch } = this;
    for (let k = 0; k < count; k++) {
      const at = position + k;
      fetch.advanced[at & 15] = enter + node.advanced[k]!;
      fetch.passed[at & 15] = (node.address + 4 * k) | 0;
      if (fetch.strays > 0) fetch.follow(at);
    }
  }

  private noteNops(node: TimedBlock, block: Block, issued: number, count = block.length): void {
    for (let k = 0; k < count; k++) {
      if (((block.nopBits >> k) & 1) === 0) continue;
      const before = issued + this.memo!.issuesBefore(node, k);
      if (this.nopsAfterIssue === before) continue;
      this.nopsAfterIssue = before;
      this.nopsFrom = (block.address + 4 * k) | 0;
    }
  }

  /** The first `count` instructions of the node have been executed; the issue stage goes on behind them. */
  private leaveWithin(memo: TimingMemo, node: TimedBlock, count: number): void {
    const { span, issues, state } = memo.part(node, count);
    this.follow(node, this.enter, this.position, count);
    this.noteNops(node, node.block!, this.issued, count);
    this.position += count;
    this.issued += issues;
    this.enter += span;
    this.pc = (this.pc + 4 * count) | 0;
    this.loadTiming(state);
  }
}
