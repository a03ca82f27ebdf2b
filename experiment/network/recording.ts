/** What a network records in one segment: the converters are shared out, samples planned, answers made into data. */
import { ExperimentError } from '../failure.js';
import type { Action, Piece, SimulationOptions } from '../piece.js';
import type { Simulation } from '../simulation.js';
import type { CircuitReadout } from './configure.js';
import { madcVolts } from './madc.js';
import type { Network } from './network.js';
import type { PlacedCircuit } from './neuron-places.js';
import type { PlacedProjection, Placement } from './placement.js';
import type { Population } from './population.js';
import type { AnalogVariable, PopulationData, RecordedSignal, Recording } from './recorded.js';
import type { Projection, RecordedCorrelation } from './projection.js';
import type { RegisterSink } from './registers.js';
import {
  decodeSamples,
  decodeSensors,
  sampleNeurons,
  sampleSensors,
  writeReadoutSwitches,
  writeSensorReads,
} from './sampling.js';
import type { SensorRequest } from './sampling.js';
import {
  connectionsOn,
  correlationInterval,
  joinSignals,
  recordedSpikes,
  sourceSpikes,
} from './signals.js';
import type { NeuronSampling, Spikes } from './signals.js';
import type { SpikeSources } from './spike-sources.js';
import type { Stimulus } from './stimuli.js';

/** readout_select of what can be recorded. */
const selectOf = { v: 0, exc: 1, inh: 2, w: 3 } as const;

interface SensorSampling extends SensorRequest {
  readonly placed: PlacedProjection;
  /** Synapse of the array for each connection. */
  readonly baseline: { causal: Float64Array; acausal: Float64Array };
  readonly times: number[];
  readonly causal: Float64Array[];
  readonly acausal: Float64Array[];
}

/** See the module's first sentence. */
export interface RecordingPlan {
  readonly readouts: ReadonlyMap<number, CircuitReadout>;
  readonly madc: NonNullable<SimulationOptions['record']> | undefined;
  writeSwitches(sink: RegisterSink): void;
  /** Codes of the sensors at rest, before anything runs. */
  measureBaselines(simulation: Simulation): Promise<void>;
  sample(
    from: number,
    to: number,
  ): {
    readonly actions: readonly Action[];
    collect(piece: Piece, stimuli: readonly Stimulus[]): void;
  };
  spikesOf(sources: SpikeSources): PopulationData;
  dataOf(population: Population): PopulationData;
  correlationOf(projection: Projection): RecordedCorrelation | undefined;
}

/** @throws ExperimentError when a converter is asked for two things at once */
export function planRecording(network: Network, placement: Placement): RecordingPlan {
  return new Plan(network, placement);
}

class Plan implements RecordingPlan {
  readonly readouts = new Map<number, CircuitReadout>();
  madc: RecordingPlan['madc'];
  private madcOf:
    | {
        readonly population: Population;
        readonly recording: Recording & { readonly variable: AnalogVariable };
        readonly circuits: readonly PlacedCircuit[];
      }
    | undefined;
  private readonly samplings: NeuronSampling[] = [];
  private readonly sensors: SensorSampling[] = [];
  private readonly spikes = new Map<Population | SpikeSources, Spikes>();
  private readonly madcSamples = { times: [] as number[], codes: [] as number[] };

  constructor(
    network: Network,
    private readonly placement: Placement,
  ) {
    for (const population of network.populations) {
      this.spikes.set(population, { times: [], neurons: [] });
      for (const recording of population.recordings) this.plan(population, recording);
    }
    for (const placed of placement.projections) {
      const interval = correlationInterval(placed.projection);
      if (interval !== undefined) this.planSensors(placed, interval);
    }
    this.checkProcessors();
  }

  writeSwitches(sink: RegisterSink): void {
    for (const half of [0, 1]) writeReadoutSwitches(sink, half, this.columnsOf(half), true);
  }

  async measureBaselines(simulation: Simulation): Promise<void> {
    const conversions = 4;
    for (const sampling of this.sensors)
      for (let k = 0; k < conversions; k++) {
        let tickets: ReturnType<typeof writeSensorReads> | undefined;
        const answers = await simulation.exchange((writer) => {
          writeReadoutSwitches(writer, sampling.hemisphere, sampling.neurons, false);
          tickets = writeSensorReads(writer, sampling);
          writeReadoutSwitches(writer, sampling.hemisphere, sampling.neurons, true);
        });
        const codes = decodeSensors(sampling, tickets ?? { times: [], tickets: [] }, answers);
        for (const branch of ['causal', 'acausal'] as const)
          codes[branch].forEach((code, i) => {
            const sum = sampling.baseline[branch];
            sum[i] = (sum[i] ?? 0) + code / conversions;
          });
      }
  }

