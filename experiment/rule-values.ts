/**
 * What a host gives a rule: parameters and inputs, one value or arrays, per neuron, row or synapse, as bytes of the
 * processor's memory; and how they are changed while the rule runs.
 */
import type { PlaybackWriter } from '../isa/playback/writer.js';
import { addressOf } from '../isa/registers/registers.js';
import { laneSlotPlace, mailbox, quantise } from '../isa/runtime-layout.js';
import type { ImageLayout, LaneSlot, ValueFormat, ValueSlot } from '../isa/runtime-layout.js';
import { ExperimentError, unknownName } from './failure.js';
import { ticks } from './network/configure.js';
import { neuronsOf } from './network/groups.js';
import type { PlasticBlock, PlacedProjection, Placement } from './network/placement.js';
import type { RuleValue } from './network/projection.js';
import { externalWord, sramWord } from './rule.js';
import type { LoadedImage, RuleBytes } from './rule.js';

type Rule = LoadedImage['rules'][number];

/** Slots of the rule with this index; rules of equal names follow each other. */
function ownSlots<T extends { readonly rule: string }>(
  { rules }: ImageLayout,
  slots: readonly T[],
  index: number,
): readonly T[] {
  const name = rules[index]?.name;
  const same = rules.flatMap((rule, i) => (rule.name === name ? [i] : []));
  const own = slots.filter((slot) => slot.rule === name);
  const each = own.length / same.length;
  const place = same.indexOf(index);
  return own.slice(place * each, (place + 1) * each);
}

/**
 * The bytes of all values that the projections of an image's rules have been given.
 * @throws ExperimentError for a name that the rule does not declare, a list of another length, or a value outside of the
 *   declared range
 */
export function encodeRuleValues(image: LoadedImage, placement: Placement): RuleBytes {
  const bytes: RuleBytes = { sram: new Map(), external: new Map() };
  const { layout } = image.image;
  image.rules.forEach((rule, index) => {
    const scalars = ownSlots(layout, [...layout.parameters, ...layout.inputs], index);
    const lanes = ownSlots(layout, layout.laneInputs, index);
    for (const [name, value] of rule.placed.projection.ruleValues) {
      const scalar = scalars.find((slot) => slot.name === name);
      const lane = lanes.find((slot) => slot.name === name);
      if (scalar) putScalar(bytes, scalar, value, rule);
      else if (lane) putLanes(bytes, lane, value, rule, placement, image.externalBase);
      else
        throw unknownName(
          'parameter or input',
          name,
          [...scalars, ...lanes].map((slot) => slot.name),
          rule.attachment.file,
        );
    }
  });
  return bytes;
}

function putScalar(bytes: RuleBytes, slot: ValueSlot, value: RuleValue, rule: Rule): void {
  const values = listOf(slot.name, value, slot.count, 1, rule);
  values.forEach((each, i) =>
    putCode(bytes.sram, slot.address + 4 * i, codeOf(slot, each, rule), 4),
  );
}

/** Units of a lane slot (neurons, rows, synapses of the projection) with their place in the block. */
function unitsOf(
  { domain }: LaneSlot,
  placed: PlacedProjection,
  block: PlasticBlock,
  placement: Placement,
): { readonly size: number; readonly at: (unit: number) => number | undefined } {
  const { projection, synapses, synapsesOf } = placed;
  const { hemisphere, rowOfSource } = block;
  if (domain === 'row')
    return { size: projection.source.size, at: (source) => rowOfSource[source] };
  if (domain === 'neuron') {
    const columns = neuronsOf(projection.target).map(({ population, index }) => {
      const neuron = placement.neurons.get(population)?.[index];
      return neuron?.hemisphere === hemisphere ? neuron.column : undefined;
    });
    return { size: columns.length, at: (neuron) => columns[neuron] };
  }
  return {
    size: projection.connections.length,
    at: (connection) => {
      const synapse = synapses[synapsesOf[connection]?.[0] ?? -1];
      const row = rowOfSource[projection.connections[connection]?.source ?? -1];
      return synapse?.hemisphere === hemisphere && row !== undefined
        ? 256 * row + synapse.column
        : undefined;
    },
  };
}

function putLanes(
  bytes: RuleBytes,
  slot: LaneSlot,
  value: RuleValue,
  rule: Rule,
  placement: Placement,
  externalBase: number,
): void {
  const { size, at } = unitsOf(slot, rule.placed, rule.block, placement);
  const values = listOf(slot.name, value, size, slot.count, rule, slot.domain);
  for (let unit = 0; unit < size; unit++) {
    const place = at(unit);
    for (let k = 0; place !== undefined && k < slot.count; k++) {
      const code = codeOf(slot, values[unit * slot.count + k] ?? NaN, rule);
      const { address } = laneSlotPlace(slot, place * slot.count + k);
      const width = slot.domain === 'row' ? 4 : slot.format.bytes;
      if (slot.external) putCode(bytes.external, externalBase + address, code, width);
      else putCode(bytes.sram, address, code, width);
    }
  }
}

function putCode(bytes: Map<number, number>, address: number, code: number, width: number): void {
  for (let b = 0; b < width; b++) bytes.set(address + b, (code >> (8 * (width - 1 - b))) & 0xff);
}

