/** Boards: the emulated chip in process, and later hardware on a wire. */
export {
  BoardError,
  type Board,
  type BoardInfo,
  type BoardProblem,
  type RunOptions,
  type RunProgress,
} from './board.js';
export { InProcessBoard } from './in-process.js';
