/**
 * The stub's side of a gdb session: packets in, packets out, no sockets and no clock. The owner feeds `receive`, sends
 * what comes back, and calls `advance` while `running` so that the target runs in slices and stays interruptible.
 */
import {
  bytesOfHex,
  frame,
  hexByte,
  hexBytes,
  hexText,
  hexWord,
  PACKET_LIMIT,
  PacketReader,
} from './packet.js';
import { debugRegisters, targetDescription } from './registers.js';
import type { DebugTarget, TargetStop, WatchKind } from './target.js';

/** Signals by their numbers in the protocol. */
const INTERRUPT = 2;
const ILLEGAL = 4;
const TRAP = 5;

const watchKinds: Readonly<Record<string, WatchKind>> = { 2: 'write', 3: 'read', 4: 'access' };
const stopWord: Readonly<Record<WatchKind, string>> = {
  write: 'watch',
  read: 'rwatch',
  access: 'awatch',
};
const hex = (text: string): number => (/^[0-9a-fA-F]+$/.test(text) ? parseInt(text, 16) : NaN);

/** One debugger connection to one target. */
export class GdbServer {
  private readonly reader = new PacketReader();
  private acknowledging = true;
  private lastFrame = '';
  private notice = '';
  private selected = 0;
  private stop: TargetStop = { reason: 'interrupt', processor: 0 };
  /** True while the target runs and `advance` is to be called. */
  running = false;
  /** True once the debugger has said goodbye; the target goes on without it. */
  detached = false;
  /** True if the debugger asked to end the target. */
  killed = false;

  constructor(private readonly target: DebugTarget) {}

  /** Takes what arrived (one character per byte) and returns what is to be sent. */
  receive(text: string): string {
    let out = '';
    for (const received of this.reader.push(text)) {
      if (received.kind === 'interrupt') {
        if (!this.running) continue;
        this.target.interrupt?.();
        out += this.stopped({ reason: 'interrupt', processor: this.selected });
      } else if (received.kind === 'damaged') {
        if (this.acknowledging) out += '-';
      } else if (received.kind === 'acknowledge') {
        if (!received.good && this.acknowledging) out += this.lastFrame;
      } else {
        if (this.acknowledging) out += '+';
        const answer = this.answer(received.text);
        if (answer !== undefined) out += this.reply(answer);
        if (received.text === 'QStartNoAckMode') this.acknowledging = false;
      }
    }
    return out;
  }

  /** Lets a running target run for at most `budget` cycles; returns the stop packet once it has stopped. */
  advance(budget: number): string {
    if (!this.running) return '';
    const stop = this.target.resume(budget);
    return stop.reason === 'paused' ? '' : this.stopped(stop);
  }

  private reply(text: string): string {
    const output = this.notice === '' ? '' : frame(`O${hexText(this.notice)}`);
    this.notice = '';
    this.lastFrame = frame(text);
    return output + this.lastFrame;
  }

  private stopped(stop: TargetStop): string {
    this.running = false;
    return this.reply(this.moved(stop));
  }

  /** Describes a stop that has just been reached; what there is to say about it goes to gdb's console first. */
  private moved(stop: TargetStop): string {
    if (stop.reason === 'fault' || stop.reason === 'ended') this.notice = stop.message;
    return this.describeStop(stop);
  }

  private describeStop(stop: TargetStop): string {
    this.stop = stop;
    if (stop.reason === 'exited') return `W${hexByte(stop.code)}`;
    this.selected = stop.processor;
    const signal =
      stop.reason === 'interrupt' ? INTERRUPT : stop.reason === 'fault' ? ILLEGAL : TRAP;
    let text = `T${hexByte(signal)}thread:${hexByte(stop.processor + 1)};`;
    if (stop.reason === 'watchpoint') text += `${stopWord[stop.kind]}:${hexWord(stop.address)};`;
    if (stop.reason === 'history-start') text += 'replaylog:begin;';
    return text;
  }

  /** The answer to one packet; undefined where the protocol wants none (yet). */
  private answer(text: string): string | undefined {
    const rest = text.slice(1);
    switch (text[0]) {
      case '?':
        return this.describeStop(this.stop);
      case 'g':
        return debugRegisters.map((_, number) => this.register(number)).join('');
      case 'G':
        return this.writeAllRegisters(rest);
      case 'p':
        return this.register(hex(rest)) || 'E01';
      case 'P':
        return this.writeRegister(rest);
      case 'm':
        return this.readMemory(rest);
      case 'M':
        return this.writeMemory(rest);
      case 'c':
      case 's':
      case 'b':
        return this.move(text);
      case 'v':
        return this.verbose(text);
      case 'Z':
      case 'z':
        return this.point(text);
      case 'H':
        return this.selectThread(rest);
      case 'T':
        return hex(rest) >= 1 && hex(rest) <= this.target.processors ? 'OK' : 'E01';
      case 'q':
      case 'Q':
        return this.query(text);
      case 'D':
        this.detached = true;
        return 'OK';
      case 'k':
        this.killed = true;
        return undefined;
      default:
        return '';
    }
  }

  private register(number: number): string {
    const bytes = this.target.readRegister(this.selected, number);
    return bytes === undefined ? '' : hexBytes(bytes);
  }

  private writeRegister(text: string): string {
    const [number = '', value = ''] = text.split('=');
    const bytes = bytesOfHex(value);
    const size = debugRegisters[hex(number)]?.bytes;
    if (bytes === undefined || bytes.length !== size) return 'E01';
    return this.target.writeRegister(this.selected, hex(number), bytes) ? 'OK' : 'E02';
  }

