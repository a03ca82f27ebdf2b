/** The layout of a finished image, for the host. */
import type { Program } from '../../isa/program.js';
import { type ImageLayout, type RecordSlot, descriptorAddress } from '../../isa/runtime-layout.js';
import { hasLanes } from '../check/typed.js';
import { startCode } from '../codegen/memory.js';
import { powerOfTwo } from '../numeric/power.js';
import type { PlacedRule, PlacedValue, Rings } from './parts.js';

/** Where everything lies, by name. */
export function layoutOf(
  placed: readonly PlacedRule[],
  rings: Rings,
  values: readonly PlacedValue[],
  rows: number,
  baselineBytes: number,
  program: Program,
): ImageLayout {
  const addresses = new Map(program.symbols.map((each) => [each.name, each.address]));
  const nameOf = (rule: number): string => placed[rule]?.part.rule.name ?? '';
  const slotOf = (value: PlacedValue) => {
    const { symbol: stored, format, elements } = value.slot;
    return {
      rule: nameOf(value.rule),
      name: stored.name,
      address: value.address,
      count: elements,
      format,
      lower: stored.range?.lo ?? format.minCode,
      upper: stored.range?.top ?? format.maxCode,
      initial: new Array<number>(elements).fill(startCode(value.slot)),
    };
  };
  const all = placed.flatMap(({ part, memory, index }) =>
    [...part.rule.inputs, ...part.rule.states].flatMap((stored) => {
      const slot = part.program.slots.get(stored.id);
      const address = slot && (memory.externalOffset(slot) ?? addresses.get(memory.nameOf(slot)));
      return slot && address !== undefined ? [{ slot, address, rule: index }] : [];
    }),
  );
  const lane = ({ slot, address, rule }: (typeof all)[number]) => ({
    rule: nameOf(rule),
    name: slot.symbol.name,
    count: slot.elements,
    domain: slot.symbol.domain as 'neuron' | 'synapse' | 'row',
    address,
    external: slot.symbol.external,
    rowBytes: hasLanes(slot.symbol.domain)
      ? 256 * slot.format.bytes * slot.elements
      : 4 * slot.elements,
    rows: slot.symbol.domain === 'neuron' ? 1 : rows,
    format: slot.format,
    lower: slot.symbol.range?.lo ?? slot.format.minCode,
    upper: slot.symbol.range?.top ?? slot.format.maxCode,
  });
  return {
    rules: placed.map(({ part, index }) => ({
      name: part.rule.name,
      descriptor: descriptorAddress(index),
      maxRows: rows,
      baseline: part.baseline,
      population: part.rule.population,
    })),
    parameters: values.filter(({ slot }) => slot.symbol.kind === 'param').map(slotOf),
    inputs: values.filter(({ slot }) => slot.symbol.kind === 'input').map(slotOf),
    laneInputs: all
      .filter(({ slot }) => slot.symbol.kind === 'input' && slot.symbol.domain !== 'once')
      .map(lane),
    states: all
      .filter(({ slot }) => slot.symbol.kind === 'state' && slot.symbol.domain !== 'once')
      .map(lane),
    scalarStates: all
      .filter(({ slot }) => slot.symbol.kind === 'state' && slot.symbol.domain === 'once')
      .map(({ slot, address, rule }) => slotOf({ slot, address, rule })),
    triggers: placed.flatMap(({ part }) =>
      part.timing.map((timing, position) => ({
        rule: part.rule.name,
        name: part.rule.triggers[position]?.name ?? '',
        kind: timing.kind,
        period: timing.period,
        first: timing.first,
        count: timing.count,
      })),
    ),
    signals: placed.flatMap(({ part }) =>
      part.rule.signals.map(({ name }) => ({ rule: part.rule.name, name })),
    ),
    timeline: rings.timeline,
    records: { ...rings.records, kinds: placed.flatMap(recordKinds) },
    baselines: { offset: 0, bytes: baselineBytes },
  };
}

/** The kinds of record of one rule, as the host reads them. */
function recordKinds(
  { part, index }: PlacedRule,
  _position: number,
  all: readonly PlacedRule[],
): RecordSlot[] {
  const earlier = all.slice(0, index).reduce((sum, other) => sum + other.part.timing.length, 0);
  return part.program.records.map((record) => ({
    rule: part.rule.name,
    name: record.fields.map(({ name }) => name).join(', '),
    trigger: earlier + record.trigger,
    bytes: record.bytes,
    fields: record.fields.map(({ name, domain, value, frac, origin, offset, bytes }) => ({
      name,
      domain,
      format: {
        origin,
        step: powerOfTwo(-frac),
        minCode: value.lo,
        maxCode: value.hi,
        bytes: bytes === 4 ? 4 : bytes === 256 ? 1 : 2,
      },
      offset,
      bytes,
    })),
  }));
}
