/** The last step of an object builder: known distances are written, all other references become relocations. */
import { BuildError } from './build-error.js';
import type {
  ObjectFile,
  ObjectSection,
  ObjectSymbol,
  Relocation,
  RelocationType,
  SourcePlace,
  SymbolBinding,
  SymbolKind,
} from './program.js';
import type { SymbolReference } from './reference.js';
import { applyRelocation } from './relocation.js';
import type { SectionBuffer } from './section-buffer.js';

/** A reference that waits for the address it names. */
export interface Fixup extends SymbolReference {
  readonly offset: number;
  readonly type: RelocationType;
  readonly place: SourcePlace | undefined;
}

/** What is known of a symbol so far. */
export interface Definition {
  section: SectionBuffer | undefined;
  value: number;
  size: number;
  kind: SymbolKind;
  binding: SymbolBinding;
  isDefined: boolean;
  place: SourcePlace | undefined;
}

/** Everything a builder has collected. */
export interface Collected {
  readonly name: string;
  readonly buffers: ReadonlyMap<string, SectionBuffer>;
  readonly fixups: ReadonlyMap<SectionBuffer, readonly Fixup[]>;
  readonly definitions: ReadonlyMap<string, Definition>;
}

/** Positions in the object file. */
interface Numbering {
  readonly sections: ReadonlyMap<SectionBuffer, number>;
  readonly symbols: ReadonlyMap<string, number>;
}

/**
 * The object file.
 * @param onProblem takes every misfit; without it the first one is thrown as BuildError
 */
export function finishObject(
  collected: Collected,
  onProblem: ((error: BuildError) => void) | undefined,
): ObjectFile {
  const { name, buffers, fixups, definitions } = collected;
  const used = new Set<string>();
  for (const list of fixups.values()) for (const fixup of list) used.add(fixup.symbol);
  const labelled = new Set([...definitions.values()].map(({ section }) => section));
  const kept = [...buffers.values()].filter(
    (buffer, index) =>
      index === 0 || buffer.length > 0 || labelled.has(buffer) || used.has(buffer.name),
  );
  const sectionNumbers = new Map(kept.map((buffer, index) => [buffer, index]));
  const symbols: ObjectSymbol[] = kept.map((buffer, index) => ({
    name: buffer.name,
    value: 0,
    size: 0,
    kind: 'section',
    binding: 'local',
    section: index,
  }));
  const symbolNumbers = new Map<string, number>();
  for (const [symbolName, definition] of definitions) {
    const { isDefined, section } = definition;
    // Temporary labels are reached through their section.
    if (symbolName.startsWith('.L') && section !== undefined) continue;
    if (!isDefined && buffers.has(symbolName)) continue;
    if (!isDefined && definition.binding === 'local' && !used.has(symbolName)) continue;
    symbolNumbers.set(symbolName, symbols.length);
    symbols.push(objectSymbol(symbolName, definition, sectionNumbers));
  }
  const numbering = { sections: sectionNumbers, symbols: symbolNumbers };
  const sections = kept.map((buffer): ObjectSection => {
    const bytes = buffer.bytes();
    const relocations: Relocation[] = [];
    for (const fixup of fixups.get(buffer) ?? []) {
      const relocation = resolve(fixup, buffer, bytes, collected, numbering, onProblem);
      if (relocation !== undefined) relocations.push(relocation);
    }
    relocations.sort((a, b) => a.offset - b.offset);
    const { flags, alignment, lines } = buffer;
    return { name: buffer.name, flags, alignment, bytes, relocations, lines: [...lines] };
  });
  return { name, sections, symbols };
}

function objectSymbol(
  name: string,
  { isDefined, section, value, size, kind, binding, place }: Definition,
  sectionNumbers: ReadonlyMap<SectionBuffer, number>,
): ObjectSymbol {
  const home = section === undefined ? 'absolute' : (sectionNumbers.get(section) ?? 'absolute');
  return {
    name,
    value,
    size,
    kind,
    binding: !isDefined && binding === 'local' ? 'global' : binding,
    section: isDefined ? home : 'undefined',
    ...(place === undefined ? {} : { place }),
  };
}

/** Where a reference leads: a place in a section of this object, a number, or a symbol of another object. */
type Target =
  | { readonly kind: 'place'; readonly section: SectionBuffer; readonly value: number }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'elsewhere'; readonly value: number };

function targetOf({ symbol, addend }: Fixup, { buffers, definitions }: Collected): Target {
  const definition = definitions.get(symbol);
  if (definition?.isDefined === true) {
    const { section, value } = definition;
    return section === undefined
      ? { kind: 'number', value: value + addend }
      : { kind: 'place', section, value: value + addend };
  }
  if (symbol === '') return { kind: 'number', value: addend };
  const section = buffers.get(symbol);
  return section === undefined
    ? { kind: 'elsewhere', value: addend }
    : { kind: 'place', section, value: addend };
}

/** Writes a value that is known already, or gives the relocation for the linker. */
function resolve(
  fixup: Fixup,
  buffer: SectionBuffer,
  bytes: Uint8Array,
  collected: Collected,
  numbering: Numbering,
  onProblem: ((error: BuildError) => void) | undefined,
): Relocation | undefined {
  const { offset, type, symbol } = fixup;
  const target = targetOf(fixup, collected);
  const isRelative = type.startsWith('REL');
  const binding = collected.definitions.get(symbol)?.binding ?? 'local';
  const isKnown =
    target.kind === 'number'
      ? !isRelative
      : target.kind === 'place' && target.section === buffer && isRelative && binding !== 'weak';
  if (isKnown) {
    const misfit = applyRelocation(bytes, offset, type, target.value, offset);
    if (misfit !== undefined) {
      const error = new BuildError({ kind: 'misfit', target: symbol, misfit }, fixup.place);
      if (onProblem === undefined) throw error;
      onProblem(error);
    }
    return undefined;
  }
  if (target.kind === 'place' && binding === 'local') {
    const section = numbering.sections.get(target.section);
    return { offset, type, symbol: section, addend: target.value };
  }
  return { offset, type, symbol: numbering.symbols.get(symbol), addend: fixup.addend };
}
