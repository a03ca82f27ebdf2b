/**
 * Predecoded instructions: what the pipeline model has to know of one word, computed once from the instruction
 * table (timing class, resources read and written) so that the issue loop only adds and compares numbers.
 */
import { runUndecoded, undecodedWritesCr0, undecodedWritesXer } from '../../isa/undecoded.js';
import { decodeFields, lookup } from '../../isa/decode.js';
import {
  Fields,
  type Instruction,
  type Resource,
  type Run,
  type Timing,
} from '../../isa/instruction.js';
import {
  CSRR0,
  CSRR1,
  CTR,
  LR,
  MCSRR0,
  MCSRR1,
  SRR0,
  SRR1,
  XER,
} from '../../isa/special-registers.js';
import { instructions } from '../../isa/table/index.js';
import { scalarLatency } from '../../isa/timing.js';

/** How the issue loop treats an operation. */
export const Kind = {
  /** Latency 1, writes one general register and nothing else that is tracked. */
  plain: 0,
  /** Anything of fixed latency with other results: condition fields, XER, CTR, LR, special registers. */
  fixed: 1,
  nop: 2,
  load: 3,
  store: 4,
  loadUpdate: 5,
  storeUpdate: 6,
  loadMultiple: 7,
  storeMultiple: 8,
  branch: 9,
  divide: 10,
  trap: 11,
  moveToMsr: 12,
  sync: 13,
  wait: 14,
  vector: 15,
  /** Latency 1, writes one condition field and nothing else. */
  compare: 16,
} as const;

/** Slots of the score board: 0..31 general registers, then these; special register n is `spr + n`. */
export const Slot = {
  none: 32,
  cr0: 33,
  ctr: 41,
  lr: 42,
  msr: 43,
  spr: 44,
  count: 44 + 1024,
} as const;

/** Units behind the vector queue, in the fixed order in which they are served at the register port. */
export const Unit = {
  madd: 0,
  compare: 1,
  permute: 2,
  memory: 3,
  bus: 4,
  none: 5,
} as const;

const kinds: Record<Timing, number> = {
  simple: Kind.fixed,
  multiply: Kind.fixed,
  divide: Kind.divide,
  load: Kind.load,
  'load-update': Kind.loadUpdate,
  'load-multiple': Kind.loadMultiple,
  store: Kind.store,
  'store-update': Kind.storeUpdate,
  'store-multiple': Kind.storeMultiple,
  branch: Kind.branch,
  return: Kind.branch,
  trap: Kind.trap,
  'move-to-msr': Kind.moveToMsr,
  sync: Kind.sync,
  wait: Kind.wait,
  io: Kind.fixed,
  madd: Kind.vector,
  'vector-compare': Kind.vector,
  permute: Kind.vector,
  'vector-load': Kind.vector,
  'vector-store': Kind.vector,
  'bus-in': Kind.vector,
  'bus-out': Kind.vector,
};

const units: Partial<Record<Timing, number>> = {
  madd: Unit.madd,
  'vector-compare': Unit.compare,
  permute: Unit.permute,
  'vector-load': Unit.memory,
  'vector-store': Unit.memory,
  'bus-in': Unit.bus,
  'bus-out': Unit.bus,
};

function doNothing(): void {}

