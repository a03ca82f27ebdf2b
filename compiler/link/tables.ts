/** Tables that the run-time reads, the mailbox page, and the block that says what an image is. */
import { ObjectBuilder, symbol } from '../../isa/object-builder.js';
import type { ObjectFile, Program } from '../../isa/program.js';
import {
  descriptor,
  descriptorAddress,
  mailbox,
  mailboxBase,
  metadata,
} from '../../isa/runtime-layout.js';
import { startCode } from '../codegen/memory.js';
import { sha256, utf8 } from './hash.js';
import {
  type PlacedRule,
  type PlacedValue,
  type RulePart,
  type Rings,
  inLaps,
  timesLabel,
  triggerLabel,
} from './parts.js';

/** The configuration that the run-time starts from: triggers, rules, rings, parameters. */
export function writeTables(
  builder: ObjectBuilder,
  placed: readonly PlacedRule[],
  rings: Rings,
  values: readonly PlacedValue[],
): void {
  const words = values.reduce((sum, { slot }) => sum + slot.elements, 0);
  const triggers = placed.reduce((sum, { part }) => sum + part.timing.length, 0);
  builder.section('int.data').align(4);
  builder.label('plastic_config', { binding: 'global', kind: 'object', size: 48 });
  builder.word(triggers, symbol('plastic_triggers'));
  builder.word(mailbox.values, symbol('plastic_active'), words);
  builder.word(rings.timeline.offset, rings.timeline.entries);
  builder.word(rings.records.offset, rings.records.bytes);
  builder.word(placed.length, symbol('plastic_rules'));
  const hasTimes = placed.some(({ part }) => part.program.times !== undefined);
  builder.word(hasTimes ? symbol(timesLabel) : 0);
  builder.label('plastic_triggers', { kind: 'object', size: 32 * triggers, binding: 'global' });
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
      const period = inLaps(timing.period);
      const first = inLaps(timing.first);
      const before = timing.never === true ? -1 : first.laps;
      builder.word(kind, symbol(handler), period.rest, first.rest, timing.count, number);
      builder.word(before, period.laps);
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

/** What the run-time fills in external memory before a run: see ppu-programs/runtime/external.s. */
export function writeExternalStates(builder: ObjectBuilder, placed: readonly PlacedRule[]): void {
  const entries = placed.flatMap(({ part, index, memory }) =>
    part.rule.states.flatMap(({ id }) => {
      const slot = part.program.slots.get(id);
      const offset = slot && memory.externalOffset(slot);
      if (slot === undefined || offset === undefined) return [];
      const code = startCode(slot);
      const { bytes } = slot.format;
      const word =
        bytes === 1 ? Math.imul(code & 0xff, 0x01010101) : Math.imul(code & 0xffff, 0x00010001);
      return [[descriptorAddress(index), offset, 256 * bytes * slot.elements, word]];
    }),
  );
  if (entries.length === 0) return;
  builder.section('int.data').align(4);
  const size = 4 + 16 * entries.length;
  builder.label('plastic_external_states', { binding: 'global', kind: 'object', size });
  builder.word(entries.length, ...entries.flat());
}

/** The mailbox page: descriptors of a block at row 0 that uses all columns, and the start values of parameters. */
export function writeMailbox(
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

export function metadataObject(
  parts: readonly RulePart[],
  options: { readonly sourceText: string; readonly compilerVersion: string },
): ObjectFile {
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
export function withSymbolHash(program: Program): Program {
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
