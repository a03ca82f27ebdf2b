/** A chip with a program for both processors behind a gdb server, and the client's side of a session. */
import { ChipTarget } from '../../../emulator/debug/chip-target.js';
import { GdbServer } from '../../../emulator/debug/gdb-server.js';
import { frame, PacketReader } from '../../../emulator/debug/packet.js';
import { debugRegisters } from '../../../emulator/debug/registers.js';
import { Chip } from '../../../emulator/index.js';
import { assemble } from '../../../isa/assembler/index.js';
import { PlaybackWriter } from '../../../isa/playback/index.js';
import { memoryImage } from '../../../isa/program.js';
import { begin } from '../host.js';

/** Word addresses of both SRAMs and of both control registers. */
export const sram = [0x02800000, 0x03800000] as const;
export const control = [0x02a00000, 0x03a00000] as const;

/** Counts to 20 in r3, writes external memory and its own SRAM each time, ends asleep. */
export const counter = `
_start: li r3, 0
        lis r6, 0x4000
loop:   addi r3, r3, 1
        stw r3, 0(r6)
        stw r3, 0x1000(0)
        sync
        cmpwi r3, 20
        bne loop
        li r5, 9
        fxvsplath 3, r5
        wait
        b .
`;
/** Address of its label `loop`. */
export const LOOP = 8;

/** A host program that starts both processors, does something more, and waits for the end of both. */
export function hostProgram(
  sources: readonly [string, string] = [counter, counter],
  more: (program: PlaybackWriter) => void = () => {},
): Uint32Array {
  const program = new PlaybackWriter();
  begin(program);
  for (const hemisphere of [0, 1] as const) {
    const text = sources[hemisphere];
    const image = memoryImage(assemble([{ name: 'program.s', text }]), 0, 0x4000);
    const view = new DataView(image.buffer, image.byteOffset);
    for (let i = 0; i + 4 <= image.length; i += 4) {
      program.write(sram[hemisphere] + i / 4, view.getUint32(i));
    }
  }
  for (const hemisphere of [0, 1] as const) program.write(control[hemisphere], 1);
  more(program);
  for (const hemisphere of [0, 1] as const) program.pollFor(control[hemisphere] + 1, 1, 1);
  for (const hemisphere of [0, 1] as const) program.read(sram[hemisphere] + 0x400);
  program.read(0x80000000);
  return program.halt().words();
}

export class ChipSession {
  readonly chip = Chip.ideal();
  readonly target = new ChipTarget(this.chip);
  private readonly server = new GdbServer(this.target);

  constructor(words = hostProgram()) {
    this.chip.feed(words);
  }

  /** Answer to a packet, once the chip has stopped. */
  say(text: string): string {
    let out = this.server.receive(frame(text));
    for (let i = 0; i < 1000 && this.server.running; i++) out += this.server.advance(1000);
    const received = new PacketReader().push(out).at(-1);
    return received?.kind === 'packet' ? received.text : '';
  }

  /** Content of a register of a processor, as digits. */
  register(processor: number, name: string): string {
    this.say(`Hg${processor + 1}`);
    return this.say(`p${debugRegisters.findIndex((one) => one.name === name).toString(16)}`);
  }

  pc(processor: number): number {
    return parseInt(this.register(processor, 'pc'), 16);
  }

  /** Registers and the part of the SRAM that programs here write, of a processor. */
  everything(processor: number): string {
    this.say(`Hg${processor + 1}`);
    return this.say('g') + this.say('m1000,10') + this.say('m1800,20');
  }
}