  sample(from: number, to: number): ReturnType<RecordingPlan['sample']> {
    // One conversion serves all neurons of a half.
    const halves = ([0, 1] as const).flatMap((hemisphere) => {
      const columns = this.columnsOf(hemisphere);
      const interval = this.samplings.find((each) => each.hemisphere === hemisphere)?.interval;
      return interval === undefined
        ? []
        : [{ hemisphere, ...sampleNeurons({ hemisphere, interval, columns }, from, to) }];
    });
    const neurons = this.samplings.flatMap((sampling) =>
      halves
        .filter(({ hemisphere }) => hemisphere === sampling.hemisphere)
        .map(({ result }) => ({ sampling, result })),
    );
    const sensors = this.sensors.map((sampling) => ({
      sampling,
      ...sampleSensors(sampling, from, to),
    }));
    return {
      actions: [...halves, ...sensors].flatMap(({ actions }) => actions),
      collect: (piece, stimuli) => {
        for (const { sampling, result } of neurons) {
          sampling.times.push(...result.times);
          sampling.codes.push(decodeSamples(sampling, result, piece.answers));
        }
        for (const { sampling, result } of sensors) {
          sampling.times.push(...result.times);
          const codes = decodeSensors(sampling, result, piece.answers);
          for (const branch of ['causal', 'acausal'] as const)
            sampling[branch].push(
              codes[branch].map(
                (code, i) => (sampling.baseline[branch][i % sampling.synapses.length] ?? 0) - code,
              ),
            );
        }
        this.collectEvents(piece);
        sourceSpikes(piece, stimuli, (sources, time, index) => {
          const list = this.spikes.get(sources) ?? { times: [], neurons: [] };
          this.spikes.set(sources, list);
          list.times.push(time);
          list.neurons.push(index);
        });
      },
    };
  }

  spikesOf(sources: SpikeSources): PopulationData {
    return { spikes: recordedSpikes(this.spikes.get(sources)), signals: {} };
  }

  dataOf(population: Population): PopulationData {
    const signals: Partial<Record<AnalogVariable, RecordedSignal>> = {};
    let madc: PopulationData['madc'];
    for (const variable of ['v', 'w', 'exc', 'inh'] as const) {
      const own = this.samplings.filter(
        (each) => each.population === population && each.variable === variable,
      );
      if (own.length > 0) signals[variable] = joinSignals(own);
    }
    if (this.madcOf?.population === population) {
      const { variable, neurons } = this.madcOf.recording;
      const codes = Uint16Array.from(this.madcSamples.codes);
      const [circuit] = this.madcOf.circuits;
      madc = {
        variable,
        times: Float64Array.from(this.madcSamples.times),
        neurons,
        compartments: [circuit?.compartment ?? ''],
        codes,
        values: Float64Array.from(codes, madcVolts),
      };
      signals[variable] ??= madc;
    }
    return {
      ...(madc ? { madc } : {}),
      spikes: recordedSpikes(this.spikes.get(population)),
      signals,
    };
  }

  correlationOf(projection: Projection): RecordedCorrelation | undefined {
    const own = this.sensors.filter(({ placed }) => placed.projection === projection);
    const [first] = own;
    if (!first) return undefined;
    const count = projection.connections.length;
    const values = (branch: 'causal' | 'acausal'): Float64Array => {
      const all = new Float64Array(first.times.length * count);
      for (const sampling of own) {
        const members = connectionsOn(sampling.placed, sampling.hemisphere);
        let sample = 0;
        for (const part of sampling[branch])
          for (let i = 0; i < part.length; i += members.length, sample++)
            members.forEach((connection, k) => {
              all[sample * count + connection] = part[i + k] ?? 0;
            });
      }
      return all;
    };
    return {
      times: Float64Array.from(first.times),
      causal: values('causal'),
      acausal: values('acausal'),
    };
  }

  private collectEvents(piece: Piece): void {
    for (const [population, { times, neurons }] of piece.spikes) {
      const list = this.spikes.get(population);
      times.forEach((time, i) => {
        list?.times.push(time);
        list?.neurons.push(neurons[i] ?? 0);
      });
    }
    piece.membrane?.times.forEach((time, i) => {
      this.madcSamples.times.push(time);
      this.madcSamples.codes.push(piece.membrane?.codes[i] ?? 0);
    });
  }

