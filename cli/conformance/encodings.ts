/** Golden encodings: assembler text to word, word to text and back, and the word through decoder and encoder. */
import { assembleObject } from '../../isa/assembler/index.js';
import { decode } from '../../isa/decode.js';
import { disassemble } from '../../isa/disassemble.js';
import { encode, unpackOperands } from '../../isa/encode.js';
import { failed, hex, property, text, verdict, word, type Case, type Kind } from './kind.js';

/** The single word that a line of assembly text gives. */
function assembleLine(line: string): number {
  const object = assembleObject({ name: 'line', text: line });
  const bytes = object.sections.flatMap((section) => [...section.bytes]);
  if (bytes.length !== 4) throw new Error(`'${line}' assembles to ${bytes.length} bytes`);
  return (bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!;
}

function differences(entry: unknown): string[] {
  const expected = word(entry, 'word');
  const found: string[] = [];
  for (const line of [text(entry, 'asm'), text(entry, 'dis')]) {
    const assembled = assembleLine(line);
    if (assembled !== expected) found.push(`assembled '${line}': got ${hex(assembled)}`);
  }
  const printed = disassemble(expected);
  if (printed !== text(entry, 'dis')) {
    found.push(`disassembled: expected '${text(entry, 'dis')}', got '${printed}'`);
  }
  const decoded = decode(expected);
  if (decoded === undefined) {
    found.push('decoded: expected an instruction, got none');
  } else {
    const { instruction } = decoded;
    const again = encode(instruction.mnemonic, unpackOperands(instruction, expected));
    if (again !== expected) found.push(`decoded and encoded: got ${hex(again)}`);
  }
  return found;
}

export const encodings: Kind = {
  name: 'encodings',
  recognises: ({ lines }) =>
    ['asm', 'word', 'dis'].every((key) => typeof property(lines?.[0], key) === 'string'),
  *cases({ lines = [] }): Iterable<Case> {
    for (const entry of lines) {
      const asm = String(property(entry, 'asm'));
      yield {
        name: `${asm} = ${String(property(entry, 'word'))}`,
        keys: [asm.split(' ')[0]!, String(property(entry, 'group'))],
        run: () => {
          try {
            return verdict(differences(entry));
          } catch (error) {
            return failed(String(error));
          }
        },
      };
    }
  },
};
