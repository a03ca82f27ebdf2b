/** Recorded events by what they came from: neurons of populations, or sources of background generators. */
import type { ResponseReader } from '../../isa/playback/reader.js';
import type { SpikeTrains } from '../piece.js';
import type { Placement } from './placement.js';
import type { Population } from './population.js';
import type { SpikeSources } from './spike-sources.js';
import { backgroundMark } from './routes.js';

interface Found {
  readonly times: number[];
  readonly indices: number[];
}

const cycleSeconds = 4e-9;
const labelBits = 0x7ff;

/** See the module's first sentence. */
export class SpikeSorter {
  private readonly neuronOf = new Map<number, { group: Population; index: number }>();
  private readonly sourceOf = new Map<number, { group: SpikeSources; index: number }>();

  constructor(private readonly placement: Placement) {
    for (const [group, neurons] of placement.neurons)
      neurons.forEach((neuron, index) => {
        const address = placement.routing.addressOf.get(neuron) ?? 0;
        this.neuronOf.set((neuron.output << 8) | address, { group, index });
      });
    for (const { sources, generator, label, first, count, isRecorded } of placement.generators)
      for (let i = 0; isRecorded && i < count; i++)
        this.sourceOf.set(((generator & 3) << 14) | (label + i), {
          group: sources,
          index: first + i,
        });
  }

  /** @param origin cycle of experiment time 0 */
  sort(
    answers: ResponseReader,
    origin: number,
  ): { neurons: Map<Population, SpikeTrains>; background: Map<SpikeSources, SpikeTrains> } {
    const times = answers.spikeTimes.values();
    const labels = answers.spikeLabels.values();
    const found = new Map<object, Found>();
    const listOf = (group: object): Found => {
      let list = found.get(group);
      if (!list) found.set(group, (list = { times: [], indices: [] }));
      return list;
    };
    for (let i = 0; i < times.length; i++) {
      const label = labels[i] ?? 0;
      const from =
        (label & backgroundMark) === 0
          ? this.neuronOf.get(label & labelBits)
          : this.sourceOf.get(label);
      if (!from) continue;
      const list = listOf(from.group);
      list.times.push(((times[i] ?? 0) - origin) * cycleSeconds);
      list.indices.push(from.index);
    }
    const trains = (group: object): SpikeTrains => ({
      times: Float64Array.from(listOf(group).times),
      neurons: Uint16Array.from(listOf(group).indices),
    });
    const recorded = new Set(this.placement.generators.map(({ sources }) => sources));
    return {
      neurons: new Map([...this.placement.neurons.keys()].map((p) => [p, trains(p)])),
      background: new Map([...recorded].map((group) => [group, trains(group)])),
    };
  }
}
