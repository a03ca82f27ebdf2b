/** A program with source lines behind a gdb server, and the client's side of a session without a socket. */
import { BareTarget } from '../../../emulator/debug/bare-target.js';
import { GdbServer } from '../../../emulator/debug/gdb-server.js';
import { frame, PacketReader } from '../../../emulator/debug/packet.js';
import { debugRegisters } from '../../../emulator/debug/registers.js';
import { assemble } from '../../../isa/assembler/index.js';
import { findSymbol, memoryImage, type Program } from '../../../isa/program.js';
import { BareBus } from '../../../emulator/ppu/bus.js';
import { PpuCore } from '../../../emulator/ppu/core.js';
import { PpuMemory } from '../../../emulator/ppu/memory.js';

/** Adds a table, keeps the running total in memory, then adds two lanes vectors and returns the total. */
export const sumSource = `# Adds the numbers of a table, in scalars and in lanes.
        .text
        .globl _start
_start:
        b main
        .space 0x40 - 4
main:
        lis r9, table@ha
        addi r9, r9, table@l
        li r3, 0
        li r4, 8
        mtctr r4
loop:
        lwz r5, 0(r9)
        add r3, r3, r5
        stw r3, total@l(0)
        addi r9, r9, 4
        bdnz loop
lanes:
        li r6, 5
        fxvsplath 3, r6
        fxvaddhm 4, 3, 3
        li r7, vector@l
        fxvstax 4, 0, r7
        sync
        stw r3, 0x2ffc(0)
        wait
        b .
        .data
table:  .word 1, 2, 3, 4, 5, 6, 7, 8
total:  .word 0
        .align 7
vector: .space 128
`;

export function bareCore(program: Program): PpuCore {
  const memory = new PpuMemory(16384);
  memory.load(memoryImage(program, 0, 0x4000));
  return new PpuCore({ instructionMemory: memory, dataMemory: memory, bus: new BareBus(4) });
}

/** A debugger's side: packets out, answers in. */
export class Session {
  readonly program: Program;
  readonly target: BareTarget;
  private readonly server: GdbServer;

  constructor(source = sumSource) {
    this.program = assemble([{ name: 'sum.s', text: source }]);
    this.target = new BareTarget(bareCore(this.program), bareCore(this.program));
    this.server = new GdbServer(this.target);
  }

  address(symbol: string): number {
    const found = findSymbol(this.program, symbol);
    if (found === undefined) throw new Error(`no symbol ${symbol}`);
    return found.address;
  }

  /** Sends a packet, lets the target run until it stops, and returns the texts of all answers. */
  ask(text: string): string[] {
    let out = this.server.receive(frame(text));
    while (this.server.running) out += this.server.advance(1000);
    return new PacketReader()
      .push(out)
      .flatMap((received) => (received.kind === 'packet' ? [received.text] : []));
  }

  /** Answer to a single packet. */
  say(text: string): string {
    return this.ask(text).at(-1) ?? '';
  }

  /** Content of a register by name, as hexadecimal digits. */
  register(name: string): string {
    const number = debugRegisters.findIndex((register) => register.name === name);
    return this.say(`p${number.toString(16)}`);
  }

  get pc(): number {
    return parseInt(this.register('pc'), 16);
  }

  get everything(): string {
    return this.say('g') + this.say('m0,1000');
  }
}

export const hexOf = (value: number): string => value.toString(16);
