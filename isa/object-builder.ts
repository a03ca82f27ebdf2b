/** Builds an object file instruction by instruction, without text: for code generators and for the assembler. */
import { encode } from './encode.js';
import type {
  ObjectFile,
  SectionFlags,
  SourcePlace,
  SymbolBinding,
  SymbolKind,
} from './program.js';
import { BuildError, type BuildProblem } from './build-error.js';
import { dataRelocation, operandRelocation, type Operand } from './reference.js';
import { finishObject, type Definition, type Fixup } from './object-finish.js';
import { flagsForName, SectionBuffer } from './section-buffer.js';

export { address, high, highAdjusted, low, symbol } from './reference.js';
export type { AddressPart, Operand, SymbolReference } from './reference.js';

/**
 * Writes sections, labels, instructions and data in order and gives the object file that the linker takes.
 * Every reference may be to a label that comes later or lies in another object file.
 */
export class ObjectBuilder {
  private readonly buffers = new Map<string, SectionBuffer>();
  private readonly fixups = new Map<SectionBuffer, Fixup[]>();
  private readonly definitions = new Map<string, Definition>();
  private current: SectionBuffer;
  private place: SourcePlace | undefined;
  /** While `rewrite` runs: the offset that is written next. */
  private rewriting: number | undefined;

  /** `name` is used in messages, usually that of the source file. Writing begins in section `int.text`. */
  constructor(
    readonly name: string,
    firstSection = 'int.text',
  ) {
    this.current = this.begin(firstSection);
  }

  /** Continues (or begins) a section. Flags follow from the name unless given. */
  section(name: string, flags?: SectionFlags): this {
    this.current = this.begin(name, flags);
    return this;
  }

  /** Name of the section being written. */
  get sectionName(): string {
    return this.current.name;
  }

  /** Where the next byte of the current section goes. */
  get offset(): number {
    return this.rewriting ?? this.current.length;
  }

  /** Whether another file may define `name` instead. */
  isWeak(name: string): boolean {
    return this.definitions.get(name)?.binding === 'weak';
  }

  /** Whether section `name` has been begun. */
  hasSection(name: string): boolean {
    return this.buffers.has(name);
  }

  /** Defines `name` at the current place. Names that begin with `.L` stay out of the symbol table. */
  label(
    name: string,
    options: { binding?: SymbolBinding; kind?: SymbolKind; size?: number } = {},
  ): this {
    const definition = this.define(name);
    definition.section = this.current;
    definition.value = this.current.length;
    if (options.binding !== undefined) definition.binding = options.binding;
    definition.kind = options.kind ?? definition.kind;
    definition.size = options.size ?? definition.size;
    return this;
  }

  /** Defines `name` as the address of a place written before. */
  alias(name: string, section: string, offset: number): this {
    const definition = this.define(name);
    definition.section = this.begin(section);
    definition.value = offset;
    return this;
  }

  /** Defines `name` as a number that is no address of a section. */
  absolute(name: string, value: number): this {
    this.define(name).value = value;
    return this;
  }

  /** Sets what the linker and the symbol table know of `name`, before or after its definition. */
  describe(
    name: string,
    facts: { binding?: SymbolBinding; kind?: SymbolKind; size?: number },
  ): this {
    const definition = this.entry(name);
    if (facts.binding !== undefined) definition.binding = facts.binding;
    if (facts.kind !== undefined) definition.kind = facts.kind;
    if (facts.size !== undefined) definition.size = facts.size;
    return this;
  }

  /** Runs `write`, whose instruction or data replaces what was written at `offset` of `section` before. */
  rewrite(section: string, offset: number, place: SourcePlace, write: () => void): this {
    const { current, place: before } = this;
    this.current = this.buffers.get(section) ?? current;
    this.place = place;
    this.rewriting = offset;
    try {
      write();
    } finally {
      this.current = current;
      this.place = before;
      this.rewriting = undefined;
    }
    return this;
  }

  /** Makes `name` visible to other object files. */
  global(name: string): this {
    return this.describe(name, { binding: 'global' });
  }

  /** Says that `name` is a function that ends here. */
  endFunction(name: string): this {
    const definition = this.entry(name);
    return this.describe(name, { kind: 'function', size: this.current.length - definition.value });
  }

  /** From here on the content comes from this source line. */
  mark(place: SourcePlace): this {
    this.place = place;
    this.current.mark(place);
    return this;
  }

