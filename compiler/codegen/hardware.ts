/** Code that touches the chip: correlation, weights, labels, counters, membranes, random bytes, states in memory. */
import { low } from '../../isa/object-builder.js';
import { descriptor } from '../../isa/runtime-layout.js';
import type { Slot, Value } from '../ir/ir.js';
import type { VirtualRegister } from './code.js';
import { BusAccess, bus } from './bus-access.js';
import {
  type Element,
  callForPopulation,
  elementOf,
  externalAddress,
  moveMembranes,
  shiftUp,
} from './elsewhere.js';
import { type KernelRegisters, drawsAhead } from './kernel.js';
import { LaneVariables } from './lane-variables.js';
import { type LaneSources, greater } from './lanes.js';
import { scratch } from './scalars.js';
import { loopRegisters } from './place.js';

/** What the order of a row loop reckons with; the chip's own are those of its latency profile. */
const conversionLatency = 428;
const externalLatency = 314;

/** Draws of a column's generator that are thrown away before each byte, since each shifts in one new bit. */
export const discardedDraws = 8;

/** The baseline of a chip without mismatch, for `--baseline none`. */
export const nominalBaseline = 205;
/** Baselines are stored as baseline - 192, so that one saturating subtraction gives correlation - 64. */
export const baselineBias = 192;

export class Hardware extends BusAccess implements LaneSources {
  readonly variables = new LaneVariables(this.code);

  /** What a loop that overlaps rows reads of the row to come; what has to be waited for longest comes first. */
  readAhead(values: readonly Value[], converts: boolean): void {
    const { lanes, code, place } = this;
    const has = (operation: string): boolean =>
      values.some((value) => value.operation === operation);
    const each = (fill: (parity: number) => void): void => [0, 1].forEach(fill);
    const first = 'code.causal.0';
    if (converts)
      code.ordered(
        'latch',
        () => lanes.remember(first, this.busRead(first, bus.causal, 0)),
        conversionLatency,
      );
    for (const branch of ['causal', 'acausal'] as const)
      each((parity) => {
        if (has(branch) || has(`${branch}-code`))
          code.ordered('latch', () => this.rawCodes(branch, parity));
      });
    for (const branch of ['causal', 'acausal'] as const)
      each((parity) => {
        if (has(branch) && place.baseline === 'synapse')
          code.ordered('baseline', () => this.baseline(branch, parity), externalLatency);
      });
    for (const value of values)
      each((parity) => {
        if (value.operation === 'weight' || value.operation === 'label') lanes.byte(value, parity);
        if (value.operation === 'random-byte') this.rawRandom(value, parity);
        if (value.operation !== 'load-lanes') return;
        if (value.space === 'byte') lanes.byte(value, parity);
        else for (const h of [0, 1]) lanes.half(value, 2 * parity + h);
      });
  }

  /**
   * Begins a visit: everything that has to be waited for is asked for first, so that the waits overlap. `values` are
   * the reads that the visit makes in any case; without room in registers only the conversion starts here.
   */
  beginVisit(values: readonly Value[], converts: boolean, early: boolean): void {
    const { lanes } = this;
    const has = (operation: string): boolean =>
      values.some((value) => value.operation === operation);
    if (early)
      for (const parity of [0, 1])
        this.ifUsed(parity, () => {
          for (const branch of ['causal', 'acausal'] as const)
            if (has(branch) && this.place.baseline === 'synapse') this.baseline(branch, parity);
          for (const value of values)
            if (value.operation === 'weight' || value.operation === 'label')
              lanes.byte(value, parity);
        });
    // The first access starts the conversion, which latches all four halves.
    if (converts) lanes.remember('code.causal.0', this.busRead('code.causal.0', bus.causal, 0));
    if (!early) return;
    const draws = values.filter(({ operation }) => operation === 'random-byte');
    for (const parity of [0, 1])
      this.ifUsed(parity, () => {
        for (const branch of ['causal', 'acausal'] as const)
          if (has(branch) || has(`${branch}-code`)) this.rawCodes(branch, parity);
        for (const value of values)
          if (value.operation === 'load-lanes')
            if (value.space === 'byte') lanes.byte(value, parity);
            else for (const h of [0, 1]) lanes.half(value, 2 * parity + h);
        if (draws.length <= drawsAhead) for (const value of draws) this.rawRandom(value, parity);
      });
  }