/** One predecoded word. Every instance has the same shape; the issue loop depends on it. */
export class Operation {
  readonly word: number;
  readonly instruction: Instruction | undefined;
  readonly fields: Fields;
  readonly run: Run;
  kind: number = Kind.fixed;
  latency = 1;
  /** Score-board slots to wait for: sources and destination. */
  wait0: number = Slot.none;
  wait1: number = Slot.none;
  wait2: number = Slot.none;
  /** Further slots, or null. */
  waitMore: readonly number[] | null = null;
  /** General register written by the result of `latency`; `Slot.none` if none. */
  destination: number = Slot.none;
  /** Condition field written, as a slot; `Slot.none` if none. */
  crField: number = Slot.none;
  /** Further score-board slots that are written (condition fields, CTR, LR, MSR, special registers), or null. */
  writesMore: readonly number[] | null = null;
  /** Writes XER: nothing passes the issue stage until that is done. */
  writesXer = false;
  /** Does not branch, report anything or change what decides about interrupts and sleep. */
  isPlain = false;
  /** Return from interrupt: also changes the MSR. */
  isReturn = false;
  /** mtspr of anything but LR, CTR and XER. */
  writesSpecial = false;
  /** A splat of r0, which does not wait for it. */
  splatsR0 = false;
  /** Vector: unit, number of register operands, their registers (-1: none), conditions. */
  unit: number = Unit.none;
  vectorA = -1;
  vectorB = -1;
  vectorTarget = -1;
  /** Waits for the vector condition register. */
  conditional = false;
  /** 1 for fxvlax and fxvinx, 2 for fxvstax and fxvoutx, else 0. */
  direction = 0;
  /** @param silent all that the pipeline has to know of the word, but running it does nothing */
  constructor(word: number, silent = false) {
    const index = lookup(word);
    this.word = word | 0;
    this.fields = decodeFields(word);
    this.instruction = index < 0 ? undefined : instructions[index];
    if (this.instruction === undefined) {
      this.run = runUndecoded;
      this.describeUndecoded();
    } else {
      this.run = this.instruction.run;
      this.describe(this.instruction);
      this.isPlain =
        this.kind === Kind.plain ||
        this.kind === Kind.compare ||
        (this.kind === Kind.fixed &&
          !usesSpecial(this.instruction, this.fields) &&
          !this.writesSpecial);
    }
    if (silent) this.run = doNothing;
  }

  private describe(instruction: Instruction): void {
    const { fields } = this;
    this.kind = kinds[instruction.timing];
    this.latency = scalarLatency[instruction.timing] ?? 1;
    if (this.word === 0x6000_0000) {
      this.kind = Kind.nop;
      this.wait0 = 0;
      this.destination = 0;
      return;
    }
    if (instruction.timing === 'wait' && (fields.rt & 3) !== 0) this.kind = Kind.nop;
    const waits: number[] = [];
    const writes: number[] = [];
    for (const resource of instruction.reads) {
      if (isRead(instruction, fields, resource)) waits.push(...slotsOf(resource, fields));
    }
    if (instruction.timing === 'return') waits.push(...returnSlots(instruction));
    for (const resource of instruction.writes) {
      if (resource === 'xer' || (resource === 'spr' && fields.spr === XER)) this.writesXer = true;
      else if (isRead(instruction, fields, resource)) writes.push(...slotsOf(resource, fields));
    }
    if (this.kind === Kind.vector) {
      this.describeVector(instruction);
      this.setWaits(waits);
      return;
    }
    if (this.kind === Kind.loadUpdate) {
      // The first of the two parts loads rt, the second writes ra.
      this.destination = fields.rt;
      this.setWaits([...waits, fields.rt]);
      return;
    }
    if (this.kind === Kind.loadMultiple || this.kind === Kind.storeMultiple) {
      this.setWaits(fields.ra === 0 ? [] : [fields.ra]);
      return;
    }
    const general = writes.filter((slot) => slot < 32);
    const fieldsWritten = writes.filter((slot) => slot >= Slot.cr0 && slot < Slot.cr0 + 8);
    const others = writes.filter((slot) => slot >= Slot.cr0 + 8);
    this.destination = general[0] ?? Slot.none;
    this.crField = fieldsWritten[0] ?? Slot.none;
    const more = [...fieldsWritten.slice(1), ...others];
    this.writesMore = more.length === 0 ? null : more;
    this.setWaits([...waits, ...general]);
    this.writesSpecial = others.some((slot) => slot >= Slot.spr);
    this.isReturn = instruction.timing === 'return';
    if (this.kind !== Kind.fixed || more.length > 0 || this.writesXer) return;
    const toGeneral = this.destination !== Slot.none;
    const toCondition = this.crField !== Slot.none;
    const isLateR0 = this.destination === 0 && this.latency > 1;
    if (toGeneral && !toCondition && !isLateR0 && !usesSpecial(instruction, fields))
      this.kind = Kind.plain;
    else if (toCondition && !toGeneral && this.latency === 1) this.kind = Kind.compare;
  }

