/** Code of one trigger: walks its IR, loops over rows, and puts effects in their order. */
import { low, symbol } from '../../isa/object-builder.js';
import { descriptor } from '../../isa/runtime-layout.js';
import type { Block, Item, StoreItem, Value } from '../ir/ir.js';
import { type Kept, saturatedBytes } from './bytes.js';
import { CodeList, type VirtualRegister } from './code.js';
import { Hardware } from './hardware.js';
import {
  hasScalars,
  ordered,
  readsAtBegin,
  readsTarget,
  usesConversion,
  variablesOf,
  writes,
} from './inspect.js';
import { type Overlap, isSlow, kernelRegisters, readsAhead, valueRegisters } from './kernel.js';
import type { Wanted } from './lane-scopes.js';
import { Lanes } from './lanes.js';
import { type TriggerPlace, loopRegisters } from './place.js';
import { Scalars, scratch } from './scalars.js';
import { getScalar, loadScalar, storeScalar } from './scalar-memory.js';
import { usesOf } from './sums.js';

/** A synapse keeps six bits of a weight or label; signed weights are split before they are written. */
const keptBits = (target: 'weight' | 'label', signed: boolean): Kept =>
  signed && target === 'weight' ? 8 : 6;

export { type TriggerPlace, loopRegisters };

/** A row loop of a trigger; `reason` says why each row is taken for itself. */
export interface RowLoop {
  readonly id: number;
  readonly reason?: string;
}

export interface TriggerCode {
  readonly list: CodeList;
  readonly loops: readonly RowLoop[];
  readonly wanted: ReadonlyMap<number, ReadonlyMap<string, Wanted>>;
}

/**
 * One pass over a trigger. `wanted` is what an earlier pass asked to prepare; `early` visits ask for everything at their
 * beginning, which takes more registers; `overlap` says how much row loops read ahead, by their number.
 */
export function generateTrigger(
  block: Block,
  place: TriggerPlace,
  wanted: ReadonlyMap<number, ReadonlyMap<string, Wanted>>,
  early: boolean,
  overlap: (loop: number) => Overlap,
): TriggerCode {
  return new TriggerGenerator(place, wanted, early, overlap).run(block);
}

class TriggerGenerator {
  private readonly code: CodeList;
  private readonly scalars: Scalars;
  private readonly lanes: Lanes;
  private readonly hardware: Hardware;
  private nextLoop = 0;
  private readonly loops: RowLoop[] = [];
  private inVisit = false;
  private uses: ReadonlyMap<Value, number> = new Map();
  /** Hardware reads of this visit that nothing has asked for yet, in program order. */
  private waiting: Value[] = [];

  constructor(
    private readonly place: TriggerPlace,
    private readonly wantedBefore: ReadonlyMap<number, ReadonlyMap<string, Wanted>>,
    private readonly early: boolean,
    private readonly overlap: (loop: number) => Overlap,
  ) {
    this.code = new CodeList(place.label);
    this.scalars = new Scalars(this.code, place.memory, () => true);
    this.hardware = new Hardware(this.code, this.scalars, place);
    this.lanes = new Lanes(this.code, this.scalars, place.memory, this.hardware);
    this.hardware.lanes = this.lanes;
  }

  run(block: Block): TriggerCode {
    const { code } = this;
    this.uses = usesOf(block);
    code.emit('mflr', 0);
    code.emit('stw', 0, low(this.place.memory.space('return', 4)), 0);
    this.hardware.begin(block);
    this.items(block);
    this.scalars.flush();
    code.emit('lwz', 0, low(this.place.memory.space('return', 4)), 0);
    code.emit('mtlr', 0);
    code.emit('blr');
    return { list: code, loops: this.loops, wanted: this.lanes.wanted };
  }

  private items(block: Block): void {
    for (const item of block.items) this.item(item);
  }

