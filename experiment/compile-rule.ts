/** From rules attached to projections to machine code for their blocks. */
import { compile } from '../compiler/compile.js';
import { hasErrors } from '../compiler/diagnostics/codes.js';
import { render, renderAll } from '../compiler/diagnostics/render.js';
import { ExperimentError } from './failure.js';
import type { RuleAttachment } from './network/projection.js';
import type { RuleImage } from './rule.js';

/**
 * Compiles the rules of one processor for blocks of up to `rows` synapse rows.
 * @param attachments one rule, or several that share the processor
 * @param external bytes of external memory that the processor may use; all if absent
 * @throws ExperimentError with the compiler's messages, or when the rules do not fit their memory
 */
export function compileRule(
  attachments: RuleAttachment | readonly RuleAttachment[],
  rows: number,
  external?: number,
): RuleImage {
  const list = 'file' in attachments ? [attachments] : attachments;
  const place = list.map(({ file }) => file).join(', ');
  const baseline = list[0]?.baseline ?? 'synapse';
  const other = list.find((attachment) => attachment.baseline !== baseline);
  if (other)
    throw new ExperimentError(
      `one rule measures its baseline per ${baseline}, another per ${other.baseline}`,
      place,
      'Rules that share a processor share this choice: give both the same `baseline`.',
    );
  const sources = list.map(({ file, text }) => ({ name: file, text }));
  const { program, layout, budget, diagnostics } = compile(sources, {
    rows,
    baseline,
    ...(external === undefined ? {} : { external }),
  });
  if (!program || !layout || hasErrors(diagnostics))
    throw new ExperimentError(
      `the rule cannot be compiled\n${renderAll(diagnostics, sources)}`,
      place,
      '`plastic check` shows the same messages without running anything.',
    );
  for (const { name, maxRows } of layout.rules)
    if (maxRows < rows)
      throw new ExperimentError(
        `the rule ${name} has memory for ${maxRows} synapse rows, the projection has ${rows}`,
        place,
        'Use fewer inputs, less state per synapse, or another baseline.',
      );
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  return {
    program,
    layout,
    warnings: warnings.map((warning) => render(warning, sources)),
    worstCycles: layout.triggers.map(
      (_, trigger) => budget?.triggers.find((entry) => entry.trigger === trigger)?.worst ?? NaN,
    ),
  };
}
