/** Joins object files to a program: places sections, resolves symbols, applies relocations, collects source lines. */
import { isStartUp, layoutSymbols, outputFor, regions, type MemorySizes } from './memory-layout.js';
import { LinkError, type LinkProblem } from './link-error.js';
import type {
  ObjectFile,
  ObjectSection,
  ObjectSymbol,
  Program,
  ProgramLine,
  ProgramSection,
  ProgramSymbol,
  SectionFlags,
  SourcePlace,
} from './program.js';
import { applyRelocation, relocationShapes } from './relocation.js';

export { LinkError } from './link-error.js';
export type { LinkProblem } from './link-error.js';

/** How `link` places a program. */
export interface LinkOptions extends MemorySizes {
  /** Symbol of the first instruction; default `_start` if there is one, else address 0. */
  readonly entry?: string;
  /** Further symbols with fixed values. */
  readonly symbols?: Readonly<Record<string, number>>;
  /** Address of `int.data`, when it lies in a memory of its own. Default: behind the code. */
  readonly dataAddress?: number;
}

interface Placed {
  readonly object: ObjectFile;
  readonly section: ObjectSection;
  readonly output: string;
  readonly address: number;
}

interface Output {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly flags: SectionFlags;
  readonly inputs: readonly Placed[];
}

interface Definition {
  readonly value: number;
  readonly output: string | undefined;
  readonly symbol: ObjectSymbol;
  readonly object: ObjectFile;
}

/**
 * Links object files in the given order. Within an output section start-up code (`int.crt`) comes first.
 * @throws LinkError with everything that is wrong
 */
export function link(objects: readonly ObjectFile[], options: LinkOptions = {}): Program {
  const problems: LinkProblem[] = [];
  const outputs = layOut(objects, options, problems);
  const placed = new Map<ObjectSection, Placed>();
  for (const output of outputs) {
    for (const input of output.inputs) placed.set(input.section, input);
  }
  const globals = collectGlobals(objects, placed, problems);
  const fixed = fixedSymbols(outputs, options);
  const sections = outputs
    .filter(({ size }) => size > 0)
    .map((output) => ({
      name: output.name,
      address: output.address,
      bytes: fillOutput(output, placed, globals, fixed, problems),
      flags: output.flags,
    }));
  const entry = entryAddress(options, globals, problems);
  if (problems.length > 0) throw new LinkError(problems);
  return {
    sections: sections.sort((a, b) => a.address - b.address),
    symbols: programSymbols(objects, placed, sections, fixed, globals),
    lines: programLines(outputs),
    entry,
  };
}

function align(address: number, boundary: number): number {
  return Math.ceil(address / boundary) * boundary;
}

/** Gives every section that occupies memory its address. */
function layOut(
  objects: readonly ObjectFile[],
  options: LinkOptions,
  problems: LinkProblem[],
): Output[] {
  const groups = new Map<string, { object: ObjectFile; section: ObjectSection }[]>();
  for (const object of objects) {
    for (const section of object.sections) {
      const output = outputFor(section);
      if (output === undefined) continue;
      const group = groups.get(output) ?? [];
      group.push({ object, section });
      groups.set(output, group);
    }
  }
  const outputs: Output[] = [];
  for (const region of regions(options)) {
    let used = 0;
    let view = region.base;
    for (const { name, base } of region.outputs) {
      view = base ?? view;
      const group = groups.get(name);
      if (group === undefined) continue;
      const ordered = [
        ...group.filter(({ section }) => isStartUp(section)),
        ...group.filter(({ section }) => !isStartUp(section)),
      ];
      const apart = name === 'int.data' ? options.dataAddress : undefined;
      let next = apart ?? view + used;
      next = align(next, Math.max(...ordered.map(({ section }) => section.alignment)));
      const start = next;
      const inputs = ordered.map(({ object, section }) => {
        const address = align(next, section.alignment);
        next = address + section.bytes.length;
        return { object, section, output: name, address };
      });
      used = next - view;
      outputs.push({ name, address: start, size: next - start, flags: joinFlags(inputs), inputs });
    }
    if (used > region.limit) {
      const parts = outputs.filter(({ inputs }) => inputs.length > 0);
      problems.push({
        kind: 'too-large',
        region: region.name,
        bytes: used,
        limit: region.limit,
        parts: region.outputs.flatMap(({ name }) =>
          parts.filter((part) => part.name === name).map(({ size }) => ({ name, bytes: size })),
        ),
      });
    }
  }
  return outputs;
}

function joinFlags(inputs: readonly Placed[]): SectionFlags {
  return {
    allocated: true,
    writable: inputs.some(({ section }) => section.flags.writable),
    executable: inputs.some(({ section }) => section.flags.executable),
    zeroFilled: inputs.every(({ section }) => section.flags.zeroFilled),
  };
}

function addressOf(
  symbol: ObjectSymbol,
  object: ObjectFile,
  placed: ReadonlyMap<ObjectSection, Placed>,
): { value: number; output: string | undefined } | undefined {
  if (symbol.section === 'undefined') return undefined;
  if (symbol.section === 'absolute') return { value: symbol.value, output: undefined };
  const section = object.sections[symbol.section];
  const place = section === undefined ? undefined : placed.get(section);
  return place && { value: place.address + symbol.value, output: place.output };
}

