/** Which name means what: definitions, the text in which each can be seen, and uses; from the syntax tree alone. */
import type {
  ArgumentNode,
  BlockNode,
  ExpressionNode,
  FunctionNode,
  Name,
  RangeNode,
  SourceTree,
  Span,
  StatementNode,
  TableNode,
  TriggerNode,
} from '../syntax/ast.js';

export type Role =
  | 'rule'
  | 'const'
  | 'param'
  | 'input'
  | 'state'
  | 'table'
  | 'function'
  | 'argument'
  | 'let'
  | 'loop variable'
  | 'population'
  | 'signal';

export interface Definition {
  readonly name: string;
  readonly role: Role;
  /** The name where it is declared. */
  readonly span: Span;
  /** The whole declaration. */
  readonly declaration: Span;
  /** Where the name can be used. */
  readonly scope: Span;
}

export interface Use {
  readonly name: string;
  readonly span: Span;
  /** Absent for observables, functions of the language and unknown names. */
  readonly definition?: Definition;
}

export interface Names {
  readonly definitions: readonly Definition[];
  /** Every place where a name stands, its declaration excluded. */
  readonly uses: readonly Use[];
}

interface Loose {
  readonly name: Name;
  readonly signal: boolean;
}

/** Resolves the names of a file. Never fails: what is unknown has no definition. */
export function namesOf(tree: SourceTree): Names {
  const found = new Collector();
  for (const item of tree.items) {
    if (item.kind === 'rule') {
      found.define(item.name, 'rule', item.span, item.name.span);
      for (const part of item.items) {
        switch (part.kind) {
          case 'declaration':
            found.define(part.name, part.role, part.span, item.span);
            part.sizes.forEach((size) => found.expression(size));
            found.range(part.range);
            found.optional(part.initial);
            break;
          case 'neurons':
            found.define(part.name, 'population', part.span, item.span);
            break;
          case 'weights':
            break;
          case 'trigger':
            found.trigger(part, item.span);
            break;
          default:
            found.shared(part, item.span);
        }
      }
    } else found.shared(item, tree.span);
  }
  return found.resolve();
}

class Collector {
  private readonly definitions: Definition[] = [];
  private readonly loose: Loose[] = [];

  define(name: Name, role: Role, declaration: Span, scope: Span): void {
    this.definitions.push({ name: name.text, role, span: name.span, declaration, scope });
  }

  private use(name: Name, signal = false): void {
    this.loose.push({ name, signal });
  }

  /** What can stand in a rule or at file level. */
  shared(
    item: Extract<SourceTree['items'][number], { kind: 'const' }> | TableNode | FunctionNode,
    scope: Span,
  ): void {
    if (item.kind === 'const') {
      this.define(item.name, 'const', item.span, scope);
      this.range(item.range);
      this.expression(item.value);
    } else if (item.kind === 'table') {
      this.define(item.name, 'table', item.span, scope);
      this.arguments(item.arguments, item.span);
      this.range(item.range);
      this.expression(item.value);
    } else {
      this.define(item.name, 'function', item.span, scope);
      this.arguments(item.arguments, item.span);
      this.range(item.range);
      this.block(item.body);
    }
  }

  private arguments(list: readonly ArgumentNode[], scope: Span): void {
    for (const argument of list) {
      this.define(argument.name, 'argument', argument.span, scope);
      this.range(argument.range);
    }
  }

  trigger({ event, body }: TriggerNode, rule: Span): void {
    if (event.kind === 'signal') {
      const { text, span } = event.name;
      const known = this.definitions.some(
        (each) => each.role === 'signal' && each.name === text && each.scope === rule,
      );
      if (known) this.use(event.name, true);
      else this.define({ text, span }, 'signal', span, rule);
    } else if (event.kind === 'at') this.expression(event.time);
    else if (event.kind === 'every') {
      this.expression(event.period);
      this.optional(event.from);
      this.optional(event.times);
    }
    this.block(body);
  }

  private block({ statements, span }: BlockNode): void {
    for (const statement of statements) this.statement(statement, span);
  }

  private statement(node: StatementNode, block: Span): void {
    switch (node.kind) {
      case 'let':
        this.define(node.name, 'let', node.span, { ...block, start: node.span.end });
        this.range(node.range);
        this.expression(node.value);
        break;
      case 'assign':
        this.expression(node.target);
        this.expression(node.value);
        break;
      case 'if':
        this.expression(node.condition);
        this.block(node.then);
        if (node.otherwise) this.block(node.otherwise);
        break;
      case 'for':
        this.define(node.name, 'loop variable', node.name.span, node.body.span);
        this.expression(node.from);
        this.expression(node.to);
        this.block(node.body);
        break;
      case 'each':
        this.block(node.body);
        break;
      case 'reset':
        break;
      case 'record':
        node.values.forEach((value) => this.expression(value));
        break;
      case 'emit':
        this.expression(node.row);
        this.expression(node.label);
        this.optional(node.after);
        break;
      case 'return':
      case 'evaluate':
        this.expression(node.value);
    }
  }

  range(range: RangeNode | undefined): void {
    if (!range) return;
    this.expression(range.lower);
    this.expression(range.upper);
    this.optional(range.step);
  }

  optional(node: ExpressionNode | undefined): void {
    if (node) this.expression(node);
  }

  expression(node: ExpressionNode): void {
    switch (node.kind) {
      case 'number':
        break;
      case 'name':
        this.use(node);
        break;
      case 'member':
        this.use(node.object);
        break;
      case 'call':
        this.use(node.callee);
        node.arguments.forEach((each) => this.expression(each));
        break;
      case 'index':
        this.expression(node.object);
        node.indices.forEach((each) => this.expression(each));
        break;
      case 'unary':
        this.expression(node.operand);
        break;
      case 'binary':
        this.expression(node.left);
        this.expression(node.right);
        break;
      case 'choose':
        this.expression(node.condition);
        this.expression(node.then);
        this.expression(node.otherwise);
        break;
      case 'group':
        this.expression(node.inner);
    }
  }

  /** Every use belongs to the definition with the smallest scope around it; of equal ones to the later. */
  resolve(): Names {
    const byName = new Map<string, Definition[]>();
    for (const definition of this.definitions) {
      const list = byName.get(definition.name);
      if (list) list.push(definition);
      else byName.set(definition.name, [definition]);
    }
    const uses = this.loose.map(({ name, signal }): Use => {
      let best: Definition | undefined;
      for (const candidate of byName.get(name.text) ?? []) {
        if ((candidate.role === 'signal') !== signal) continue;
        if (!contains(candidate.scope, name.span.start)) continue;
        if (!best || sizeOf(candidate.scope) <= sizeOf(best.scope)) best = candidate;
      }
      return { name: name.text, span: name.span, ...(best && { definition: best }) };
    });
    return { definitions: this.definitions, uses };
  }
}

/** True if `offset` lies in the span, its end included, so that a cursor behind a name is on it. */
export function contains({ start, end }: Span, offset: number): boolean {
  return offset >= start && offset <= end;
}

function sizeOf({ start, end }: Span): number {
  return end - start;
}
