/**
 * The formatter: a syntax tree as text with two blanks per level, comments and single blank lines kept.
 * Formatting a formatted text changes nothing.
 */
import type {
  ArgumentNode,
  BlockNode,
  Comment,
  DeclarationNode,
  ExpressionNode,
  FileItem,
  RuleItem,
  Span,
  SourceTree,
  StatementNode,
  TriggerNode,
} from './ast.js';
import { breakChain, printExpression, printList, printType } from './print-expression.js';

const widest = 100;

/** The formatted text of a whole file. */
export function format(tree: SourceTree): string {
  const printer = new Printer(tree);
  for (const item of tree.items) printer.item(item, 0);
  return printer.finish();
}

class Printer {
  private readonly lines: string[] = [];
  private readonly comments: readonly Comment[];
  private readonly text: string;
  private next = 0;
  /** Offset up to which the source has been printed. */
  private done = 0;
  /** Set after an opening brace: no blank line follows it. */
  private opened = true;

  constructor(tree: SourceTree) {
    this.comments = tree.comments;
    this.text = tree.source.text;
  }

  finish(): string {
    this.commentsBefore(Infinity, 0);
    return this.lines.length === 0 ? '' : `${this.lines.join('\n')}\n`;
  }

  private line(indent: number, text: string): void {
    this.lines.push(`${'  '.repeat(indent)}${text}`);
    this.opened = false;
  }

  /** Keeps one blank line if the source has any between what is done and `start`. */
  private gap(start: number): void {
    const between = this.text.slice(this.done, Math.min(start, this.text.length));
    if (!this.opened && /\n[ \t\r]*\n/.test(between)) this.lines.push('');
  }

  /** Puts the comments that begin before `end` on lines of their own. */
  private commentsBefore(end: number, indent: number): void {
    for (;;) {
      const comment = this.comments[this.next];
      if (!comment || comment.span.start >= end) return;
      this.gap(comment.span.start);
      this.line(indent, comment.text);
      this.done = Math.max(this.done, comment.span.end);
      this.next++;
    }
  }

  /** Appends the comment that follows on the same source line as `end`. */
  private trailing(end: number): void {
    this.done = Math.max(this.done, end);
    const comment = this.comments[this.next];
    if (!comment || comment.span.start < end) return;
    if (!/^[ \t;]*$/.test(this.text.slice(end, comment.span.start))) return;
    const last = this.lines.pop() ?? '';
    this.lines.push(`${last}  ${comment.text}`);
    this.done = comment.span.end;
    this.next++;
  }

  /** A line that has no block: comments inside it move before it. */
  private simple(span: Span, indent: number, text: string): void {
    this.begin(span, span.end, indent);
    this.line(indent, text);
    this.trailing(span.end);
  }

  /** Comments and blank lines before something that begins at `span`; comments up to `until` move before it. */
  private begin(span: Span, until: number, indent: number): void {
    this.commentsBefore(Math.max(span.start, until), indent);
    this.gap(span.start);
    this.done = Math.max(this.done, span.start);
  }

  item(item: FileItem | RuleItem, indent: number): void {
    switch (item.kind) {
      case 'rule': {
        const brace = this.text.indexOf('{', item.name.span.end);
        this.begin(item.span, brace, indent);
        this.line(indent, `rule ${item.name.text} {`);
        this.open(brace);
        for (const inner of item.items) this.item(inner, indent + 1);
        this.close(item.span.end, indent);
        return;
      }
      case 'neurons':
        return this.simple(item.span, indent, `neurons ${item.name.text}`);
      case 'weights':
        return this.simple(item.span, indent, 'weights signed');
      case 'declaration':
        return this.simple(item.span, indent, printDeclaration(item));
      case 'const':
        return this.assignment(
          item.span,
          indent,
          `const ${item.name.text}${printType(item)} =`,
          item.value,
        );
      case 'table': {
        const head = `table ${item.name.text}(${printArguments(item.arguments)})${printType(item)} =`;
        return this.assignment(item.span, indent, head, item.value);
      }
      case 'function': {
        const result = item.int ? ' -> int' : item.range ? ` ->${printType(item)}` : '';
        const head = `fn ${item.name.text}(${printArguments(item.arguments)})${result}`;
        return this.headed(item.span, indent, head, item.body);
      }
      case 'trigger':
        return this.headed(item.span, indent, printEvent(item.event), item.body);
    }
  }

  /** `head expression`, broken before the operators of the outermost chain if it is too long. */
  private assignment(span: Span, indent: number, head: string, value: ExpressionNode): void {
    const line = `${head} ${printExpression(value)}`;
    if (2 * indent + line.length <= widest) return this.simple(span, indent, line);
    const [first = '', ...rest] = breakChain(value);
    this.begin(span, span.end, indent);
    this.line(indent, `${head} ${first}`);
    for (const part of rest) this.line(indent + 2, part);
    this.trailing(span.end);
  }

  private open(brace: number): void {
    this.trailing(brace + 1);
    this.opened = true;
  }

  private close(end: number, indent: number): void {
    this.commentsBefore(end, indent + 1);
    this.line(indent, '}');
    this.trailing(end);
  }

  /** Something with one block. */
  private headed(span: Span, indent: number, head: string, body: BlockNode): void {
    this.begin(span, body.span.start, indent);
    const short = this.onOneLine(body);
    if (short !== undefined && 2 * indent + head.length + 1 + short.length <= widest) {
      this.line(indent, `${head} ${short}`);
      this.trailing(span.end);
      return;
    }
    this.line(indent, `${head} {`);
    this.block(body, indent);
    this.close(span.end, indent);
  }