  private item(item: Item): void {
    switch (item.kind) {
      case 'value':
        return this.value(item.value);
      case 'store':
        return this.store(item);
      case 'if': {
        this.settleBefore([item.then, item.otherwise]);
        const { code, scalars } = this;
        const register = scalars.get(item.condition);
        scalars.done();
        const otherwise = code.newLabel('else');
        const end = code.newLabel('end');
        code.emit('cmpwi', register, 0);
        scalars.flush();
        code.emit('beq', symbol(otherwise));
        this.scoped(() => this.items(item.then));
        if (item.otherwise.items.length > 0) code.emit('b', symbol(end));
        code.label(otherwise);
        if (item.otherwise.items.length > 0) {
          this.scoped(() => this.items(item.otherwise));
          code.label(end);
        }
        return;
      }
      case 'for':
        return this.forLoop(item);
      case 'rows':
        return this.rows(item);
      case 'reset':
        return this.hardware.reset(item);
      case 'log-branch':
        return;
      case 'record':
        return this.hardware.record(item.record, this.inVisit);
      case 'emit':
        return this.hardware.emitEvent(item);
    }
  }

  private scoped(fill: () => void): void {
    const { hardware } = this;
    const outside = this.waiting;
    const drawn = hardware.draws;
    // What came before has been drawn, so that whatever happens inside does not ask for it.
    this.waiting = [...outside];
    hardware.draws = [];
    this.lanes.enter();
    fill();
    this.finishDraws();
    this.lanes.leave();
    this.scalars.flush();
    this.waiting = outside;
    hardware.draws = drawn;
  }

  private value(value: Value): void {
    const { code, hardware } = this;
    if (value.space !== 'scalar') {
      if (ordered.has(value.operation)) this.waiting.push(value);
      if (value.operation === 'random-byte') this.hardware.draws = [...this.hardware.draws, value];
      if (value.operation === 'rate') this.hardware.readRates(value);
      if (value.operation === 'v') this.hardware.readMembranes(value);
      return;
    }
    if (hardware.kernel) return code.grouped(() => this.scalar(value));
    this.scalar(value);
  }

  private scalar(value: Value): void {
    const { scalars, code } = this;
    if (scalars.compute(value)) {
      scalars.done();
      return;
    }
    switch (value.operation) {
      case 'load':
        if (value.slot) return loadScalar(scalars, code, this.place.memory, value, value.slot);
        break;
      case 'get':
        if (value.variable)
          return getScalar(scalars, code, this.place.memory, value, value.variable);
        break;
      case 'row':
        scalars.fixed.set(value.id, loopRegisters.row);
        return;
      default:
        this.hardware.scalar(value);
        scalars.done();
        return;
    }
    throw new Error(`no scalar code for ${value.operation}`);
  }

  /** Reads that must happen before what follows, for one parity. */
  private settle(parity: number, matches: (value: Value) => boolean): void {
    for (const value of this.waiting) {
      if (!matches(value)) continue;
      if (value.space === 'byte') this.lanes.byte(value, parity);
      else for (const h of [0, 1]) this.lanes.half(value, 2 * parity + h);
    }
  }

  /** Makes the reads that what may follow would overtake. */
  private settleBefore(blocks: readonly Block[]): void {
    const overtaken = (value: Value): boolean =>
      value.operation === 'random-byte' || blocks.some((block) => writes(block, value));
    if (!this.waiting.some(overtaken)) return;
    for (const parity of [0, 1]) this.hardware.ifUsed(parity, () => this.settle(parity, overtaken));
    this.waiting = this.waiting.filter((value) => !overtaken(value));
  }

