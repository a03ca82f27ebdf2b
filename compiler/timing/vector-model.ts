/**
 * When the vector unit does what, without the values: the instruction queue, the stations of the five units and the
 * one register port, period by period, as the manual of the core describes them. Latencies of the bus come with each
 * instruction. Conditions of hazards are all evaluated on the state at the beginning of a period.
 */
import * as timing from '../../isa/timing.js';

// As constants of this module: imported ones would be looked up in every period.
const units = { ...timing.vectorUnits };
const unitCount = timing.vectorUnitCount;
const capacity = [...timing.stationCapacity];
const depth = [...timing.unitDepth];
const { transferWords, busOutstanding, vectorQueueDelay, vectorQueueRoom } = timing;
const maskOrder = [...timing.portMaskOrder];

/** States of the rotation of the register port: some bits of its mask are clear, first ones first. */
export const portPhases = maskOrder.length + 1;

/** What the model asks of a vector instruction; registers that it has not are -1. */
export interface VectorStep {
  /** One of `vectorUnits`. */
  readonly unit: number;
  readonly vectorA: number;
  readonly vectorB: number;
  readonly vectorTarget: number;
  /** It waits for the condition register. */
  readonly conditional: boolean;
}

/** Instructions that may have come since the oldest one under way: a conversion outlasts a whole row. */
const ring = 256;
const never = 0x3fff_ffff;

const idle = 0;
const readA = 1;
const readB = 2;
const start = 3;

/** Scalars of the state, as indices of one array. */
const at = {
  next: 0,
  issued: 1,
  popped: 2,
  population: 3,
  lastIssue: 4,
  lastRetire: 5,
  mask: 6,
  conditionWriter: 7,
  conditionReaders: 8,
  lastConditionStart: 9,
  memoryFirst: 10,
  memoryReady: 11,
  busLatched: 12,
  busRequest: 13,
  busLastDone: 14,
  busOpen: 15,
  quiet: 16,
  count: 17,
} as const;

export class VectorModel {
  private readonly s = new Int32Array(at.count);
  // Per instruction, by its running number modulo `ring`.
  private readonly steps: (VectorStep | undefined)[] = new Array<VectorStep | undefined>(ring).fill(
    undefined,
  );
  private readonly latency = new Int32Array(ring);
  private readonly visible = new Int32Array(ring);
  private readonly pops = new Int32Array(ring);
  private readonly done = new Int32Array(ring);
  private readonly due = new Int32Array(ring);
  private readonly answer = new Int32Array(ring);
  private readonly after = new Int32Array(3 * ring);
  // Stations: running numbers of instructions; and per unit where they begin, how many, how many have started.
  private readonly station = new Int32Array(unitCount * 16);
  private readonly head = new Int32Array(unitCount);
  private readonly held = new Int32Array(unitCount);
  private readonly started = new Int32Array(unitCount);
  private readonly phase = new Int32Array(unitCount);
  private readonly writer = new Int32Array(32).fill(-1);
  private readonly unread = new Int32Array(32);
  private readonly lastRead = new Int32Array(32).fill(-100);

  /** `phase` is where the rotation of the register port begins, one of `portPhases`. */
  constructor(phase = 0) {
    const { s } = this;
    let mask = 31;
    for (const unit of maskOrder.slice(0, phase)) mask &= ~(1 << unit);
    s[at.mask] = mask;
    for (const i of [at.conditionWriter, at.busLatched, at.busRequest]) s[i] = -1;
    for (const i of [at.lastIssue, at.lastRetire, at.lastConditionStart, at.busLastDone])
      s[i] = -100;
  }

  clone(): VectorModel {
    const other = new VectorModel();
    const from = this.arrays();
    other.arrays().forEach((array, i) => array.set(from[i]!));
    for (let i = 0; i < ring; i++) other.steps[i] = this.steps[i];
    return other;
  }

  private arrays(): Int32Array[] {
    return [
      ...[this.s, this.latency, this.visible, this.pops, this.done, this.due, this.answer],
      ...[this.after, this.station, this.head, this.held, this.started, this.phase],
      ...[this.writer, this.unread, this.lastRead],
    ];
  }

  /** Whether another state at the same place has more work before it. */
  isBehind(other: VectorModel): boolean {
    if (this.isEmpty && other.isEmpty) return other.drainedFrom() > this.drainedFrom();
    if (this.s[at.issued] === other.s[at.issued]) return other.s[at.next]! > this.s[at.next]!;
    return other.clone().drainedFrom() > this.clone().drainedFrom();
  }

  get isEmpty(): boolean {
    return this.s[at.population] === 0;
  }

  /** First period that counts as drained, if nothing more is issued; simulates up to there. */
  drainedFrom(): number {
    const { s } = this;
    while (s[at.population]! > 0) this.simulateTo(s[at.next]! + 1, never);
    return Math.max(s[at.lastIssue]! + 3, s[at.lastRetire]! + 1);
  }

