import { describe, expect, test } from 'vitest';
import { ChipTarget } from '../../../emulator/debug/chip-target.js';
import { GdbServer } from '../../../emulator/debug/gdb-server.js';
import { frame, PacketReader } from '../../../emulator/debug/packet.js';
import { debugRegisters } from '../../../emulator/debug/registers.js';
import { Chip } from '../../../emulator/index.js';
import { assemble } from '../../../isa/assembler/index.js';
import { memoryImage } from '../../../isa/program.js';
import { PlaybackWriter } from '../../../isa/playback/index.js';
import { begin } from '../host.js';

const sram = [0x02800000, 0x03800000] as const;
const control = [0x02a00000, 0x03a00000] as const;

/** Counts to 20 in r3, writes external memory and its own SRAM each time, ends asleep. */
const counter = `
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

/** A host program that starts both processors and waits for the end of both. */
function hostProgram(): Uint32Array {
  const program = new PlaybackWriter();
  begin(program);
  const image = memoryImage(assemble([{ name: 'counter.s', text: counter }]), 0, 0x4000);
  const view = new DataView(image.buffer, image.byteOffset);
  for (const hemisphere of [0, 1] as const) {
    for (let i = 0; i + 4 <= image.length; i += 4) {
      program.write(sram[hemisphere] + i / 4, view.getUint32(i));
    }
    program.write(control[hemisphere], 1);
  }
  for (const hemisphere of [0, 1] as const) program.pollFor(control[hemisphere] + 1, 1, 1);
  for (const hemisphere of [0, 1] as const) program.read(sram[hemisphere] + 0x400);
  program.read(0x80000000);
  return program.halt().words();
}

class Session {
  readonly chip = Chip.ideal();
  readonly target = new ChipTarget(this.chip);
  private readonly server = new GdbServer(this.target);

  constructor() {
    this.chip.feed(hostProgram());
  }

  say(text: string): string {
    let out = this.server.receive(frame(text));
    for (let i = 0; i < 1000 && this.server.running; i++) out += this.server.advance(1000);
    const received = new PacketReader().push(out).at(-1);
    return received?.kind === 'packet' ? received.text : '';
  }

  /** Content of a register of a processor, as a number or, beyond 4 bytes, as digits. */
  register(processor: number, name: string): string {
    this.say(`Hg${processor + 1}`);
    return this.say(`p${debugRegisters.findIndex((one) => one.name === name).toString(16)}`);
  }

  pc(processor: number): number {
    return parseInt(this.register(processor, 'pc'), 16);
  }
}

const LOOP = 8;

describe('both processors of a chip as threads', () => {
  test('are listed with what they do', () => {
    const session = new Session();
    expect(session.say('qfThreadInfo')).toBe('m01,02');
    const extra = Buffer.from(session.say('qThreadExtraInfo,2'), 'hex').toString();
    expect(extra).toBe('bottom PPU, in reset');
  });

  test('a breakpoint in one stops both, and time with them', () => {
    const session = new Session();
    session.say(`Z0,${LOOP},4`);
    expect(session.say('c')).toBe('T05thread:01;');
    expect(session.pc(0)).toBe(LOOP);
    const cycle = session.chip.cycle;
    expect(session.chip.run(1000)).toBe(false);
    expect(session.chip.cycle).toBe(cycle);
    const stops = Array.from({ length: 12 }, () => session.say('c'));
    expect(new Set(stops)).toEqual(new Set(['T05thread:01;', 'T05thread:02;']));
  });

  test('stepping one moves the whole chip by that time', () => {
    const session = new Session();
    session.say(`Z0,${LOOP},4`);
    while (session.say('c') !== 'T05thread:02;');
    session.say(`z0,${LOOP},4`);
    const before = session.chip.cycle;
    const other = session.register(0, 'r3');
    session.say('Hg2');
    for (let i = 0; i < 30; i++) expect(session.say('vCont;s:2')).toBe('T05thread:02;');
    expect(session.chip.cycle).toBeGreaterThan(before);
    expect(parseInt(session.register(0, 'r3'), 16)).toBeGreaterThan(parseInt(other, 16));
  });

  test('external memory and the own SRAM are read and written as the processor sees them', () => {
    const session = new Session();
    session.say('Z2,1000,4');
    while (session.say('c') !== 'T05watch:00001000;thread:01;') {
      if (session.register(0, 'r3') === '00000005') break;
    }
    session.say('Hg1');
    expect(session.say('m40000000,4')).toMatch(/^0000000[45]$/);
    expect(session.say('M40000010,4:cafe0001')).toBe('OK');
    expect(session.say('m40000010,4')).toBe('cafe0001');
    expect(session.say('m80000000,4')).toBe('E03');
    expect(session.say('M1800,4:01020304')).toBe('OK');
    expect(session.say('m1800,4')).toBe('01020304');
  });

  test('a debugged run gives the host the same bytes as a free one', () => {
    const free = Chip.ideal().execute(hostProgram());
    const session = new Session();
    session.say(`Z0,${LOOP},4`);
    for (let i = 0; i < 40; i++) {
      session.say('c');
      session.say('g');
    }
    session.say(`z0,${LOOP},4`);
    session.target.go();
    session.chip.run();
    expect(session.chip.takeOutput()).toEqual(free);
  });
});