  /** The raw codes of one sensor branch, minus 128. */
  private codes(branch: 'causal' | 'acausal', parity: number): VirtualRegister {
    const { lanes, code } = this;
    const key = `signed.${branch}.${parity}`;
    return lanes.once(key, () =>
      code.make(key, 'fxvaddbm', this.rawCodes(branch, parity), lanes.splat(-128, 8)),
    );
  }

  private rawCodes(branch: 'causal' | 'acausal', parity: number): VirtualRegister {
    const key = `code.${branch}.${parity}`;
    const base = branch === 'causal' ? bus.causalLatched : bus.acausalLatched;
    return this.lanes.once(key, () => this.busRead(key, base, parity));
  }

  /** Draws of this place in the order of the program, whether made already or not. */
  draws: readonly Value[] = [];

  rawRandom(value: Value, parity: number): VirtualRegister {
    const { code, kernel } = this;
    const key = `random${value.id}.${parity}`;
    return this.lanes.once(key, () => {
      // Whoever asks first, a column's generator is read in the order of the program.
      for (const earlier of this.draws) {
        if (earlier === value) break;
        this.rawRandom(earlier, parity);
      }
      const base = this.busBase(bus.random);
      const index = kernel && parity === 1 ? kernel.constant(1) : 31;
      if (!kernel) code.emit('li', 31, parity);
      const read = (name: string): VirtualRegister =>
        kernel && parity === 0
          ? code.make(name, 'fxvinx', 0, base)
          : code.make(name, 'fxvinx', base, index);
      return code.ordered(`draw${parity}`, () => {
        for (let i = 0; i < discardedDraws; i++) read('discarded');
        return read(key);
      });
    });
  }

  private baseline(branch: 'causal' | 'acausal', parity: number): VirtualRegister {
    const { lanes, code, place } = this;
    const index = place.branches.indexOf(branch);
    const key = `baseline.${branch}.${parity}`;
    if (place.baseline === 'none') return lanes.splat(nominalBaseline - baselineBias, 8);
    if (place.baseline === 'column')
      return lanes.shared(key, 0, (l) => {
        l.code.emit('li', scratch, low('plastic_column_baselines', 128 * (2 * index + parity)));
        return l.code.make(key, 'fxvlax', 0, scratch);
      });
    return lanes.once(key, () => {
      const { kernel } = this;
      const offset = 8 * (2 * index + parity);
      if (kernel && offset === 0) return code.make(key, 'fxvinx', 0, loopRegisters.baseline);
      if (kernel) return code.make(key, 'fxvinx', loopRegisters.baseline, kernel.constant(offset));
      code.emit('addi', scratch, loopRegisters.baseline, offset);
      return code.make(key, 'fxvinx', 0, scratch);
    });
  }

  loadByte(value: Value, parity: number): VirtualRegister {
    const { code, lanes } = this;
    const key = `v${value.id}.${parity}`;
    switch (value.operation) {
      case 'weight': {
        const excitatory = code.ordered('weight', () =>
          this.busRead(`${key}e`, bus.weight, parity),
        );
        if (!this.place.signed) return excitatory;
        const inhibitory = code.ordered('weight', () =>
          code.make(`${key}i`, 'fxvinx', 0, this.busIndex(2 + parity)),
        );
        return code.make(key, 'fxvsubbm', excitatory, inhibitory);
      }
      case 'label':
        return code.ordered('label', () => this.busRead(key, bus.label, parity));
      case 'causal':
      case 'acausal': {
        const base = this.baseline(value.operation, parity);
        return code.make(key, 'fxvsubbfs', base, this.codes(value.operation, parity));
      }
      case 'causal-code':
        return this.codes('causal', parity);
      case 'acausal-code':
        return this.codes('acausal', parity);
      case 'random-byte':
        return code.make(key, 'fxvaddbm', this.rawRandom(value, parity), lanes.splat(-128, 8));
      case 'rate':
      case 'v': {
        // The block's own membranes are in registers, those of a second population in memory.
        code.emit('li', scratch, low(countsOf(value), 128 * parity));
        const raw = code.make(`${key}r`, 'fxvlax', 0, scratch);
        return code.make(key, 'fxvaddbm', raw, lanes.splat(-128, 8));
      }
      case 'load-lanes': {
        if (!value.slot) break;
        if (value.slot.symbol.external) return this.loadExternal(value, value.slot, parity, key);
        this.stateAddress(value.slot, 128 * parity, elementOf(value));
        return code.make(key, 'fxvlax', 0, scratch);
      }
      default:
    }
    throw new Error(`no vector code for ${value.operation}`);
  }

