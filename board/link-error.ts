/** Failures of ports and links, with everything that helps to find the cause. */

import { BoardError, type PortProblem } from './board.js';
import type { LinkProblem } from './link/host-link.js';
import type { LinkStatistics } from './link/statistics.js';

/** What the link was doing when it failed. */
export type LinkPhase =
  'opening the port' | 'greeting' | 'idle' | 'sending' | 'waiting for answers';

/** Circumstances of a failure. */
export interface LinkReport {
  readonly phase: LinkPhase;
  /** Address of the board as it was given. */
  readonly port: string;
  readonly statistics?: LinkStatistics;
  /** Milliseconds since the phase began. */
  readonly waited: number;
  /** Milliseconds since the last good frame. */
  readonly lastGoodAgo?: number;
}

/** A port or a link failed. `causes` are the likely ones, the likeliest first. */
export class BoardLinkError extends BoardError {
  readonly causes: readonly string[];

  constructor(
    problem: PortProblem | LinkProblem,
    readonly report: LinkReport,
    facts: Readonly<Record<string, string | number>> = {},
  ) {
    const causes = causesOf(problem, report);
    super(problem, facts, describe(problem, report, facts, causes));
    this.causes = causes;
    this.name = 'BoardLinkError';
  }
}

/** The port could not be opened. */
export class PortError extends BoardLinkError {
  override readonly name = 'PortError';
}

/** The port is open, but no session could be. */
export class GreetingError extends BoardLinkError {
  override readonly name = 'GreetingError';
}

/** A session was lost. */
export class LinkDownError extends BoardLinkError {
  override readonly name = 'LinkDownError';
}

const sentences: Readonly<Record<PortProblem | LinkProblem, string>> = {
  'bad address': 'this is no address of a board',
  'no such port': 'there is no such port',
  'no permission': 'permission to use the port was denied',
  'port busy': 'another process holds the port',
  'port failed': 'the port could not be opened',
  'no answer': 'nothing answered',
  garbage: 'something sends bytes, but no frame among them is valid',
  echoed: 'the line returns what is sent to it',
  'protocol version': 'the board speaks another version of the protocol',
  'wrong parameters': 'the board announced link parameters that cannot be',
  'no echo': 'the board answers, but does not return test frames',
  'board in use': 'the board is in use by somebody else',
  'no acknowledgement': 'the board no longer acknowledges what it is sent',
  silent: 'the board has fallen silent',
  'board restarted': 'the board has forgotten the session',
  'closed by board': 'the board has ended the session',
  'line lost': 'the line was cut',
};

function causesOf(problem: PortProblem | LinkProblem, { port }: LinkReport): readonly string[] {
  const isSerial = !/^(tcp|udp):/.test(port);
  const cable = isSerial
    ? 'the cable was pulled or the board lost power'
    : 'the program at the other end has ended';
  switch (problem) {
    case 'bad address':
      return [
        'give a serial port like /dev/ttyUSB0 or COM3, tcp://HOST:PORT, udp://HOST, or a capture file',
      ];
    case 'no such port':
      return isSerial
        ? ['the board is not plugged in', 'the name is wrong: `plastic board list` shows the ports']
        : [
            'no board serves there: `plastic board serve` starts an emulated one',
            'host or port is wrong',
          ];
    case 'no permission':
      return [
        'this user may not use serial ports: join the group that owns the port (often dialout)',
      ];
    case 'port busy':
      return ['another plastic, a terminal program or a modem manager has the port open: close it'];
    case 'port failed':
      return ['the device does not support this baud rate', 'it is no serial port'];
    case 'no answer':
      return isSerial
        ? [
            'the board has no power, or is not programmed with this link',
            'transmit and receive lines are swapped or not connected',
            'it is another board: this framing is spoken by `plastic board serve` and by boards built for it',
          ]
        : [
            'no board at this address',
            'another host holds the board',
            'a firewall drops the datagrams',
          ];
    case 'garbage':
      return isSerial
        ? [
            'the baud rate is wrong: try --baud 115200',
            'it is another device, for example a console',
          ]
        : ['something else listens at this address'];
    case 'echoed':
      return ['a loopback plug, or a terminal that echoes: put the port into raw mode'];
    case 'protocol version':
      return ['board or plastic is too old: update the older one'];
    case 'wrong parameters':
      return ['a fault in the software of the board', 'another kind of board'];
    case 'no echo':
      return ['the line loses long frames', 'the board does not implement LOOPBACK'];
    case 'board in use':
      return ['another client is connected: wait until it has finished'];
    case 'no acknowledgement':
    case 'silent':
      return [
        cable,
        'the board hangs: reset it',
        'the line damages nearly every frame: lower the baud rate',
      ];
    case 'board restarted':
      return [
        'the board was reset or lost power for a moment',
        'another program has greeted it on the same line',
      ];
    case 'closed by board':
      return ['the board was idle for longer than it allows', 'it was stopped'];
    case 'line lost':
      return [cable, ...(isSerial ? ['the USB bridge was reset'] : ['the network failed'])];
  }
}

function describe(
  problem: PortProblem | LinkProblem,
  report: LinkReport,
  facts: Readonly<Record<string, string | number>>,
  causes: readonly string[],
): string {
  const { phase, port, waited, statistics: s, lastGoodAgo } = report;
  const more = Object.entries(facts).map(([key, value]) => `${key} ${value}`);
  const lines = [
    `${port}: ${sentences[problem]}${more.length > 0 ? ` (${more.join(', ')})` : ''}`,
    `  while ${phase}, after ${(waited / 1000).toFixed(1)} s`,
  ];
  if (s !== undefined)
    lines.push(
      `  sent ${s.bytesSent} bytes in ${s.framesSent} frames (${s.resent} again); received ${s.bytesReceived} bytes, ` +
        `${s.framesReceived} good frames, ${s.damaged} damaged; last good frame: ` +
        (s.lastGoodFrame === undefined
          ? 'none'
          : `${s.lastGoodFrame}${lastGoodAgo === undefined ? '' : `, ${(lastGoodAgo / 1000).toFixed(1)} s ago`}`),
    );
  causes.forEach((cause, i) => lines.push(`  ${i === 0 ? 'likely:' : 'or:    '} ${cause}`));
  return lines.join('\n');
}
