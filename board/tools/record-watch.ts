/** Records of a compiled rule as they come: read from the memory behind the FPGA and taken apart by their layout. */

import { readRawElf } from '../../isa/elf/read.js';
import { readElf } from '../../isa/elf/index.js';
import { memoryImage, type Program } from '../../isa/program.js';
import { addressOf } from '../../isa/registers/index.js';
import { descriptor, descriptorAddress, mailbox, metadata } from '../../isa/runtime-layout.js';
import { readRecordNote, type RecordLayout } from '../../isa/runtime-note.js';
import { readRecords } from '../../isa/runtime-records.js';
import { type Access, sramAddress } from '../access.js';
import { bytesOfWords } from '../framing/bytes.js';
import { decodeMetadata, readMetadata, type ProgramMetadata } from '../flash/metadata.js';
import { configAddress, recordPlace } from '../flash/plan.js';

/** A compiled program of which the layout of its records is known. */
export interface RecordingProgram {
  readonly metadata: ProgramMetadata;
  readonly layout: RecordLayout;
  /** SRAM byte address of the word that says where the records lie. */
  readonly place: number;
}

/** One executed `record` statement. */
export interface RecordEvent {
  readonly kind: 'record';
  readonly hemisphere: number;
  readonly rule: string;
  readonly name: string;
  /** Row of the visit; 0 outside rows. */
  readonly row: number;
  /** Number of the execution, all triggers together, from 0. */
  readonly execution: number;
  /** Chip time since the triggers began to count. */
  readonly seconds: number;
  /** One value, or one per column (256). */
  readonly fields: readonly { readonly name: string; readonly values: Float64Array }[];
}

/** Bytes that are read at one look at most. */
const mostBytes = 1 << 15;
const sramBytes = 0x4000;

/** What a program and its layout say; undefined if it is no compiled rule. */
export function recordingProgram(
  program: Program,
  layout: RecordLayout,
): RecordingProgram | undefined {
  const config = configAddress(program);
  const image = memoryImage(program, 0, sramBytes);
  const found = decodeMetadata(image.subarray(metadata.address, metadata.address + metadata.size));
  if (found === undefined || config === undefined) return undefined;
  return { metadata: found, layout, place: config + recordPlace };
}

/**
 * The same of an ELF file that `plastic compile -o` wrote; undefined for other files.
 * @throws ElfError
 */
export function recordingProgramOf(elf: Uint8Array): RecordingProgram | undefined {
  if (readRawElf(elf).type !== 'executable') return undefined;
  const layout = readRecordNote(elf);
  return layout === undefined ? undefined : recordingProgram(readElf(elf), layout);
}

/** Reads what one processor has recorded since it was asked last. */
export class RecordWatch {
  private seen = 0;
  private last: number | undefined = undefined;
  private cycles = 0;
  private isOther: boolean | undefined = undefined;

  constructor(
    private readonly hemisphere: number,
    private readonly program: RecordingProgram,
  ) {}

  /** Whether the processor runs this program. */
  async isRunning(access: Access): Promise<boolean> {
    const found = await readMetadata(access, this.hemisphere);
    const { sourceHash, symbolHash } = this.program.metadata;
    this.isOther = found?.sourceHash !== sourceHash || found.symbolHash !== symbolHash;
    return !this.isOther;
  }

  /**
   * The records that are complete.
   * @param used bytes of records, and `executions` that were finished, as the mailbox said
   * @throws BoardError, AccessError
   */
  async look(access: Access, used: number, executions: number): Promise<RecordEvent[]> {
    if (this.isOther === undefined) await this.isRunning(access);
    if (this.isOther === true) return [];
    if (used < this.seen) {
      // It has begun anew.
      this.seen = 0;
      this.last = undefined;
    }
    if (used === this.seen) return [];
    const { hemisphere } = this;
    const [place = 0, base = 0, origin = 0] = await access.read(
      [this.program.place, descriptorAddress(0) + descriptor.externalBase, mailbox.origin + 4].map(
        (address) => sramAddress(hemisphere, address >>> 2),
      ),
    );
    const length = Math.min(used - this.seen, mostBytes);
    const words = await access.readBlock(
      addressOf('ExternalPPUMemoryQuad', [(place + base + this.seen) >>> 2]),
      length >>> 2,
    );
    return this.decode(bytesOfWords(words), origin, executions);
  }

  private decode(bytes: Uint8Array, origin: number, executions: number): RecordEvent[] {
    const events: RecordEvent[] = [];
    if (this.last === undefined) {
      this.last = origin;
      this.cycles = 0;
    }
    for (const record of readRecords(bytes, bytes.length, this.program.layout)) {
      const { kind, row, time, execution } = record;
      // Room is taken before a record is filled: one of an execution that goes on may not be whole.
      if (execution >= executions) break;
      this.cycles += (time - this.last) >>> 0;
      this.last = time;
      this.seen += kind.bytes;
      events.push({
        kind: 'record',
        hemisphere: this.hemisphere,
        rule: kind.rule,
        name: kind.name,
        row,
        execution,
        seconds: this.cycles * 4e-9,
        fields: kind.fields.map(({ name }, i) => ({
          name,
          values: record.fields[i] ?? new Float64Array(0),
        })),
      });
    }
    return events;
  }
}
