/** From a rule attached to a projection to machine code for its block. */
import { compile } from '../compiler/compile.js';
import { hasErrors } from '../compiler/diagnostics/codes.js';
import { render, renderAll } from '../compiler/diagnostics/render.js';
import { ExperimentError } from './failure.js';
import type { RuleAttachment } from './network/network.js';
import type { RuleImage } from './rule.js';

/**
 * Compiles an attached rule for a block of `rows` synapse rows.
 * @throws ExperimentError with the compiler's messages, or when the rule does not fit its memory
 */
export function compileRule(attachment: RuleAttachment, rows: number): RuleImage {
  const source = { name: attachment.file, text: attachment.text };
  const { program, layout, budget, diagnostics } = compile([source], {
    rows,
    baseline: attachment.baseline,
  });
  if (!program || !layout || hasErrors(diagnostics))
    throw new ExperimentError(
      `the rule cannot be compiled\n${renderAll(diagnostics, [source])}`,
      attachment.file,
      '`plastic check` shows the same messages without running anything.',
    );
  const limit = layout.rules[0]?.maxRows ?? 0;
  if (limit < rows)
    throw new ExperimentError(
      `the rule has memory for ${limit} synapse rows, the projection has ${rows}`,
      attachment.file,
      'Use fewer inputs, less state per synapse, or another baseline.',
    );
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  return {
    program,
    layout,
    warnings: warnings.map((warning) => render(warning, [source])),
    worstCycles: layout.triggers.map(
      (_, trigger) => budget?.triggers.find((entry) => entry.trigger === trigger)?.worst ?? NaN,
    ),
  };
}
