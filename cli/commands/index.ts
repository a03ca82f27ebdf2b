/** Every command of `plastic`, in the order in which the help lists them. */
import type { CommandModule } from 'yargs';

// A command is loaded when it is called: together they take more than a second. Each handler takes what its own builder
// declares; a list of different commands has to forget which.
const loaders: Readonly<Record<string, () => Promise<unknown>>> = {
  new: async () => (await import('./new.js')).newCommand,
  run: async () => (await import('./run.js')).runCommand,
  sweep: async () => (await import('./sweep.js')).sweepCommand,
  calibrate: async () => (await import('./calibrate.js')).calibrateCommand,
  chip: async () => (await import('./chip.js')).chipCommand,
  compile: async () => (await import('./compile.js')).compile,
  asm: async () => (await import('./asm.js')).asm,
  disasm: async () => (await import('./disasm.js')).disasm,
  exec: async () => (await import('./exec.js')).exec,
  flash: async () => (await import('./flash.js')).flashCommand,
  board: async () => (await import('./board.js')).board,
  debug: async () => (await import('./debug.js')).debug,
  trace: async () => (await import('./trace.js')).trace,
  check: async () => (await import('./check.js')).check,
  compare: async () => (await import('./compare.js')).compare,
  explain: async () => (await import('./explain.js')).explain,
  fmt: async () => (await import('./fmt.js')).fmt,
  lsp: async () => (await import('./lsp.js')).lsp,
  conformance: async () => (await import('./conformance.js')).conformance,
};

/**
 * The command that the words of a command line call, or all of them where help or a mistake needs the list.
 * @param words what follows `plastic`
 */
export async function loadCommands(
  words: readonly string[],
): Promise<readonly CommandModule<object, never>[]> {
  const own = Object.hasOwn(loaders, words[0] ?? '') ? loaders[words[0] ?? ''] : undefined;
  const list = await Promise.all((own ? [own] : Object.values(loaders)).map((load) => load()));
  return list as readonly CommandModule<object, never>[];
}
