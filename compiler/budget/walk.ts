/**
 * The longest way through the code of a trigger: instructions are followed with what is known of registers and
 * memory, both ways where a branch depends on what is not known; ways that meet go on as one, with the later times.
 */
import type { Program } from '../../isa/program.js';
import { addressRegion, regionAfter } from './addresses.js';
import { KnownMachine, type KnownState, region } from './known.js';
import { PipelineModel } from './pipeline-model.js';
import { VectorModel } from '../timing/vector-model.js';
import type { LatencyProfile } from './profile.js';
import { type Step, slots, stepOf } from './step.js';

/** How often a loop turns back at most where the code itself does not say. */
export interface LoopBound {
  readonly turns: number;
  /** Counted over the whole execution, not from each entry of the loop. */
  readonly total?: boolean;
  /** Address of the word that counts the turns, if the loop has one. */
  readonly counter?: number;
}

/** Turns of a long loop that are walked; the rest cost as much as the dearest of the last. */
const walkedTurns = 10;

export interface WalkOptions {
  readonly profile: LatencyProfile;
  /** By the address that a loop turns back to. */
  readonly bounds: ReadonlyMap<number, LoopBound>;
  /** First and last address whose time-base reads mark begin and end of the execution. */
  readonly clock: { readonly from: number; readonly to: number };
  /** Number of the source place of each code word, -1: that of the instruction before. */
  readonly places: Int16Array;
  readonly placeCount: number;
  /** Where the rotation of the register port begins: what went before is not known. */
  readonly portPhase: number;
}

export interface Walk {
  /** Cycles between the first and the last reading of the clock. */
  readonly inside: number;
  /** Cycles from the entry to the return. */
  readonly total: number;
  /** False: some loop has no bound, and only one turn of it is counted. */
  readonly isBounded: boolean;
  /** Cycles by source place. */
  readonly costs: Float64Array;
  /** Places of branches that the predictor had to learn; each may cost a few redirects more. */
  readonly branches: number;
  /** Vector instructions that were followed. */
  readonly vectors: number;
}

/** Return address of the entry: nothing lies there. */
export const returnAddress = 0x0010_0000;
/** Instructions followed at most; beyond that a trigger counts as unbounded. */
const mostSteps = 4_000_000;
const conversionSpaces: ReadonlySet<number> = new Set([0x8, 0x9, 0xc, 0xd]);

/** An undecided branch and where its other way leads, in one number. */
const exitKey = (at: number, other: number): number => at * 0x20_0000 + other;

class Path {
  depth = 0;
  begin = -1;
  end = -1;
  place = 0;
  /** Ways out that were left open, with the depth of calls that they lie at. */
  exits = new Map<number, number>();
  turns = new Map<number, { count: number; depth: number }>();
  /** Periods of the first turns of long loops, by the address that they turn back to. */
  laps = new Map<number, number[]>();

  constructor(
    public pc: number,
    public state: KnownState,
    public pipe: PipelineModel,
    public costs: Float64Array,
  ) {}

  clone(): Path {
    const other = new Path(this.pc, this.state.clone(), this.pipe.clone(), this.costs.slice());
    other.depth = this.depth;
    other.begin = this.begin;
    other.end = this.end;
    other.place = this.place;
    other.exits = new Map(this.exits);
    other.turns = new Map(this.turns);
    other.laps = new Map(this.laps);
    return other;
  }
}

/** Follows code from `entry` with `state`; the link register holds `returnAddress`. */
export class Walker {
  private readonly words = new Int32Array(4096);
  private readonly steps: (Step | null | undefined)[] = new Array<undefined>(4096).fill(undefined);

  constructor(program: Program) {
    for (const section of program.sections) {
      if (!section.flags.executable || section.address >= 4 * this.words.length) continue;
      const view = new DataView(
        section.bytes.buffer,
        section.bytes.byteOffset,
        section.bytes.length,
      );
      for (let o = 0; o + 4 <= section.bytes.length; o += 4)
        this.words[(section.address + o) >> 2] = view.getInt32(o);
    }
  }

  walk(entry: number, state: KnownState, options: WalkOptions): Walk {
    return new Run(this, entry, state, options).run();
  }

  stepAt(pc: number): Step | null {
    const i = pc >>> 2;
    if (i >= this.words.length) return null;
    return (this.steps[i] ??= stepOf(this.words[i]!) ?? null);
  }
}

class Run {
  private paths: Path[];
  private finished: Path | undefined = undefined;
  private isBounded = true;
  private readonly seenBranches = new Set<number>();
  private vectors = 0;
  private readonly executor = new KnownMachine();

  constructor(
    private readonly code: Walker,
    entry: number,
    state: KnownState,
    private readonly options: WalkOptions,
  ) {
    const pipe = new PipelineModel(16, new VectorModel(options.portPhase));
    const first = new Path(entry, state, pipe, new Float64Array(options.placeCount));
    this.paths = [first];
  }

