/** Declarations: ranges, consts, params, inputs, states and tables. */
import type {
  ConstNode,
  DeclarationNode,
  ExpressionNode,
  RangeNode,
  Span,
  TableNode,
} from '../syntax/ast.js';
import { describeDimension, showNumber, subject } from './describe.js';
import { evaluateNumber } from './evaluate.js';
import { checkExpression, checkNumeric } from './expressions.js';
import { int32 } from './interval.js';
import * as make from './make.js';
import type { Place } from './place.js';
import { Scope } from './scope.js';
import type {
  Constant,
  Dimension,
  StorageSymbol,
  TableArgumentSymbol,
  TableGrid,
  TableSymbol,
  ValueRange,
} from './typed.js';

/** A declared range with the dimension of its bounds. */
export type CheckedRange = ValueRange & { readonly dimension: Dimension };

/** A constant expression. */
export function checkConstant(
  node: ExpressionNode,
  place: Place,
  purpose: string,
): Constant | undefined {
  const expression = checkNumeric(node, { ...place, only: { what: 'constants', purpose } });
  if (!expression) return undefined;
  if (expression.kind === 'constant') return expression;
  const value = evaluateNumber(expression, () => undefined);
  if (value !== undefined)
    return make.constant(value, node.span, { dimension: expression.dimension });
  place.run.accept('E0401', node.span, {
    purpose,
    name: subject(place, node.span),
    role: '',
    allowed: 'constants',
  });
  return undefined;
}

export function checkRange(node: RangeNode, place: Place): CheckedRange | undefined {
  const { accept } = place.run;
  const lower = checkConstant(node.lower, place, 'a bound');
  const upper = checkConstant(node.upper, place, 'a bound');
  const step = node.step && checkConstant(node.step, place, 'a step');
  if (!lower || !upper || (node.step && !step)) return undefined;
  const dimension = lower.dimension === 0 && lower.value === 0 ? upper.dimension : lower.dimension;
  for (const part of step ? [upper, step] : [upper]) {
    if (part.dimension === dimension || (part.value === 0 && part.literal)) continue;
    accept('E0201', part.span, {
      left: describeDimension(dimension),
      right: describeDimension(part.dimension),
      verb: 'used in one range',
    });
    return undefined;
  }
  const [lo, hi] = [lower.value, upper.value];
  if (!(lo < hi)) {
    accept('E0403', node.span, { lo: showNumber(lo), hi: showNumber(hi), step: '' });
    return undefined;
  }
  if (!step) return { lo, hi, top: hi, dimension };
  if (!(step.value > 0) || step.value > hi - lo) {
    accept('E0403', step.span, {
      lo: showNumber(lo),
      hi: showNumber(hi),
      step: showNumber(step.value),
    });
    return undefined;
  }
  const counts = (hi - lo) / step.value;
  const full = counts === 256 || counts === 65536;
  return { lo, hi, step: step.value, top: full ? hi - step.value : hi, dimension };
}

/** `const`: its value, int where an integer literal could stand, else real. */
export function declareConst(node: ConstNode, place: Place): void {
  const { accept } = place.run;
  const range = node.range && checkRange(node.range, place);
  const value = checkConstant(node.value, place, `the const \`${node.name.text}\``);
  if (!value || (node.range && !range)) {
    place.scope.declare(node.name, 'const', { kind: 'broken' }, accept);
    return;
  }
  let final = value;
  if (node.int) {
    if (!make.fits32(value.value))
      accept('E0203', node.value.span, { purpose: `the int const \`${node.name.text}\`` });
    final = make.constant(value.value, value.span, { type: 'int', dimension: value.dimension });
  } else if (range) {
    isInside(value, range, node.value.span, node.name.text, place);
    final = make.constant(value.value, value.span, { dimension: value.dimension });
  }
  place.scope.declare(node.name, 'const', { kind: 'const', value: final }, accept);
}