  private plan(population: Population, recording: Recording): void {
    const { variable, neurons, compartment } = recording;
    if (variable === 'spikes') return;
    const place = `population "${population.name}"`;
    const circuits = neurons.map((neuron) => this.circuitOf(population, neuron, compartment));
    for (const { neuron } of circuits) this.select(neuron, selectOf[variable], place);
    if (recording.device === 'madc') {
      if (this.madc)
        throw new ExperimentError(
          'two neurons are to be recorded by the fast converter',
          place,
          'There is one: give an interval to use the parallel converter for the others.',
        );
      this.madc = {
        population,
        neuron: neurons[0] ?? 0,
        select: selectOf[variable],
        ...(compartment === undefined ? {} : { compartment }),
      };
      this.madcOf = { population, recording: { ...recording, variable }, circuits };
      const [circuit] = circuits;
      if (circuit)
        this.readouts.set(circuit.neuron, { ...this.readouts.get(circuit.neuron), madc: true });
      return;
    }
    for (const hemisphere of [0, 1] as const) {
      // What is asked for twice is recorded once.
      const known = this.samplings.filter(
        (each) =>
          each.population === population &&
          each.variable === variable &&
          each.interval === recording.interval,
      );
      const own = circuits.flatMap((circuit, i) =>
        circuit.hemisphere === hemisphere &&
        !known.some(({ columns }) => columns.includes(circuit.column))
          ? [i]
          : [],
      );
      if (own.length > 0)
        this.samplings.push({
          population,
          variable,
          hemisphere,
          interval: recording.interval ?? 0,
          columns: own.map((i) => circuits[i]?.column ?? 0),
          neurons: own.map((i) => neurons[i] ?? 0),
          compartments: own.map((i) => circuits[i]?.compartment ?? ''),
          times: [],
          codes: [],
        });
    }
  }

  private circuitOf(
    population: Population,
    neuron: number,
    compartment: string | undefined,
  ): PlacedCircuit {
    const circuits = this.placement.neurons.get(population)?.[neuron]?.circuits ?? [];
    const name = compartment ?? circuits[0]?.compartment;
    const found = circuits.find((circuit) => circuit.compartment === name);
    if (!found)
      throw new ExperimentError(
        `there is no compartment "${name}"`,
        `population "${population.name}"`,
        `Its neurons have ${[...new Set(circuits.map((c) => c.compartment))].join(', ')}.`,
      );
    return found;
  }

  private select(neuron: number, select: number, place: string): void {
    const known = this.readouts.get(neuron);
    if (known?.select !== undefined && known.select !== select)
      throw new ExperimentError(
        'two values of one neuron are to be recorded at once',
        place,
        'A neuron shows one of v, w, exc, inh to the converters: record the other from another neuron, or in another run.',
      );
    this.readouts.set(neuron, { ...known, select });
  }

  private planSensors(placed: PlacedProjection, interval: number): void {
    for (const hemisphere of [0, 1] as const) {
      const synapses = connectionsOn(placed, hemisphere).map((connection) => {
        const { row, column } = placed.synapses[placed.synapsesOf[connection]?.[0] ?? 0] ?? {
          row: 0,
          column: 0,
        };
        return { row, column };
      });
      if (synapses.length === 0) continue;
      const zeros = (): Float64Array => new Float64Array(synapses.length);
      this.sensors.push({
        placed,
        hemisphere,
        interval,
        synapses,
        neurons: this.columnsOf(hemisphere),
        baseline: { causal: zeros(), acausal: zeros() },
        times: [],
        causal: [],
        acausal: [],
      });
    }
  }

  private columnsOf(hemisphere: number): number[] {
    const own = this.samplings.filter((each) => each.hemisphere === hemisphere);
    return [...new Set(own.flatMap(({ columns }) => columns))];
  }

  /** A rule uses the converter of its half itself; two samplings of one half follow each other only at equal intervals. */
  private checkProcessors(): void {
    for (const { hemisphere } of [...this.samplings, ...this.sensors]) {
      const rule = this.placement.projections.find(({ blocks }) =>
        blocks.some((block) => block.hemisphere === hemisphere),
      );
      if (rule)
        throw new ExperimentError(
          'a rule runs on the half whose parallel converter is to be used',
          `projection "${rule.projection.name}"`,
          'Let the rule `record` the values, record one neuron with the fast converter, or put the population on the other half.',
        );
    }
    for (const hemisphere of [0, 1] as const) {
      const intervals = new Set(
        [...this.samplings, ...this.sensors]
          .filter((each) => each.hemisphere === hemisphere)
          .map(({ interval }) => interval),
      );
      if (intervals.size > 1)
        throw new ExperimentError(
          `intervals of ${[...intervals].map((i) => `${i} s`).join(' and ')} meet on one half`,
          'recording',
          'All neurons and sensors of a half share a converter: record them at one interval.',
        );
    }
  }
}
