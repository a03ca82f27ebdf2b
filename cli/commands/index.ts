/** Every command of `plastic`, in the order in which the help lists them. */
import type { CommandModule } from 'yargs';

export const commands: readonly CommandModule<object, never>[] = [] as CommandModule<object, never>[];