  private describeVector(instruction: Instruction): void {
    const { fields } = this;
    this.unit = units[instruction.timing] ?? Unit.none;
    const sources = instruction.reads.filter((r) => r === 'vra' || r === 'vrb' || r === 'vrt');
    const registers = sources.map((r) =>
      r === 'vra' ? fields.ra : r === 'vrb' ? fields.rb : fields.rt,
    );
    this.vectorA = registers[0] ?? -1;
    this.vectorB = registers[1] ?? -1;
    this.vectorTarget = instruction.writes.includes('vrt') ? fields.rt : -1;
    this.splatsR0 =
      instruction.reads.includes('ra0') && this.unit === Unit.permute && fields.ra === 0;
    this.conditional = fields.cond !== 0 && instruction.reads.includes('vcr?');
    if (this.unit === Unit.memory || this.unit === Unit.bus)
      this.direction = this.vectorTarget >= 0 ? 1 : 2;
  }

  /** Words that the core does not decode still pass through the fixed-point unit; see `runUndecoded`. */
  private describeUndecoded(): void {
    this.writesXer = undecodedWritesXer(this.word);
    if (undecodedWritesCr0(this.word)) this.crField = Slot.cr0;
  }

  private setWaits(slots: readonly number[]): void {
    const distinct = [...new Set(slots)].filter((slot) => slot !== Slot.none);
    this.wait0 = distinct[0] ?? Slot.none;
    this.wait1 = distinct[1] ?? Slot.none;
    this.wait2 = distinct[2] ?? Slot.none;
    this.waitMore = distinct.length > 3 ? distinct.slice(3) : null;
  }
}

/** Whether a branch uses CTR and a condition bit depends on BO; everything else uses what its row says. */
function isRead(instruction: Instruction, fields: Fields, resource: Resource): boolean {
  if (instruction.timing !== 'branch') return true;
  if (resource === 'cr.bi') return (fields.bo & 16) === 0;
  if (resource === 'ctr') return (fields.bo & 4) === 0 || instruction.mnemonic.startsWith('bcctr');
  return true;
}

/** Reads a special register whose value may depend on the period. */
function usesSpecial(instruction: Instruction, { spr }: Fields): boolean {
  return instruction.reads.includes('spr') && spr !== LR && spr !== CTR && spr !== XER;
}

/** Score-board slots behind a resource name; resources that nothing waits for give none. */
function slotsOf(resource: Resource, fields: Fields): readonly number[] {
  switch (resource) {
    case 'rt':
    case 'rs':
      return [fields.rt];
    case 'ra':
      return [fields.ra];
    case 'ra0':
      return fields.ra === 0 ? [] : [fields.ra];
    case 'rb':
      return [fields.rb];
    case 'cr':
      return crSlots(0xff);
    case 'cr0':
      return [Slot.cr0];
    case 'cr.bf':
      return [Slot.cr0 + fields.bf];
    case 'cr.bfa':
      return [Slot.cr0 + fields.bfa];
    case 'cr.bi':
    case 'cr.ba':
      return [Slot.cr0 + (fields.ba >> 2)];
    case 'cr.bt':
      return [Slot.cr0 + (fields.bt >> 2)];
    case 'cr.bb':
      return [Slot.cr0 + (fields.bb >> 2)];
    case 'cr.fxm':
      return crSlots(fields.fxm);
    case 'ctr':
      return [Slot.ctr];
    case 'lr':
      return [Slot.lr];
    case 'msr':
      return [Slot.msr];
    case 'spr':
      if (fields.spr === CTR) return [Slot.ctr];
      if (fields.spr === LR) return [Slot.lr];
      return fields.spr === XER ? [] : [Slot.spr + fields.spr];
    default:
      return [];
  }
}

function crSlots(mask: number): number[] {
  const slots: number[] = [];
  for (let field = 0; field < 8; field++) {
    if ((mask & (0x80 >> field)) !== 0) slots.push(Slot.cr0 + field);
  }
  return slots;
}

/** The save registers that a return reads. */
function returnSlots(instruction: Instruction): readonly number[] {
  switch (instruction.mnemonic) {
    case 'rfci':
      return [Slot.spr + CSRR0, Slot.spr + CSRR1];
    case 'rfmci':
      return [Slot.spr + MCSRR0, Slot.spr + MCSRR1];
    default:
      return [Slot.spr + SRR0, Slot.spr + SRR1];
  }
}
