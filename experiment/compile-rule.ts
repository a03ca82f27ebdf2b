/** From a rule attached to a projection to machine code for its block. */
import { ExperimentError } from './failure.js';
import type { RuleAttachment } from './network/network.js';
import type { RuleImage } from './rule.js';

/**
 * Compiles an attached rule for a block of `rows` synapse rows.
 * @throws ExperimentError with the compiler's messages, or when the rule does not fit its period or memory
 */
export function compileRule(attachment: RuleAttachment, rows: number): RuleImage {
  throw new ExperimentError(
    `cannot be compiled for ${rows} rows yet`,
    attachment.file,
    'The compiler is not connected.',
  );
}
