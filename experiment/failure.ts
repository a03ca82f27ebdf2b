/** What can be wrong with an experiment, as facts; the command line prints them. */

/** The experiment asks for something that does not exist or does not fit. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError';
  /**
   * @param problem what is wrong, with the offending name or value
   * @param place where: file, population, projection
   * @param repair what to do about it
   */
  constructor(
    readonly problem: string,
    readonly place: string,
    readonly repair: string,
  ) {
    super(`${place}: ${problem}\n  ${repair}`);
  }
}

/** The board or the program on it did not do what it must: a time-out, a missing answer. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
}

/** The nearest of the known names, if one is near enough to be meant. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row.push(
        Math.min(
          (previous[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** `problem` for a name that is not among the known ones, with the nearest as a repair. */
export function unknownName(
  kind: string,
  name: string,
  known: readonly string[],
  place: string,
): ExperimentError {
  const near = nearestName(name, known);
  return new ExperimentError(
    `there is no ${kind} "${name}"`,
    place,
    near
      ? `Did you mean "${near}"?`
      : known.length
        ? `Known: ${known.join(', ')}.`
        : `This experiment has no ${kind}.`,
  );
}

/**
 * Refuses what a user may have misspelt: a name that is none of the known ones would be passed over in silence.
 * @throws ExperimentError
 */
export function checkNames(
  kind: string,
  given: object,
  known: readonly string[],
  place: string,
): void {
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && !known.includes(name)) throw unknownName(kind, name, known, place);
}