  /** First period from `t` on in which an instruction finds a place. */
  roomFrom(t: number): number {
    for (let p = t; ; p++) {
      this.simulateTo(p, p);
      let waiting = 0;
      const issued = this.s[at.issued]!;
      for (let n = issued - 1; n >= 0 && n >= issued - 8; n--) {
        const i = n & (ring - 1);
        if (this.visible[i]! <= p && this.pops[i]! >= p) waiting++;
      }
      if (waiting < vectorQueueRoom) return p;
    }
  }

  /** Hands over an instruction in period `t`; `latency` is that of its bus access. */
  issue(step: VectorStep, t: number, latency: number): void {
    const { s } = this;
    if (s[at.population] === 0 && s[at.next]! < t) s[at.next] = t;
    const i = s[at.issued]! & (ring - 1);
    this.steps[i] = step;
    this.latency[i] = latency;
    this.visible[i] = t + vectorQueueDelay;
    this.pops[i] = this.done[i] = this.due[i] = never;
    s[at.issued]!++;
    s[at.population]!++;
    s[at.lastIssue] = t;
    s[at.quiet] = 0;
  }

  /** Simulates all periods before `t`; where nothing happens it may jump ahead, but not beyond `limit`. */
  private simulateTo(t: number, limit: number): void {
    const { s } = this;
    while (s[at.next]! < t) {
      if (s[at.population] === 0) {
        s[at.next] = t;
        return;
      }
      this.simulate(s[at.next]!);
      s[at.next]!++;
      if (s[at.quiet]! > 3) this.skip(limit);
    }
  }

  private skip(limit: number): void {
    const { s } = this;
    let soonest = limit;
    for (let unit = 0; unit < unitCount; unit++)
      for (let k = 0; k < this.started[unit]!; k++)
        soonest = Math.min(soonest, this.due[this.inStation(unit, k)]!);
    if (s[at.popped]! < s[at.issued]!) {
      const visible = this.visible[s[at.popped]! & (ring - 1)]!;
      if (visible >= s[at.next]!) soonest = Math.min(soonest, visible);
    }
    if (soonest > s[at.next]! && soonest < never) s[at.next] = soonest;
    s[at.quiet] = 0;
  }

  private inStation(unit: number, k: number): number {
    return this.station[unit * 16 + ((this.head[unit]! + k) & 15)]! & (ring - 1);
  }

  private simulate(p: number): void {
    const { s } = this;
    s[at.quiet]!++;
    if (s[at.popped]! < s[at.issued]!) this.pop(p);
    let writers = 0;
    for (let unit = 0; unit < unitCount; unit++) {
      if (this.started[unit] === 0) continue;
      const i = this.inStation(unit, 0);
      if (this.due[i]! > p) continue;
      if (this.steps[i]!.vectorTarget >= 0) writers |= 1 << unit;
      else this.retire(unit, i, p);
    }
    let ready = 7;
    if (p < s[at.memoryFirst]! || p >= s[at.memoryReady]!) ready |= 1 << units.memory;
    if (s[at.busRequest]! < 0 || s[at.busOpen]! < busOutstanding) ready |= 1 << units.bus;
    let requests = writers;
    for (let unit = 0; unit < unitCount; unit++) {
      const bit = 1 << unit;
      if ((writers & bit) !== 0) continue;
      const phase = this.phase[unit];
      if (phase === readB || (phase === readA && (ready & bit) !== 0)) requests |= bit;
    }
    const granted = requests === 0 ? -1 : this.arbitrate(requests);
    let stalled = writers;
    if (granted >= 0 && (writers & (1 << granted)) !== 0) {
      stalled &= ~(1 << granted);
      this.retire(granted, this.inStation(granted, 0), p);
    }
    if (stalled !== 0) {
      s[at.quiet] = 0;
      for (const unit of [units.madd, units.permute])
        if ((stalled & (1 << unit)) !== 0)
          for (let k = 1; k < this.started[unit]!; k++) this.due[this.inStation(unit, k)]!++;
    }
    this.moveBus((stalled & (1 << units.bus)) !== 0, p);
    const reader = granted >= 0 && (writers & (1 << granted)) === 0 ? granted : -1;
    for (let unit = 0; unit < unitCount; unit++)
      if (this.held[unit]! > this.started[unit]!)
        this.advance(unit, p, reader === unit, (ready & ~stalled & (1 << unit)) !== 0);
    if (requests !== 0) this.rotateMask();
  }

  private isPending(writer: number, p: number): boolean {
    return (
      writer >= 0 && this.s[at.issued]! - writer < ring && this.done[writer & (ring - 1)]! >= p
    );
  }

