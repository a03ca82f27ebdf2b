/** The registers that gdb sees, in order, and the target description that declares them to it. */
import { specialRegisters } from '../../isa/special-registers.js';

/** What a register is, so that a target can find it. */
export type RegisterPlace =
  | { readonly kind: 'gpr'; readonly index: number }
  | { readonly kind: 'pc' | 'msr' | 'cr' | 'lr' | 'ctr' | 'xer' }
  | { readonly kind: 'spr'; readonly index: number }
  | { readonly kind: 'vector'; readonly index: number }
  | { readonly kind: 'accumulator' }
  | { readonly kind: 'condition'; readonly relation: 'gt' | 'lt' | 'eq' };

export interface DebugRegister {
  readonly name: string;
  readonly bytes: number;
  readonly type: string;
  readonly feature: 'core' | 'special' | 'vector';
  readonly place: RegisterPlace;
}

const word = (
  name: string,
  place: RegisterPlace,
  type = 'uint32',
  feature: DebugRegister['feature'] = 'core',
): DebugRegister => ({
  name,
  bytes: 4,
  type,
  feature,
  place,
});

/** XER, LR and CTR belong to gdb's own core feature. */
const inCore = new Set(['xer', 'lr', 'ctr']);

/** Every register; its number in the protocol is its place in this list. */
export const debugRegisters: readonly DebugRegister[] = [
  ...Array.from({ length: 32 }, (_, index) => word(`r${index}`, { kind: 'gpr', index })),
  word('pc', { kind: 'pc' }, 'code_ptr'),
  word('msr', { kind: 'msr' }),
  word('cr', { kind: 'cr' }),
  word('lr', { kind: 'lr' }, 'code_ptr'),
  word('ctr', { kind: 'ctr' }),
  word('xer', { kind: 'xer' }),
  ...specialRegisters
    .filter(({ name }) => !inCore.has(name))
    .map(({ name, number }) => word(name, { kind: 'spr', index: number }, 'uint32', 'special')),
  ...Array.from({ length: 32 }, (_, index): DebugRegister => ({
    name: `v${index}`,
    bytes: 128,
    type: 'vector1024',
    feature: 'vector',
    place: { kind: 'vector', index },
  })),
  {
    name: 'acc',
    bytes: 256,
    type: 'accumulators',
    feature: 'vector',
    place: { kind: 'accumulator' },
  },
  ...(['gt', 'lt', 'eq'] as const).map((relation): DebugRegister => ({
    name: `vc${relation}`,
    bytes: 128,
    type: 'halfwords',
    feature: 'vector',
    place: { kind: 'condition', relation },
  })),
];

function feature(name: string, kind: DebugRegister['feature'], types = ''): string {
  const lines = debugRegisters
    .map((register, number) => ({ register, number }))
    .filter(({ register }) => register.feature === kind)
    .map(
      ({ register, number }) =>
        `<reg name="${register.name}" bitsize="${register.bytes * 8}" type="${register.type}" regnum="${number}"/>`,
    );
  return `<feature name="${name}">${types}${lines.join('')}</feature>`;
}

const vectorTypes =
  '<vector id="bytes" type="int8" count="128"/><vector id="halfwords" type="int16" count="64"/>' +
  '<vector id="accumulators" type="int32" count="64"/>' +
  '<union id="vector1024"><field name="h" type="halfwords"/><field name="b" type="bytes"/></union>';

/** The XML that gdb asks for as `target.xml`. */
export const targetDescription =
  '<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0">' +
  '<architecture>powerpc:common</architecture><osabi>none</osabi>' +
  feature('org.gnu.gdb.power.core', 'core') +
  feature('plastic.ppu.special', 'special') +
  feature('plastic.ppu.vector', 'vector', vectorTypes) +
  '</target>';
