/** Puts rules and run-time together: vectors, metadata, code, tables, parameters in the mailbox page. */
import { assembleObject } from '../../isa/assembler/index.js';
import { link } from '../../isa/linker.js';
import { ObjectBuilder } from '../../isa/object-builder.js';
import type { ObjectFile, Program } from '../../isa/program.js';
import {
  type ImageLayout,
  descriptorAddress,
  externalBytes,
  mailbox,
  mailboxBase,
  mailboxEnd,
  populationAddress,
  timelineEntry,
} from '../../isa/runtime-layout.js';
import { type Generated, type Size, generate, writeCode } from '../codegen/generate.js';
import { usesConversion } from '../codegen/inspect.js';
import { Memory, startCode } from '../codegen/memory.js';
import type { TriggerPlace } from '../codegen/place.js';
import type { Block, Slot } from '../ir/ir.js';
import type { TypedRule } from '../check/typed.js';
import { layoutOf } from './layout.js';
import {
  type PlacedRule,
  type PlacedValue,
  type Rings,
  type RulePart,
  ruleTimesLabel,
  triggerLabel,
} from './parts.js';
import { runtimeSources } from './ppu-programs.js';
import {
  metadataObject,
  withSymbolHash,
  writeExternalStates,
  writeMailbox,
  writeTables,
} from './tables.js';
import { writeTimes } from './times.js';

export type { RulePart, TriggerTiming } from './parts.js';

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
    (sum, rule) => sum + baselineBytesPerRow(rule) + stateBytes(rule),
    0,
  );
  const externalRows = perRow === 0 ? largestBlock : Math.floor(external / perRow);
  // The offsets of baselines are in the code, so the number of rows must be known before the code is.
  let count = Math.min(rows, externalRows);
  if (options.rows !== undefined && externalRows < options.rows)
    throw new ImageTooLarge(
      'external',
      perRow * options.rows,
      external,
      placed.flatMap((rule) => externalParts(rule, options.rows ?? 1)),
    );
  // Rows that overlap take more code; where there is no room for it, each row is taken for itself.
  const attempts: (Size | 'converting')[] = ['full', 'lean', 'converting', 'small'];
  for (;;) {
    const size = attempts[0] ?? 'small';
    const attempt = assembleImage(placed, parts, options, count, external, size);
    if ('image' in attempt) return attempt.image;
    if (size !== 'small' && (options.rows !== undefined || attempt.fits < 1)) {
      attempts.shift();
      for (const { memory } of placed) memory.forgetVectors();
      continue;
    }
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
  size: Size | 'converting',
): { readonly image: Image } | { readonly fits: number; readonly error: ImageTooLarge } {
  let offset = 0;
  for (const rule of placed) {
    rule.memory.rows = rows;
    rule.baselineOffset = offset;
    offset += rows * baselineBytesPerRow(rule);
  }
  const baselineBytes = offset;
  for (const { part, memory } of placed)
    for (const slot of externalSlots(part)) {
      memory.placeExternal(slot, offset);
      offset += rows * slotBytes(slot);
    }
  const rings = placeRings(parts, offset, external);
  const emits = parts.some(({ program }) =>
    program.triggers.some(({ block }) => emitsEvents(block)),
  );
  const code = placed.map((rule) => generateRule(rule, emits, size));
  const times = placed.map(generateTimes);
  const values = placeValues(placed);
  const rules = new ObjectBuilder('rule');
  writeTimes(rules, placed, times);
  writeRules(rules, placed, code, options);
  writeTables(rules, placed, rings, values);
  writeExternalStates(rules, placed);
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
    runtime(
      placed.some(({ part }) => externalSlots(part).length > 0) ? 'external.s' : 'no-external.s',
    ),
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
  plastic_reset_masked_rates: 'masked-rates.s',
  plastic_lane_index: 'lanes.s',
  plastic_record: 'records.s',
  plastic_random: 'random.s',
  plastic_time: 'time.s',
  plastic_lane_at: 'columns.s',
  plastic_reduce: 'columns.s',
  plastic_lane_scratch: 'columns.s',
  plastic_gather: 'gather.s',
  plastic_read_population_rates: 'population-rates.s',
  plastic_population_v: 'population-v.s',
  plastic_move_membranes: 'population-v.s',
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

const baselineBytesPerRow = ({ part, branches }: PlacedRule): number =>
  part.baseline === 'synapse' ? 256 * branches.length : 0;

/** The states of a rule that lie in external memory. */
function externalSlots({ rule, program }: RulePart): Slot[] {
  return rule.states.flatMap((state) => {
    const slot = state.external ? program.slots.get(state.id) : undefined;
    return slot ? [slot] : [];
  });
}

/** Bytes that a row of a state takes. */
const slotBytes = ({ format, elements }: Slot): number => 256 * format.bytes * elements;

/** Bytes per row of a rule's states in external memory. */
const stateBytes = ({ part }: PlacedRule): number =>
  externalSlots(part).reduce((sum, slot) => sum + slotBytes(slot), 0);

/** What takes external memory, as messages name it. */
function externalParts(rule: PlacedRule, rows: number): { name: string; bytes: number }[] {
  const states = externalSlots(rule.part).map((slot) => ({
    name: rule.memory.nameOf(slot),
    bytes: rows * slotBytes(slot),
  }));
  return [{ name: 'baselines', bytes: rows * baselineBytesPerRow(rule) }, ...states];
}

function emitsEvents(block: Block): boolean {
  return block.items.some((item) => {
    if (item.kind === 'emit') return true;
    if (item.kind === 'if') return emitsEvents(item.then) || emitsEvents(item.otherwise);
    return (item.kind === 'for' || item.kind === 'rows') && emitsEvents(item.body);
  });
}

/** Code that works out a rule's times of triggers. */
function generateTimes(rule: PlacedRule): Generated | undefined {
  const block = rule.part.program.times?.block;
  return block && generate(block, placeOf(rule, ruleTimesLabel(rule.index), false));
}

/** Where memory is short, triggers whose rows are converted gain most by overlapping. */
function generateRule(rule: PlacedRule, emits: boolean, size: Size | 'converting'): Generated[] {
  return rule.part.program.triggers.map(({ block, index }) => {
    const own = size !== 'converting' ? size : convertsRows(block) ? 'lean' : 'small';
    return generate(block, placeOf(rule, triggerLabel(rule.index, index), emits), own);
  });
}

const convertsRows = ({ items }: Block): boolean =>
  items.some((item) => item.kind === 'rows' && usesConversion(item.body));

function placeOf(rule: PlacedRule, label: string, emits: boolean): TriggerPlace {
  const { part, memory, index, branches, baselineOffset } = rule;
  const spans = new Map(part.program.notes.map((note) => [note.statement, note.span]));
  return {
    label,
    memory,
    descriptor: descriptorAddress(index),
    population: populationAddress(index),
    baseline: part.baseline,
    branches,
    baselineOffset,
    spans,
    firstRecord: rule.firstRecord,
    emits,
    signed: part.rule.signedWeights,
  };
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
