/** The board of a run: the emulated chip in this process, or a board behind `--board`. */
import process from 'node:process';
import { InProcessBoard, openBoard } from '../../board/index.js';
import type { Board } from '../../board/index.js';
import type { ChipOptions } from '../../emulator/index.js';
import { CalibrationMismatch, checkDie, readDie } from '../../experiment/calibration/index.js';
import { RunError, UsageError } from '../failure.js';
import { atBaud } from './baud.js';
import { chooseChip, chooseForDie, engineNames, isFolder, makeChip } from './chip.js';
import type { ChipChoice, EngineName } from './chip.js';

/** What the command line says of the board. */
export interface BoardArguments {
  readonly board: string | undefined;
  readonly baud: number | undefined;
  readonly capture: string | undefined;
  readonly engine: EngineName | undefined;
  /** True if `--chip` was given. */
  readonly isChipNamed: boolean;
}

/**
 * Opens the board and makes sure that it carries the chip that was named.
 * @throws BoardError, RunError for another chip
 */
export async function openRunBoard(
  args: BoardArguments,
  choice: ChipChoice,
  options: ChipOptions = {},
): Promise<Board> {
  if (args.board === undefined) {
    if (args.capture !== undefined || args.baud !== undefined)
      throw new UsageError('--baud and --capture belong to --board');
    return InProcessBoard.of(
      makeChip(choice, { engine: args.engine ?? engineNames[0], ...options }),
    );
  }
  if (args.engine !== undefined)
    throw new UsageError(
      '--engine chooses the emulation in this process: leave it out with --board',
    );
  const board = await openBoard(args.board, {
    ...(args.baud === undefined ? {} : atBaud(args.baud)),
    ...(args.capture === undefined ? {} : { capture: args.capture }),
  });
  try {
    await checkChip(board, args, choice);
  } catch (error) {
    await board.close();
    throw error;
  }
  return board;
}

/**
 * Opens the board of a run and settles which chip it is: what `--chip` names, or, where that is a folder, the calibration
 * in it that belongs to the board's die.
 * @throws BoardError, InputError, RunError
 */
export async function openBoardWithChip(
  args: BoardArguments,
  chip: string,
  optionsOf: (choice: ChipChoice) => ChipOptions,
): Promise<{ readonly board: Board; readonly choice: ChipChoice }> {
  if (args.board === undefined || !isFolder(chip)) {
    const choice = chooseChip(chip);
    return { choice, board: await openRunBoard(args, choice, optionsOf(choice)) };
  }
  const any = chooseChip('ideal');
  const board = await openRunBoard({ ...args, isChipNamed: false }, any, optionsOf(any));
  try {
    return { board, choice: chooseForDie(chip, await readDie(board)) };
  } catch (error) {
    await board.close();
    throw error;
  }
}

async function checkChip(board: Board, args: BoardArguments, choice: ChipChoice): Promise<void> {
  if (choice.file) {
    try {
      await checkDie(board, choice.file.calibration);
    } catch (error) {
      if (!(error instanceof CalibrationMismatch)) throw error;
      throw new RunError(`--chip ${choice.file.path}: ${error.message}`);
    }
    return;
  }
  const present = board.info.emulator?.['chip'];
  if (args.isChipNamed && typeof present === 'string' && present !== choice.name)
    throw new RunError(
      `the board ${args.board} carries chip "${present}", but --chip names "${choice.name}"\n  Leave --chip out, or name another board.`,
    );
}

/** A board that says how long a program will take to send, before it does. */
export function announceTransfers(board: Board, say: (text: string) => void): Board {
  const { wordsPerSecond } = board.info;
  if (wordsPerSecond === undefined) return board;
  return {
    info: board.info,
    close: () => board.close(),
    run: (program, options) => {
      const seconds = program.length / 2 / wordsPerSecond;
      if (seconds >= 1)
        say(`sending ${program.length / 2} words takes about ${Math.ceil(seconds)} s`);
      return board.run(program, options);
    },
  };
}

/** Says something on standard error. */
export function sayTransfer(text: string): void {
  process.stderr.write(`${text}\n`);
}
