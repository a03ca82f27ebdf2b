/** Names that are not known where they stand: misspelt, or declared further down. */
import type { Span } from '../syntax/ast.js';
import type { Place } from './place.js';
import { nearName } from './scope.js';

/** Reports a name without a declaration above it. */
export function reportUnknown(
  { text, span }: { readonly text: string; readonly span: Span },
  place: Place,
): void {
  const { accept } = place.run;
  const later = place.scope.later(text);
  if (later && later.span.start > span.start) {
    later.wanted = true;
    const secondary = [{ span: later.span, text: `this ${later.role}` }];
    accept('E0101', span, { name: text, near: '', later: later.role }, { secondary });
    return;
  }
  const near = nearName(text, place.scope);
  accept(
    'E0101',
    span,
    { name: text, near: near ?? '' },
    near ? { repair: { span, text: near } } : {},
  );
}
