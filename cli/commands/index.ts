/** Every command of `plastic`, in the order in which the help lists them. */
import type { CommandModule } from 'yargs';
import { board } from './board.js';
import { calibrateCommand } from './calibrate.js';
import { check } from './check.js';
import { chipCommand } from './chip.js';
import { asm } from './asm.js';
import { compare } from './compare.js';
import { compile } from './compile.js';
import { conformance } from './conformance.js';
import { debug } from './debug.js';
import { disasm } from './disasm.js';
import { exec } from './exec.js';
import { explain } from './explain.js';
import { flashCommand } from './flash.js';
import { fmt } from './fmt.js';
import { lsp } from './lsp.js';
import { newCommand } from './new.js';
import { runCommand } from './run.js';
import { sweepCommand } from './sweep.js';
import { trace } from './trace.js';

// Each handler takes what its own builder declares; a list of different commands has to forget which.
const list: readonly unknown[] = [
  newCommand,
  runCommand,
  sweepCommand,
  calibrateCommand,
  chipCommand,
  compile,
  asm,
  disasm,
  exec,
  flashCommand,
  board,
  debug,
  trace,
  check,
  compare,
  explain,
  fmt,
  lsp,
  conformance,
];

export const commands = list as readonly CommandModule<object, never>[];
