/** What the real-valued evaluator works on: state, observations still to come, and the log it follows and writes. */
import type { StorageSymbol } from '../check/typed.js';
import type { BlockGeometry, Observation, RecordedItem, RuleState, Step, Trace } from '../trace.js';

/** A number, or one number for each lane. */
export type Value = number | Float64Array;

/** The trace does not hold the reads that the rule makes, or the log followed is not of this execution. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

type Kind = Observation['kind'];
type Of<K extends Kind> = Extract<Observation, { readonly kind: K }>;

/** One execution of one trigger. */
export class Execution {
  /** Row of the visit, -1 outside rows. */
  row = -1;
  /** `neuron` of column 0. */
  neuronOffset = 0;
  /** Period of the trigger in us. */
  period = 0;
  /** Lanes that statements change; undefined means all. */
  mask: Uint8Array | undefined;
  readonly lets = new Map<number, Value>();
  readonly steps: Step[] = [];
  readonly records: RecordedItem[] = [];
  readonly emitted: { readonly row: number; readonly label: number; readonly after: number }[] = [];

  private readonly queues = new Map<Kind, Observation[]>();
  private followed = 0;
  private visit: Of<'correlation'> | undefined;
  private readonly counts = new Map<string, Uint8Array>();
  private readonly membranes = new Map<string, Uint8Array>();

  constructor(
    readonly geometry: BlockGeometry,
    readonly state: RuleState,
    trace: Trace,
    readonly signedWeights: boolean,
    private readonly follow: readonly Step[] | undefined,
  ) {
    for (const observation of trace) {
      const queue = this.queues.get(observation.kind);
      if (queue) queue.push(observation);
      else this.queues.set(observation.kind, [observation]);
    }
    for (const queue of this.queues.values()) queue.reverse();
  }

  /** Runs `body` once for each row, each a visit of its own. */
  forRows(body: (row: number) => void): void {
    const outer = this.row;
    const visit = this.visit;
    for (let row = 0; row < this.geometry.rows; row++) {
      this.row = row;
      this.visit = undefined;
      body(row);
    }
    this.row = outer;
    this.visit = visit;
  }

  /** Codes of this visit's conversion, made at first use. */
  correlation(): Of<'correlation'> {
    if (!this.visit) {
      this.visit = this.take('correlation');
      if (this.visit.row !== this.row) {
        throw new TraceError(
          `the trace converts row ${this.visit.row}, the rule visits row ${this.row}`,
        );
      }
    }
    return this.visit;
  }

  rate(population = ''): Uint8Array {
    let counts = this.counts.get(population);
    if (!counts) {
      counts = this.takeOf('rate', population).counts;
      this.counts.set(population, counts);
    }
    return counts;
  }

  membrane(population = ''): Uint8Array {
    let codes = this.membranes.get(population);
    if (!codes) {
      codes = this.takeOf('membrane', population).codes;
      this.membranes.set(population, codes);
    }
    return codes;
  }

  laneBytes(): Uint8Array {
    return this.take('lane-bytes').bytes;
  }

  scalarRandom(): number {
    return this.take('scalar-random').value;
  }

  clock(): number {
    return this.take('clock').time;
  }

  private take<K extends Kind>(kind: K): Of<K> {
    const next = this.queues.get(kind)?.pop();
    if (!next)
      throw new TraceError(`the trace holds fewer reads of kind ${kind} than the rule makes`);
    return next as Of<K>;
  }

  private takeOf<K extends 'rate' | 'membrane'>(kind: K, population: string): Of<K> {
    const queue = this.queues.get(kind) ?? [];
    const at = queue.findLastIndex(
      (read) => read.kind === kind && (read.population ?? '') === population,
    );
    const [found] = at < 0 ? [] : queue.splice(at, 1);
    if (!found) throw new TraceError(`the trace holds no read of kind ${kind}`);
    return found as Of<K>;
  }

  /** The outcome of a condition: that of the log followed, else `own`; written to the own log. */
  branch(at: number, own: Uint8Array): Uint8Array {
    const next = this.nextFollowed('branch');
    if (next && next.at !== at) throw new TraceError('the log followed branches elsewhere');
    const taken = next ? next.taken : own;
    this.steps.push({ kind: 'branch', at, taken });
    return taken;
  }

  /** Logs an assignment; answers what to store: that of the log followed, else `own`. */
  assign(statement: number, before: Float64Array, own: Float64Array): Float64Array {
    const next = this.nextFollowed('assign');
    if (next && (next.statement !== statement || next.row !== this.row)) {
      throw new TraceError(
        `the log followed has statement ${next.statement} where the rule has ${statement}`,
      );
    }
    const stored = next ? next.stored : own;
    const { row, mask } = this;
    this.steps.push({
      kind: 'assign',
      statement,
      row,
      before,
      stored,
      ...(mask && { mask: mask.slice() }),
    });
    return stored;
  }

  private nextFollowed<K extends Step['kind']>(
    kind: K,
  ): Extract<Step, { readonly kind: K }> | undefined {
    if (!this.follow) return undefined;
    const next = this.follow[this.followed++];
    if (next?.kind !== kind) throw new TraceError(`the log followed has no ${kind} here`);
    return next as Extract<Step, { readonly kind: K }>;
  }

  /** The array behind a symbol, and where the elements of the current place begin and how far apart lanes are. */
  storage(symbol: StorageSymbol): {
    readonly values: Float64Array;
    readonly base: number;
    readonly stride: number;
  } {
    const values = this.state.values.get(symbol.id);
    if (!values) throw new TraceError(`the state holds no \`${symbol.name}\``);
    const stride = symbol.sizes.reduce((product, size) => product * size, 1);
    const { row } = this;
    const first =
      symbol.domain === 'row' ? row : symbol.domain === 'synapse' ? row * this.geometry.columns : 0;
    return { values, base: first * stride, stride };
  }
}
