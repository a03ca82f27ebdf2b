/** What the timing of one machine word depends on, worked out once from the instruction table. */
import { decode } from '../../isa/decode.js';
import { Fields, type Instruction, type Resource, type Timing } from '../../isa/instruction.js';
import { CTR, LR, XER } from '../../isa/special-registers.js';
import { scalarLatency, vectorUnitOf } from '../../isa/timing.js';

/** Slots of the score board: 0..31 general registers, then these. All other special registers share one. */
export const slots = { cr0: 32, ctr: 40, lr: 41, msr: 42, spr: 43, count: 44 } as const;

export interface Step {
  readonly instruction: Instruction;
  readonly fields: Fields;
  readonly timing: Timing;
  readonly latency: number;
  /** Slots read; and slots that must be free because they are written. */
  readonly sources: readonly number[];
  readonly targets: readonly number[];
  /** General register written by the result of `latency`, or -1. */
  readonly general: number;
  readonly writesCr: boolean;
  readonly readsXer: boolean;
  readonly writesXer: boolean;
  readonly isNop: boolean;
  readonly readsTime: boolean;
  /** Vector part; unit -1: none. Registers -1: none. */
  readonly unit: number;
  readonly vectorA: number;
  readonly vectorB: number;
  readonly vectorTarget: number;
  readonly conditional: boolean;
}

/** A decoded word; undefined if the core does not decode it. */
export function stepOf(word: number): Step | undefined {
  const decoded = decode(word);
  if (decoded === undefined) return undefined;
  const { instruction, fields } = decoded;
  const { timing } = instruction;
  const unit = vectorUnitOf[timing] ?? -1;
  const sources = new Set<number>();
  const targets = new Set<number>();
  for (const resource of instruction.reads)
    if (isUsed(instruction, fields, resource))
      for (const s of slotsOf(resource, fields)) sources.add(s);
  for (const resource of instruction.writes)
    for (const s of slotsOf(resource, fields)) targets.add(s);
  const vector =
    unit < 0
      ? []
      : instruction.reads.flatMap((r) =>
          r === 'vra' ? [fields.ra] : r === 'vrb' ? [fields.rb] : r === 'vrt' ? [fields.rt] : [],
        );
  const generals = [...targets].filter((slot) => slot < 32);
  return {
    instruction,
    fields,
    timing,
    latency: scalarLatency[timing] ?? 1,
    sources: [...sources],
    targets: [...targets],
    general: generals[0] ?? -1,
    writesCr: [...targets].some((slot) => slot >= slots.cr0 && slot < slots.ctr),
    readsXer: instruction.reads.includes('xer'),
    writesXer:
      instruction.writes.includes('xer') ||
      (instruction.writes.includes('spr') && fields.spr === XER),
    isNop: word === 0x6000_0000,
    readsTime:
      instruction.reads.includes('spr') &&
      fields.spr !== LR &&
      fields.spr !== CTR &&
      fields.spr !== XER,
    unit,
    vectorA: vector[0] ?? -1,
    vectorB: vector[1] ?? -1,
    vectorTarget: instruction.writes.includes('vrt') ? fields.rt : -1,
    conditional: fields.cond !== 0 && instruction.reads.includes('vcr?'),
  };
}

/** Branch options may leave out the counter and the condition. */
function isUsed({ timing, mnemonic }: Instruction, { bo }: Fields, resource: Resource): boolean {
  if (timing !== 'branch') return true;
  if (resource === 'cr.bi') return (bo & 16) === 0;
  if (resource === 'ctr') return (bo & 4) === 0 || mnemonic.startsWith('bcctr');
  return true;
}

function slotsOf(resource: Resource, f: Fields): readonly number[] {
  const field = (bit: number): number[] => [slots.cr0 + (bit >> 2)];
  switch (resource) {
    case 'rt':
    case 'rs':
      return [f.rt];
    case 'ra':
      return [f.ra];
    case 'ra0':
      return f.ra === 0 ? [] : [f.ra];
    case 'rb':
      return [f.rb];
    case 'rt..31':
    case 'rs..31':
      return Array.from({ length: 32 - f.rt }, (_, i) => f.rt + i);
    case 'cr':
      return maskedFields(0xff);
    case 'cr0':
      return [slots.cr0];
    case 'cr.bf':
      return [slots.cr0 + f.bf];
    case 'cr.bfa':
      return [slots.cr0 + f.bfa];
    case 'cr.bi':
    case 'cr.ba':
      return field(f.ba);
    case 'cr.bt':
      return field(f.bt);
    case 'cr.bb':
      return field(f.bb);
    case 'cr.fxm':
      return maskedFields(f.fxm);
    case 'ctr':
      return [slots.ctr];
    case 'lr':
      return [slots.lr];
    case 'msr':
      return [slots.msr];
    case 'spr':
      if (f.spr === CTR) return [slots.ctr];
      if (f.spr === LR) return [slots.lr];
      return f.spr === XER ? [] : [slots.spr];
    default:
      return [];
  }
}

function maskedFields(mask: number): number[] {
  const list: number[] = [];
  for (let i = 0; i < 8; i++) if ((mask & (0x80 >> i)) !== 0) list.push(slots.cr0 + i);
  return list;
}
