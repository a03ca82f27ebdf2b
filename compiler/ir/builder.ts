/** Makes IR values: proves ranges, shares equal subexpressions, and moves what does not depend on a row out of row loops. */
import type { Block, DotTerm, Item, Operation, Space, Value } from './ir.js';

/** A range that does not fit its lane: a mistake of the lowering, never of the user. */
export class RangeProofError extends Error {
  override readonly name = 'RangeProofError';
  constructor(operation: string, lo: number, hi: number) {
    super(`${operation}: codes ${lo}..${hi} do not fit`);
  }
}

const limits: { readonly [S in Space]: readonly [number, number] } = {
  scalar: [-0x80000000, 0x7fffffff],
  byte: [-128, 127],
  half: [-0x8000, 0x7fff],
  mask: [0, 1],
};

type Extra = Partial<
  Pick<
    Value,
    'relation' | 'slot' | 'variable' | 'terms' | 'addend' | 'table' | 'population' | 'numbers'
  >
>;

/** Operations that read hardware, memory or variables: never shared, never moved except out of row loops by request. */
const ordered: ReadonlySet<Operation> = new Set<Operation>([
  'load',
  'get',
  'time',
  'random',
  'random-byte',
  'weight',
  'label',
  'load-lanes',
  'lane-at',
  'reduce',
  'row',
]);

export class Builder {
  private nextId = 0;
  private readonly open: Block[] = [];
  private readonly shared: Map<string, Value>[] = [];

  /** The innermost open block. */
  get block(): Block {
    const block = this.open.at(-1);
    if (block === undefined) throw new Error('no open block');
    return block;
  }

  /** Opens a block, lets `fill` add to it, closes it. */
  within(kind: Block['kind'], fill: () => void): Block {
    const block: Block = { items: [], kind, depth: this.open.length };
    this.open.push(block);
    this.shared.push(new Map());
    try {
      fill();
    } finally {
      this.open.pop();
      this.shared.pop();
    }
    return block;
  }

  /** Continues a block that was closed; it must stand in the block that is open now. */
  reopen(block: Block, fill: () => void): void {
    this.open.push(block);
    this.shared.push(new Map());
    try {
      fill();
    } finally {
      this.open.pop();
      this.shared.pop();
    }
  }

  push(item: Item): void {
    this.block.items.push(item);
  }

  /** The depth up to which a value with these operands can move out of row loops. */
  private placeFor(args: readonly Value[]): number {
    const needed = args.reduce((depth, value) => Math.max(depth, value.depth), 0);
    let place = this.open.length - 1;
    while (place > needed && this.open[place]?.kind === 'rows') place--;
    return place;
  }

  value(
    space: Space,
    operation: Operation,
    args: readonly Value[],
    lo: number,
    hi: number,
    extra: Extra = {},
    stay: boolean | 'first' = false,
  ): Value {
    const [least, most] = limits[space];
    if (!(lo >= least && hi <= most && lo <= hi)) throw new RangeProofError(operation, lo, hi);
    const operands = [...args];
    for (const term of extra.terms ?? []) {
      operands.push(term.a);
      if (typeof term.b !== 'number') operands.push(term.b);
    }
    if (extra.addend) operands.push(extra.addend);
    // 'first': once per trigger, whatever the place that asks first.
    const place = stay === 'first' ? 0 : stay ? this.open.length - 1 : this.placeFor(operands);
    // A parameter cannot change while a trigger runs: one read serves it all.
    const isFixed =
      operation === 'load' && args.length === 0 && extra.slot?.symbol.kind !== 'state';
    const pure = (isFixed || !ordered.has(operation)) && stay !== true;
    const key = pure ? keyOf(space, operation, args, extra) : '';
    if (pure) {
      for (let depth = this.open.length - 1; depth >= 0; depth--) {
        const found = this.shared[depth]?.get(key);
        if (found) return found;
      }
    }
    const made: Value = {
      id: this.nextId++,
      space,
      operation,
      args,
      lo,
      hi,
      depth: place,
      numbers: [],
      ...extra,
    };
    this.open[place]?.items.push({ kind: 'value', value: made });
    if (pure) this.shared[place]?.set(key, made);
    return made;
  }

  constant(value: number): Value {
    return this.value('scalar', 'const', [], value, value, { numbers: [value] });
  }

  splat(scalar: Value): Value {
    return this.value('half', 'splat', [scalar], scalar.lo, scalar.hi);
  }

  splatNumber(code: number): Value {
    return this.splat(this.constant(code));
  }
}

function keyOf(space: Space, operation: Operation, args: readonly Value[], extra: Extra): string {
  const terms = (extra.terms ?? []).map(
    (term: DotTerm) => `${term.a.id}*${typeof term.b === 'number' ? `#${term.b}` : term.b.id}`,
  );
  return [
    space,
    operation,
    args.map((value) => value.id).join(','),
    (extra.numbers ?? []).join(','),
    extra.relation ?? '',
    extra.slot?.symbol.id ?? '',
    extra.variable?.id ?? '',
    terms.join('+'),
    extra.addend?.id ?? '',
    extra.table?.name ?? '',
    extra.population ?? '',
  ].join('|');
}
