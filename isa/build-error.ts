/** What can be wrong with the calls of an object builder, as data and as a sentence. */
import type { SourcePlace } from './program.js';
import type { RelocationMisfit } from './relocation.js';

/** What is wrong with what the builder was told. */
export type BuildProblem =
  | { readonly kind: 'duplicate'; readonly name: string; readonly first: SourcePlace | undefined }
  | { readonly kind: 'no-bytes'; readonly section: string }
  | { readonly kind: 'flags'; readonly section: string }
  | { readonly kind: 'no-relocation'; readonly mnemonic: string; readonly operand: string }
  | { readonly kind: 'misfit'; readonly target: string; readonly misfit: RelocationMisfit };

/** A call of the builder that cannot be carried out; `place` is the last mark, if any. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
  /** The message without the place. */
  readonly explanation: string;
  constructor(
    readonly problem: BuildProblem,
    readonly place: SourcePlace | undefined,
  ) {
    const where = place === undefined ? '' : `${place.file}:${place.line}: `;
    const explanation = explain(problem);
    super(where + explanation);
    this.explanation = explanation;
  }
}

function explain(problem: BuildProblem): string {
  switch (problem.kind) {
    case 'duplicate': {
      const first = problem.first;
      const before = first === undefined ? '' : ` (first in ${first.file}:${first.line})`;
      return `symbol '${problem.name}' is defined twice${before}`;
    }
    case 'no-bytes':
      return `section '${problem.section}' is filled with zeros by the loader and cannot hold other content`;
    case 'flags':
      return `section '${problem.section}' was begun with other flags`;
    case 'no-relocation':
      return `operand '${problem.operand}' of '${problem.mnemonic}' must be a number, an address does not fit there`;
    case 'misfit': {
      const { value, smallest, largest, step } = problem.misfit;
      const multiple = step > 1 ? ` and a multiple of ${step}` : '';
      return `'${problem.target}' gives ${value} here, which must be ${smallest}..${largest}${multiple}`;
    }
  }
}
