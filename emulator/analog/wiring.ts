/** Which membranes are connected: circuits of nodes (joined membranes and soma lines) and the conductances between them. */
import { NEURONS } from './core.js';
import type { NeuronConfig } from './core.js';
import type { Settings } from './settings.js';

/** Configuration bits that connect a membrane to others. */
export const WIRE_FIELDS = [
  'connect_somata',
  'connect_bottom',
  'en_comp_cond',
  'connect_membrane_right',
  'connect_soma',
] as const;

/** The compartment conductance of `neuron` between two nodes of its circuit. */
export interface Wire {
  readonly neuron: number;
  readonly from: number;
  readonly to: number;
}

export interface Wiring {
  readonly circuitOf: Int32Array;
  /** Node of a neuron's membrane within its circuit, and its place among the members. */
  readonly nodeOf: Int32Array;
  readonly placeOf: Int32Array;
  readonly members: readonly Int32Array[];
  readonly nodes: Int32Array;
  readonly edges: readonly (readonly Wire[])[];
}

const connects = (c: NeuronConfig): boolean =>
  c.connect_somata + c.connect_bottom + c.en_comp_cond + c.connect_membrane_right + c.connect_soma >
  0;

/** Points 0..511 are membranes, 512..1023 the soma lines of the same columns. */
export function wireCircuits(settings: Settings | undefined): Wiring {
  const joined = new Int32Array(2 * NEURONS).map((_, i) => i);
  const find = (array: Int32Array, i: number): number => {
    let root = i;
    while (array[root] !== root) root = array[root] ?? root;
    return root;
  };
  const join = (array: Int32Array, a: number, b: number): void => {
    const ra = find(array, a);
    const rb = find(array, b);
    array[Math.max(ra, rb)] = Math.min(ra, rb);
  };
  const conductances: number[] = [];
  const used = new Uint8Array(2 * NEURONS).fill(1, 0, NEURONS);
  if (settings !== undefined && settings.neurons.some(connects))
    for (let n = 0; n < NEURONS; n++) {
      const c = settings.neurons[n];
      if (c === undefined || !connects(c)) continue;
      const column = n & 255;
      const hasRight = column !== 127 && column !== 255;
      if (c.connect_membrane_right && hasRight) join(joined, n, n + 1);
      if (c.connect_bottom) join(joined, column, 256 + column);
      if (c.connect_soma) join(joined, n, NEURONS + n);
      if (c.connect_somata && hasRight) join(joined, NEURONS + n, NEURONS + n + 1);
      if (c.en_comp_cond) conductances.push(n);
      for (const m of hasRight ? [n, n + 1] : [n]) used[NEURONS + m] = 1;
    }
  const together = joined.slice();
  for (const n of conductances) join(together, n, NEURONS + n);

  const circuitOf = new Int32Array(NEURONS);
  const nodeOf = new Int32Array(NEURONS);
  const placeOf = new Int32Array(NEURONS);
  const members: number[][] = [];
  const nodeIndex: Map<number, number>[] = [];
  const circuitOfRoot = new Map<number, number>();
  for (let n = 0; n < NEURONS; n++) {
    const root = find(together, n);
    let circuit = circuitOfRoot.get(root);
    if (circuit === undefined) {
      circuit = members.length;
      circuitOfRoot.set(root, circuit);
      members.push([]);
      nodeIndex.push(new Map());
    }
    const index = nodeIndex[circuit] ?? new Map<number, number>();
    const node = find(joined, n);
    if (!index.has(node)) index.set(node, index.size);
    circuitOf[n] = circuit;
    nodeOf[n] = index.get(node) ?? 0;
    const own = members[circuit] ?? [];
    placeOf[n] = own.length;
    own.push(n);
  }
  const edges: Wire[][] = members.map(() => []);
  for (const n of conductances) {
    const circuit = circuitOf[n] ?? 0;
    const index = nodeIndex[circuit] ?? new Map<number, number>();
    const soma = find(joined, NEURONS + n);
    // A soma line without any membrane joined to it is a node of its own, without capacitance.
    if (!index.has(soma)) index.set(soma, index.size);
    edges[circuit]?.push({ neuron: n, from: nodeOf[n] ?? 0, to: index.get(soma) ?? 0 });
  }
  return {
    circuitOf,
    nodeOf,
    placeOf,
    members: members.map((list) => Int32Array.from(list)),
    nodes: Int32Array.from(nodeIndex.map((index) => index.size)),
    edges,
  };
}
