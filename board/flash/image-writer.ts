/** Brings an image into the memories of a board: compares, writes what differs, and verifies it. */

import type { Access } from '../access.js';
import { checkerWords, checksum, sramChecksums } from './checksum.js';
import { FlashError, type FlashEvent, type FlashPhase, type ProcessorState } from './events.js';
import type { FlashBlock } from './plan.js';

export type Verification = 'read-back' | 'checksum' | 'none';

/** How far flashing has come; kept by whoever leads it. */
export interface FlashState {
  readonly phase: FlashPhase;
  processors: ProcessorState;
  enter(phase: FlashPhase): void;
  tell(event: FlashEvent): void;
}

/** Words that are compared or written between two reports of progress. */
const chunkWords = 256;
const rewrites = 2;

/** See the module's first sentence. The processors are held in reset while it works. */
export class ImageWriter {
  wordsWritten = 0;
  private readonly written = new Set<FlashBlock>();

  constructor(
    private readonly access: Access,
    private readonly blocks: readonly FlashBlock[],
    private readonly options: { readonly verify?: Verification; readonly full?: boolean },
    private readonly state: FlashState,
  ) {}

  /** Blocks written so far, each counted once. */
  get blocksWritten(): number {
    return this.written.size;
  }

  /** Writes what differs, or everything, and verifies it. */
  async load(): Promise<void> {
    const { blocks } = this;
    const { verify = 'read-back', full = false } = this.options;
    if (verify === 'checksum') await this.loadByChecksum(full);
    else if (verify === 'none') await this.write(blocks, false);
    else await this.write(full ? blocks : await this.differing(blocks), true);
  }

  /** The same with checksums; only the place of the program that computes them is read back. */
  private async loadByChecksum(full: boolean): Promise<void> {
    const { blocks } = this;
    const checked = blocks.filter(({ sram }) => sram !== undefined && sram.word >= checkerWords);
    const covered = blocks.filter(({ sram }) => sram !== undefined && sram.word < checkerWords);
    const behind = blocks.filter(({ sram }) => sram === undefined);
    const changedBehind = full ? behind : await this.differing(behind);
    if (!full) this.state.enter('compare');
    await this.write(full ? checked : await this.mismatching(checked), false);
    this.state.enter('verify');
    for (let attempt = 0; ; attempt++) {
      const wrong = await this.mismatching(checked);
      if (wrong.length === 0) break;
      this.complain(wrong, attempt);
      await this.write(wrong, false);
    }
    await this.write([...covered, ...changedBehind], true);
  }

  /** Blocks in SRAM whose checksums are not those of the image. */
  private async mismatching(blocks: readonly FlashBlock[]): Promise<FlashBlock[]> {
    if (blocks.length === 0) return [];
    const ranges = blocks.flatMap(({ sram, words }) =>
      sram === undefined ? [] : [{ ...sram, count: words.length }],
    );
    const found = await sramChecksums(this.access, ranges, (isRunning) => {
      this.state.processors = isRunning ? 'running the checksum program' : 'held in reset';
    });
    return blocks.filter(({ words }, i) => checksum(words) !== found[i]);
  }

  private async write(blocks: readonly FlashBlock[], isReadBack: boolean): Promise<void> {
    const total = wordsIn(blocks);
    let done = 0;
    const progress = this.meter('write', total);
    for (const chunk of chunksOf(blocks)) {
      await this.writeChunk(chunk, isReadBack);
      for (const block of chunk) {
        done += block.words.length;
        this.written.add(block);
        this.wordsWritten += block.words.length;
      }
      progress(done);
    }
  }

  private async differing(blocks: readonly FlashBlock[]): Promise<FlashBlock[]> {
    const progress = this.meter('compare', wordsIn(blocks));
    const changed: FlashBlock[] = [];
    let done = 0;
    for (const chunk of chunksOf(blocks)) {
      const found = await this.readChunk(chunk);
      changed.push(...chunk.filter((block, i) => !isEqual(block.words, found[i])));
      done += wordsIn(chunk);
      progress(done);
    }
    return changed;
  }

  private async readChunk(chunk: readonly FlashBlock[]): Promise<Uint32Array[]> {
    const addresses = chunk.flatMap(({ address, words }) =>
      Array.from(words, (_, i) => address + i),
    );
    const values = await this.access.read(addresses);
    let at = 0;
    return chunk.map(({ words }) => values.subarray(at, (at += words.length)));
  }

  private async writeChunk(chunk: readonly FlashBlock[], isReadBack: boolean): Promise<void> {
    let left = chunk;
    for (let attempt = 0; ; attempt++) {
      const blocks = left;
      const answers = await this.access.run((program) => {
        for (const { address, words } of blocks) program.writeBlock(address, words);
        program.barrier();
        if (isReadBack)
          for (const { address, words } of blocks) program.readBlock(address, words.length);
      });
      if (!isReadBack) return;
      const values = answers.reads.values();
      let at = 0;
      left = blocks.filter(
        ({ words }) => !isEqual(words, values.subarray(at, (at += words.length))),
      );
      if (left.length === 0) return;
      this.complain(left, attempt);
    }
  }

  /** Tells of blocks that are not as they were written; after a few times that is a failure. */
  private complain(wrong: readonly FlashBlock[], attempt: number): void {
    const [first] = wrong;
    const words = wordsIn(wrong);
    this.state.tell({ kind: 'rewrite', place: first?.place ?? '', words });
    if (attempt >= rewrites)
      throw new FlashError('verify', this.state.phase, this.state.processors, {
        place: first?.place ?? '',
        'words in blocks that differ': words,
      });
  }

  private meter(phase: 'compare' | 'write', total: number): (done: number) => void {
    this.state.enter(phase);
    const began = performance.now();
    return (done) => {
      const seconds = Math.max(1e-3, (performance.now() - began) / 1000);
      const rate = done / seconds;
      this.state.tell({
        kind: 'progress',
        phase,
        wordsDone: done,
        wordsTotal: total,
        rate,
        secondsLeft: (total - done) / rate,
      });
    };
  }
}

function wordsIn(blocks: readonly FlashBlock[]): number {
  return blocks.reduce((sum, { words }) => sum + words.length, 0);
}

function chunksOf(blocks: readonly FlashBlock[]): FlashBlock[][] {
  const chunks: FlashBlock[][] = [];
  let words = Infinity;
  for (const block of blocks) {
    if (words + block.words.length > chunkWords) {
      chunks.push([]);
      words = 0;
    }
    chunks.at(-1)?.push(block);
    words += block.words.length;
  }
  return chunks;
}

function isEqual(a: Uint32Array, b: Uint32Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((word, i) => word === b[i]);
}