  run(): Walk {
    let budget = mostSteps;
    for (;;) {
      const path = this.next();
      if (path === undefined) break;
      do {
        if (--budget < 0) {
          this.isBounded = false;
          this.paths = [];
          this.finished = this.finished === undefined ? path : this.merge(this.finished, path);
          break;
        }
        this.step(path);
      } while (this.paths.length === 1 && this.paths[0] === path && path.pc !== returnAddress);
    }
    const last = this.finished;
    return {
      inside: last === undefined ? 0 : Math.max(0, last.end - last.begin),
      total: last === undefined ? 0 : last.pipe.enter - 16,
      isBounded: this.isBounded && last !== undefined,
      costs: last?.costs ?? new Float64Array(),
      branches: this.seenBranches.size,
      vectors: this.vectors,
    };
  }

  /** The path that is deepest in calls and least advanced, after those at one place have become one. */
  private next(): Path | undefined {
    for (;;) {
      const [first, ...rest] = this.paths;
      if (first === undefined) return undefined;
      let best = first;
      for (const path of rest)
        if (path.depth > best.depth || (path.depth === best.depth && path.pc < best.pc))
          best = path;
      const twin = this.paths.find(
        (path) => path !== best && path.pc === best.pc && path.depth === best.depth,
      );
      if (twin !== undefined) {
        const one = this.merge(best, twin);
        this.paths = this.paths.filter((path) => path !== best && path !== twin);
        this.paths.push(one);
        continue;
      }
      if (best.pc !== returnAddress) return best;
      this.finished = this.finished === undefined ? best : this.merge(this.finished, best);
      this.paths = this.paths.filter((path) => path !== best);
    }
  }

  /** The later of two with the later of everything that is under way, knowing only what both know. */
  private merge(a: Path, b: Path): Path {
    this.executor.save();
    const [late, early] = a.pipe.enter >= b.pipe.enter ? [a, b] : [b, a];
    late.pipe.meet(early.pipe);
    late.state.meet(early.state);
    for (const [exit, depth] of early.exits) late.exits.set(exit, depth);
    return late;
  }

  private step(path: Path): void {
    const { pc, state, pipe } = path;
    this.executor.use(state);
    const step = this.code.stepAt(pc);
    const place = this.options.places[pc >>> 2] ?? -1;
    if (place >= 0) path.place = place;
    if (step === null || step.timing === 'wait' || step.timing === 'return') {
      this.drop(path);
      return;
    }
    const before = pipe.enter;
    if (step.unit >= 0) this.vectors++;
    if (step.timing === 'branch') this.branch(path, step);
    else {
      pipe.issue(step, this.latencyOf(state, step));
      if (step.readsTime && pc >= this.options.clock.from && pc < this.options.clock.to) {
        if (path.begin < 0) path.begin = pipe.last;
        path.end = pipe.last;
      }
      execute(this.executor, state, step, pc);
      path.pc = pc + 4;
    }
    path.costs[path.place] = (path.costs[path.place] ?? 0) + pipe.enter - before;
  }

  private drop(path: Path): void {
    this.paths = this.paths.filter((each) => each !== path);
  }

  private latencyOf(state: KnownState, step: Step): number {
    const { profile } = this.options;
    const { fields, instruction } = step;
    const { gpr } = this.executor.machine;
    if (step.unit >= 0) {
      if (step.timing !== 'bus-in' && step.timing !== 'bus-out') return 1;
      const isKnown =
        (fields.ra === 0 || state.known[fields.ra] === 1) && state.known[fields.rb] === 1;
      if (!isKnown)
        return addressRegion(state, gpr, step) === region.sram
          ? profile.parallelBus
          : profile.externalVector;
      const address = ((fields.ra === 0 ? 0 : gpr[fields.ra]!) + gpr[fields.rb]!) >>> 0;
      if (address >= 0x8000_0000) return profile.externalVector;
      const converts =
        step.timing === 'bus-in' &&
        (address & 0x0020_0000) === 0 &&
        conversionSpaces.has(address >>> 16);
      return converts ? profile.conversion : profile.parallelBus;
    }
    if (!instruction.reads.includes('memory') && !instruction.writes.includes('memory')) return 1;
    const where = addressRegion(state, gpr, step);
    if (where === region.sram) return 1;
    return where === region.external ? profile.externalWord : profile.omnibus;
  }

