/** Code that calls the run-time: records, events, tables, single columns, reductions, clock and draws. */
import { low, symbol } from '../../isa/object-builder.js';
import { descriptor } from '../../isa/runtime-layout.js';
import type { Item, RecordItem, TableData, Value } from '../ir/ir.js';
import type { CodeList, VirtualRegister } from './code.js';
import type { Lanes } from './lanes.js';
import { type Scalars, scratch } from './scalars.js';
import { type TriggerPlace, loopRegisters } from './place.js';

export class Routines {
  lanes!: Lanes;

  constructor(
    protected readonly code: CodeList,
    protected readonly scalars: Scalars,
    protected readonly place: TriggerPlace,
  ) {}

  /** Asks the run-time for room in the record memory; r3 = address or 0. */
  private recordRoom(kind: number, bytes: number, visit: boolean): void {
    const { code, scalars } = this;
    scalars.flush();
    code.emit('lis', 3, kind);
    if (visit) code.emit('or', 3, 3, loopRegisters.row);
    scalars.constant(4, bytes);
    code.emit('bl', symbol('plastic_record'));
  }

  /** Queues an event for the run-time. */
  emitEvent(item: Item & { kind: 'emit' }): void {
    const { code, scalars } = this;
    const into = [3, 4, 5] as const;
    // Through memory, because the values may lie in the argument registers in any order.
    const names = [item.row, item.label, item.after].map((value, i) => {
      const name = this.place.memory.space(`argument${i}`, 4);
      code.emit('stw', scalars.get(value), low(name), 0);
      scalars.done();
      return name;
    });
    scalars.flush();
    names.forEach((name, i) => code.emit('lwz', into[i] ?? 3, low(name), 0));
    code.emit('li', 6, this.place.descriptor);
    code.emit('bl', symbol('plastic_emit'));
  }

  /** Puts a half value of all columns where the run-time's column routines find it. */
  protected spread(value: Value): void {
    const { code, lanes } = this;
    for (let q = 0; q < 4; q++) {
      const register = lanes.half(value, q);
      code.emit('li', scratch, low('plastic_lane_scratch', 128 * q));
      code.emit('fxvstax', register, 0, scratch);
    }
    code.emit('sync');
  }

  protected tableName(table: TableData): string {
    const content = new Uint8Array(2 * table.codes.length);
    table.codes.forEach((entry, i) => {
      content[2 * i] = entry >> 8;
      content[2 * i + 1] = entry;
    });
    return this.place.memory.constantBytes(`table_${table.name}`, content);
  }

  /** The table's entries for the indices of one half, by the scalar core: there is no gather. */
  protected lookup(value: Value, q: number, key: string): VirtualRegister {
    const { code, lanes, scalars } = this;
    const [index] = value.args;
    const { table } = value;
    if (index === undefined || table === undefined) throw new Error('a table look-up needs both');
    const register = lanes.half(index, q);
    const name = this.tableName(table);
    scalars.flush();
    code.emit('li', scratch, low('plastic_lane_scratch'));
    code.emit('fxvstax', register, 0, scratch);
    code.emit('sync');
    code.emit('li', 3, low(name));
    code.emit('bl', symbol('plastic_gather'));
    code.emit('li', scratch, low('plastic_lane_scratch'));
    return code.make(key, 'fxvlax', 0, scratch);
  }

  /** Calls a routine of the run-time, which takes the descriptor's address in r3 and keeps r26..r31 and vectors. */
  call(routine: string): void {
    this.scalars.flush();
    this.code.emit('li', 3, this.place.descriptor);
    this.code.emit('bl', symbol(routine));
  }

  /** Scalars that the run-time finds. */
  scalar(value: Value): void {
    const { code, scalars } = this;
    const [lane, index] = value.args;
    const result = (): void => {
      const register = scalars.take();
      code.emit('mr', register, 3);
      scalars.define(register, value);
    };
    switch (value.operation) {
      case 'random': {
        scalars.flush();
        code.emit('bl', symbol('plastic_random'));
        const register = scalars.take();
        const bits = value.numbers[0] ?? 16;
        code.emit('rlwinm', register, 3, bits, 32 - bits, 31);
        scalars.define(register, value);
        return;
      }
      case 'columns': {
        const register = scalars.take();
        code.emit('lwz', register, this.place.descriptor + descriptor.parities, 0);
        code.emit('rlwinm', register, register, 16, 16, 31);
        scalars.define(register, value);
        return;
      }
      case 'rows': {
        const register = scalars.take();
        code.emit('lwz', register, this.place.descriptor + descriptor.rows, 0);
        scalars.define(register, value);
        return;
      }
      case 'lookup': {
        if (!lane || !value.table) break;
        const position = scalars.get(lane);
        const register = scalars.take();
        code.emit('rlwinm', scratch, position, 1, 0, 30);
        code.emit('addi', scratch, scratch, low(this.tableName(value.table)));
        code.emit('lhz', register, 0, scratch);
        code.emit('extsh', register, register);
        scalars.define(register, value);
        return;
      }
      case 'time':
        scalars.flush();
        code.emit('bl', symbol('plastic_time'));
        return result();
      case 'lane-at': {
        if (!lane || !index) break;
        this.spread(lane);
        const column = scalars.get(index);
        code.emit('lwz', scratch, this.place.descriptor + descriptor.neuronOffset, 0);
        code.emit('subf', scratch, scratch, column);
        scalars.flush();
        code.emit('mr', 3, scratch);
        code.emit('bl', symbol('plastic_lane_at'));
        return result();
      }
      case 'reduce': {
        if (!lane) break;
        this.spread(lane);
        scalars.flush();
        const order = ['sum', 'min', 'max', 'argmax'];
        code.emit('li', 3, this.place.descriptor);
        code.emit('li', 4, order.indexOf(value.relation ?? 'sum'));
        code.emit('bl', symbol('plastic_reduce'));
        return result();
      }
      default:
    }
    throw new Error(`no scalar code for ${value.operation}`);
  }

  /** A record statement; `visit`: in a row loop. */
  record(record: RecordItem, visit: boolean): void {
    const { code, scalars, lanes } = this;
    // Vectors first: they stay in their registers while the run-time makes room.
    const vectors = record.fields.flatMap((field) => {
      if (field.bytes === 4) return [];
      if (field.bytes === 256)
        return [0, 1].map((parity) => ({
          offset: field.offset + 128 * parity,
          register: lanes.byte(field.value, parity),
        }));
      return [0, 1, 2, 3].map((q) => ({
        offset: field.offset + 128 * q,
        register: lanes.half(field.value, q),
      }));
    });
    this.recordRoom(record.index + this.place.firstRecord, record.bytes, visit);
    const full = code.newLabel('full');
    code.emit('cmpwi', 3, 0);
    code.emit('mr', 31, 3);
    code.emit('beq', symbol(full));
    for (const field of record.fields) {
      if (field.bytes !== 4) continue;
      code.emit('stw', scalars.get(field.value), field.offset, 31);
      scalars.done();
    }
    if (vectors.length > 0) {
      code.emit('rlwinm', 31, 31, 28, 15, 31);
      code.emit('oris', 31, 31, 0x8000);
      for (const { offset, register } of vectors) {
        code.emit('addi', scratch, 31, offset / 16);
        code.emit('fxvoutx', register, 0, scratch);
      }
    }
    scalars.flush();
    code.label(full);
  }
}
