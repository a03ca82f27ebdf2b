/** Playback: the messages between host and FPGA. */
export {
  barriers,
  dictionaryOf,
  fromFpga,
  headerOf,
  jtagInstructions,
  lengthOf,
  phyInstruction,
  toFpga,
  type Direction,
  type FieldRow,
  type FromFpgaMessage,
  type MessageRow,
  type PackRow,
  type ToFpgaMessage,
} from './messages.js';
export {
  decodeFromFpga,
  decodeToFpga,
  encodeFromFpga,
  encodeMessage,
  encodeToFpga,
  PlaybackError,
} from './codec.js';
export { toFpgaHeaders } from './headers.js';
export { PlaybackWriter } from './writer.js';
export { ResponseReader, type TimeoutNotice } from './reader.js';
export { ResponseWriter } from './response-writer.js';
export { Column } from './column.js';