  /**
   * Appends one instruction by its assembler name, extended mnemonics included. Registers, fields and immediates
   * are numbers in the order of the assembler's syntax; a branch to a number is relative in bytes, as in `.+N`.
   * @throws EncodeError for an unknown mnemonic or an operand out of range
   */
  emit(mnemonic: string, ...operands: readonly Operand[]): this {
    const numbers: number[] = [];
    let pending: Fixup | undefined;
    for (const [index, operand] of operands.entries()) {
      if (typeof operand === 'number') {
        numbers.push(operand);
        continue;
      }
      numbers.push(0);
      const type = operandRelocation(mnemonic, index, operands.length, operand);
      if (type === undefined || pending !== undefined) {
        throw new BuildError(
          { kind: 'no-relocation', mnemonic, operand: operand.symbol },
          this.place,
        );
      }
      const half = /^(ADDR|REL)16/.test(type) ? 2 : 0;
      // A distance counts from the changed halfword, the operand from its instruction.
      const addend = operand.addend + (operand.relative === true ? half : 0);
      pending = { ...operand, addend, type, offset: this.offset + half, place: this.place };
    }
    const word = encode(mnemonic, numbers);
    if (pending !== undefined) this.fixup(pending);
    return this.instructionWord(word);
  }

  /** Appends an instruction that is already encoded. */
  instructionWord(word: number): this {
    this.store(word, 4);
    return this;
  }

  /** Appends 32-bit words. */
  word(...values: readonly Operand[]): this {
    return this.data(4, values);
  }

  /** Appends 16-bit halfwords. */
  half(...values: readonly Operand[]): this {
    return this.data(2, values);
  }

  /** Appends single bytes. */
  byte(...values: readonly Operand[]): this {
    return this.data(1, values);
  }

  /** Appends bytes as they are. */
  bytes(bytes: Uint8Array): this {
    if (!this.current.appendBytes(bytes))
      this.refuse({ kind: 'no-bytes', section: this.current.name });
    return this;
  }

  /** Appends `count` bytes of value `fill`. */
  space(count: number, fill = 0): this {
    if (fill !== 0 && this.current.flags.zeroFilled) {
      this.refuse({ kind: 'no-bytes', section: this.current.name });
    }
    this.current.fill(count, fill);
    return this;
  }

  /** Fills up to a multiple of `boundary` bytes, a power of two: with `fill`, or with nops in code. */
  align(boundary: number, fill?: number): this {
    this.current.align(boundary, fill);
    return this;
  }

  /**
   * The object file. Branches inside a section are resolved, all other references become relocations.
   * @param onProblem takes every misfit; without it the first one is thrown as BuildError
   */
  build(onProblem?: (error: BuildError) => void): ObjectFile {
    const { name, buffers, fixups, definitions } = this;
    return finishObject({ name, buffers, fixups, definitions }, onProblem);
  }

  private begin(name: string, flags?: SectionFlags): SectionBuffer {
    let buffer = this.buffers.get(name);
    if (buffer === undefined) {
      buffer = new SectionBuffer(name, flags ?? flagsForName(name));
      this.buffers.set(name, buffer);
    } else if (flags !== undefined && !sameFlags(flags, buffer.flags)) {
      this.refuse({ kind: 'flags', section: name });
    }
    if (this.place !== undefined) buffer.mark(this.place);
    return buffer;
  }

  private data(width: 1 | 2 | 4, values: readonly Operand[]): this {
    for (const value of values) {
      if (typeof value === 'number') {
        this.store(value, width);
        continue;
      }
      const type = dataRelocation(width, value);
      if (type === undefined) {
        const mnemonic = `${width}-byte data`;
        this.refuse({ kind: 'no-relocation', mnemonic, operand: value.symbol });
      }
      this.fixup({ ...value, type, offset: this.offset, place: this.place });
      this.store(0, width);
    }
    return this;
  }

  private store(value: number, width: number): void {
    if (this.rewriting !== undefined) {
      this.current.overwrite(this.rewriting, value, width);
      this.rewriting += width;
      return;
    }
    if (!this.current.append(value, width)) {
      this.refuse({ kind: 'no-bytes', section: this.current.name });
    }
  }

  private fixup(fixup: Fixup): void {
    const list = this.fixups.get(this.current);
    if (list === undefined) this.fixups.set(this.current, [fixup]);
    else list.push(fixup);
    if (fixup.symbol !== '' && !this.buffers.has(fixup.symbol)) this.entry(fixup.symbol);
  }

  private entry(name: string): Definition {
    let definition = this.definitions.get(name);
    if (definition === undefined) {
      definition = {
        section: undefined,
        value: 0,
        size: 0,
        kind: 'none',
        binding: 'local',
        isDefined: false,
        place: this.place,
      };
      this.definitions.set(name, definition);
    }
    return definition;
  }

  private define(name: string): Definition {
    const definition = this.entry(name);
    if (definition.isDefined) this.refuse({ kind: 'duplicate', name, first: definition.place });
    definition.isDefined = true;
    definition.place = this.place;
    return definition;
  }

  private refuse(problem: BuildProblem): never {
    throw new BuildError(problem, this.place);
  }
}

function sameFlags(a: SectionFlags, b: SectionFlags): boolean {
  return (
    a.allocated === b.allocated &&
    a.writable === b.writable &&
    a.executable === b.executable &&
    a.zeroFilled === b.zeroFilled
  );
}
