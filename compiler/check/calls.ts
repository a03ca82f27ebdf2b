/** Calls: functions of the language, reductions, random draws, tables and functions of the rule. */
import type { CallNode, ExpressionNode } from '../syntax/ast.js';
import { describeDimension, showNumber, subject } from './describe.js';
import { checkNumeric, sameDimension } from './expressions.js';
import { inlineCall } from './functions.js';
import * as interval from './interval.js';
import * as make from './make.js';
import type { Place } from './place.js';
import { named, namesIn, readsOne, rewrite } from './rewrite.js';
import { functionNames } from './scope.js';
import {
  axesOf,
  type BuiltinName,
  type Domain,
  type Expression,
  type Reduce,
  type Statement,
  type TableSymbol,
} from './typed.js';
import { reportUnknown } from './unknown.js';

/** Number of arguments of element-wise functions: least and most. */
const builtins: { readonly [name in BuiltinName]: readonly [least: number, most: number] } = {
  abs: [1, 1],
  min: [2, Infinity],
  max: [2, Infinity],
  clamp: [3, 3],
  sign: [1, 1],
  floor: [1, 1],
  ceil: [1, 1],
  round: [1, 1],
  sqrt: [1, 1],
  exp: [1, 1],
  log: [1, 1],
  tanh: [1, 1],
  sin: [1, 1],
  cos: [1, 1],
};

function isBuiltin(name: string): name is BuiltinName {
  return Object.hasOwn(builtins, name);
}

export function checkCall(node: CallNode, place: Place): Expression | undefined {
  const { accept } = place.run;
  const name = node.callee.text;
  const count = node.arguments.length;
  const binding = place.scope.find(name);
  if (binding && !functionNames.includes(name)) {
    binding.used = true;
    const { meaning } = binding;
    if (meaning.kind === 'broken') return undefined;
    if (meaning.kind === 'table') return checkLookup(node, meaning.table, place);
    if (meaning.kind === 'function') return inlineCall(node, meaning.node, meaning.scope, place);
    accept(
      'E0106',
      node.callee.span,
      { name, role: binding.role, expected: 'a function' },
      {
        secondary: [{ span: binding.span, text: `declared as ${binding.role} here` }],
      },
    );
    return undefined;
  }
  const reduces =
    ['sum', 'mean', 'argmax'].includes(name) || ((name === 'min' || name === 'max') && count === 1);
  if (reduces) return checkReduction(node, place);
  if (name === 'uniform' || name === 'normal') return checkDraw(node, name, place);
  if (name === 'stochastic') return checkStochastic(node, place);
  if (isBuiltin(name)) return checkBuiltin(node, name, place);
  reportUnknown(node.callee, place);
  return undefined;
}

function hasCount(node: CallNode, least: number, most: number, place: Place): boolean {
  const found = node.arguments.length;
  if (found >= least && found <= most) return true;
  const expected =
    most === Infinity ? `${least} or more` : least === most ? String(least) : `${least} to ${most}`;
  place.run.accept('E0107', node.span, { name: node.callee.text, found, expected });
  return false;
}

function checkAll(nodes: readonly ExpressionNode[], place: Place): Expression[] | undefined {
  const typed = nodes.map((node) => checkNumeric(node, place)).filter((e) => e !== undefined);
  return typed.length === nodes.length ? typed : undefined;
}

function checkBuiltin(node: CallNode, name: BuiltinName, place: Place): Expression | undefined {
  const args = checkAll(node.arguments, place);
  if (!hasCount(node, ...builtins[name], place) || !args) return undefined;
  const [first, ...rest] = args;
  if (!first) return undefined;
  const keeps = ['abs', 'min', 'max', 'clamp', 'floor', 'ceil', 'round'].includes(name);
  if (keeps) {
    if (!rest.every((other) => sameDimension(first, other, `given to ${name}`, node.span, place)))
      return undefined;
  } else if (name !== 'sign' && first.dimension !== 0) {
    place.run.accept('E0201', node.span, {
      left: describeDimension(first.dimension),
      right: describeDimension(0),
      verb: `given to ${name}, which takes`,
    });
    return undefined;
  }
  const low = first.interval.lo;
  if ((name === 'sqrt' && low < 0) || (name === 'log' && low <= 0)) {
    place.run.accept('E0412', first.span, {
      name,
      text: subject(place, first.span),
      lo: showNumber(low),
    });
    return undefined;
  }
  const rounds = name === 'floor' || name === 'ceil' || name === 'round';
  const ints =
    ['abs', 'min', 'max', 'clamp'].includes(name) && args.every((arg) => arg.type === 'int');
  const dimension = keeps ? (args.find((arg) => arg.dimension !== 0)?.dimension ?? 0) : 0;
  return make.call(name, args, rounds || ints ? 'int' : 'real', dimension, node.span);
}

