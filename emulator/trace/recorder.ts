/** Collects what happens in a core as events with cycles, in order of time. Only reads from the core. */
import { LANES } from '../../isa/machine.js';
import { specialRegisters } from '../../isa/special-registers.js';
import { accessOf } from '../ppu/halts.js';
import type { PpuCore } from '../ppu/core.js';
import { Kind, Operation, Slot } from '../ppu/operation.js';
import { parts } from '../ppu/scoreboard.js';
import type { Recorder } from '../ppu/recorder.js';
import type { TraceEvent, Written } from './event.js';

/**
 * Events of a cycle may become known this much later: writes of loads that nobody waits for, at most one round trip to
 * external memory and the queue behind it.
 */
const LATENESS = 2048;
/** Events that are collected before `onMany` is called. */
const MANY = 50_000;

const specialNames = new Map(specialRegisters.map(({ number, name }) => [number, name]));
type Issue = Extract<TraceEvent, { kind: 'issue' }>;

export class TraceRecorder implements Recorder {
  private events: TraceEvent[] = [];
  private readonly operations = new Map<number, Operation>();
  private lastAddress = -1;
  private lastPart = 0;

  private lastIssue = 0;
  private many = MANY;

  /**
   * @param core the processor; `watch` it with this
   * @param zero cycle that the core's cycle 0 has in the trace: that of a chip starts anew with every reset
   * @param onMany called when so many events have come together that they should be drained
   */
  constructor(
    private readonly core: PpuCore,
    private readonly zero: () => number = () => 0,
    private readonly onMany: () => void = () => {},
  ) {}

  /** Events that are complete, in order of time; with `all` every event there is. */
  drain(all = false): TraceEvent[] {
    const limit = all ? Infinity : this.reached - LATENESS;
    const ready: TraceEvent[] = [];
    const rest: TraceEvent[] = [];
    for (const event of this.events) (event.cycle < limit ? ready : rest).push(event);
    this.events = rest;
    // Stable: within a cycle the order in which the core reported them.
    return ready.sort((a, b) => a.cycle - b.cycle);
  }

  issue(period: number, address: number): void {
    const op = this.operationAt(address);
    const isPart = address === this.lastAddress && this.lastPart + 1 < parts(op);
    this.lastPart = isPart ? this.lastPart + 1 : 0;
    this.lastAddress = address;
    this.add({
      kind: 'issue',
      cycle: this.at(period),
      address: address >>> 0,
      word: op.word >>> 0,
      part: this.lastPart,
      fate: 'effective',
      written: isPart ? [] : this.writtenBy(op),
    });
  }

  cancel(period: number, address: number): void {
    const cycle = this.at(period);
    for (let i = this.events.length - 1; i >= 0; i--) {
      const event = this.events[i]!;
      if (event.kind !== 'issue' || event.cycle !== cycle || event.address !== address >>> 0)
        continue;
      const cancelled: Issue = { ...event, fate: 'cancelled', written: [] };
      this.events[i] = cancelled;
      return;
    }
  }

  pass(period: number, address: number): void {
    this.lastAddress = -1;
    this.add({
      kind: 'issue',
      cycle: this.at(period),
      address: address >>> 0,
      word: this.operationAt(address).word >>> 0,
      part: 0,
      fate: 'passed',
      written: [],
    });
  }

  registerWrite(period: number, register: number, value: number): void {
    this.add({ kind: 'register', cycle: this.at(period), register, value: value >>> 0 });
  }

  writeLost(period: number, register: number): void {
    const cycle = this.at(period);
    const isLost = (event: TraceEvent): boolean =>
      event.kind === 'register' && event.cycle === cycle && event.register === register;
    const index = this.events.findIndex(isLost);
    if (index >= 0) this.events.splice(index, 1);
  }

  redirect(period: number): void {
    this.add({ kind: 'redirect', cycle: this.at(period) });
  }

  interrupt(period: number, vector: number, resume: number): void {
    this.lastAddress = -1;
    const cycle = this.at(period);
    this.add({ kind: 'interrupt', cycle, vector: vector >>> 0, resume: resume >>> 0 });
  }

  pop(period: number): void {
    this.add({ kind: 'vector-pop', cycle: this.at(period) });
  }

  read(period: number, register: number): void {
    this.add({ kind: 'vector-read', cycle: this.at(period), register });
  }

  write(period: number, register: number): void {
    const value = this.core.machine.vr.slice(LANES * register, LANES * (register + 1));
    this.add({ kind: 'vector-write', cycle: this.at(period), register, value });
  }

