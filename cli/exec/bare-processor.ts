/** A processor without a chip around it, as `plastic exec` runs it: memories, bus, stimuli, and what came out. */
import { ExternalMemory, type ExternalContent } from '../../emulator/chip/external-memory.js';
import { BareBus } from '../../emulator/ppu/bus.js';
import { PpuCore } from '../../emulator/ppu/core.js';
import { PpuMemory } from '../../emulator/ppu/memory.js';
import type { PpuOptions } from '../../emulator/ppu/options.js';
import type { Program } from '../../isa/program.js';
import { specialRegisters, CTR, LR, XER } from '../../isa/special-registers.js';

/** SRAM of a chip's processor, and the least memory of a bare one. */
export const SRAM_BYTES = 16384;
/** Where a program leaves its return code (processor manual, host protocol). */
const RETURN_CODE = 0x2ffc;
/** Cycles to an answer of external memory, and per further word (the chip's assumed figures). */
const EXTERNAL_LATENCY = 250;
const CYCLES_PER_WORD = 2;

/** A bare bus with the memory behind the FPGA, for programs with ext sections. */
class ExecBus extends BareBus {
  readonly external = new ExternalMemory();
  /** The last copy of the external memory, as long as nothing has been written since. */
  private saved: ExternalContent | undefined = undefined;

  constructor(private readonly busLatency: number) {
    super(busLatency);
  }

  /** Word address of external memory of a data or fetch address; -1 if it is not there. */
  private static dataWord(address: number): number {
    const a = address >>> 0;
    if (a < 0x4000_0000 || a >= 0x6000_0000) return -1;
    return a < 0x5000_0000
      ? 0x8000_0000 + ((a & 0x0fff_ffff) >>> 2)
      : 0x8400_0000 + ((a & 0x0fff_ffff) >>> 2);
  }

  override isMapped(address: number): boolean {
    const word = ExecBus.dataWord(address);
    return word >= 0 && this.external.isMapped(word);
  }

  override readWord(address: number): number {
    this.latency = EXTERNAL_LATENCY;
    return this.isMapped(address) ? this.external.read(ExecBus.dataWord(address)) : 0;
  }

  override writeWord(address: number, value: number, enables: number): void {
    this.latency = EXTERNAL_LATENCY;
    this.saved = undefined;
    if (this.isMapped(address)) this.external.write(ExecBus.dataWord(address), value, enables);
  }

  override fetchWord(address: number): number | undefined {
    this.latency = EXTERNAL_LATENCY;
    const a = address >>> 0;
    if (a < 0x8000_0000 || a >= 0xa000_0000) return undefined;
    const word = ExecBus.dataWord(a - 0x4000_0000);
    return this.external.isMapped(word) ? this.external.read(word) : undefined;
  }

  override readVector(address: number, out: Uint8Array, enables: Uint8Array, cycle: number): void {
    const word = vectorWord(address);
    this.latency = word < 0 ? this.busLatency : EXTERNAL_LATENCY + 31 * CYCLES_PER_WORD;
    if (word < 0) super.readVector(address, out, enables, cycle);
    else this.external.readVector(word, out);
  }

  override writeVector(
    address: number,
    bytes: Uint8Array,
    enables: Uint8Array,
    cycle: number,
  ): void {
    const word = vectorWord(address);
    this.latency = word < 0 ? this.busLatency : EXTERNAL_LATENCY + 31 * CYCLES_PER_WORD;
    if (word < 0) super.writeVector(address, bytes, enables, cycle);
    else {
      this.saved = undefined;
      this.external.writeVector(word, bytes, enables);
    }
  }

  override save(): unknown {
    this.saved ??= this.external.save();
    return { vectors: super.save(), external: this.saved };
  }

  override load(saved: unknown): void {
    const { vectors, external } = saved as { vectors: unknown; external: ExternalContent };
    super.load(vectors);
    if (this.saved !== external) this.external.load(external);
    this.saved = external;
  }
}

