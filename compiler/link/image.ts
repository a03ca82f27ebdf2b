/** Puts rules and run-time together: vectors, metadata, code, tables, parameters in the mailbox page. */
import { assembleObject } from '../../isa/assembler/index.js';
import { link } from '../../isa/linker.js';
import { ObjectBuilder, symbol } from '../../isa/object-builder.js';
import type { ObjectFile, Program } from '../../isa/program.js';
import {
  type BaselineMode,
  type ImageLayout,
  type RecordSlot,
  descriptor,
  descriptorAddress,
  externalBytes,
  mailbox,
  mailboxBase,
  mailboxEnd,
  metadata,
  timelineEntry,
} from '../../isa/runtime-layout.js';
import { hasLanes } from '../check/typed.js';
import { type Generated, generate, writeCode } from '../codegen/generate.js';
import { Memory, startCode } from '../codegen/memory.js';
import type { Block, RuleProgram, Slot } from '../ir/ir.js';
import type { TypedRule } from '../check/typed.js';
import { powerOfTwo } from '../numeric/power.js';
import { sha256, utf8 } from './hash.js';
import { runtimeSources } from './ppu-programs.js';

/** A rule that is ready to be placed. */
export interface RulePart {
  readonly rule: TypedRule;
  readonly program: RuleProgram;
  readonly baseline: BaselineMode;
  /** Periods and first releases in cycles, by trigger. */
  readonly timing: readonly TriggerTiming[];
}

export interface TriggerTiming {
  readonly kind: 'start' | 'timer' | 'signal';
  readonly period: number;
  readonly first: number;
  readonly count: number;
}

export interface ImageOptions {
  /** Rows that per-synapse storage must hold; absent: as many as fit. */
  readonly rows?: number;
  readonly compilerVersion: string;
  readonly sourceText: string;
  /** External memory that this processor may use, bytes. */
  readonly external?: number;
  readonly lineOf: (file: string, offset: number) => number;
}

export interface Image {
  readonly program: Program;
  readonly layout: ImageLayout;
  /** Per rule and trigger. */
  readonly code: readonly (readonly Generated[])[];
  readonly bytes: { readonly code: number; readonly data: number; readonly limit: number };
  readonly memory: readonly Memory[];
}

/** The image needs more memory than there is. */
export class ImageTooLarge extends Error {
  override readonly name = 'ImageTooLarge';
  constructor(
    readonly what: 'sram' | 'mailbox' | 'external',
    readonly bytes: number,
    readonly limit: number,
    readonly parts: readonly { readonly name: string; readonly bytes: number }[],
  ) {
    super(`${what}: ${bytes} bytes of ${limit}`);
  }
}

const runtimeObjects = new Map<keyof typeof runtimeSources, ObjectFile>();

/** A part of the run-time, assembled once. */
function runtime(name: keyof typeof runtimeSources): ObjectFile {
  let object = runtimeObjects.get(name);
  if (object === undefined) {
    object = assembleObject({ name: `runtime/${name}`, text: runtimeSources[name] });
    runtimeObjects.set(name, object);
  }
  return object;
}

const largestBlock = 256;

const branchesOf = (rule: TypedRule): ('causal' | 'acausal')[] =>
  (['causal', 'acausal'] as const).filter((branch) => rule.usage.reads.has(branch));

interface PlacedRule {
  readonly part: RulePart;
  readonly index: number;
  readonly memory: Memory;
  readonly branches: readonly ('causal' | 'acausal')[];
  baselineOffset: number;
  /** Number of the rule's first kind of record in the image. */
  readonly firstRecord: number;
}

/** Links rules to one image. @throws ImageTooLarge, RegisterError */
export function buildImage(parts: readonly RulePart[], options: ImageOptions): Image {
  const placed: PlacedRule[] = parts.map((part, index) => ({
    part,
    index,
    memory: new Memory(`rule${index}`, options.rows ?? 1),
    branches: part.baseline === 'none' ? [] : branchesOf(part.rule),
    baselineOffset: 0,
    firstRecord: parts
      .slice(0, index)
      .reduce((sum, { program }) => sum + program.records.length, 0),
  }));
  const external = options.external ?? externalBytes;
  const rows = options.rows ?? largestBlock;
  const perRow = placed.reduce(
    (sum, { part, branches }) => sum + (part.baseline === 'synapse' ? 256 * branches.length : 0),
    0,
  );
  const externalRows = perRow === 0 ? largestBlock : Math.floor(external / perRow);
  // The offsets of baselines are in the code, so the number of rows must be known before the code is.
  let count = Math.min(rows, externalRows);
  if (options.rows !== undefined && externalRows < options.rows)
    throw new ImageTooLarge('external', perRow * options.rows, external, [
      { name: 'baselines', bytes: perRow * options.rows },
    ]);
  for (;;) {
    const attempt = assembleImage(placed, parts, options, count, external);
    if ('image' in attempt) return attempt.image;
    if (options.rows !== undefined || attempt.fits < 1 || attempt.fits >= count)
      throw attempt.error;
    count = attempt.fits;
  }
}