  /** Leaves the SRAM address of a state's bytes of this row, or of one element of them, in the scratch register. */
  private stateAddress(slot: Slot, offset: number, element: Element): void {
    const { code, place, scalars } = this;
    const { elements, format, symbol: declared } = slot;
    const size = 256 * format.bytes;
    const known = typeof element === 'number' ? element * size : 0;
    const address = low(place.memory.slot(slot), offset + known);
    const index = typeof element === 'number' ? undefined : scalars.get(element);
    if (index !== undefined) shiftUp(code, 31, index, 7 + format.bytes);
    scalars.done();
    if (declared.domain === 'synapse') {
      const row = this.kernel ? this.kernel.rowBytes(this.isAhead) : loopRegisters.rowBytes;
      const factor = format.bytes * elements;
      if (factor === 1) code.emit('addi', scratch, row, address);
      else {
        if (factor === 2) code.emit('add', scratch, row, row);
        else code.emit('mulli', scratch, row, factor);
        code.emit('addi', scratch, scratch, address);
      }
    } else code.emit('li', scratch, address);
    if (index !== undefined) code.emit('add', scratch, scratch, 31);
  }

  loadHalf(value: Value, q: number): VirtualRegister {
    const { code, lanes } = this;
    const key = `v${value.id}.${q}`;
    if (value.operation === 'load-lanes' && value.slot?.symbol.external)
      return this.loadExternal(value, value.slot, q, key);
    if (value.operation === 'load-lanes' && value.slot) {
      this.stateAddress(value.slot, 128 * q, elementOf(value));
      return code.make(key, 'fxvlax', 0, scratch);
    }
    if (value.operation === 'neuron') {
      // Column 2k + parity of byte element k, plus the descriptor's offset.
      const indices = lanes.shared('laneIndex', 0, (l) => {
        l.code.emit('li', scratch, low('plastic_lane_index'));
        return l.code.make('laneIndex', 'fxvlax', 0, scratch);
      });
      const wide = code.make(
        `${key}w`,
        (q & 1) === 0 ? 'fxvupckbl' : 'fxvupckbr',
        lanes.zero,
        indices,
        0,
      );
      const doubled = code.make(`${key}d`, 'fxvshh', wide, 1);
      const offset = lanes.shared(`neuronOffset${q >> 1}`, 0, (l) => {
        l.code.emit('lwz', scratch, this.place.descriptor + descriptor.neuronOffset, 0);
        if (q >> 1) l.code.emit('addi', scratch, scratch, 1);
        return l.code.make(`neuronOffset${q >> 1}`, 'fxvsplath', scratch);
      });
      return code.make(key, 'fxvaddhm', doubled, offset);
    }
    if (value.operation === 'lookup') return this.lookup(value, q, key);
    if (value.operation === 'get' && value.variable && this.kernel)
      return this.variables.get(value.variable, q);
    if (value.operation === 'get' && value.variable) {
      // A copy: the variable may change while this value is still wanted.
      const register = this.variables.register(value.variable, q);
      return code.make(key, 'fxvsel', register, register, 0);
    }
    throw new Error(`no vector code for ${value.operation}`);
  }

  writeRow(target: 'weight' | 'label', bytes: VirtualRegister, parity: number): void {
    const { code, place, lanes } = this;
    const columns = this.columnMask(parity);
    const rows = place.signed ? [0, 1] : [0];
    const parts = rows.map((inhibitory) => {
      if (target === 'label' || !place.signed) return bytes;
      // The positive part goes to the excitatory row, the negative one to the inhibitory row.
      const zero = lanes.splat(0, 8);
      const part = inhibitory === 0 ? bytes : code.make('negated', 'fxvsubbm', zero, bytes);
      code.emit('fxvcmpb', part);
      return code.make('part', 'fxvsel', zero, part, greater);
    });
    code.emit('fxvcmpb', columns);
    parts.forEach((part, inhibitory) => {
      const index = this.busIndex(2 * inhibitory + parity);
      code.ordered(target, () => {
        if (target === 'weight') code.emit('fxvoutx', part, 0, index, greater);
        else code.emit('fxvoutx', part, this.busBase(bus.label), index, greater);
      });
    });
  }

