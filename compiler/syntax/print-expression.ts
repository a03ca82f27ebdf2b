/** Expressions and ranges of a syntax tree as text on one line; parentheses only where they are needed or written. */
import type { ExpressionNode, RangeNode } from './ast.js';
import { strengthOf, strengthOfMinus, strengthOfNot } from './chain.js';

/** Binding strength of the outermost operator; operands that need no parentheses anywhere are strongest. */
function strengthOfNode(node: ExpressionNode): number {
  switch (node.kind) {
    case 'choose':
      return 0;
    case 'binary':
      return strengthOf[node.operator];
    case 'unary':
      return node.operator === 'not' ? strengthOfNot : strengthOfMinus;
    default:
      return 9;
  }
}

/** `node` as text, in parentheses if it binds weaker than `strength`. */
export function printExpression(node: ExpressionNode, strength = 0): string {
  const text = bare(node);
  return strengthOfNode(node) < strength ? `(${text})` : text;
}

function bare(node: ExpressionNode): string {
  switch (node.kind) {
    case 'number':
      return node.unit ? `${node.text} ${node.unit}` : node.text;
    case 'name':
      return node.text;
    case 'member':
      return `${node.object.text}.${node.member.text}`;
    case 'call':
      return `${node.callee.text}(${printList(node.arguments)})`;
    case 'index':
      return `${bare(node.object)}[${printList(node.indices)}]`;
    case 'group':
      return `(${printExpression(node.inner)})`;
    case 'unary': {
      const word = node.operator === 'not' ? 'not ' : '-';
      return word + printExpression(node.operand, strengthOfNode(node));
    }
    case 'binary': {
      const strength = strengthOf[node.operator];
      if (node.operator === '/' && isPlainNumber(node.left) && isPlainNumber(node.right)) {
        return `${bare(node.left)}/${bare(node.right)}`;
      }
      return `${printExpression(node.left, strength)} ${node.operator} ${printExpression(node.right, strength + 1)}`;
    }
    case 'choose': {
      const { condition, then, otherwise } = node;
      const rest =
        otherwise.kind === 'choose' ? bare(otherwise) : `{ ${printExpression(otherwise)} }`;
      return `if ${printExpression(condition, 1)} { ${printExpression(then)} } else ${rest}`;
    }
  }
}

function isPlainNumber(node: ExpressionNode): boolean {
  return node.kind === 'number' && node.unit === undefined;
}

export function printList(nodes: readonly ExpressionNode[]): string {
  return nodes.map((node) => printExpression(node)).join(', ');
}

/** ` in [a, b] step s`, ` : int`, or nothing. */
export function printType(
  node: { readonly int?: unknown; readonly range?: RangeNode },
  colon = ' : int',
): string {
  if (node.int !== undefined) return colon;
  if (!node.range) return '';
  const { lower, upper, step } = node.range;
  const end = step ? ` step ${printExpression(step)}` : '';
  return ` in [${printExpression(lower)}, ${printExpression(upper)}]${end}`;
}

/** The parts of a chain of equally strong operators: the first operand, then operator and operand. */
export function breakChain(node: ExpressionNode): readonly string[] {
  if (node.kind !== 'binary') return [printExpression(node)];
  const strength = strengthOf[node.operator];
  const parts: string[] = [];
  let left: ExpressionNode = node;
  while (left.kind === 'binary' && strengthOf[left.operator] === strength) {
    parts.unshift(`${left.operator} ${printExpression(left.right, strength + 1)}`);
    left = left.left;
  }
  return [printExpression(left, strength), ...parts];
}
