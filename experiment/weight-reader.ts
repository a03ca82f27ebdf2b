/** Reads the weights of plastic projections at the end of a program and hands them to their projections. */
import type { PlaybackWriter } from '../isa/playback/writer.js';
import { weightAddress } from '../isa/registers/coordinates.js';
import type { PlacedProjection, Placement } from './network/placement.js';

/** See the module's first sentence. */
export class WeightReader {
  private readonly plastic: readonly PlacedProjection[];
  private readonly addresses: readonly number[];
  private readonly tickets = new Map<number, number>();

  constructor(placement: Placement) {
    this.plastic = placement.projections.filter(({ projection }) => projection.rule);
    this.addresses = [
      ...new Set(
        this.plastic.flatMap(({ synapses }) =>
          synapses.map(
            ({ hemisphere, row, column }) => weightAddress(hemisphere, row, column).address,
          ),
        ),
      ),
    ];
  }

  /** Words to read. */
  get count(): number {
    return this.addresses.length;
  }

  write(writer: PlaybackWriter): void {
    for (const address of this.addresses) this.tickets.set(address, writer.read(address));
  }

  /** Gives the projections their weights. */
  take(answers: Uint32Array): void {
    for (const { projection, synapses, synapsesOf } of this.plastic) {
      const weightOf = (index: number | undefined): number => {
        const synapse = synapses[index ?? -1];
        if (!synapse) return 0;
        const { address, shift } = weightAddress(synapse.hemisphere, synapse.row, synapse.column);
        return ((answers[this.tickets.get(address) ?? -1] ?? 0) >>> shift) & 63;
      };
      const signed = projection.receptor === 'signed';
      projection.connections = projection.connections.map(({ source, target }, k) => {
        const [first, second] = synapsesOf[k] ?? [];
        return { source, target, weight: weightOf(first) - (signed ? weightOf(second) : 0) };
      });
    }
  }
}
