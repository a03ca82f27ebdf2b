/** The crossbar: which events go where, how fast, and what is counted. */

import { crossbarInputs, crossbarNodes, crossbarOutputs } from '../../isa/registers/index.js';

/** Outputs reached from each input, each followed by its node number. */
const nodesOfInput: readonly Int32Array[] = Array.from({ length: crossbarInputs }, (_, input) =>
  Int32Array.from(
    crossbarNodes.flatMap(([output, from], node) => (from === input ? [output, node] : [])),
  ),
);

/** One event a slot at each output; what finds the short queue full is dropped and counted. */
export class Crossbar {
  readonly nodes = new Uint32Array(crossbarNodes.length);
  /** Events of neurons may reach synapses. */
  hasFeedback = true;
  /** Word of CrossbarOutputConfig. */
  outputConfig = 0;
  /** 16-bit counters, one per input. */
  readonly dropCounters = new Uint16Array(crossbarInputs);
  /** 24-bit counters, one per output. */
  readonly eventCounters = new Uint32Array(crossbarOutputs);
  /** Events lost because an output's queue was full. */
  overflows = 0;

  /** Cycle from which each output is free. */
  private readonly freeAt = new Float64Array(crossbarOutputs);

  constructor(
    private readonly slot: number,
    private readonly depth: number,
    /** Receives each event with the cycle at which it leaves an output. */
    private readonly emit: (output: number, label: number, cycle: number) => void,
  ) {}

  /** Writes a node's word: mask in bits 13..0, what the masked label must be in bits 29..16. */
  setNode(node: number, word: number): void {
    this.nodes[node] = word;
    this.hasFeedback = crossbarNodes.some(
      ([output, input], i) =>
        output < 8 && input < 8 && ((this.nodes[i]! >>> 16) & ~this.nodes[i]! & 0x3fff) === 0,
    );
  }

  /** An event with a 14-bit label arrives at an input. Arrivals must come in order of (cycle, input). */
  arrive(input: number, label: number, cycle: number): void {
    const reached = nodesOfInput[input]!;
    for (let i = 0; i < reached.length; i += 2) {
      const word = this.nodes[reached[i + 1]!]!;
      if ((label & word & 0x3fff) !== ((word >>> 16) & 0x3fff)) {
        if (word >>> 31 !== 0) this.dropCounters[input]!++;
        continue;
      }
      const output = reached[i]!;
      const free = this.freeAt[output]!;
      const leaves = free > cycle ? free : cycle;
      if (leaves - cycle > this.slot * this.depth) {
        this.overflows++;
        continue;
      }
      this.freeAt[output] = leaves + this.slot;
      if ((this.outputConfig >>> (4 + output)) & 1)
        this.eventCounters[output] = (this.eventCounters[output]! + 1) & 0xffffff;
      this.emit(output, label, leaves);
    }
  }

  clear(): void {
    this.nodes.fill(0);
    this.hasFeedback = true;
    this.outputConfig = 0;
    this.dropCounters.fill(0);
    this.eventCounters.fill(0);
    this.freeAt.fill(0);
    this.overflows = 0;
  }
}