function assembleImage(
  placed: readonly PlacedRule[],
  parts: readonly RulePart[],
  options: ImageOptions,
  rows: number,
  external: number,
): { readonly image: Image } | { readonly fits: number; readonly error: ImageTooLarge } {
  let offset = 0;
  for (const rule of placed) {
    rule.memory.rows = rows;
    rule.baselineOffset = offset;
    if (rule.part.baseline === 'synapse') offset += 256 * rows * rule.branches.length;
  }
  const baselineBytes = offset;
  const rings = placeRings(parts, offset, external);
  const emits = parts.some(({ program }) =>
    program.triggers.some(({ block }) => emitsEvents(block)),
  );
  const code = placed.map((rule) => generateRule(rule, emits));
  const values = placeValues(placed);
  const rules = new ObjectBuilder('rule');
  writeRules(rules, placed, code, options);
  writeTables(rules, placed, rings, values);
  const mailboxObject = new ObjectBuilder('mailbox');
  writeMailbox(mailboxObject, placed, values, rows);
  const ruleObject = rules.build();
  const objects = [
    runtime('start.s'),
    metadataObject(parts, options),
    ...(placed.some(({ branches }) => branches.length > 0)
      ? [runtime('baselines.s')]
      : [runtime('no-baselines.s')]),
    runtime(emits ? 'events.s' : 'no-events.s'),
    ...runtimeParts(ruleObject),
    ruleObject,
    mailboxObject.build(),
  ];
  const limit = mailboxBase - 16;
  const used = sizes(objects);
  const total = used.code + used.data;
  if (total > limit) {
    const growth = placed.reduce((sum, { memory }) => sum + memory.bytesPerRow, 0);
    const over = total - limit;
    const fits = growth === 0 ? 0 : rows - Math.ceil(over / growth);
    const listing = placed.flatMap(({ memory }) => memory.listing());
    return {
      fits,
      error: new ImageTooLarge('sram', total, limit, [
        { name: 'code', bytes: used.code },
        ...listing.slice(0, 5),
      ]),
    };
  }
  const program = withSymbolHash(link(objects));
  const layout = layoutOf(placed, rings, values, rows, baselineBytes, program);
  return {
    image: {
      program,
      layout,
      code,
      bytes: { ...used, limit },
      memory: placed.map(({ memory }) => memory),
    },
  };
}

/** Which part of the run-time defines a name. */
const runtimeNames: { readonly [name: string]: keyof typeof runtimeSources } = {
  plastic_read_rates: 'rates.s',
  plastic_reset_rates: 'rates.s',
  plastic_lane_index: 'lanes.s',
  plastic_record: 'records.s',
  plastic_random: 'random.s',
  plastic_time: 'time.s',
  plastic_lane_at: 'columns.s',
  plastic_reduce: 'columns.s',
  plastic_lane_scratch: 'columns.s',
  plastic_gather: 'gather.s',
};

/** The parts of the run-time that the rules' code calls. */
function runtimeParts(rules: ObjectFile): ObjectFile[] {
  const names = new Set<keyof typeof runtimeSources>();
  for (const { name, section } of rules.symbols) {
    const part = runtimeNames[name];
    if (section === 'undefined' && part !== undefined) names.add(part);
  }
  return [...names].sort((a, b) => (a < b ? -1 : 1)).map((name) => runtime(name));
}

const triggerLabel = (rule: number, trigger: number): string => `rule${rule}_trigger${trigger}`;

function emitsEvents(block: Block): boolean {
  return block.items.some((item) => {
    if (item.kind === 'emit') return true;
    if (item.kind === 'if') return emitsEvents(item.then) || emitsEvents(item.otherwise);
    return (item.kind === 'for' || item.kind === 'rows') && emitsEvents(item.body);
  });
}

