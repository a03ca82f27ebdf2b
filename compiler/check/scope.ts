/** Names and what they mean where. */
import type { Accept } from '../diagnostics/diagnostic.js';
import type { FunctionNode, Name, Span } from '../syntax/ast.js';
import { keywords, unitNames } from '../syntax/grammar.js';
import { nearest } from '../syntax/near.js';
import type {
  Constant,
  Domain,
  Interval,
  LetSymbol,
  LoopSymbol,
  ObservableName,
  StorageSymbol,
  TableArgumentSymbol,
  TableSymbol,
} from './typed.js';

/** Domain and range of every observable. */
export const observables: {
  readonly [name in ObservableName]: { readonly domain: Domain; readonly range: Interval };
} = {
  w: { domain: 'synapse', range: { lo: 0, hi: 63 } },
  label: { domain: 'synapse', range: { lo: 0, hi: 63 } },
  causal: { domain: 'synapse', range: { lo: -64, hi: 191 } },
  acausal: { domain: 'synapse', range: { lo: -64, hi: 191 } },
  causal_code: { domain: 'synapse', range: { lo: 0, hi: 255 } },
  acausal_code: { domain: 'synapse', range: { lo: 0, hi: 255 } },
  rate: { domain: 'neuron', range: { lo: 0, hi: 255 } },
  v: { domain: 'neuron', range: { lo: 0, hi: 255 } },
  neuron: { domain: 'neuron', range: { lo: 0, hi: 511 } },
  row: { domain: 'row', range: { lo: 0, hi: 255 } },
  time: { domain: 'once', range: { lo: 0, hi: 2147483647 } },
  period: { domain: 'once', range: { lo: 0, hi: 2147483647 } },
};

export function isObservable(name: string): name is ObservableName {
  return Object.hasOwn(observables, name);
}

export const functionNames: readonly string[] = [
  'abs',
  'min',
  'max',
  'clamp',
  'sign',
  'floor',
  'ceil',
  'round',
  'sqrt',
  'exp',
  'log',
  'tanh',
  'sin',
  'cos',
  'argmax',
  'sum',
  'mean',
  'uniform',
  'normal',
  'stochastic',
];

export type Meaning =
  | { readonly kind: 'const'; readonly value: Constant }
  | {
      readonly kind: 'symbol';
      readonly symbol: StorageSymbol | LetSymbol | LoopSymbol | TableArgumentSymbol;
    }
  | { readonly kind: 'table'; readonly table: TableSymbol }
  | { readonly kind: 'function'; readonly node: FunctionNode; readonly scope: Scope }
  | { readonly kind: 'population' }
  /** Declared, but its declaration is wrong and has been reported: agrees with everything. */
  | { readonly kind: 'broken' };

export interface Binding {
  readonly name: string;
  readonly span: Span;
  /** What to call it in messages: param, let, function, ... */
  readonly role: string;
  readonly meaning: Meaning;
  used: boolean;
}

/** A declaration that has not been reached. */
export interface Announced {
  readonly span: Span;
  readonly role: string;
  /** Something above it asked for it. */
  wanted: boolean;
}

export class Scope {
  private readonly bindings = new Map<string, Binding>();
  /** What this block declares somewhere, by name: known or not yet. */
  private readonly announced = new Map<string, Announced>();

  constructor(private readonly outer?: Scope) {}

  /** The binding that `name` has here. */
  find(name: string): Binding | undefined {
    return this.bindings.get(name) ?? this.outer?.find(name);
  }

  /** Says that the block declares a name somewhere, so that an early use is told from a wrong name. */
  announce(name: Name, role: string): void {
    if (!this.announced.has(name.text))
      this.announced.set(name.text, { span: name.span, role, wanted: false });
  }

  /** The declaration still to come of a name that is not known here. */
  later(name: string): Announced | undefined {
    return this.announced.get(name) ?? this.outer?.later(name);
  }

  /** Declares a name; reports reserved words, second declarations and shadowing. */
  declare(name: Name, role: string, meaning: Meaning, accept: Accept): Binding {
    const used = this.announced.get(name.text)?.wanted ?? false;
    const binding: Binding = { name: name.text, span: name.span, role, meaning, used };
    const reserved = reservedAs(name.text);
    // Nothing can be observed inside a table, so its arguments may be called after what they stand for.
    const kind = role === 'table argument' && isObservable(name.text) ? undefined : reserved;
    const same = this.bindings.get(name.text);
    if (kind) {
      accept('E0103', name.span, { name: name.text, kind });
      binding.used = true;
    } else if (same) {
      accept(
        'E0102',
        name.span,
        { name: name.text },
        { secondary: [{ span: same.span, text: 'already declared here' }] },
      );
      binding.used = true;
      same.used = true;
      return binding;
    } else {
      const hidden = this.outer?.find(name.text);
      if (hidden) {
        accept(
          'W0105',
          name.span,
          { name: name.text, role: hidden.role },
          { secondary: [{ span: hidden.span, text: `this ${hidden.role} is hidden` }] },
        );
      }
    }
    this.bindings.set(name.text, binding);
    return binding;
  }

  /** All names that can be seen from here. */
  *names(): Generator<string> {
    yield* this.bindings.keys();
    if (this.outer) yield* this.outer.names();
  }

  /** Warns of names that nothing used. */
  reportUnused(accept: Accept): void {
    for (const binding of this.bindings.values()) {
      if (binding.used || binding.name.startsWith('_') || binding.meaning.kind === 'broken')
        continue;
      accept('W0104', binding.span, { name: binding.name, role: binding.role });
    }
  }
}

function reservedAs(name: string): string | undefined {
  if (isObservable(name)) return 'an observable';
  if (functionNames.includes(name)) return 'a function of the language';
  if (keywords.includes(name)) return 'a keyword';
  if (unitNames.includes(name)) return 'a unit';
  return undefined;
}

/** A known name close to an unknown one. */
export function nearName(name: string, scope: Scope): string | undefined {
  return nearest(name, [...scope.names(), ...Object.keys(observables), ...functionNames]);
}