function checkReduction(node: CallNode, place: Place): Expression | undefined {
  const { accept } = place.run;
  if (!hasCount(node, 1, 1, place)) return undefined;
  const [inner] = node.arguments;
  const argument = inner && checkNumeric(inner, { ...place, free: true });
  if (!argument) return undefined;
  const fixed = place.free ? 0 : axesOf[place.domain];
  const open = axesOf[argument.domain] & ~axesOf[place.domain];
  const name = node.callee.text as Reduce['operation'];
  if (open === 0) {
    accept('E0307', node.span, {
      name,
      text: subject(place, argument.span),
      domain: argument.domain,
      here: place.domain,
    });
    return undefined;
  }
  const { before, flat } = reductionsFirst(argument, place);
  const kept = axesOf[argument.domain] & (fixed | axesOf[place.domain]);
  const count = open === 3 ? 65536 : 256;
  const bounds = argument.interval;
  const total = interval.repeated(bounds, count);
  const isInt = argument.type === 'int' && name !== 'mean';
  const value: Reduce = {
    kind: 'reduce',
    operation: name,
    over: open === 3 ? 'synapses' : open === 1 ? 'rows' : 'columns',
    argument: flat,
    span: node.span,
    type: isInt || name === 'argmax' ? 'int' : 'real',
    dimension: name === 'argmax' ? 0 : argument.dimension,
    domain: domainsByAxes[kept] ?? 'synapse',
    interval:
      name === 'sum'
        ? total
        : name === 'argmax'
          ? { lo: 0, hi: largestIndex(open, count) }
          : bounds,
  };
  if (before.length === 0) return value;
  return { ...make.valueFacts(value), kind: 'inline', name, statements: before, value };
}

/** Largest result of `argmax`: columns are counted as `neuron` counts them, which may go on on the other half of the chip. */
const largestIndex = (open: number, count: number): number =>
  open === 1 ? count - 1 : open === 2 ? 2 * count - 1 : count + 255;

/**
 * What a reduction inside the argument of another gives is the same for all that the outer one runs over: it is worked
 * out once, by the statements `before`, and read in `flat`.
 */
function reductionsFirst(
  argument: Expression,
  place: Place,
): { readonly before: readonly Statement[]; readonly flat: Expression } {
  const before: Statement[] = [];
  const local = new Set<number>();
  namesIn(argument, local);
  const flat = rewrite(argument, (part) => {
    if (part.kind !== 'reduce') return undefined;
    // One that depends on what a function was given stays: there it runs over columns.
    if (readsOne(part, local)) return part;
    const { statement, read } = named(part, subject(place, part.span), place.run);
    before.push(statement);
    return read;
  });
  return { before, flat };
}

const domainsByAxes: readonly Domain[] = ['once', 'row', 'neuron', 'synapse'];

function isRandomAllowed(node: CallNode, place: Place): boolean {
  if (place.rule && !place.only) return true;
  place.run.accept('E0401', node.span, {
    purpose: place.only?.purpose ?? 'a constant',
    name: node.callee.text,
    role: 'random draw',
    allowed: place.only?.what ?? 'constants',
  });
  return false;
}

function checkDraw(
  node: CallNode,
  distribution: 'uniform' | 'normal',
  place: Place,
): Expression | undefined {
  if (!hasCount(node, 0, 0, place) || !isRandomAllowed(node, place)) return undefined;
  const bounds = distribution === 'uniform' ? { lo: 0, hi: 65535 / 65536 } : { lo: -6, hi: 6 };
  return {
    kind: 'draw',
    distribution,
    span: node.span,
    type: 'real',
    dimension: 0,
    domain: place.domain,
    interval: bounds,
  };
}

function checkStochastic(node: CallNode, place: Place): Expression | undefined {
  if (!hasCount(node, 1, 1, place) || !isRandomAllowed(node, place)) return undefined;
  const [inner] = node.arguments;
  const argument = inner && checkNumeric(inner, place);
  if (!argument) return undefined;
  return {
    kind: 'stochastic',
    argument,
    span: node.span,
    type: 'int',
    dimension: argument.dimension,
    domain: domainsByAxes[axesOf[argument.domain] | axesOf[place.domain]] ?? 'synapse',
    interval: { lo: Math.floor(argument.interval.lo), hi: Math.floor(argument.interval.hi + 1) },
  };
}

function checkLookup(node: CallNode, table: TableSymbol, place: Place): Expression | undefined {
  const args = checkAll(node.arguments, place);
  const count = table.arguments.length;
  if (!hasCount(node, count, count, place) || !args) return undefined;
  place.rule?.tables.add(table);
  return {
    kind: 'lookup',
    table,
    arguments: args,
    span: node.span,
    type: 'real',
    dimension: table.dimension,
    domain: make.domainOf(...args),
    interval: { lo: table.range.lo, hi: table.range.top },
  };
}