function generateRule(rule: PlacedRule, emits: boolean): Generated[] {
  const { part, memory, index, branches, baselineOffset } = rule;
  const spans = new Map(part.program.notes.map((note) => [note.statement, note.span]));
  return part.program.triggers.map((trigger) =>
    generate(trigger.block, {
      label: triggerLabel(index, trigger.index),
      memory,
      descriptor: descriptorAddress(index),
      baseline: part.baseline,
      branches,
      baselineOffset,
      spans,
      firstRecord: rule.firstRecord,
      emits,
      signed: part.rule.signedWeights,
    }),
  );
}

interface Rings {
  readonly timeline: { readonly offset: number; readonly entries: number };
  readonly records: { readonly offset: number; readonly bytes: number };
}

/** What remains of the external memory: the time-line, and a larger part for records if there are any. */
function placeRings(parts: readonly RulePart[], from: number, external: number): Rings {
  const left = Math.max(0, external - from);
  const hasRecords = parts.some(({ program }) => program.records.length > 0);
  const share = hasRecords ? Math.floor(left / 4) : left;
  const entries = Math.floor(share / timelineEntry.size);
  const offset = from + entries * timelineEntry.size;
  return {
    timeline: { offset: from, entries },
    records: { offset, bytes: hasRecords ? external - offset : 0 },
  };
}

interface PlacedValue {
  readonly rule: number;
  readonly slot: Slot;
  readonly address: number;
}

/** Words for the parameters and scalar inputs of all rules, one after the other in the mailbox page. */
function placeValues(placed: readonly PlacedRule[]): PlacedValue[] {
  let address: number = mailbox.values;
  const values: PlacedValue[] = [];
  for (const { part, index } of placed)
    for (const stored of [...part.rule.params, ...part.rule.inputs]) {
      const slot = part.program.slots.get(stored.id);
      if (slot === undefined || stored.domain !== 'once') continue;
      values.push({ rule: index, slot, address });
      address += 4 * slot.elements;
    }
  if (address > mailboxEnd)
    throw new ImageTooLarge('mailbox', address - mailboxBase, mailboxEnd - mailboxBase, []);
  return values;
}

function writeRules(
  builder: ObjectBuilder,
  placed: readonly PlacedRule[],
  code: readonly (readonly Generated[])[],
  options: ImageOptions,
): void {
  for (const { part, index, memory } of placed) {
    part.program.triggers.forEach((trigger, position) => {
      const generated = code[index]?.[position];
      if (generated === undefined) return;
      const label = triggerLabel(index, trigger.index);
      builder.section('int.text').label(label, { binding: 'global', kind: 'function' });
      builder.mark({
        file: part.rule.file,
        line: options.lineOf(part.rule.file, lineStart(part, position)),
      });
      writeCode(builder, generated, options.lineOf);
      builder.endFunction(label);
    });
    // The active copies of parameters and inputs lie together, so that one loop takes them all.
    for (const stored of [...part.rule.params, ...part.rule.inputs]) {
      const slot = part.program.slots.get(stored.id);
      if (slot && stored.domain === 'once') memory.reserve(slot);
    }
  }
  builder.section('int.data').align(4).label('plastic_active');
  for (const { part, memory } of placed)
    for (const stored of [...part.rule.params, ...part.rule.inputs]) {
      const slot = part.program.slots.get(stored.id);
      if (slot === undefined || stored.domain !== 'once') continue;
      const size = 4 * slot.elements;
      builder.label(memory.slot(slot), { binding: 'global', kind: 'object', size });
      builder.word(...new Array<number>(slot.elements).fill(startCode(slot)));
    }
  for (const { memory } of placed) memory.write(builder);
}

const lineStart = (part: RulePart, position: number): number =>
  part.rule.triggers[position]?.head.start ?? 0;