  condition(period: number): void {
    this.add({ kind: 'vector-condition', cycle: this.at(period) });
  }

  retire(period: number, unit: number): void {
    this.add({ kind: 'vector-retire', cycle: this.at(period), unit });
  }

  request(period: number, address: number): void {
    this.add({ kind: 'bus', cycle: this.at(period), address: address >>> 0 });
  }

  /** Before this cycle everything that was handed over has been reported, apart from what is late. */
  private get reached(): number {
    const { core } = this;
    const scalar = Math.max(this.zero() + core.cycle, this.lastIssue);
    return core.vector.isEmpty ? scalar : Math.min(scalar, this.at(core.vector.next));
  }

  private at(period: number): number {
    return this.zero() + this.core.periodZero + period;
  }

  private add(event: TraceEvent): void {
    this.events.push(event);
    if (event.kind === 'issue') this.lastIssue = event.cycle;
    if (this.events.length < this.many) return;
    this.onMany();
    this.many = 2 * this.events.length + MANY;
  }

  /** The instruction at an address, as the core saw it when it was issued. */
  private operationAt(address: number): Operation {
    const { instructionMemory, bus } = this.core;
    const at = address >>> 0;
    const word =
      at < 0x4000_0000
        ? instructionMemory.words[(at >>> 2) & (instructionMemory.words.length - 1)]!
        : (bus.fetchWord(at, this.core.cycle) ?? 0) | 0;
    let op = this.operations.get(word);
    if (op === undefined) {
      op = new Operation(word);
      this.operations.set(word, op);
    }
    return op;
  }

  /** Values left by an instruction that has just run. */
  private writtenBy(op: Operation): readonly Written[] {
    const m = this.core.machine;
    const { fields, instruction, kind } = op;
    const written: Written[] = [];
    if (instruction === undefined || kind === Kind.vector) return written;
    const general = (n: number): number => written.push({ name: `r${n}`, value: m.gpr[n]! >>> 0 });
    const isStore = kind === Kind.store || kind === Kind.storeUpdate || kind === Kind.storeMultiple;
    if (kind === Kind.load || kind === Kind.loadUpdate) general(fields.rt);
    if (kind === Kind.loadMultiple) for (let n = fields.rt; n < 32; n++) general(n);
    if (kind === Kind.loadUpdate || kind === Kind.storeUpdate) general(fields.ra);
    if (isStore) written.push(...this.stored(op));
    if (isStore || kind === Kind.load || kind === Kind.loadUpdate || kind === Kind.loadMultiple)
      return written;
    if (op.destination !== Slot.none) general(op.destination);
    const writes = new Set<string>(instruction.writes);
    const spr = writes.has('spr') ? fields.spr : -1;
    if (op.crField !== Slot.none || [...writes].some((name) => name.startsWith('cr')))
      written.push({ name: 'cr', value: m.cr >>> 0 });
    if (op.writesXer) written.push({ name: 'xer', value: m.xer >>> 0 });
    if (writes.has('lr') || spr === 8) written.push({ name: 'lr', value: m.lr >>> 0 });
    const countsDown = writes.has('ctr') && (kind !== Kind.branch || (fields.bo & 4) === 0);
    if (countsDown || spr === 9) written.push({ name: 'ctr', value: m.ctr >>> 0 });
    if (writes.has('msr')) written.push({ name: 'msr', value: m.msr >>> 0 });
    if (spr >= 0 && spr !== 8 && spr !== 9 && spr !== 1) {
      written.push({ name: specialNames.get(spr) ?? `spr${spr}`, value: m.gpr[fields.rt]! >>> 0 });
    }
    return written;
  }

  private stored(op: Operation): Written[] {
    const m = this.core.machine;
    const { fields, kind } = op;
    const access = accessOf(op, m);
    // After an update the base register is the address itself.
    const address = kind === Kind.storeUpdate ? m.gpr[fields.ra]! >>> 0 : (access?.address ?? 0);
    const name = (at: number): string => `[0x${(at >>> 0).toString(16).padStart(8, '0')}]`;
    if (kind !== Kind.storeMultiple) {
      const bits = 8 * (access?.length ?? 4);
      const value = (m.gpr[fields.rt]! & (bits === 32 ? -1 : (1 << bits) - 1)) >>> 0;
      return [{ name: name(address), value }];
    }
    return Array.from({ length: 32 - fields.rt }, (_, i) => ({
      name: name(address + 4 * i),
      value: m.gpr[fields.rt + i]! >>> 0,
    }));
  }
}