/** First word in external memory of a parallel-bus address (units of 16 bytes), or -1. */
function vectorWord(address: number): number {
  const a = address >>> 0;
  if (a < 0x8000_0000 || a >= 0x8200_0000) return -1;
  return a < 0x8100_0000 ? 0x8000_0000 + (a & 0xff_ffff) * 4 : 0x8400_0000 + (a & 0xff_ffff) * 4;
}

/** What is run: a linked program in one memory, or raw images in one or two. */
export type Image =
  | { readonly kind: 'program'; readonly program: Program }
  | { readonly kind: 'raw'; readonly code: Uint8Array; readonly data: Uint8Array | undefined };

/** Something that happens at a cycle from outside. */
export type Stimulus =
  | { readonly cycle: number; readonly doorbell: true }
  | { readonly cycle: number; readonly pin: number; readonly level: 0 | 1 };

export interface Range {
  readonly start: number;
  readonly length: number;
}

/** The result object of `plastic exec --json`. */
export interface ExecResult {
  readonly stopReason: 'sleep' | 'max-cycles' | 'strict' | 'breakpoint';
  readonly cycles: number;
  readonly instructions: number;
  readonly returnCode: number | null;
  readonly pc: number;
  readonly gpr: readonly number[];
  readonly spr: Readonly<Record<string, number>>;
  readonly cr: number;
  readonly memory: readonly { readonly start: number; readonly bytes: string }[];
  /** Only if asked for: locations of the parallel bus that were preset or written, `BusContent` written as text. */
  readonly bus?: Readonly<Record<string, string>>;
  /** Only with `strict`: what strict mode found. */
  readonly fault?: { readonly address: number; readonly word: number; readonly reason: string };
}

/** What the parallel bus holds: 128 bytes, byte element 0 first, by address (unsigned). */
export type BusContent = ReadonlyMap<number, Uint8Array>;

/** A program does not fit or names memory that does not exist. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}

/** Builds a bare processor around an image; throws ImageError. */
export function bareProcessor(
  image: Image,
  busLatency: number,
  options: Partial<PpuOptions>,
  preset: BusContent = new Map(),
): PpuCore {
  const bus = new ExecBus(busLatency);
  for (const [address, bytes] of preset) bus.store.set(address, bytes.slice());
  if (image.kind === 'raw') {
    const instructionMemory = new PpuMemory(Math.max(SRAM_BYTES, image.code.length));
    instructionMemory.load(image.code);
    if (image.data === undefined) {
      return new PpuCore({ instructionMemory, dataMemory: instructionMemory, bus, options });
    }
    const dataMemory = new PpuMemory(Math.max(SRAM_BYTES, image.data.length));
    dataMemory.load(image.data);
    return new PpuCore({ instructionMemory, dataMemory, bus, options });
  }
  const memory = new PpuMemory(SRAM_BYTES);
  for (const { name, address, bytes, flags } of image.program.sections) {
    if (!flags.allocated || bytes.length === 0) continue;
    if (address + bytes.length <= SRAM_BYTES) memory.load(bytes, address);
    else if (address < 0x4000_0000) {
      throw new ImageError(
        `section ${name} ends at 0x${(address + bytes.length).toString(16)}, beyond the 16 KiB of SRAM (0x4000)`,
      );
    } else loadExternal(bus, name, address >= 0x8000_0000 ? address - 0x4000_0000 : address, bytes);
  }
  return new PpuCore({ instructionMemory: memory, dataMemory: memory, bus, options });
}

function loadExternal(bus: ExecBus, name: string, start: number, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) {
    const at = start + i;
    if (!bus.isMapped(at)) {
      throw new ImageError(
        `section ${name} reaches 0x${at.toString(16)}, where there is no memory`,
      );
    }
    bus.writeWord((at & ~3) >>> 0, bytes[i]! << (24 - 8 * (at & 3)), 8 >> (at & 3));
  }
}

/** Looks at a core between slices of a run. */
export interface Observer {
  /** Cycles of a slice. */
  readonly slice: number;
  afterSlice(): void;
}