interface Ranged {
  readonly name: string;
  readonly lower: number;
  readonly upper: number;
  readonly format: ValueFormat;
}

function codeOf(slot: Ranged, value: number, { attachment, placed }: Rule): number {
  if (!(value >= slot.lower && value <= slot.upper))
    throw new ExperimentError(
      `${slot.name} is ${value}`,
      `${attachment.file}, projection "${placed.projection.name}"`,
      `The rule declares it in [${slot.lower}, ${slot.upper}]: choose a value inside, or widen the declaration.`,
    );
  return quantise(slot.format, value);
}

/** `size` x `count` numbers from one for all, a list (of lists), or, per synapse, a source x target array or a function. */
function listOf(
  name: string,
  value: RuleValue,
  size: number,
  count: number,
  { attachment, placed: { projection } }: Rule,
  domain: 'once' | LaneSlot['domain'] = 'once',
): readonly number[] {
  const wanted = size * count;
  if (typeof value === 'number') return new Array<number>(wanted).fill(value);
  const { connections, source, target } = projection;
  if (typeof value === 'function')
    return domain === 'synapse'
      ? connections.flatMap((c) => new Array<number>(count).fill(value(c.source, c.target)))
      : Array.from({ length: wanted }, (_, i) => value(Math.floor(i / count), i % count));
  const flat = (value as readonly (number | readonly number[])[]).flat();
  const isArray = typeof value[0] === 'object' && value.length === source.size && count === 1;
  if (domain === 'synapse' && isArray && flat.length === source.size * target.size)
    return connections.map((c) => flat[c.source * target.size + c.target] ?? NaN);
  if (flat.length !== wanted)
    throw new ExperimentError(
      `${name} has ${flat.length} values`,
      `${attachment.file}, projection "${projection.name}"`,
      `It needs ${wanted}: ${size}${domain === 'once' ? '' : ` (one per ${domain})`}${count > 1 ? ` x ${count}` : ''}; or give one number for all.`,
    );
  return flat;
}

/** What differs from the bytes before. */
export function changedBytes(now: RuleBytes, before: RuleBytes): RuleBytes {
  const differing = (a: Map<number, number>, b: Map<number, number>): Map<number, number> =>
    new Map([...a].filter(([address, byte]) => b.get(address) !== byte));
  return {
    sram: differing(now.sram, before.sram),
    external: differing(now.external, before.external),
  };
}

/**
 * Changes values while a rule runs: no trigger begins meanwhile, and one that runs ends first.
 * @param commit number of this change, from 1 on: parameters and inputs that exist once are taken at the next trigger
 */
export function writeRuleBytes(
  writer: PlaybackWriter,
  { hemisphere }: LoadedImage,
  { sram, external }: RuleBytes,
  commit: number,
): void {
  if (sram.size + external.size === 0) return;
  const word = (address: number): number => sramWord(hemisphere, address);
  // A trigger may run longer than the usual time-out.
  writer.write(addressOf('InstructionTimeoutConfig', []), ticks(1));
  writer.write(word(mailbox.inputLock), 1);
  // Between triggers the processor sleeps, and looks at the lock when it wakes.
  writer.pollFor(addressOf('PPUStatusRegister', [hemisphere]), 1, 1);
  writer.write(addressOf('InstructionTimeoutConfig', []), 1_250_000);
  writeBytes(writer, sram, word);
  writeBytes(writer, external, externalWord);
  writer.write(word(mailbox.parameterCommit), commit);
  writer.write(word(mailbox.inputLock), 0);
}

/** Bytes as words with byte enables: enable i covers bits 8i + 7 .. 8i. */
function writeBytes(
  writer: PlaybackWriter,
  bytes: ReadonlyMap<number, number>,
  word: (address: number) => number,
): void {
  const words = new Map<number, { value: number; enables: number }>();
  for (const [address, byte] of bytes) {
    const at = address & ~3;
    const { value, enables } = words.get(at) ?? { value: 0, enables: 0 };
    const lane = 3 - (address & 3);
    words.set(at, { value: (value | (byte << (8 * lane))) >>> 0, enables: enables | (1 << lane) });
  }
  for (const [at, { value, enables }] of words) writer.write(word(at), value, enables);
}

/**
 * Tells a rule that a signal has arrived.
 * @throws ExperimentError for a projection without a rule, or a signal that its rule does not know
 */
export function writeSignal(
  writer: PlaybackWriter,
  images: readonly LoadedImage[],
  placed: PlacedProjection,
  name: string,
): void {
  const place = `projection "${placed.projection.name}"`;
  let isKnown = false;
  for (const { hemisphere, image, rules } of images)
    rules.forEach((rule, index) => {
      if (rule.placed !== placed) return;
      const own = ownSlots(image.layout, image.layout.signals, index);
      const signal = own.find((each) => each.name === name);
      if (!signal)
        throw unknownName(
          'signal',
          name,
          own.map((each) => each.name),
          `${rule.attachment.file}, ${place}`,
        );
      isKnown = true;
      const at = mailbox.signals + 4 * image.layout.signals.indexOf(signal);
      writer.write(sramWord(hemisphere, at), 1);
    });
  if (!isKnown)
    throw new ExperimentError(
      `the signal "${name}" has nobody to go to`,
      place,
      'Attach a rule to the projection.',
    );
}