  private store(item: StoreItem): void {
    if (item.log) {
      const span = this.place.spans.get(item.log.statement);
      if (span) this.code.lines.push({ kind: 'place', offset: span.start, file: span.file });
    }
    const { target } = item;
    const { scalars, code, lanes, place } = this;
    if (item.value.space === 'scalar')
      return code.grouped(() => storeScalar(scalars, code, place.memory, item));
    const isTarget = (value: Value): boolean => readsTarget(value, target);
    for (const parity of [0, 1])
      this.hardware.ifUsed(parity, () => {
        this.settle(parity, isTarget);
        if (target.kind === 'variable')
          for (const h of [0, 1]) {
            const q = 2 * parity + h;
            const value = lanes.half(item.value, q);
            const { variables, kernel } = this.hardware;
            if (kernel) variables.assignInTurn(target.variable, value, q);
            else variables.assign(target.variable, value, q);
          }
        else if (target.kind !== 'slot') {
          const bytes = this.bytes(item.value, parity, keptBits(target.kind, place.signed));
          this.hardware.writeRow(target.kind, bytes, parity);
        } else if (target.slot.format.bytes === 1) {
          const bytes = this.bytes(item.value, parity, 8);
          this.hardware.storeState(target, bytes, parity, 0);
        } else
          for (const h of [0, 1]) {
            const half = lanes.half(item.value, 2 * parity + h);
            this.hardware.storeState(target, half, parity, h);
          }
      });
    this.waiting = this.waiting.filter((value) => !isTarget(value));
  }

  private bytes(value: Value, parity: number, kept: Kept): VirtualRegister {
    const { lanes } = this;
    return saturatedBytes(lanes, value, parity, kept, this.uses) ?? lanes.pack(value, parity);
  }

  private rows(item: Item & { kind: 'rows' }): void {
    this.settleBefore([item.body]);
    const { code, scalars, lanes, place } = this;
    const id = this.nextLoop++;
    const wanted = this.wantedBefore.get(id);
    const ahead = this.aheadOf(item, id);
    lanes.enterLoop(id, item.body.depth, wanted);
    const { row, rows, busIndex, baseline, rowBytes } = loopRegisters;
    const top = code.newLabel('row');
    const end = code.newLabel('rows');
    scalars.flush();
    code.emit('lwz', rows, place.descriptor + descriptor.rows, 0);
    code.emit('lwz', busIndex, place.descriptor + descriptor.firstRow, 0);
    code.emit('add', busIndex, busIndex, busIndex);
    if (item.only) {
      // One turn, with the registers of that row; none if the block has no such row.
      code.emit('mr', row, scalars.get(item.only.row));
      scalars.done();
      scalars.flush();
      code.emit('cmplw', row, rows);
      code.emit('bge', symbol(end));
      code.emit('addi', rows, row, 1);
      for (let i = 0; i < (place.signed ? 4 : 2); i++) code.emit('add', busIndex, busIndex, row);
      code.emit('rlwinm', rowBytes, row, 8, 0, 23);
    } else {
      code.emit('li', row, 0);
      code.emit('li', rowBytes, 0);
    }
    if (place.baseline === 'synapse' && place.branches.length > 0) {
      code.emit('lwz', baseline, place.descriptor + descriptor.externalBase, 0);
      scalars.constant(scratch, place.baselineOffset);
      code.emit('add', baseline, baseline, scratch);
      code.emit('rlwinm', baseline, baseline, 28, 4, 31);
      code.emit('oris', baseline, baseline, 0x8000);
      if (item.only) {
        code.emit('mulli', scratch, row, 16 * place.branches.length);
        code.emit('add', baseline, baseline, scratch);
      }
    }
    code.emit('cmpwi', rows, 0);
    code.emit('ble', symbol(end));
    if (ahead) {
      this.overlapping(item.body, id, ahead, end);
      code.label(end);
      lanes.leaveLoop();
      return;
    }
    code.lines.push({ kind: 'loop', id, turns: item.only ? 1 : 'rows' });
    code.label(top);
    lanes.enter();
    this.inVisit = true;
    const outside = this.waiting;
    const drawn = this.hardware.draws;
    this.waiting = [];
    this.hardware.draws = [];
    const reads = readsAtBegin(item.body);
    this.hardware.beginVisit(reads, usesConversion(item.body), this.early);
    this.items(item.body);
    this.finishDraws();
    this.waiting = outside;
    this.hardware.draws = drawn;
    lanes.leave();
    lanes.leaveLoop();
    this.inVisit = false;
    scalars.flush();
    if (place.emits) code.emit('bl', symbol('plastic_poll_events'));
    code.emit('addi', row, row, 1);
    code.emit('addi', busIndex, busIndex, place.signed ? 4 : 2);
    code.emit('addi', rowBytes, rowBytes, 256);
    if (place.baseline === 'synapse' && place.branches.length > 0)
      code.emit('addi', baseline, baseline, 16 * place.branches.length);
    code.emit('cmpw', 6, row, rows);
    code.emit('blt', 6, symbol(top));
    code.lines.push({ kind: 'loop-end', id });
    code.label(end);
  }

