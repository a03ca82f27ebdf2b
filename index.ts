/** The public entry of Plastic: everything an experiment or a tool may import. */
export * from './experiment/index.js';
export { BoardError } from './board/board.js';
export type { Board, BoardInfo, RunOptions, RunProgress } from './board/board.js';
export { PlaybackWriter, ResponseReader, decodeToFpga } from './isa/playback/index.js';
export { addressOf, decodeContainer, encodeContainer } from './isa/registers/registers.js';
export {
  entryOfColumn,
  neuronAt,
  placeOfNeuron,
  quadOfColumn,
} from './isa/registers/coordinates.js';
export { Stream } from './isa/numeric/random.js';