/** Runs to the end of the program, to `maxCycles` or to what strict mode refuses. */
export function execute(
  core: PpuCore,
  stimuli: readonly Stimulus[],
  maxCycles: number,
  observer?: Observer,
): ExecResult['stopReason'] {
  const ordered = [...stimuli].sort((a, b) => a.cycle - b.cycle);
  let pins = 0;
  for (let next = 0; ;) {
    const stimulus = ordered[next];
    const due = Math.min(stimulus?.cycle ?? Infinity, maxCycles);
    const until = observer === undefined ? due : Math.min(due, core.cycle + observer.slice);
    const stop = core.run(until);
    observer?.afterSlice();
    if (stop === 'strict' || stop === 'breakpoint') return stop;
    if (stop === 'sleep' && stimulus === undefined && core.wakeCycle === Infinity) {
      // The sleep may begin a little after the limit, when only results in flight were left.
      return (core.sleepCycle ?? core.cycle) > maxCycles ? 'max-cycles' : 'sleep';
    }
    if (core.cycle >= maxCycles) return 'max-cycles';
    if (stimulus === undefined || until < stimulus.cycle) continue;
    if ('doorbell' in stimulus) core.doorbell();
    else {
      pins = stimulus.level === 1 ? pins | (1 << stimulus.pin) : pins & ~(1 << stimulus.pin);
      core.setPins(pins);
    }
    next++;
  }
}

/** Everything that `--json` prints. */
export function resultOf(
  core: PpuCore,
  stopReason: ExecResult['stopReason'],
  isProgram: boolean,
  ranges: readonly Range[],
  withBus = false,
): ExecResult {
  const m = core.machine;
  const spr: Record<string, number> = {};
  // Asleep for good, local time has run on to the limit; what counts is the moment when the program ended.
  const cycles = stopReason === 'sleep' ? (core.sleepCycle ?? core.cycle) : core.cycle;
  for (const { name, number } of specialRegisters) {
    const value =
      number === XER
        ? m.xer
        : number === LR
          ? m.lr
          : number === CTR
            ? m.ctr
            : core.inspectSpr(number, cycles);
    spr[name] = value >>> 0;
  }
  return {
    stopReason,
    cycles,
    instructions: core.issued,
    returnCode: isProgram ? core.dataMemory.words[RETURN_CODE / 4]! : null,
    pc: core.nextAddress >>> 0,
    gpr: Array.from(m.gpr, (x) => x >>> 0),
    spr,
    cr: m.cr >>> 0,
    memory: ranges.map(({ start, length }) => ({
      start,
      bytes: Buffer.from(core.dataMemory.dump(start, length)).toString('hex'),
    })),
    ...(withBus ? { bus: busOf(core) } : {}),
    ...(core.fault === undefined ? {} : { fault: core.fault }),
  };
}

/** Locations in the order of their addresses, as `--bus-preset` reads them. */
function busOf(core: PpuCore): Record<string, string> {
  if (!(core.bus instanceof BareBus)) return {};
  const locations = [...core.bus.store].sort(([a], [b]) => a - b);
  return Object.fromEntries(
    locations.map(([address, bytes]) => [
      address.toString(16).padStart(8, '0'),
      Buffer.from(bytes).toString('hex'),
    ]),
  );
}

/**
 * Reads the text of a preset: a JSON object of parallel-bus addresses (hexadecimal) with 256 hexadecimal digits each,
 * byte element 0 first. Throws ImageError.
 */
export function busContent(text: string): BusContent {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ImageError('no JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ImageError('expected a JSON object of addresses with 256 hexadecimal digits each');
  }
  const content = new Map<number, Uint8Array>();
  for (const [address, digits] of Object.entries(parsed as Readonly<Record<string, unknown>>)) {
    if (!/^(0x)?[0-9a-fA-F]{1,8}$/.test(address)) {
      throw new ImageError(`'${address}' is no address of up to 8 hexadecimal digits`);
    }
    if (typeof digits !== 'string' || !/^[0-9a-fA-F]{256}$/.test(digits)) {
      throw new ImageError(`location ${address} should have 256 hexadecimal digits (128 bytes)`);
    }
    content.set(
      Number.parseInt(address.replace(/^0x/, ''), 16),
      Uint8Array.from(Buffer.from(digits, 'hex')),
    );
  }
  return content;
}
