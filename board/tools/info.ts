/** What a board is and what it runs, without changing anything on it. */

import { mailbox, readyState } from '../../isa/runtime-layout.js';
import { Access, controlAddress, sramAddress } from '../access.js';
import type { Board, BoardInfo } from '../board.js';
import { idcodes } from '../chip-setup.js';
import { readMetadata, type ProgramMetadata } from '../flash/metadata.js';

const emulatorMagicAddress = 0x8800f000;
const emulatorMagic = 0x504c4153;

export interface ProcessorReport {
  readonly hemisphere: number;
  readonly isReleased: boolean;
  readonly isAsleep: boolean;
  readonly program: ProgramMetadata | undefined;
  /** State of a compiled rule's run-time: "starting", "ready", "running", "stopped". */
  readonly state: string | undefined;
}

export interface BoardReport {
  readonly board: BoardInfo;
  readonly idcode: number;
  readonly revision: string;
  /** Device DNA of the FPGA, hexadecimal: calibrations are chosen by it. */
  readonly dna: string;
  readonly isEmulated: boolean;
  readonly sramBytes: number;
  readonly processors: readonly ProcessorReport[];
}

/** @throws BoardError, AccessError */
export async function describeBoard(board: Board, signal?: AbortSignal): Promise<BoardReport> {
  const access = new Access(board, signal);
  const idcode = await access.idcode();
  const dna = await access.dna();
  const [magic = 0] = await access.read([emulatorMagicAddress]);
  const processors: ProcessorReport[] = [];
  for (const hemisphere of [0, 1]) {
    const control = controlAddress(hemisphere);
    const ready = sramAddress(hemisphere, mailbox.ready >>> 2);
    const [word = 0, status = 0, state = 0] = await access.read([control, control + 1, ready]);
    const program = await readMetadata(access, hemisphere);
    processors.push({
      hemisphere,
      isReleased: (word & 1) === 1,
      isAsleep: (status & 1) === 1,
      program,
      state:
        program === undefined
          ? undefined
          : Object.entries(readyState).find(([, value]) => value === state)?.[0],
    });
  }
  return {
    board: board.info,
    idcode,
    revision: idcodes[idcode] ?? 'unknown',
    dna,
    isEmulated: magic === emulatorMagic,
    sramBytes: 16_384,
    processors,
  };
}
