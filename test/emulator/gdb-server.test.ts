import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GdbServer } from '../../emulator/debug/gdb-server.js';
import { frame, hexText, PacketReader } from '../../emulator/debug/packet.js';
import { debugRegisters, targetDescription } from '../../emulator/debug/registers.js';
import type { DebugTarget, TargetStop, WatchKind } from '../../emulator/debug/target.js';

/** Two processors whose only instruction adds 4 to the program counter; memory is 64 bytes from address 0. */
class Counter implements DebugTarget {
  readonly processors = 2;
  readonly pcs = [0, 0];
  readonly memory = new Uint8Array(64);
  readonly breakpoints = new Set<number>();
  readonly watched: string[] = [];

  processorName(processor: number): string {
    return processor === 0 ? 'top' : 'bottom';
  }
  readRegister(processor: number, register: number): Uint8Array | undefined {
    const description = debugRegisters[register];
    if (!description) return undefined;
    const bytes = new Uint8Array(description.bytes);
    if (description.place.kind === 'pc')
      new DataView(bytes.buffer).setUint32(0, this.pcs[processor]!);
    return bytes;
  }
  writeRegister(processor: number, register: number, bytes: Uint8Array): boolean {
    if (debugRegisters[register]?.place.kind !== 'pc') return false;
    this.pcs[processor] = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    return true;
  }
  readMemory(_processor: number, address: number, length: number): Uint8Array {
    return this.memory.slice(address, address + length);
  }
  writeMemory(_processor: number, address: number, bytes: Uint8Array): boolean {
    if (address + bytes.length > 64) return false;
    this.memory.set(bytes, address);
    return true;
  }
  addBreakpoint(address: number): void {
    this.breakpoints.add(address);
  }
  removeBreakpoint(address: number): void {
    this.breakpoints.delete(address);
  }
  addWatchpoint(kind: WatchKind, address: number, length: number): boolean {
    this.watched.push(`${kind} ${address} ${length}`);
    return true;
  }
  removeWatchpoint(): void {}
  step(processor: number): TargetStop {
    this.pcs[0]! += 4;
    this.pcs[1]! += 4;
    return { reason: 'step', processor };
  }
  resume(budget: number): TargetStop {
    for (let i = 0; i < budget; i++) {
      this.step(0);
      if (this.breakpoints.has(this.pcs[0]!)) return { reason: 'breakpoint', processor: 0 };
    }
    return { reason: 'paused', processor: 0 };
  }
  stepBack(processor: number): TargetStop {
    if (this.pcs[0] === 0) return { reason: 'history-start', processor };
    this.pcs[0]! -= 4;
    this.pcs[1]! -= 4;
    return { reason: 'step', processor };
  }
  resumeBack(): TargetStop {
    this.pcs.fill(0);
    return { reason: 'history-start', processor: 0 };
  }
  monitor(text: string): string {
    return `heard ${text}\n`;
  }
}

/** Sends one packet and returns the text of the answer. */
function ask(server: GdbServer, text: string): string {
  const [answer] = new PacketReader().push(server.receive(frame(text)).replace(/^\+/, ''));
  return answer?.kind === 'packet' ? answer.text : '';
}

describe('packets', () => {
  test('any text survives framing, in any pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary-ascii' }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        (texts, piece) => {
          const wire = texts.map(frame).join('');
          const reader = new PacketReader();
          const got = [];
          for (let i = 0; i < wire.length; i += piece)
            got.push(...reader.push(wire.slice(i, i + piece)));
          expect(got).toEqual(texts.map((text) => ({ kind: 'packet', text })));
        },
      ),
    );
  });

  test('a damaged packet is asked for again and does nothing', () => {
    const target = new Counter();
    const server = new GdbServer(target);
    expect(server.receive('$s#00')).toBe('-');
    expect(target.pcs).toEqual([0, 0]);
  });

  test('garbage of any kind never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary-ascii' })), (texts) => {
        const server = new GdbServer(new Counter());
        for (const text of texts) {
          server.receive(text);
          server.receive(frame(text));
        }
      }),
    );
  });

  test('an endless packet is dropped instead of kept', () => {
    const reader = new PacketReader();
    expect(reader.push(`$${'x'.repeat(40_000)}`)).toEqual([{ kind: 'damaged' }]);
  });
});

describe('a session', () => {
  test('the description names every register once, with its number', () => {
    const server = new GdbServer(new Counter());
    let xml = '';
    for (;;) {
      const part = ask(server, `qXfer:features:read:target.xml:${xml.length.toString(16)},400`);
      xml += part.slice(1);
      if (part[0] === 'l') break;
    }
    expect(xml).toBe(targetDescription);
    expect(xml.match(/<reg /g)!.length).toBe(debugRegisters.length);
  });

  test('both processors are threads, and stepping one moves both', () => {
    const target = new Counter();
    const server = new GdbServer(target);
    expect(ask(server, 'qfThreadInfo')).toBe('m01,02');
    expect(ask(server, 'qThreadExtraInfo,2')).toBe(hexText('bottom'));
    expect(ask(server, 'vCont;s:2;c')).toBe('T05thread:02;');
    expect(target.pcs).toEqual([4, 4]);
  });

  test('continue runs in slices until a breakpoint or an interrupt', () => {
    const server = new GdbServer(new Counter());
    expect(ask(server, 'Z0,28,4')).toBe('OK');
    expect(ask(server, 'c')).toBe('');
    expect(server.running).toBe(true);
    expect(server.advance(5)).toBe('');
    expect(server.advance(100)).toBe(frame('T05thread:01;'));
    expect(ask(server, 'c')).toBe('');
    expect(server.receive('\x03')).toBe(frame('T02thread:01;'));
    expect(server.running).toBe(false);
  });

  test('memory is read and written in whole ranges or not at all', () => {
    const target = new Counter();
    const server = new GdbServer(target);
    expect(ask(server, 'M10,4:0102a0ff')).toBe('OK');
    expect(ask(server, 'm10,4')).toBe('0102a0ff');
    expect(ask(server, 'M3e,4:01020304')).toBe('E03');
    expect(ask(server, 'm40,4')).toBe('E03');
    expect(target.memory[62]).toBe(0);
  });

  test('time runs back to the start of what is recorded', () => {
    const server = new GdbServer(new Counter());
    ask(server, 's');
    ask(server, 's');
    expect(ask(server, 'bs')).toBe('T05thread:01;');
    expect(ask(server, 'bc')).toBe('T05thread:01;replaylog:begin;');
  });

  test('monitor text and watchpoints reach the target', () => {
    const target = new Counter();
    const server = new GdbServer(target);
    expect(ask(server, `qRcmd,${hexText('cycle')}`)).toBe(hexText('heard cycle\n'));
    expect(ask(server, 'Z2,3000,4')).toBe('OK');
    expect(target.watched).toEqual(['write 12288 4']);
  });

  test('no acknowledgements once the debugger has asked for that', () => {
    const server = new GdbServer(new Counter());
    server.receive(frame('QStartNoAckMode'));
    expect(server.receive(frame('?')).startsWith('$')).toBe(true);
  });

  test('goodbye and kill are told to the owner', () => {
    const server = new GdbServer(new Counter());
    expect(ask(server, 'D')).toBe('OK');
    expect(server.detached).toBe(true);
    ask(server, 'k');
    expect(server.killed).toBe(true);
  });
});