function isInside(
  value: Constant,
  range: CheckedRange,
  span: Span,
  name: string,
  place: Place,
): boolean {
  if (value.dimension !== range.dimension && value.value !== 0) {
    place.run.accept('E0201', span, {
      left: describeDimension(range.dimension),
      right: describeDimension(value.dimension),
      verb: 'used for one name',
    });
    return false;
  }
  if (value.value >= range.lo && value.value <= range.hi) return true;
  const near = value.value < range.lo ? range.lo : range.hi;
  place.run.accept(
    'E0402',
    span,
    { name, value: showNumber(value.value), lo: showNumber(range.lo), hi: showNumber(range.hi) },
    { repair: { span, text: showNumber(near) } },
  );
  return false;
}

/** Declares a param, input or state; undefined if its declaration is wrong (reported, the name is known). */
export function declareStorage(node: DeclarationNode, place: Place): StorageSymbol | undefined {
  const { accept } = place.run;
  const symbol = checkDeclaration(node, place);
  place.scope.declare(
    node.name,
    node.role,
    symbol ? { kind: 'symbol', symbol } : { kind: 'broken' },
    accept,
  );
  return symbol;
}

function checkDeclaration(node: DeclarationNode, place: Place): StorageSymbol | undefined {
  const { accept } = place.run;
  const name = node.name.text;
  const domain = node.domain?.name ?? 'once';
  let fine = true;
  const fail = (report: () => void): void => {
    report();
    fine = false;
  };
  const range = node.range && checkRange(node.range, place);
  if (node.range && !range) fine = false;
  if (!node.range && !node.int)
    fail(() => accept('E0404', node.name.span, { name, role: node.role, domain }));
  if (node.int && node.domain && domain !== 'row') {
    const { int } = node;
    fail(() => accept('E0404', int, { name, role: node.role, domain }));
  }
  if (node.role === 'param' && node.domain) {
    const { span } = node.domain;
    fail(() => accept('E0409', span, { what: 'domain', name }));
  }
  if (node.external && (node.role !== 'state' || domain !== 'synapse')) {
    const { external } = node;
    fail(() => accept('E0409', external, { what: 'external', name }));
  }
  if (
    range?.step !== undefined &&
    domain !== 'once' &&
    (range.hi - range.lo) / range.step > 65536
  ) {
    const steps = showNumber((range.hi - range.lo) / range.step);
    fail(() => accept('E0405', node.range?.span ?? node.span, { name, steps }));
  }
  if (range && range.top !== range.hi && node.range) {
    accept('W0413', node.range.upper.span, {
      name,
      hi: showNumber(range.hi),
      top: showNumber(range.top),
    });
  }
  const sizes: number[] = [];
  for (const size of node.sizes) {
    const value = checkConstant(size, place, 'an array size');
    if (!value) fine = false;
    else if (!Number.isInteger(value.value) || value.value < 1 || value.value > 65536) {
      fail(() =>
        accept('E0409', size.span, { what: 'size', name, found: showNumber(value.value) }),
      );
    } else sizes.push(value.value);
  }
  if (node.sizes.length > 2) fail(() => accept('E0409', node.span, { what: 'dimensions', name }));

  let initial = range ? Math.min(Math.max(0, range.lo), range.top) : 0;
  let dimension: Dimension = range?.dimension ?? 0;
  if (node.initial) {
    const value = checkConstant(node.initial, place, `the default of \`${name}\``);
    const { span } = node.initial;
    if (!value) fine = false;
    else if (range) {
      if (!isInside(value, range, span, name, place)) fine = false;
      initial = Math.min(value.value, range.top);
    } else if (!make.fits32(value.value)) {
      fail(() => accept('E0203', span, { purpose: `the int \`${name}\`` }));
    } else {
      initial = value.value;
      dimension = value.dimension;
    }
  } else if (node.role === 'param') {
    fail(() => accept('E0408', node.name.span, { name }));
  }
  if (!fine) return undefined;
  return {
    kind: node.role,
    id: place.run.nextId++,
    name,
    span: node.name.span,
    type: range ? 'real' : 'int',
    dimension,
    domain,
    sizes,
    external: node.external !== undefined,
    initial,
    interval: range ? { lo: range.lo, hi: range.top } : (place.rule?.held.get(name) ?? int32),
    ...(range && { range: plainRange(range) }),
  };
}

