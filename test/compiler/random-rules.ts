/** Random well-typed rules: text from a seed, with the constructs that lanes and the scalar core have. */
import { randomNumbers } from './lockstep.js';

/** A rule file whose only rule has the features that `seed` picks. */
export function randomRule(seed: number): string {
  const random = randomNumbers(seed * 7919 + 13);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const chance = (p: number): boolean => random() < p;
  const constant = (): string => pick(['1', '2', '3', '0.5', '0.25', '1/16', '0.3', '5', '1/3']);

  /** Values without lanes. */
  const once = (depth: number): string => {
    if (depth <= 0 || chance(0.4)) return pick(['p', 'q', 'g', constant()]);
    switch (Math.floor(random() * 5)) {
      case 0:
        return `(${once(depth - 1)} + ${once(depth - 1)})`;
      case 1:
        return `(${once(depth - 1)} - ${once(depth - 1)})`;
      case 2:
        return `${once(depth - 1)} * ${once(depth - 1)}`;
      case 3:
        return `${pick(['min', 'max'])}(${once(depth - 1)}, ${once(depth - 1)})`;
      default:
        return `(${once(depth - 1)}) / ${pick(['2', '3', '16', 'r'])}`;
    }
  };

  /** Small lane values, at most a few hundred. */
  const leaf = (synapse: boolean): string =>
    pick(synapse ? ['w', 'causal', 'acausal', 'rate', 'e', 'n', 'causal'] : ['rate', 'n', 'v']);
  const lane = (depth: number, synapse: boolean): string => {
    if (depth <= 0 || chance(0.25)) return leaf(synapse);
    const inner = (): string => lane(depth - 1, synapse);
    switch (Math.floor(random() * 9)) {
      case 0:
        return `(${inner()} + ${inner()})`;
      case 1:
        return `(${inner()} - ${inner()})`;
      case 2:
        return `(${once(1)}) * ${inner()}`;
      case 3:
        return `${inner()} * ${pick(['0.5', '1/64', '0.1', '2'])}`;
      case 4:
        return `${inner()} / ${pick(['16', '256', '10'])} * ${leaf(synapse)} / 64`;
      case 5:
        return `clamp(${inner()}, -20, 30)`;
      case 6:
        return `${pick(['min', 'max'])}(${inner()}, ${inner()})`;
      case 7:
        return `(if ${inner()} > ${inner()} { ${inner()} } else { ${inner()} })`;
      default:
        return `abs(${inner()})`;
    }
  };
  const small = (depth: number, synapse: boolean): string =>
    `clamp(${lane(depth, synapse)} / 4, -40, 40)`;

  const statement = (): string => {
    switch (Math.floor(random() * 7)) {
      case 0:
        return `w += ${small(2, true)}`;
      case 1:
        return `w += stochastic(${small(2, true)})`;
      case 2:
        return `e = ${lane(2, true)} / 256`;
      case 3:
        return `e += (${once(1)}) * ${leaf(true)} / 512`;
      case 4:
        return `if ${lane(1, true)} < ${lane(1, true)} { w = ${small(1, true)} }`;
      case 5:
        return `if w ${pick(['==', '>=', '!='])} ${pick(['0', '31', '63'])} { e = ${lane(1, true)} / 300 } else { w -= ${once(0)} }`;
      default:
        return `let x = ${lane(1, true)}\n      w += x / 8`;
    }
  };
  const body: string[] = [];
  const count = 1 + Math.floor(random() * 3);
  for (let i = 0; i < count; i++) {
    const text = statement();
    // Names are declared once.
    body.push(text.startsWith('let x') ? text.replaceAll(/\bx\b/g, `x${i}`) : text);
  }
  if (chance(0.7)) body.push('reset causal, acausal');
  const neuron = chance(0.5) ? `n = ${lane(2, false)} / 256` : `n += ${leaf(false)} / 512`;
  const scalar = chance(0.5) ? `g = clamp(${once(2)}, -2, 2)` : `g += (p - g) / 8`;
  return `rule random {
  param p in [0, 1] = 0.25
  param q in [-2, 2] = 0.5
  param r in [1, 4] = 2
  state e per synapse in [-1, 1] step ${pick(['1/128', '1/1024', '1/8192'])} = 0
  state n per neuron in [0, 2] step 1/4096 = 0.5
  state g in [-2, 2] step 1/8192 = 0.5
  every 10 ms {
    ${scalar}
    each neuron { ${neuron} }
    each synapse {
      ${body.join('\n      ')}
    }
    ${chance(0.3) ? 'reset rate' : ''}
  }
}
`;
}