  private loadExternal(value: Value, slot: Slot, vector: number, key: string): VirtualRegister {
    const { code, scalars, place, kernel } = this;
    if (kernel)
      return code.ordered(
        `external ${slot.symbol.id}`,
        () =>
          code.make(key, 'fxvinx', ...this.externalOfRow(kernel, slot, vector, elementOf(value))),
        externalLatency,
      );
    const address = externalAddress(code, scalars, place, slot, vector, elementOf(value));
    return code.make(key, 'fxvinx', 0, address);
  }

  /** Registers whose sum is the address of one vector of a row's state in the external memory. */
  private externalOfRow(
    kernel: KernelRegisters,
    slot: Slot,
    vector: number,
    element: Element,
  ): readonly [number, number] {
    const { bytes } = slot.format;
    const start = this.place.memory.externalOffset(slot) ?? 0;
    const row = kernel.external(start, 16 * bytes * slot.elements, this.isAhead);
    const offset = 8 * vector + 16 * bytes * (typeof element === 'number' ? element : 0);
    return offset === 0 ? [0, row] : [row, kernel.constant(offset)];
  }

  /** Writes one vector of a state, or of one element of an array. */
  storeState(
    target: { readonly slot: Slot; readonly index?: Value },
    register: VirtualRegister,
    parity: number,
    half: number,
  ): void {
    const { slot, index } = target;
    const wide = slot.format.bytes === 2;
    const element = index?.operation === 'const' ? (index.numbers[0] ?? 0) : (index ?? 0);
    if (slot.symbol.external) {
      const vector = wide ? 2 * parity + half : parity;
      const { code, scalars, place, kernel } = this;
      if (kernel)
        return code.ordered(
          `external ${slot.symbol.id}`,
          () => {
            code.emit('fxvoutx', register, ...this.externalOfRow(kernel, slot, vector, element));
          },
          externalLatency,
        );
      const address = externalAddress(code, scalars, place, slot, vector, element);
      code.emit('fxvoutx', register, 0, address);
      return;
    }
    this.stateAddress(slot, wide ? 256 * parity + 128 * half : 128 * parity, element);
    this.code.emit('fxvstax', register, 0, scratch);
  }

  readMembranes(value: Value): void {
    const raw = this.convertMembranes();
    if (value.population !== undefined)
      return moveMembranes(this.code, this.scalars, this.place, raw);
    raw.forEach((register, parity) => {
      const key = `v${value.id}.${parity}`;
      const { code, lanes } = this;
      lanes.remember(key, code.make(key, 'fxvaddbm', register, lanes.splat(-128, 8)));
    });
  }

  /** Counters of the block's neurons, or of a second population's. */
  readRates(value: Value): void {
    if (value.population === undefined) return this.call('plastic_read_rates');
    callForPopulation(this.code, this.scalars, this.place, 'plastic_read_population_rates');
  }

  /** One conversion of all membranes: read-out switches on, ramp, switches as they were. */
  private convertMembranes(): VirtualRegister[] {
    const { code, lanes } = this;
    const on = lanes.splat(0x20, 8);
    const before = [0, 1].map((parity) => {
      code.emit('li', 31, 512 + parity);
      const old = code.make(`switches.${parity}`, 'fxvinx', 0, 31);
      code.emit('fxvoutx', on, 0, 31);
      return old;
    });
    const converted = [bus.causal, bus.causalLatched].map((base, parity) => {
      code.emit('lis', scratch, base);
      code.emit('li', 31, parity);
      return code.make(`membrane.${parity}`, 'fxvinx', scratch, 31);
    });
    before.forEach((old, parity) => {
      code.emit('li', 31, 512 + parity);
      code.emit('fxvoutx', old, 0, 31);
    });
    return converted;
  }
}

/** Where the run-time has put the counts or codes that a lane value reads. */
function countsOf({ operation, population }: Value): string {
  if (population === undefined) return 'plastic_rates';
  return operation === 'v' ? 'plastic_population_v' : 'plastic_population_rates';
}
