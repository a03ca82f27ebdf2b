/** The crossbar: which events go where, how fast, and what is counted. */

import { crossbarInputs, crossbarNodes, crossbarOutputs } from '../../isa/registers/index.js';

const labelBits = 0x3fff;

/** Where events leave the crossbar. */
export interface CrossbarOutputs {
  /** Event at output 0..7, a PADI bus. */
  toBus(bus: number, label: number, cycle: number): void;
  /** Event at output 8..11, numbered 0..3 here, to the FPGA. */
  toFpga(output: number, label: number, cycle: number): void;
}

/** Nodes of each input that let something pass or count what they drop; the others do nothing. Never saved. */
class ActiveNodes {
  readonly ofInput: Uint8Array[] = [];

  constructor(private readonly nodes: Uint32Array) {
    for (let input = 0; input < crossbarInputs; input++) this.update(input);
  }

  update(input: number): void {
    const active: number[] = [];
    crossbarNodes.forEach(([, from], node) => {
      const word = this.nodes[node]!;
      if (from === input && (passesAny(word) || word >>> 31 !== 0)) active.push(node);
    });
    this.ofInput[input] = Uint8Array.from(active);
  }
}

const outputOfNode = Uint8Array.from(crossbarNodes, ([output]) => output);

/** Some label passes a node: its target has no bit that the mask takes away. */
function passesAny(word: number): boolean {
  return ((word >>> 16) & ~word & labelBits) === 0;
}

/** One event a slot at each output; what finds the short queue full is dropped and counted. */
export class Crossbar {
  readonly nodes = new Uint32Array(crossbarNodes.length);
  /** Events of neurons may reach synapses. */
  hasFeedback = true;
  /** Events of host or background sources may reach the FPGA. */
  hasEcho = true;
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
  private readonly active = new ActiveNodes(this.nodes);
  /** Cycles that an event waits at most. */
  private readonly longest: number;

  constructor(
    private readonly slot: number,
    depth: number,
    private readonly outputs: CrossbarOutputs,
  ) {
    this.longest = slot * depth;
  }

  /** Writes a node's word: mask in bits 13..0, what the masked label must be in bits 29..16. */
  setNode(node: number, word: number): void {
    this.nodes[node] = word;
    this.active.update(crossbarNodes[node]![1]);
    const leads = (toBus: boolean, fromNeurons: boolean): boolean =>
      crossbarNodes.some(
        ([output, input], i) =>
          output < 8 === toBus && input < 8 === fromNeurons && passesAny(this.nodes[i]!),
      );
    this.hasFeedback = leads(true, true);
    this.hasEcho = leads(false, false);
  }

  /**
   * An event with a 14-bit label arrives at an input. Arrivals that can meet at an output must come in order of (cycle,
   * input).
   */
  arrive(input: number, label: number, cycle: number): void {
    const list = this.active.ofInput[input]!;
    for (let i = 0; i < list.length; i++) {
      const node = list[i]!;
      const word = this.nodes[node]!;
      if (((label & word) ^ (word >>> 16)) & labelBits) {
        if (word >>> 31 !== 0) this.dropCounters[input]!++;
        continue;
      }
      const output = outputOfNode[node]!;
      const free = this.freeAt[output]!;
      const leaves = free > cycle ? free : cycle;
      if (leaves - cycle > this.longest) {
        this.overflows++;
        continue;
      }
      this.freeAt[output] = leaves + this.slot;
      if ((this.outputConfig >>> (4 + output)) & 1)
        this.eventCounters[output] = (this.eventCounters[output]! + 1) & 0xffffff;
      if (output < 8) this.outputs.toBus(output, label, leaves);
      else this.outputs.toFpga(output - 8, label, leaves);
    }
  }

  /** Works out what follows from the nodes, which have been loaded from a snapshot. */
  restored(): void {
    for (let input = 0; input < crossbarInputs; input++) this.active.update(input);
  }

  clear(): void {
    this.nodes.fill(0);
    this.hasFeedback = true;
    this.hasEcho = true;
    this.outputConfig = 0;
    this.dropCounters.fill(0);
    this.eventCounters.fill(0);
    this.freeAt.fill(0);
    this.overflows = 0;
    this.restored();
  }
}
