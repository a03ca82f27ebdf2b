/** The parts of a file as a tree, for an editor's outline. */
import type { RuleNode, Span } from '../syntax/ast.js';
import { oneLine } from '../check/describe.js';
import type { Analysis } from './analysis.js';

export interface Part {
  readonly name: string;
  readonly kind:
    | 'rule'
    | 'const'
    | 'table'
    | 'function'
    | 'param'
    | 'input'
    | 'state'
    | 'population'
    | 'trigger';
  readonly span: Span;
  /** The name, or a trigger's head. */
  readonly selection: Span;
  readonly children: readonly Part[];
}

/** Rules with what they declare and their triggers; empty while the text does not parse. */
export function outlineOf({ tree, source }: Analysis): readonly Part[] {
  return (tree?.items ?? []).map((item) =>
    item.kind === 'rule'
      ? part(item, 'rule', partsOf(item, source.text))
      : part(item, item.kind, []),
  );
}

function part(
  item: { readonly name: { readonly text: string; readonly span: Span }; readonly span: Span },
  kind: Part['kind'],
  children: readonly Part[],
): Part {
  return { name: item.name.text, kind, span: item.span, selection: item.name.span, children };
}

function partsOf(rule: RuleNode, text: string): Part[] {
  return rule.items.flatMap((item): Part[] => {
    switch (item.kind) {
      case 'weights':
        return [];
      case 'neurons':
        return [part(item, 'population', [])];
      case 'declaration':
        return [part(item, item.role, [])];
      case 'trigger': {
        const name = oneLine(text.slice(item.head.start, item.head.end));
        return [{ name, kind: 'trigger', span: item.span, selection: item.head, children: [] }];
      }
      default:
        return [part(item, item.kind, [])];
    }
  });
}