function plainRange({ lo, hi, top, step }: CheckedRange): ValueRange {
  return step === undefined ? { lo, hi, top } : { lo, hi, top, step };
}

const mostTablePoints = 65536;

/** Declares a table and computes its values. */
export function declareTable(node: TableNode, place: Place): void {
  const { accept } = place.run;
  const table = checkTable(node, place);
  place.scope.declare(
    node.name,
    'table',
    table ? { kind: 'table', table } : { kind: 'broken' },
    accept,
  );
}

function checkTable(node: TableNode, place: Place): TableSymbol | undefined {
  const { accept } = place.run;
  const inside = new Scope(place.scope);
  const symbols: TableArgumentSymbol[] = [];
  const grids: TableGrid[] = [];
  for (const argument of node.arguments) {
    const range = argument.range && checkRange(argument.range, place);
    if (!range) {
      if (!argument.range)
        accept('E0404', argument.span, {
          name: argument.name.text,
          role: 'argument',
          domain: 'table',
        });
      inside.declare(argument.name, 'table argument', { kind: 'broken' }, accept);
      continue;
    }
    const symbol: TableArgumentSymbol = {
      kind: 'table-argument',
      id: place.run.nextId++,
      name: argument.name.text,
      span: argument.name.span,
      type: 'real',
      dimension: range.dimension,
      domain: 'once',
      range: plainRange(range),
    };
    symbols.push(symbol);
    inside.declare(argument.name, 'table argument', { kind: 'symbol', symbol }, accept);
    const step = range.step ?? (range.hi - range.lo) / 255;
    const points = Math.floor((range.hi - range.lo) / step + 1e-9) + 1;
    grids.push({ name: symbol.name, lo: range.lo, hi: range.hi, step, points });
  }
  const range = node.range && checkRange(node.range, place);
  const count = node.arguments.length;
  const points = grids.reduce((product, grid) => product * grid.points, 1);
  if (count < 1 || count > 2 || points > mostTablePoints) {
    accept('E0414', node.name.span, { name: node.name.text, arguments: count, points });
    return undefined;
  }
  const only = { what: 'constants' as const, purpose: `the table \`${node.name.text}\`` };
  const definition = checkExpression(node.value, { ...place, scope: inside, only });
  inside.reportUnused(accept);
  if (!definition || (node.range && !range) || grids.length !== count) return undefined;
  const values = new Float64Array(points);
  for (let i = 0; i < points; i++) {
    let rest = i;
    const at = new Map<number, number>();
    for (let axis = count - 1; axis >= 0; axis--) {
      const grid = grids[axis];
      const symbol = symbols[axis];
      if (!grid || !symbol) continue;
      at.set(symbol.id, grid.lo + (rest % grid.points) * grid.step);
      rest = Math.floor(rest / grid.points);
    }
    const value = evaluateNumber(definition, (leaf) =>
      leaf.kind === 'read' ? at.get(leaf.symbol.id) : undefined,
    );
    if (value === undefined || Number.isNaN(value)) {
      accept('E0401', node.value.span, {
        ...only,
        name: node.name.text,
        role: '',
        allowed: 'constants',
      });
      return undefined;
    }
    values[i] = range ? Math.min(Math.max(value, range.lo), range.top) : value;
  }
  const found = {
    lo: values.reduce((a, b) => Math.min(a, b), Infinity),
    hi: values.reduce((a, b) => Math.max(a, b), -Infinity),
  };
  return {
    kind: 'table',
    id: place.run.nextId++,
    name: node.name.text,
    span: node.name.span,
    type: 'real',
    dimension: definition.dimension,
    arguments: grids,
    range: range ? plainRange(range) : { ...found, top: found.hi },
    values,
  };
}
