/** What happens at given times without being a spike: membranes set at the beginning, generators switched on and off. */
import { capmemRowOf } from '../../isa/registers/capmem.js';
import { placeOfNeuron } from '../../isa/registers/coordinates.js';
import { addressOf, addressesOf, encodeContainer } from '../../isa/registers/registers.js';
import type { Action } from '../piece.js';
import { rangedCode } from './neuron.js';
import type { PlacedNeuron } from './neuron-places.js';
import type { Placement } from './placement.js';
import { generatorShape } from './routes.js';
import { generatorSettings } from './sources.js';
import type { BackgroundSource } from './sources.js';
import { RegisterImage } from './registers.js';

const tick = 8e-9;
// Nominal law of the reset potential: mV from codes.
const resetShift = -770;
const voltage = { perCode: 1.875, at0: 18.75 } as const;

interface Start {
  readonly placed: PlacedNeuron;
  readonly wanted: number;
  readonly usual: number;
  readonly refractory: number;
}

function starts({ network, neurons }: Placement): Start[] {
  return network.populations.flatMap((population) =>
    [...population.initial].flatMap(([index, volts]) => {
      const placed = neurons.get(population)?.[index];
      const settings = population.settingsOf(index);
      return placed
        ? [
            {
              placed,
              wanted: rangedCode(
                'v',
                (volts * 1000 - resetShift - voltage.at0) / voltage.perCode,
                1022,
              ),
              usual: settings.codes.v_reset,
              refractory: settings.refractory,
            },
          ]
        : [];
    }),
  );
}

function resetCell({ circuits }: PlacedNeuron): number {
  const { block, slot } = placeOfNeuron(circuits[0]?.neuron ?? 0);
  return addressOf('CapMemCell', [block, capmemRowOf('v_reset'), slot]);
}

/** Registers before time 0: neurons with a start value have it as their reset potential. */
export function initialImage(image: RegisterImage, placement: Placement): RegisterImage {
  const own = new RegisterImage();
  for (const [address, value] of image.words) own.write(address, value);
  for (const { placed, wanted } of starts(placement)) own.write(resetCell(placed), wanted);
  return own;
}

/** Resets that end with time 0, after which the reset potentials are the usual ones again. */
export function initialActions(placement: Placement): Action[] {
  return starts(placement).flatMap(({ placed, usual, refractory }, k): Action[] => {
    const { backendHalf, indexInHalf } = placeOfNeuron(placed.circuits[0]?.neuron ?? 0);
    const reset = addressOf('NeuronReset', [backendHalf, indexInHalf]);
    return [
      { at: Math.min(-1, 2 * k - refractory) * tick, write: (writer) => writer.write(reset, 1) },
      { at: Math.max(0, 2 * k) * tick, write: (writer) => writer.write(resetCell(placed), usual) },
    ];
  });
}

/** What the generators of a placement shall do in one piece: their sources' cells when the piece was noted. */
export type GeneratorCells = readonly BackgroundSource[];

/** The present cells of the sources that generators serve. @throws ExperimentError for a rate that they cannot make */
export function generatorCells({ generators }: Placement): GeneratorCells {
  return generators.flatMap(({ sources, count }) => {
    const { cell } = sources;
    if (cell?.kind !== 'background') return [];
    generatorSettings(sources.name, count, cell);
    return [cell];
  });
}

/**
 * Background generators begin and end with their sources' times, and change their rates when a piece begins.
 * @param before the cells of the piece before, undefined for the first
 */
export function generatorActions(
  { generators }: Placement,
  cells: GeneratorCells,
  before: GeneratorCells | undefined,
  from: number,
  to: number,
): Action[] {
  return generators.flatMap((placed, k): Action[] => {
    const cell = cells[k];
    if (!cell) return [];
    const { sources, generator, count, label } = placed;
    const settings = generatorSettings(sources.name, count, cell);
    const [address = 0, , shapeAddress = 0] = addressesOf('BackgroundSpikeSource', [generator]);
    const [word = 0] = encodeContainer('BackgroundSpikeSource', {
      enable: 1,
      enable_random: Number(cell.random),
      period: settings.period,
    });
    const window = (each: BackgroundSource): readonly [number, number] => {
      const begin = each.start ?? 0;
      return [begin, begin + (each.duration ?? Infinity)];
    };
    const isOn = (each: BackgroundSource, time: number): boolean =>
      time >= window(each)[0] && time < window(each)[1];
    const [begin, end] = window(cell);
    const old = before?.[k];
    const isChanged = old !== undefined && old !== cell;
    const shape = generatorShape(label, settings);
    // A generator that runs on keeps the state of its shift register: its enable bit does not rise again.
    const change: Action = {
      at: from,
      write: (writer) => {
        writer.write(shapeAddress, shape);
        writer.write(address, isOn(cell, from) ? word : 0);
      },
    };
    const actions: Action[] = [
      { at: begin, write: (writer) => writer.write(address, word) },
      { at: end, write: (writer) => writer.write(address, 0) },
    ];
    return [
      ...(isChanged ? [change] : []),
      ...actions.filter(({ at }) => at >= from && at < to && !(isChanged && at === from)),
    ];
  });
}