function writeTables(
  builder: ObjectBuilder,
  placed: readonly PlacedRule[],
  rings: Rings,
  values: readonly PlacedValue[],
): void {
  const words = values.reduce((sum, { slot }) => sum + slot.elements, 0);
  const triggers = placed.reduce((sum, { part }) => sum + part.timing.length, 0);
  builder.section('int.data').align(4);
  builder.label('plastic_config', { binding: 'global', kind: 'object', size: 44 });
  builder.word(triggers, symbol('plastic_triggers'));
  builder.word(mailbox.values, symbol('plastic_active'), words);
  builder.word(rings.timeline.offset, rings.timeline.entries);
  builder.word(rings.records.offset, rings.records.bytes);
  builder.word(placed.length, symbol('plastic_rules'));
  builder.label('plastic_triggers', { kind: 'object', size: 32 * triggers });
  let signal = 0;
  for (const { part, index } of placed) {
    const firstSignal = signal;
    part.timing.forEach((timing, position) => {
      const event = part.rule.triggers[position]?.event;
      const number =
        event?.kind === 'signal'
          ? firstSignal + part.rule.signals.findIndex(({ id }) => id === event.signal.id)
          : 0;
      const kind = { start: 0, timer: 1, signal: 2 }[timing.kind];
      const handler = triggerLabel(index, part.program.triggers[position]?.index ?? position);
      builder.word(kind, symbol(handler), timing.period, timing.first, timing.count, number, 0, 0);
    });
    signal += part.rule.signals.length;
  }
  builder.label('plastic_rules', { kind: 'object', size: 16 * placed.length });
  for (const { part, index, branches, baselineOffset } of placed) {
    const mode = { none: 0, column: 1, synapse: 2 }[part.baseline];
    const bits = (branches.includes('causal') ? 1 : 0) | (branches.includes('acausal') ? 2 : 0);
    // Above the bits of the branches: rows from one sensor row to the next.
    const stride = part.rule.signedWeights ? 2 : 1;
    builder.word(descriptorAddress(index), mode, bits | (stride << 8), baselineOffset);
  }
}

/** The mailbox page: descriptors of a block at row 0 that uses all columns, and the start values of parameters. */
function writeMailbox(
  builder: ObjectBuilder,
  placed: readonly PlacedRule[],
  values: readonly PlacedValue[],
  rows: number,
): void {
  builder.section('int.mailbox', {
    allocated: true,
    writable: true,
    executable: false,
    zeroFilled: false,
  });
  builder.space(mailbox.descriptors - mailboxBase);
  for (let rule = 0; rule < placed.length; rule++) {
    builder.word(0, rows, 0, 256, 0, 0, 0, 0);
    builder.bytes(new Uint8Array(256).fill(1));
  }
  builder.space(mailbox.values - mailbox.descriptors - placed.length * descriptor.size);
  for (const { slot } of values)
    builder.word(...new Array<number>(slot.elements).fill(startCode(slot)));
}

function metadataObject(parts: readonly RulePart[], options: ImageOptions): ObjectFile {
  const builder = new ObjectBuilder('metadata', 'int.crt');
  const padded = (text: string, size: number): Uint8Array => {
    const out = new Uint8Array(size);
    out.set(utf8(text).subarray(0, size - 1));
    return out;
  };
  builder.label('plastic_metadata', { binding: 'global', kind: 'object', size: metadata.size });
  builder.word(metadata.magic, metadata.version);
  builder.bytes(padded(parts.map(({ rule }) => rule.name).join(' '), metadata.nameBytes));
  builder.bytes(sha256(utf8(options.sourceText)).subarray(0, 16));
  builder.bytes(padded(options.compilerVersion, 16));
  builder.bytes(new Uint8Array(16));
  return builder.build();
}

/** Fills in the hash of the symbol table, which is known only after linking. */
function withSymbolHash(program: Program): Program {
  const text = [...program.symbols]
    .map(({ name, address }) => `${name} ${address}`)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    .join('\n');
  const hash = sha256(utf8(text)).subarray(0, 16);
  const sections = program.sections.map((section) => {
    if (section.address !== 0) return section;
    const bytes = section.bytes.slice();
    bytes.set(hash, metadata.address + metadata.symbolHash);
    return { ...section, bytes };
  });
  return { ...program, sections };
}

/** Bytes of code and of data (the mailbox page apart). */
function sizes(objects: readonly ObjectFile[]): { code: number; data: number } {
  let code = 0;
  let data = 0;
  for (const object of objects)
    for (const section of object.sections) {
      if (!section.flags.allocated || section.name.includes('mailbox')) continue;
      if (section.flags.executable) code += section.bytes.length;
      else data += section.bytes.length;
    }
  return { code, data: data + 16 };
}

function layoutOf(
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
      const address = slot && addresses.get(memory.nameOf(slot));
      return slot && address !== undefined ? [{ slot, address, rule: index }] : [];
    }),
  );
  const lane = ({ slot, address, rule }: (typeof all)[number]) => ({
    rule: nameOf(rule),
    name: slot.symbol.name,
    domain: slot.symbol.domain as 'neuron' | 'synapse' | 'row',
    address,
    external: false,
    rowBytes: hasLanes(slot.symbol.domain) ? 256 * slot.format.bytes : 4,
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
        ...timing,
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