  private block(body: BlockNode, indent: number): void {
    this.open(body.span.start);
    for (const statement of body.statements) this.statement(statement, indent + 1);
  }

  /** A block as `{ a; b }`, if it was written on one line. */
  private onOneLine({ span, statements }: BlockNode): string | undefined {
    if (this.text.slice(span.start, span.end).includes('\n')) return undefined;
    const texts = statements.map((statement) => this.short(statement));
    if (!texts.every((text) => text !== undefined)) return undefined;
    return texts.length === 0 ? '{ }' : `{ ${texts.join('; ')} }`;
  }

  /** A statement on one line; undefined if it holds a block that was not written so. */
  private short(node: StatementNode): string | undefined {
    switch (node.kind) {
      case 'let':
      case 'assign':
        return `${headOf(node)} ${printExpression(node.value)}`;
      case 'reset':
        return `reset ${node.targets.map((target) => target.text).join(', ')}`;
      case 'record':
        return `record ${printList(node.values)}`;
      case 'emit': {
        const after = node.after ? ` after ${printExpression(node.after, 1)}` : '';
        return `emit row ${printExpression(node.row, 1)} label ${printExpression(node.label, 1)}${after}`;
      }
      case 'return':
        return `return ${printExpression(node.value)}`;
      case 'evaluate':
        return printExpression(node.value);
      case 'if': {
        const then = this.onOneLine(node.then);
        if (then === undefined) return undefined;
        const head = `if ${printExpression(node.condition, 1)} ${then}`;
        if (!node.otherwise) return head;
        const nested = chainedIf(node.otherwise);
        const rest = nested ? this.short(nested) : this.onOneLine(node.otherwise);
        return rest === undefined ? undefined : `${head} else ${rest}`;
      }
      case 'for':
      case 'each': {
        const body = this.onOneLine(node.body);
        return body === undefined ? undefined : `${loopHead(node)} ${body}`;
      }
    }
  }

  private statement(node: StatementNode, indent: number): void {
    switch (node.kind) {
      case 'let':
      case 'assign':
        return this.assignment(node.span, indent, headOf(node), node.value);
      case 'for':
      case 'each':
        return this.headed(node.span, indent, loopHead(node), node.body);
      case 'if':
        return this.conditional(node, indent);
      default:
        return this.simple(node.span, indent, this.short(node) ?? '');
    }
  }

  private conditional(node: Extract<StatementNode, { readonly kind: 'if' }>, indent: number): void {
    const short = this.hasComments(node.span) ? undefined : this.short(node);
    if (short !== undefined && 2 * indent + short.length <= widest)
      return this.simple(node.span, indent, short);
    this.begin(node.span, node.then.span.start, indent);
    let head = '';
    let current = node;
    for (;;) {
      this.line(indent, `${head}if ${printExpression(current.condition, 1)} {`);
      this.block(current.then, indent);
      if (!current.otherwise) return this.close(current.then.span.end, indent);
      this.commentsBefore(current.then.span.end, indent + 1);
      this.done = Math.max(this.done, current.then.span.end);
      const nested = chainedIf(current.otherwise);
      if (!nested) {
        this.line(indent, '} else {');
        this.block(current.otherwise, indent);
        return this.close(current.otherwise.span.end, indent);
      }
      head = '} else ';
      current = nested;
    }
  }

  private hasComments(span: Span): boolean {
    return this.comments.some(
      (comment) => comment.span.start >= span.start && comment.span.end <= span.end,
    );
  }
}

/** The `if` of an `else if`, whose block has no braces of its own. */
function chainedIf(block: BlockNode): Extract<StatementNode, { readonly kind: 'if' }> | undefined {
  const [only] = block.statements;
  return only?.kind === 'if' && only.span.start === block.span.start ? only : undefined;
}

function headOf(node: Extract<StatementNode, { readonly kind: 'let' | 'assign' }>): string {
  if (node.kind === 'assign') return `${printExpression(node.target)} ${node.operator}`;
  return `let ${node.name.text}${printType(node)} =`;
}

function loopHead(node: Extract<StatementNode, { readonly kind: 'for' | 'each' }>): string {
  if (node.kind === 'each') return `each ${node.domain}`;
  return `for ${node.name.text} in ${printExpression(node.from, 1)}..${printExpression(node.to, 1)}`;
}

function printDeclaration(node: DeclarationNode): string {
  const sizes = node.sizes.length > 0 ? `[${printList(node.sizes)}]` : '';
  const domain = node.domain ? ` per ${node.domain.name}` : '';
  const external = node.external ? ' external' : '';
  const initial = node.initial ? ` = ${printExpression(node.initial)}` : '';
  return `${node.role} ${node.name.text}${sizes}${domain}${external}${printType(node)}${initial}`;
}

function printArguments(nodes: readonly ArgumentNode[]): string {
  return nodes.map((node) => `${node.name.text}${printType(node, ': int')}`).join(', ');
}

function printEvent(event: TriggerNode['event']): string {
  switch (event.kind) {
    case 'start':
      return 'on start';
    case 'signal':
      return `on signal ${event.name.text}`;
    case 'at':
      return `at ${printExpression(event.time)}`;
    case 'every': {
      const from = event.from ? ` from ${printExpression(event.from)}` : '';
      const times = event.times ? ` for ${printExpression(event.times)} times` : '';
      return `every ${printExpression(event.period)}${from}${times}`;
    }
  }
}
