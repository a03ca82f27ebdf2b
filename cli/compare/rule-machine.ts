/** A compiled rule on a bare processor core, and the host's side of its mailbox. */
import { PpuCore } from '../../emulator/ppu/core.js';
import { PpuMemory } from '../../emulator/ppu/memory.js';
import type { Program } from '../../isa/program.js';
import {
  descriptor,
  descriptorAddress,
  mailbox,
  populationAddress,
  populationWords,
  readyState,
} from '../../isa/runtime-layout.js';
import type { SynapseBus } from './synapse-bus.js';

/** Runs an image from reset; the host's side of the mailbox as methods. */
export class RuleMachine {
  readonly memory = new PpuMemory(16384);
  readonly core: PpuCore;
  /** Stores to watched memory (`watch`), as they happened. */
  /** What `time` was when the rule asked for it. */
  readonly clocks: { readonly time: number; readonly cycle: number }[] = [];
  readonly watched: { readonly address: number; readonly pc: number; readonly cycle: number }[] =
    [];

  constructor(
    program: Program,
    readonly bus: SynapseBus,
    options: ConstructorParameters<typeof PpuCore>[0]['options'] = {},
  ) {
    for (const section of program.sections)
      if (section.address < 0x4000) this.memory.load(section.bytes, section.address);
    this.core = new PpuCore({
      instructionMemory: this.memory,
      dataMemory: this.memory,
      bus,
      options,
    });
    const clock = returnOf(program, 'plastic_time');
    if (clock !== undefined) this.core.halts.breakpoints.add(clock);
  }

  /** The signed word at an SRAM address. */
  word(address: number): number {
    return this.memory.words[address >> 2]! | 0;
  }

  /** The host writes a word. */
  poke(address: number, value: number): void {
    this.core.writeSramWord(address >> 2, value);
  }

  /** Before the start: the block of rule `index`. */
  patch(
    fields: {
      firstRow?: number;
      rows?: number;
      columns?: (column: number) => boolean;
      hemisphere?: 0 | 1;
      neuronOffset?: number;
    },
    index = 0,
  ): void {
    const base = descriptorAddress(index);
    const words = this.memory.words;
    const { hemisphere, neuronOffset } = fields;
    if (hemisphere !== undefined) words[(base + descriptor.hemisphere) >> 2] = hemisphere;
    if (neuronOffset !== undefined) words[(base + descriptor.neuronOffset) >> 2] = neuronOffset;
    if (fields.firstRow !== undefined) words[(base + descriptor.firstRow) >> 2] = fields.firstRow;
    if (fields.rows !== undefined) words[(base + descriptor.rows) >> 2] = fields.rows;
    if (fields.columns)
      for (let column = 0; column < 256; column++) {
        const mask = column & 1 ? descriptor.oddMask : descriptor.evenMask;
        this.memory.bytes[(base + mask + (column >> 1)) ^ 3] = fields.columns(column) ? 1 : 0;
      }
  }

  /** Before the start: where the second population of a rule lies. */
  patchPopulation(shift: number, hemisphere: number): void {
    const base = populationAddress(0);
    this.memory.words[(base + populationWords.shift) >> 2] = shift;
    this.memory.words[(base + populationWords.hemisphere) >> 2] = hemisphere;
  }

  /** Runs until `done` or `limit` more cycles have passed. */
  until(done: () => boolean, limit = 50_000_000, step = 200): void {
    const end = this.core.cycle + limit;
    while (!done()) {
      if (this.core.cycle >= end) throw new Error(`nothing happened in ${limit} cycles`);
      const stop = this.core.run(this.core.cycle + step);
      const { reached } = this.core.halts;
      if (stop === 'breakpoint' && reached?.kind === 'breakpoint')
        this.clocks.push({ time: this.core.machine.gpr[3]!, cycle: this.core.cycle });
      if (stop === 'breakpoint' && reached?.kind === 'watchpoint')
        this.watched.push({
          address: reached.watchpoint.start,
          pc: this.core.nextAddress,
          cycle: this.core.cycle,
        });
    }
  }

  /** Notes every store to these ranges of the SRAM from now on. */
  watch(ranges: readonly { readonly start: number; readonly length: number }[]): void {
    this.core.halts.watchpoints = ranges.map((range) => ({ ...range, read: false, write: true }));
  }

  /** Start-up and baselines. */
  start(): void {
    this.core.start(0);
    this.until(() => this.word(mailbox.ready) === readyState.ready);
  }

  /** Lets the rule begin; sensors are live from now on. */
  go(): void {
    this.bus.live = true;
    this.bus.clear();
    this.poke(mailbox.go, 1);
  }

  /** Finished executions of all triggers. */
  get executions(): number {
    return this.word(mailbox.executions);
  }

  /** Executions until there are `count` of them. */
  execute(count: number): void {
    this.until(() => this.word(mailbox.timelineCount) >= count);
  }
}

const blr = 0x4e800020;

/** Address of the instruction with which a routine of the run-time returns; undefined if the image has no such. */
function returnOf(program: Program, name: string): number | undefined {
  const start = program.symbols.find((symbol) => symbol.name === name)?.address;
  if (start === undefined) return undefined;
  for (const { address, bytes } of program.sections) {
    if (start < address || start >= address + bytes.length) continue;
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = start - address; at + 4 <= bytes.length; at += 4)
      if (words.getUint32(at) === blr) return address + at;
  }
  return undefined;
}