  private pop(p: number): void {
    const { s } = this;
    const number = s[at.popped]!;
    const i = number & (ring - 1);
    if (this.visible[i]! > p) return;
    const step = this.steps[i]!;
    const { unit, vectorA, vectorB, vectorTarget } = step;
    if (this.held[unit]! >= capacity[unit]!) return;
    if (vectorTarget >= 0) {
      if (this.isPending(this.writer[vectorTarget]!, p)) return;
      if (this.unread[vectorTarget]! > 0 || p < this.lastRead[vectorTarget]! + 2) return;
    }
    if (unit === units.compare) {
      if (this.isPending(s[at.conditionWriter]!, p)) return;
      if (s[at.conditionReaders]! > 0 || p < s[at.lastConditionStart]! + 1) return;
    }
    s[at.popped]!++;
    s[at.quiet] = 0;
    this.pops[i] = p;
    this.after[3 * i] = vectorA < 0 ? -1 : this.writer[vectorA]!;
    this.after[3 * i + 1] = vectorB < 0 ? -1 : this.writer[vectorB]!;
    this.after[3 * i + 2] = step.conditional ? s[at.conditionWriter]! : -1;
    if (vectorA >= 0) this.unread[vectorA]!++;
    if (vectorB >= 0) this.unread[vectorB]!++;
    if (step.conditional) s[at.conditionReaders]!++;
    if (vectorTarget >= 0) this.writer[vectorTarget] = number;
    if (unit === units.compare) s[at.conditionWriter] = number;
    this.station[unit * 16 + ((this.head[unit]! + this.held[unit]!) & 15)] = number;
    this.held[unit]!++;
  }

  private retire(unit: number, i: number, p: number): void {
    const { s } = this;
    this.done[i] = p;
    s[at.lastRetire] = p;
    s[at.quiet] = 0;
    if (unit === units.memory) s[at.memoryReady] = p + 1;
    this.head[unit] = (this.head[unit]! + 1) & 15;
    this.held[unit]!--;
    this.started[unit]!--;
    s[at.population]!--;
    if (unit === units.bus) {
      s[at.busOpen]!--;
      s[at.busLastDone] = p;
      this.scheduleBus();
    }
  }

  private advance(unit: number, p: number, granted: boolean, free: boolean): void {
    const { s } = this;
    const i = this.inStation(unit, this.started[unit]!);
    const step = this.steps[i]!;
    const phase = this.phase[unit]!;
    if (phase === idle) {
      if (!free || this.pops[i]! >= p) return;
      for (let k = 3 * i; k < 3 * i + 3; k++) if (this.isPending(this.after[k]!, p)) return;
      this.phase[unit] = step.vectorA >= 0 ? readA : start;
    } else if (phase === start) {
      if (!free) return;
      this.begin(unit, i, p);
      this.phase[unit] = idle;
    } else if (granted) {
      const register = phase === readA ? step.vectorA : step.vectorB;
      this.unread[register]!--;
      this.lastRead[register] = p;
      this.phase[unit] = phase === readA && step.vectorB >= 0 ? readB : start;
    } else return;
    s[at.quiet] = 0;
  }

  private begin(unit: number, i: number, p: number): void {
    const { s } = this;
    const step = this.steps[i]!;
    this.started[unit]!++;
    if (step.conditional) {
      s[at.conditionReaders]!--;
      s[at.lastConditionStart] = p;
    }
    if (unit <= units.permute) this.due[i] = p + depth[unit]!;
    else if (unit === units.memory) {
      this.due[i] = p + transferWords + (step.vectorTarget >= 0 ? 4 : 3);
      s[at.memoryFirst] = p + 2;
      s[at.memoryReady] = never;
    } else s[at.busLatched] = i;
  }

  private moveBus(stalled: boolean, p: number): void {
    const { s } = this;
    if (s[at.busRequest]! >= 0 && s[at.busOpen]! < busOutstanding) {
      const i = s[at.busRequest]!;
      s[at.busRequest] = -1;
      this.answer[i] = p + this.latency[i]!;
      s[at.busOpen]!++;
      if (s[at.busOpen] === 1) this.scheduleBus();
      s[at.quiet] = 0;
    }
    if (s[at.busLatched]! >= 0 && s[at.busRequest]! < 0 && !stalled) {
      s[at.busRequest] = s[at.busLatched]!;
      s[at.busLatched] = -1;
      s[at.quiet] = 0;
    }
  }

  /** The oldest accepted request has its result a period after its answer, two after the result before it. */
  private scheduleBus(): void {
    const { s } = this;
    if (s[at.busOpen] === 0) return;
    const i = this.inStation(units.bus, 0);
    if (this.due[i] === never) this.due[i] = Math.max(this.answer[i]! + 1, s[at.busLastDone]! + 2);
  }

  private arbitrate(requests: number): number {
    const unmasked = requests & this.s[at.mask]!;
    if (unmasked === 0) return (requests & 1) !== 0 ? 0 : -1;
    return 31 - Math.clz32(unmasked & -unmasked);
  }

  private rotateMask(): void {
    const { s } = this;
    const mask = s[at.mask]!;
    if ((mask & (1 << units.permute)) === 0) s[at.mask] = 31;
    else
      for (const unit of maskOrder)
        if ((mask & (1 << unit)) !== 0) {
          s[at.mask] = mask & ~(1 << unit);
          return;
        }
  }
}
