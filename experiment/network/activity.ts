/** Is a population doing anything? Silence and saturation are the two ways in which an operating point is missed. */
import type { SpikeTrains } from '../piece.js';
import { cadcCounts, expectedDrive, expectedRate } from './neuron.js';
import type { Connection } from './connectors.js';
import type { Population } from './population.js';
import type { Receptor } from './projection.js';

/** What one population did, or is expected to do. */
export interface Activity {
  /** Mean output rate per neuron, Hz. */
  readonly rate: number;
  /** A sentence for the user when something is wrong. */
  readonly warning: string | undefined;
}

/** Share of the highest possible rate above which a population counts as saturated. */
const saturation = 0.8;

/** Judges recorded spikes of a window of `duration` seconds. */
export function judgeActivity(
  population: Population,
  spikes: SpikeTrains,
  duration: number,
): Activity {
  const perNeuron = new Float64Array(population.size);
  for (const neuron of spikes.neurons) perNeuron[neuron] = (perNeuron[neuron] ?? 0) + 1 / duration;
  const rate = perNeuron.reduce((sum, r) => sum + r, 0) / population.size;
  const silent = perNeuron.filter((r) => r === 0).length;
  const limit = 1 / population.settings.nominal.tau_refrac;
  const saturated = perNeuron.filter((r) => r > saturation * limit).length;
  const warning =
    silent > 0
      ? `population "${population.name}": ${silent} of ${population.size} neurons never fired; raise the weights or the input rate`
      : saturated > 0
        ? `population "${population.name}": ${saturated} of ${population.size} neurons fire at more than ${saturation * 100} % of the rate that the refractory period allows; lower the weights or the input rate`
        : undefined;
  return { rate, warning };
}

/** The drive of one neuron by Poisson input: expected free membrane in CADC counts, and the rate it gives. */
export interface DriveBudget {
  readonly neuron: number;
  readonly mean: number;
  readonly sd: number;
  readonly leak: number;
  readonly threshold: number;
  readonly rate: number;
}

/** A projection, or what it would be with other weights, and the rates of its sources in Hz. */
export interface DriveInput {
  readonly projection: {
    readonly receptor: Receptor;
    readonly connections: readonly Connection[];
  };
  readonly rates: ArrayLike<number>;
}

/** Drive budget of a population: mean rates in Hz of every source, for each projection that ends on it. */
export function driveBudget(population: Population, inputs: readonly DriveInput[]): DriveBudget[] {
  const { nominal } = population.settings;
  return Array.from({ length: population.size }, (_, neuron) => {
    const drive = expectedDrive(
      nominal,
      inputs.flatMap(({ projection, rates }) =>
        projection.connections
          .filter(({ target }) => target === neuron)
          .map(({ source, weight }) => ({
            rate: rates[source] ?? 0,
            weight: Math.abs(weight),
            sign: inhibits(projection.receptor, weight) ? (-1 as const) : (1 as const),
          })),
      ),
    );
    return {
      neuron,
      mean: cadcCounts(drive.mean),
      sd: drive.sd / 4.5e-3,
      leak: cadcCounts(nominal.v_rest),
      threshold: cadcCounts(nominal.v_thresh),
      rate: expectedRate(nominal, drive.mean),
    };
  });
}

function inhibits(receptor: Receptor, weight: number): boolean {
  return receptor === 'signed' ? weight < 0 : receptor === 'inhibitory';
}
