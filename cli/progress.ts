/** The look of every progress bar. */
import process from 'node:process';
import { SingleBar } from 'cli-progress';

/** A bar on standard error that vanishes when it stops; `tail` is what follows the percentage, in cli-progress's form. */
export function progressBar(tail: string): SingleBar {
  return new SingleBar({
    format: `{bar} {percentage}% | ${tail}`,
    barsize: 30,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
}