  private branch(path: Path, step: Step): void {
    const { pc, state, pipe } = path;
    const { fields } = step;
    this.seenBranches.add(pc);
    const { machine } = this.executor;
    const isKnown = step.sources.every((slot) => state.known[slot] === 1);
    const links = fields.rc !== 0;
    const returns = step.instruction.mnemonic.startsWith('bclr') && !links;
    if (isKnown) {
      machine.pc = pc;
      machine.nextPc = -1;
      step.instruction.run(machine, fields);
      const taken = machine.nextPc !== -1;
      const target = taken ? machine.nextPc & ~3 : pc + 4;
      if (links) state.known[slots.lr] = 1;
      pipe.branch(step, pc, taken, target);
      this.go(path, pc, target, taken && links ? 1 : taken && returns ? -1 : 0, taken);
      return;
    }
    // Either way. The link and count registers must be known where they are the target.
    const name = step.instruction.mnemonic;
    const isIndirect = name.startsWith('bclr') || name.startsWith('bcctr');
    const slot = name.startsWith('bclr') ? slots.lr : slots.ctr;
    if (isIndirect && state.known[slot] === 0) {
      this.isBounded = false;
      this.drop(path);
      return;
    }
    const to = name.startsWith('bclr') ? machine.lr : machine.ctr;
    const target = isIndirect ? to & ~3 : fields.aa !== 0 ? fields.bd : pc + fields.bd;
    if ((fields.bo & 4) === 0 && state.known[slots.ctr] === 1) machine.ctr = (machine.ctr - 1) | 0;
    pipe.branch(step, pc, undefined, target);
    this.executor.save();
    const other = path.clone();
    other.pc = pc + 4;
    path.exits.set(exitKey(pc, pc + 4), path.depth);
    other.exits.set(exitKey(pc, target), path.depth);
    this.paths.push(other);
    this.go(path, pc, target, returns ? -1 : 0, true);
  }

  /** After some turns of a long loop the others are charged at once, and the next turn is its last. */
  private lap(path: Path, target: number, turns: number, counter: number): void {
    if (!Number.isFinite(turns) || turns <= walkedTurns + 2) return;
    const times = [...(path.laps.get(target) ?? []), path.pipe.enter];
    if (times.length < walkedTurns) {
      path.laps.set(target, times);
      return;
    }
    path.laps.delete(target);
    let lap = 0;
    for (let i = walkedTurns >> 1; i < times.length; i++)
      lap = Math.max(lap, times[i]! - times[i - 1]!);
    const more = (turns - walkedTurns) * lap;
    path.pipe.enter += more;
    path.state.forgetWord(counter);
    path.turns.set(target, { count: turns - 2, depth: path.depth });
  }

  /** Moves a path to `target`; `call` is 1 for calls, -1 for returns. */
  private go(path: Path, from: number, target: number, call: number, taken: boolean): void {
    path.pc = target;
    path.depth += call;
    if (call < 0) {
      for (const [key, { depth }] of path.turns)
        if (depth > path.depth && this.options.bounds.get(key)?.total !== true)
          path.turns.delete(key);
      for (const [exit, depth] of path.exits) if (depth > path.depth) path.exits.delete(exit);
    }
    if (call !== 0 || !taken || target > from) return;
    let open = false;
    for (const [exit, depth] of path.exits) {
      if (depth !== path.depth) continue;
      const at = Math.floor(exit / 0x20_0000);
      const other = exit % 0x20_0000;
      if (at < target || at > from) continue;
      if (other > from || other < target) open = true;
      path.exits.delete(exit);
    }
    for (const key of path.turns.keys())
      if (key > target && key <= from && this.options.bounds.get(key)?.total !== true)
        path.turns.delete(key);
    const bound = this.options.bounds.get(target);
    if (bound?.counter !== undefined) this.lap(path, target, bound.turns, bound.counter);
    if (!open) return;
    const count = (path.turns.get(target)?.count ?? 0) + 1;
    path.turns.set(target, { count, depth: path.depth });
    const turns = bound?.turns ?? 1;
    if (count <= (Number.isFinite(turns) ? turns : 1)) return;
    if (bound === undefined || !Number.isFinite(bound.turns)) this.isBounded = false;
    this.drop(path);
  }
}

/** Does what can be done of an instruction that is no branch. */
function execute(memory: KnownMachine, state: KnownState, step: Step, pc: number): void {
  const { machine } = memory;
  const { known } = state;
  if (step.unit >= 0) {
    if (step.timing !== 'vector-store') return;
    const { ra, rb } = step.fields;
    if ((ra === 0 || known[ra] === 1) && known[rb] === 1)
      memory.storeVector((ra === 0 ? 0 : machine.gpr[ra]!) + machine.gpr[rb]!);
    return;
  }
  const { timing, fields } = step;
  const isStore = timing.startsWith('store');
  let isKnown = true;
  for (const slot of step.sources) {
    if (isStore && slot === fields.rt && slot !== fields.ra && slot !== fields.rb) continue;
    if (known[slot] === 0) isKnown = false;
  }
  // Compares and record forms copy the overflow bit, which nothing branches on.
  if (step.readsXer && !step.writesCr && !state.xerKnown) isKnown = false;
  memory.vague = isStore && known[fields.rt] === 0;
  memory.missed = false;
  if (isKnown) {
    machine.pc = pc;
    step.instruction.run(machine, fields);
  }
  const result = isKnown && !memory.missed ? 1 : 0;
  if (step.writesXer) state.xerKnown = isKnown;
  if (result === 0 && step.general >= 0)
    state.regions[step.general] = regionAfter(state, machine.gpr, step);
  for (const slot of step.targets) {
    // The base of an update is known if the address was.
    const isBase = timing.endsWith('update') && slot === fields.ra;
    known[slot] = isBase ? (isKnown ? 1 : 0) : result;
  }
}
