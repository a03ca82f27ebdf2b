/**
 * The synapse array as registers: four views of the 16 bits of each synapse, the raw view that joins them two and
 * two, and the switch rows 256 and 257 behind the 256 synapse rows. All views are aliases of one storage.
 */

import { columnOf } from '../../isa/registers/index.js';
import type { AnalogCore } from '../analog/core.js';

/** The four views of a synapse. */
export const enum View {
  Weight = 0,
  Time = 1,
  Amplitude = 2,
  Label = 3,
}

/** Bits that exist in rows 256 and 257 of each view. */
const switchMasks: readonly (readonly [number, number])[] = [
  [0x20, 0],
  [3, 3],
  [3, 3],
  [0x20, 0],
];
const synapseMasks: readonly number[] = [63, 3, 3, 63];

/** One hemisphere's array; the synapse rows themselves are the analog core's. */
export class SynapseArray {
  /** Switch rows: view, then row 256 or 257, then column. */
  readonly switches = new Uint8Array(4 * 2 * 256);

  private readonly storage: readonly Readonly<Uint8Array>[];

  constructor(
    private readonly hemisphere: number,
    private readonly analog: AnalogCore,
  ) {
    this.storage = [analog.weights, analog.timeTrims, analog.amplitudeTrims, analog.labels];
  }

  /** Value of one view of a synapse or switch; row 0..257. */
  get(view: View, row: number, column: number): number {
    if (row >= 256) return row < 258 ? this.switches[view * 512 + (row - 256) * 256 + column]! : 0;
    return this.storage[view]![this.hemisphere * 65536 + row * 256 + column]!;
  }

  /** Sets one view of a synapse or switch; undefined bits are dropped. */
  set(view: View, row: number, column: number, value: number): void {
    if (row >= 256) {
      if (row >= 258) return;
      this.switches[view * 512 + (row - 256) * 256 + column] =
        value & switchMasks[view]![row - 256]!;
      this.tellSwitches(column);
      return;
    }
    const synapse = this.hemisphere * 65536 + row * 256 + column;
    const masked = value & synapseMasks[view]!;
    if (this.storage[view]![synapse] === masked) return;
    switch (view) {
      case View.Weight:
        return this.analog.setWeight(synapse, masked);
      case View.Time:
        return this.analog.setTimeTrim(synapse, masked);
      case View.Amplitude:
        return this.analog.setAmplitudeTrim(synapse, masked);
      case View.Label:
        return this.analog.setLabel(synapse, masked);
    }
  }

  /** Byte of a row in the raw view: part 0 weight and time trim, part 1 label and amplitude trim. */
  getRaw(part: number, row: number, column: number): number {
    return part === 0
      ? this.get(View.Weight, row, column) | (this.get(View.Time, row, column) << 6)
      : this.get(View.Label, row, column) | (this.get(View.Amplitude, row, column) << 6);
  }

  setRaw(part: number, row: number, column: number, value: number): void {
    this.set(part === 0 ? View.Weight : View.Label, row, column, value & 63);
    this.set(part === 0 ? View.Time : View.Amplitude, row, column, value >> 6);
  }

  /**
   * A byte of the array's address space by word offset and byte lane entry.
   * @param offset word offset below 0x100000, without the conversion spaces
   */
  readEntry(offset: number, entry: number): number {
    const place = placeOf(offset);
    if (place.view === Space.None) return 0;
    const column = columnOf(place.quad, entry);
    return place.view >= Space.Raw0
      ? this.getRaw(place.view - Space.Raw0, place.row, column)
      : this.get(place.view as number as View, place.row, column);
  }

  writeEntry(offset: number, entry: number, value: number): void {
    const place = placeOf(offset);
    if (place.view === Space.None) return;
    const column = columnOf(place.quad, entry);
    if (place.view >= Space.Raw0) this.setRaw(place.view - Space.Raw0, place.row, column, value);
    else this.set(place.view as number as View, place.row, column, value);
  }

  /** True if a word offset belongs to a view of the array. */
  isMapped(offset: number): boolean {
    return placeOf(offset).view !== Space.None;
  }

  /** 128 elements of a view's row for the parallel bus: element j is column 2j + parity. */
  readRow(view: View, row: number, parity: number, out: Uint8Array): void {
    if (row >= 256) {
      for (let j = 0; j < 128; j++) out[j] = this.get(view, row, 2 * j + parity);
      return;
    }
    const storage = this.storage[view]!;
    let synapse = this.hemisphere * 65536 + row * 256 + parity;
    for (let j = 0; j < 128; j++, synapse += 2) out[j] = storage[synapse]!;
  }

  writeRow(view: View, row: number, parity: number, bytes: Uint8Array, enables: Uint8Array): void {
    for (let j = 0; j < 128; j++)
      if (enables[j] !== 0) this.set(view, row, 2 * j + parity, bytes[j]!);
  }

  /** Switches to 0 (the analog core clears its own part at power-up). */
  clear(): void {
    this.switches.fill(0);
  }

  private tellSwitches(column: number): void {
    const at = (view: View, row: number): number => this.switches[view * 512 + row * 256 + column]!;
    const currents = at(View.Time, 0);
    const correlation = at(View.Time, 1);
    const debug = at(View.Amplitude, 1);
    const lines = at(View.Amplitude, 0);
    this.analog.setColumn(this.hemisphere, column, {
      enable_synaptic_current_excitatory: currents & 1,
      enable_synaptic_current_inhibitory: (currents >> 1) & 1,
      enable_debug_excitatory: lines & 1,
      enable_debug_inhibitory: (lines >> 1) & 1,
      enable_internal_causal: correlation & 1,
      enable_internal_acausal: (correlation >> 1) & 1,
      enable_debug_causal: debug & 1,
      enable_debug_acausal: (debug >> 1) & 1,
      enable_cadc_neuron_readout_causal: at(View.Weight, 0) >> 5,
      enable_cadc_neuron_readout_acausal: at(View.Label, 0) >> 5,
    });
  }
}

const enum Space {
  None = -1,
  Raw0 = 4,
}

const viewOfSpace: readonly number[] = [
  View.Weight,
  View.Time,
  View.Amplitude,
  Space.None,
  View.Label,
];

function placeOf(offset: number): { view: Space; row: number; quad: number } {
  const space = (offset >> 16) & 15;
  const low = offset & 0xffff;
  const quad = low & 63;
  if (space === 15) {
    const row = low >> 7;
    return { view: row < 258 ? Space.Raw0 + ((low >> 6) & 1) : Space.None, row, quad };
  }
  const row = low >> 6;
  const view = viewOfSpace[space] ?? Space.None;
  return { view: row < 258 ? view : Space.None, row, quad };
}