function collectGlobals(
  objects: readonly ObjectFile[],
  placed: ReadonlyMap<ObjectSection, Placed>,
  problems: LinkProblem[],
): ReadonlyMap<string, Definition> {
  const globals = new Map<string, Definition>();
  for (const object of objects) {
    for (const symbol of object.symbols) {
      if (symbol.binding === 'local') continue;
      const found = addressOf(symbol, object, placed);
      if (found === undefined) continue;
      const other = globals.get(symbol.name);
      if (other === undefined || (other.symbol.binding === 'weak' && symbol.binding === 'global')) {
        globals.set(symbol.name, { ...found, symbol, object });
      } else if (other.symbol.binding === 'global' && symbol.binding === 'global') {
        problems.push({
          kind: 'duplicate',
          name: symbol.name,
          first: { object: other.object.name, place: other.symbol.place },
          second: { object: object.name, place: symbol.place },
        });
      }
    }
  }
  return globals;
}

function fixedSymbols(
  outputs: readonly Output[],
  options: LinkOptions,
): ReadonlyMap<string, number> {
  let imageEnd = 0;
  for (const output of outputs) {
    if (/^int\.(text|data|bss)$/.test(output.name)) {
      imageEnd = Math.max(imageEnd, output.address + output.size);
    }
  }
  return new Map([...layoutSymbols(options, imageEnd), ...Object.entries(options.symbols ?? {})]);
}

/** The source line of an offset, for messages. */
function placeOf(section: ObjectSection, offset: number): SourcePlace | undefined {
  return section.lines.findLast((line) => line.offset <= offset);
}

function fillOutput(
  output: Output,
  placed: ReadonlyMap<ObjectSection, Placed>,
  globals: ReadonlyMap<string, Definition>,
  fixed: ReadonlyMap<string, number>,
  problems: LinkProblem[],
): Uint8Array {
  const bytes = new Uint8Array(output.size);
  for (const { object, section, address } of output.inputs) {
    const start = address - output.address;
    bytes.set(section.bytes, start);
    for (const relocation of section.relocations) {
      const symbol =
        relocation.symbol === undefined ? undefined : object.symbols[relocation.symbol];
      const at = { object: object.name, section: section.name, offset: relocation.offset };
      const place = placeOf(section, relocation.offset);
      const { width } = relocationShapes[relocation.type];
      if (relocation.offset < 0 || relocation.offset + width > section.bytes.length) {
        problems.push({ kind: 'outside', ...at, size: section.bytes.length });
        continue;
      }
      const value = symbol === undefined ? 0 : valueOf(symbol, object, placed, globals, fixed);
      if (value === undefined) {
        problems.push({ kind: 'undefined', name: symbol?.name ?? '', ...at, place });
        continue;
      }
      const misfit = applyRelocation(
        bytes,
        start + relocation.offset,
        relocation.type,
        value + relocation.addend,
        address + relocation.offset,
      );
      if (misfit !== undefined) {
        const name = symbol?.kind === 'section' ? symbol.name : (symbol?.name ?? '');
        problems.push({ kind: 'misfit', name, type: relocation.type, misfit, ...at, place });
      }
    }
  }
  return bytes;
}

function valueOf(
  symbol: ObjectSymbol,
  object: ObjectFile,
  placed: ReadonlyMap<ObjectSection, Placed>,
  globals: ReadonlyMap<string, Definition>,
  fixed: ReadonlyMap<string, number>,
): number | undefined {
  if (symbol.binding !== 'local') {
    const known = globals.get(symbol.name)?.value ?? fixed.get(symbol.name);
    if (known !== undefined) return known;
    return symbol.binding === 'weak' ? 0 : undefined;
  }
  return addressOf(symbol, object, placed)?.value;
}

function entryAddress(
  options: LinkOptions,
  globals: ReadonlyMap<string, Definition>,
  problems: LinkProblem[],
): number {
  if (options.entry === undefined) return globals.get('_start')?.value ?? 0;
  const entry = globals.get(options.entry);
  if (entry === undefined) problems.push({ kind: 'no-entry', name: options.entry });
  return entry?.value ?? 0;
}

function programSymbols(
  objects: readonly ObjectFile[],
  placed: ReadonlyMap<ObjectSection, Placed>,
  sections: readonly ProgramSection[],
  fixed: ReadonlyMap<string, number>,
  globals: ReadonlyMap<string, Definition>,
): ProgramSymbol[] {
  const symbols: ProgramSymbol[] = [];
  const add = (symbol: ObjectSymbol, value: number, output: string | undefined): void => {
    const { name, size, kind, binding } = symbol;
    const section = sections.find((each) => each.name === output)?.name;
    symbols.push({ name, address: value >>> 0, size, kind, binding, section });
  };
  for (const object of objects) {
    for (const symbol of object.symbols) {
      if (symbol.binding !== 'local' || symbol.kind === 'section' || symbol.kind === 'file')
        continue;
      const found = addressOf(symbol, object, placed);
      if (found !== undefined) add(symbol, found.value, found.output);
    }
  }
  for (const { symbol, value, output } of globals.values()) add(symbol, value, output);
  for (const [name, value] of fixed) {
    if (globals.has(name)) continue;
    symbols.push({
      name,
      address: value >>> 0,
      size: 0,
      kind: 'none',
      binding: 'global',
      section: undefined,
    });
  }
  return symbols;
}

/** Source lines of all code. Code without lines behind code with lines is marked as such (line 0). */
function programLines(outputs: readonly Output[]): ProgramLine[] {
  const lines: ProgramLine[] = [];
  for (const { inputs, flags } of outputs) {
    if (!flags.executable) continue;
    let isKnown = false;
    for (const { section, address } of inputs) {
      if (section.bytes.length === 0) continue;
      if (isKnown && section.lines[0]?.offset !== 0) lines.push({ address, file: '', line: 0 });
      for (const { offset, ...place } of section.lines) {
        lines.push({ address: address + offset, ...place });
      }
      const last = section.lines.at(-1);
      isKnown = last !== undefined && last.line > 0;
    }
  }
  return lines.sort((a, b) => a.address - b.address);
}