  /** What a row loop reads a row ahead, if it can. */
  private aheadOf(item: Item & { kind: 'rows' }, id: number): readonly Value[] | undefined {
    const found = item.only ? 'it visits one row' : readsAhead(item.body);
    const isReason = typeof found === 'string';
    const overlap = this.overlap(id);
    const reason = isReason
      ? found
      : overlap === 'none'
        ? 'too few vector registers, or too little memory'
        : undefined;
    this.loops.push({ id, ...(reason === undefined ? {} : { reason }) });
    if (isReason || reason !== undefined) return undefined;
    return overlap === 'all' ? found : found.filter(isSlow);
  }

  /** The turns of a loop that reads the next row while it computes the present one. */
  private overlapping(body: Block, id: number, ahead: readonly Value[], end: string): void {
    const { code, scalars, lanes, hardware, place } = this;
    const registers = kernelRegisters(place, id, hasScalars(body));
    hardware.kernel = registers;
    lanes.enter();
    this.inVisit = true;
    const outside = this.waiting;
    const drawn = hardware.draws;
    this.waiting = [];
    hardware.draws = ahead.filter(({ operation }) => operation === 'random-byte');
    hardware.isAhead = true;
    const first = code.capture(() => hardware.readAhead(ahead, usesConversion(body)));
    hardware.isAhead = false;
    hardware.draws = [];
    const work = scalars.within(valueRegisters, () =>
      code.capture(() => {
        this.items(body);
        this.finishDraws();
        hardware.variables.endTurn(variablesOf(body));
      }),
    );
    this.waiting = outside;
    hardware.draws = drawn;
    lanes.leave();
    this.inVisit = false;
    hardware.kernel = undefined;
    registers.prepare(code, scalars);
    const labels = { top: code.newLabel('row'), last: code.newLabel('last'), end };
    const kernel = registers.kernel(
      {
        id,
        ahead: first,
        body: work,
        labels,
        ...(place.emits ? { polls: 'plastic_poll_events' } : {}),
      },
      place.baseline === 'synapse' && place.branches.length > 0,
    );
    code.lines.push({ kind: 'kernel', kernel });
  }

  /** Draws that nothing used are made all the same: every visit takes the same number. */
  private finishDraws(): void {
    for (const parity of [0, 1])
      this.hardware.ifUsed(parity, () =>
        this.settle(parity, (value) => value.operation === 'random-byte'),
      );
  }

  private forLoop(item: Item & { kind: 'for' }): void {
    this.settleBefore([item.body]);
    const { code, scalars, place } = this;
    const name = place.memory.variable(item.variable);
    const limit = place.memory.space(`limit${item.variable.id}`, 4);
    const from = scalars.get(item.from);
    const to = scalars.get(item.to);
    code.emit('stw', from, low(name), 0);
    code.emit('stw', to, low(limit), 0);
    scalars.done();
    scalars.flush();
    const top = code.newLabel('for');
    const end = code.newLabel('done');
    const id = this.nextLoop++;
    code.lines.push({ kind: 'loop', id, turns: item.turns });
    code.label(top);
    code.emit('lwz', scratch, low(name), 0);
    code.emit('lwz', 0, low(limit), 0);
    code.emit('cmpw', scratch, 0);
    code.emit('bge', symbol(end));
    this.scoped(() => this.items(item.body));
    code.emit('lwz', scratch, low(name), 0);
    code.emit('addi', scratch, scratch, 1);
    code.emit('stw', scratch, low(name), 0);
    code.emit('b', symbol(top));
    code.lines.push({ kind: 'loop-end', id });
    code.label(end);
  }
}
