/** Boards: the emulated chip in process, and whatever speaks playback messages at the end of a wire. */
export {
  BoardError,
  type Board,
  type BoardInfo,
  type BoardProblem,
  type RunOptions,
  type RunProgress,
} from './board.js';
export { InProcessBoard } from './in-process.js';
export {
  GreetingError,
  LinkDownError,
  BoardLinkError,
  PortError,
  type LinkReport,
} from './link-error.js';
export { connectorFor, openBoard, openWire, type OpenOptions } from './wire/open.js';
export { WireBoard, type Connection, type Connector } from './wire-board.js';
export { webSerialConnector, type WebSerialPort } from './wire/web-serial.js';
export { CapturingBoard, ReplayBoard } from './capture/boards.js';
export { readCapture, type Capture, type CapturedRun } from './capture/format.js';
export { BoardServer, type ServerEvent, type ServerOptions } from './server/board-server.js';
export { EmulatedMachine } from './server/emulated-machine.js';
export { BoardMachine } from './server/board-machine.js';
export { defaultLimits, type ServerLimits } from './server/machine.js';
export { listenPty, listenTcp, listenUdp, type Listener } from './server/listeners.js';