  private writeAllRegisters(text: string): string {
    const bytes = bytesOfHex(text);
    if (bytes === undefined) return 'E01';
    let at = 0;
    for (const [number, { bytes: size }] of debugRegisters.entries()) {
      if (at + size > bytes.length) break;
      this.target.writeRegister(this.selected, number, bytes.subarray(at, at + size));
      at += size;
    }
    return 'OK';
  }

  private readMemory(text: string): string {
    const [address = '', length = ''] = text.split(',');
    const size = hex(length);
    if (!(hex(address) >= 0 && size >= 0)) return 'E01';
    const bytes = this.target.readMemory(
      this.selected,
      hex(address),
      Math.min(size, PACKET_LIMIT / 2 - 8),
    );
    return bytes.length === 0 && size > 0 ? 'E03' : hexBytes(bytes);
  }

  private writeMemory(text: string): string {
    const [place = '', data = ''] = text.split(':');
    const [address = '', length = ''] = place.split(',');
    const bytes = bytesOfHex(data);
    if (bytes === undefined || bytes.length !== hex(length) || !(hex(address) >= 0)) return 'E01';
    return this.target.writeMemory(this.selected, hex(address), bytes) ? 'OK' : 'E03';
  }

  /** Continue and step, forwards and back. */
  private move(text: string): string | undefined {
    if (text === 'bs') return this.moved(this.target.stepBack(this.selected));
    if (text === 'bc') return this.moved(this.target.resumeBack());
    if (text[0] === 'b') return '';
    if (text.length > 1) {
      const pc = hex(text.slice(1));
      const number = debugRegisters.findIndex(({ name }) => name === 'pc');
      if (!(pc >= 0) || !this.target.writeRegister(this.selected, number, bytesOfHex(hexWord(pc))!))
        return 'E01';
    }
    if (text[0] === 's') return this.moved(this.target.step(this.selected));
    this.running = true;
    return undefined;
  }

  private verbose(text: string): string | undefined {
    if (text === 'vCont?') return 'vCont;c;C;s;S';
    if (!text.startsWith('vCont;')) return '';
    // All-stop: a step action names the processor to step; otherwise the whole chip runs.
    for (const action of text.slice(6).split(';')) {
      const [verb = '', thread = ''] = action.split(':');
      if (verb[0] === 's' || verb[0] === 'S') {
        const processor = thread === '' ? this.selected : hex(thread) - 1;
        if (!(processor >= 0 && processor < this.target.processors)) return 'E01';
        return this.moved(this.target.step(processor));
      }
      if (verb[0] !== 'c' && verb[0] !== 'C') return '';
    }
    this.running = true;
    return undefined;
  }

  private point(text: string): string {
    const [kind = '', address = '', length = ''] = text.slice(1).split(';')[0]!.split(',');
    const at = hex(address);
    const size = hex(length);
    if (!(at >= 0)) return 'E01';
    const adding = text[0] === 'Z';
    if (kind === '0' || kind === '1') {
      if (adding) this.target.addBreakpoint(at);
      else this.target.removeBreakpoint(at);
      return 'OK';
    }
    const watch = watchKinds[kind];
    if (watch === undefined) return '';
    if (!adding) this.target.removeWatchpoint(watch, at, size);
    else if (!this.target.addWatchpoint(watch, at, size)) return 'E02';
    return 'OK';
  }

  private selectThread(text: string): string {
    if (text[0] !== 'g' && text[0] !== 'c') return '';
    const thread = text.slice(1);
    if (thread === '0' || thread === '-1') return 'OK';
    const processor = hex(thread) - 1;
    if (!(processor >= 0 && processor < this.target.processors)) return 'E01';
    this.selected = processor;
    return 'OK';
  }

  private query(text: string): string {
    const threads = Array.from({ length: this.target.processors }, (_, i) => hexByte(i + 1));
    if (text.startsWith('qSupported')) {
      return `PacketSize=${PACKET_LIMIT.toString(16)};qXfer:features:read+;QStartNoAckMode+;vContSupported+;ReverseStep+;ReverseContinue+;hwbreak+`;
    }
    if (text.startsWith('qXfer:features:read:target.xml:'))
      return this.transfer(targetDescription, text);
    if (text === 'QStartNoAckMode') return 'OK';
    if (text === 'qAttached' || text.startsWith('qAttached:')) return '1';
    if (text === 'qC') return `QC${threads[this.selected]!}`;
    if (text === 'qfThreadInfo') return `m${threads.join(',')}`;
    if (text === 'qsThreadInfo') return 'l';
    if (text.startsWith('qThreadExtraInfo,')) {
      const processor = hex(text.slice(17)) - 1;
      return processor >= 0 && processor < this.target.processors
        ? hexText(this.target.processorName(processor))
        : 'E01';
    }
    if (text.startsWith('qRcmd,')) {
      const bytes = bytesOfHex(text.slice(6));
      if (bytes === undefined) return 'E01';
      return hexText(this.target.monitor(String.fromCharCode(...bytes)));
    }
    if (text.startsWith('qSymbol')) return 'OK';
    return '';
  }

  private transfer(document: string, text: string): string {
    const [offset = '', length = ''] = text.slice(text.lastIndexOf(':') + 1).split(',');
    const from = hex(offset);
    const size = hex(length);
    if (!(from >= 0 && size > 0)) return 'E01';
    const part = document.slice(from, from + Math.min(size, PACKET_LIMIT - 16));
    return `${from + part.length < document.length ? 'm' : 'l'}${part}`;
  }
}
