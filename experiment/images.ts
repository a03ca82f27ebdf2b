/** The rules of a placed network as one image per processor. */
import { externalBytes, limits } from '../isa/runtime-layout.js';
import { ExperimentError } from './failure.js';
import type { PlasticBlock, Placement } from './network/placement.js';
import type { RuleAttachment } from './network/projection.js';
import type { LoadedImage, RuleImage } from './rule.js';

/**
 * Compiles rules that share a processor for blocks of up to `rows` rows.
 * @param external bytes of external memory for this processor; all if absent
 */
export type CompileRules = (
  attachments: RuleAttachment | readonly RuleAttachment[],
  rows: number,
  external?: number,
) => RuleImage;

/** Compiles what each processor runs. @throws ExperimentError for more rules than a processor takes */
export function loadImages(placement: Placement, compile: CompileRules): LoadedImage[] {
  const perHalf = ([0, 1] as const).map((hemisphere) => ({
    hemisphere,
    rules: placement.projections.flatMap(({ projection, blocks }) =>
      projection.rule
        ? blocks
            .filter((block) => block.hemisphere === hemisphere)
            .map((block) => ({ attachment: projection.rule as RuleAttachment, block }))
        : [],
    ),
  }));
  const used = perHalf.filter(({ rules }) => rules.length > 0);
  return used.map(({ hemisphere, rules }, index) => {
    if (rules.length > limits.rules)
      throw new ExperimentError(
        `${rules.length} rules are to run on the ${hemisphere === 0 ? 'top' : 'bottom'} processor`,
        'network',
        `A processor takes ${limits.rules}: put populations with rules on different halves.`,
      );
    // Two processors share the external memory half and half.
    const external = used.length > 1 ? externalBytes / 2 : undefined;
    const image = compileBlocks(rules, compile, external);
    return { hemisphere, image, rules, externalBase: (index * externalBytes) / 2 };
  });
}

function compileBlocks(
  rules: readonly { readonly attachment: RuleAttachment; readonly block: PlasticBlock }[],
  compile: CompileRules,
  external: number | undefined,
): RuleImage {
  const rows = Math.max(...rules.map(({ block }) => block.rowCount));
  const attachments = rules.map(({ attachment }) => attachment);
  const [only] = attachments;
  return compile(attachments.length === 1 && only ? only : attachments, rows, external);
}

/** The image of a network with one plastic block. */
export function onlyImage(placement: Placement, image: RuleImage): LoadedImage {
  for (const { projection, blocks } of placement.projections) {
    const [block] = blocks;
    if (projection.rule && block)
      return {
        hemisphere: block.hemisphere,
        image,
        rules: [{ attachment: projection.rule, block }],
        externalBase: 0,
      };
  }
  throw new ExperimentError(
    'an image is given for a network without rules',
    'simulation',
    'Attach a rule to a projection.',
  );
}
