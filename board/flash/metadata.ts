/** What a program says of itself: the block behind its vectors, read from a board. */

import { metadata } from '../../isa/runtime-layout.js';
import { type Access, sramAddress } from '../access.js';
import { bytesOfWords } from '../framing/bytes.js';
import { asciiText } from '../link/self-description.js';

export interface ProgramMetadata {
  readonly version: number;
  /** Names of the rules. */
  readonly rules: readonly string[];
  /** First 16 bytes of the SHA-256 of the rule's text, hexadecimal. */
  readonly sourceHash: string;
  readonly compilerVersion: string;
  /** The same of the table of symbols. */
  readonly symbolHash: string;
}

/** Reads it from a processor; undefined if there is none: the program was not made by this compiler. */
export async function readMetadata(
  access: Access,
  hemisphere: number,
): Promise<ProgramMetadata | undefined> {
  const words = await access.readBlock(
    sramAddress(hemisphere, metadata.address >>> 2),
    metadata.size / 4,
  );
  return decodeMetadata(bytesOfWords(words));
}

/** Decodes the block; undefined if the magic number is missing. */
export function decodeMetadata(bytes: Uint8Array): ProgramMetadata | undefined {
  if (bytes.length < metadata.size) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== metadata.magic) return undefined;
  const hex = (from: number): string =>
    [...bytes.subarray(from, from + 16)].map((b) => b.toString(16).padStart(2, '0')).join('');
  const text = (from: number, length: number): string =>
    asciiText(bytes.subarray(from, from + length));
  return {
    version: view.getUint32(4),
    rules: text(metadata.name, metadata.nameBytes)
      .split(' ')
      .filter((name) => name !== ''),
    sourceHash: hex(metadata.sourceHash),
    compilerVersion: text(metadata.compilerVersion, 16),
    symbolHash: hex(metadata.symbolHash),
  };
}
