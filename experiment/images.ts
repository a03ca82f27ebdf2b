/** The rules of a placed network as one image per processor. */
import { externalBytes, limits } from '../isa/runtime-layout.js';
import { ExperimentError } from './failure.js';
import { placedPartner } from './network/partners.js';
import type { PlacedPartner } from './network/partners.js';
import type { PlasticBlock, Placement } from './network/placement.js';
import type { Projection, RuleAttachment } from './network/projection.js';
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
    rules: placement.projections.flatMap((placed) =>
      placed.projection.rule
        ? placed.blocks
            .filter((block) => block.hemisphere === hemisphere)
            .map((block) => ({
              attachment: placed.projection.rule as RuleAttachment,
              block,
              placed,
            }))
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
    const loaded = rules.map(({ attachment, block, placed }, rule) => {
      const partner = partnerOf(placement, image, rule, placed.projection);
      return { attachment, block, placed, ...(partner && { partner }) };
    });
    return { hemisphere, image, rules: loaded, externalBase: (index * externalBytes) / 2 };
  });
}

/** The second population of a rule, if it has one. */
function partnerOf(
  placement: Placement,
  { program, layout }: RuleImage,
  rule: number,
  projection: Projection,
): PlacedPartner | undefined {
  const name = layout.rules[rule]?.population;
  const own = placement.projections.find((placed) => placed.projection === projection)?.blocks[0];
  if (name === undefined) {
    const [other] = Object.keys(projection.rule?.neurons ?? {});
    if (other === undefined) return undefined;
    throw new ExperimentError(
      `a population is bound to "${other}", and the rule has no second population`,
      `projection "${projection.name}"`,
      `Begin the rule with \`neurons ${other}\`, or bind none.`,
    );
  }
  const partner = placedPartner(projection, name, placement.neurons);
  const readsMembranes = program.symbols.some((s) => s.name === 'plastic_move_membranes');
  if (readsMembranes && own && own.hemisphere !== partner.hemisphere)
    throw new ExperimentError(
      `the rule reads membranes of "${name}", which lie on the other half of the chip`,
      `projection "${projection.name}"`,
      'A processor converts the membranes of its own half: make the populations small enough for one half.',
    );
  return partner;
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
  for (const placed of placement.projections) {
    const { projection, blocks } = placed;
    const [block] = blocks;
    if (projection.rule && block)
      return {
        hemisphere: block.hemisphere,
        image,
        rules: [{ attachment: projection.rule, block, placed }],
        externalBase: 0,
      };
  }
  throw new ExperimentError(
    'an image is given for a network without rules',
    'simulation',
    'Attach a rule to a projection.',
  );
}
