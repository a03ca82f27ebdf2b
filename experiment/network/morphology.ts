/** Neurons of several circuits: larger single compartments, and chains of compartments coupled by conductances. */
import type { NeuronParameter } from '../../isa/registers/capmem.js';
import { ExperimentError } from '../failure.js';
import { rangedCode } from './neuron.js';
import type { NeuronSettings, NeuronSwitch } from './neuron.js';

/** One circuit of a neuron, by its place relative to the first. */
export interface Circuit {
  /** Columns to the right. */
  readonly column: number;
  /** 1: in the other hemisphere. */
  readonly row: 0 | 1;
  readonly compartment: string;
  /** What differs from the neuron's settings. */
  readonly codes?: Partial<Record<NeuronParameter, number>>;
  readonly switches?: Partial<Record<NeuronSwitch, number>>;
  /** Codes of this circuit that a calibration leaves as they are. */
  readonly byHand?: readonly NeuronParameter[];
}

/** See the module's first sentence. Circuit 0 is the one that fires. */
export interface Morphology {
  readonly circuits: readonly Circuit[];
}

/** The morphology of a plain neuron. */
export const oneCircuit: Morphology = { circuits: [{ column: 0, row: 0, compartment: 'soma' }] };

/** Most circuits beside each other: the columns of a backend half, which membranes do not cross. */
const halfWidth = 128;

/**
 * One compartment of `count` circuits with joined membranes: `count` times the synapses of each source's row, and
 * `count` times the capacitance and leak, so that one event moves the membrane by 1/count.
 * @throws ExperimentError unless count is 1..128
 */
export function joinCircuits(settings: NeuronSettings, count: number): NeuronSettings {
  checkCount(count, halfWidth, 'circuits of a neuron');
  return {
    ...settings,
    morphology: {
      circuits: Array.from({ length: count }, (_, column) => ({
        column,
        row: 0,
        compartment: 'soma',
        switches: column < count - 1 ? { connect_membrane_right: 1 } : {},
      })),
    },
  };
}

/** How compartments hang together. */
export interface ChainOptions {
  /** Conductance between neighbours in S, or one for each pair: 0.48e-6 equalises two membranes of 2.4 pF in 2.5 us. */
  readonly siemens?: number | readonly number[];
  /** Instead: its code 0..1022 (i_bias_nmda), which no calibration changes. */
  readonly conductance?: number | readonly number[];
  /** Circuits of each compartment, at least 2; 2 if absent. */
  readonly circuits?: number;
  /** Factor on the conductances: 4 or 1/4. */
  readonly factor?: 'multiplied' | 'divided';
}

/** Conductance between compartments per code of i_bias_nmda, S. */
const conductancePerCode = 2.4e-9;

/** Code of i_bias_nmda that gives a conductance on the nominal circuit. @throws ExperimentError when there is none */
export function conductanceCode(name: string, siemens: number): number {
  return rangedCode(name, siemens / conductancePerCode, 1022);
}

/**
 * Compartments `0` .. `count - 1` in a row, each coupled to the next by a conductance. The first one fires if the
 * settings have a threshold; `compartment` of a projection or recording names the others.
 * @throws ExperimentError when the chain does not fit a half of the chip, or a conductance has no code
 */
export function chainCompartments(
  settings: NeuronSettings,
  count: number,
  options: ChainOptions,
): NeuronSettings {
  const width = options.circuits ?? 2;
  checkCount(width, halfWidth, 'circuits of a compartment', 2);
  checkCount(count, Math.floor(halfWidth / width), `compartments of ${width} circuits`);
  const { conductance, siemens, factor } = options;
  if ((conductance === undefined) === (siemens === undefined))
    throw new ExperimentError(
      'the conductance between the compartments is given twice or not at all',
      'neuron morphology',
      'Give either `siemens`, or its code as `conductance`.',
    );
  const scale = factor === 'multiplied' ? 4 : factor === 'divided' ? 0.25 : 1;
  const of = (list: number | readonly number[], pair: number): number =>
    typeof list === 'number' ? list : (list[pair] ?? NaN);
  const codeOf = (pair: number): number =>
    siemens === undefined
      ? rangedCode('conductance', of(conductance ?? NaN, pair), 1022)
      : conductanceCode('siemens', of(siemens, pair) / scale);
  const circuits = Array.from({ length: count * width }, (_, column): Circuit => {
    const compartment = Math.floor(column / width);
    const first = column % width === 0;
    const last = column % width === width - 1;
    const toNext = last && compartment < count - 1;
    const toPrevious = first && compartment > 0;
    return {
      column,
      row: 0,
      compartment: String(compartment),
      // The last circuit carries its membrane to the soma line of the next, whose first circuit meets it by a conductance.
      switches: {
        ...(last ? {} : { connect_membrane_right: 1 }),
        ...(toNext ? { connect_soma: 1, connect_somata: 1 } : {}),
        ...(toPrevious
          ? {
              en_comp_cond: 1,
              en_comp_cond_mul: Number(factor === 'multiplied'),
              en_comp_cond_div: Number(factor === 'divided'),
            }
          : {}),
      },
      ...(toPrevious ? { codes: { i_bias_nmda: codeOf(compartment - 1) } } : {}),
      ...(toPrevious && siemens === undefined ? { byHand: ['i_bias_nmda'] } : {}),
    };
  });
  return { ...settings, morphology: { circuits } };
}

/** Settings of circuit `index` of a neuron: the common ones, the circuit's own, and a threshold for circuit 0 only. */
export function circuitSettings(settings: NeuronSettings, index: number): NeuronSettings {
  const circuit = settings.morphology?.circuits[index];
  if (!circuit) return settings;
  const silent = index === 0 ? {} : { en_thresh_comp: 0, en_fire: 0 };
  return {
    ...settings,
    codes: { ...settings.codes, ...circuit.codes },
    switches: { ...settings.switches, ...circuit.switches, ...silent },
    ...(circuit.byHand ? { byHand: [...(settings.byHand ?? []), ...circuit.byHand] } : {}),
  };
}

function checkCount(count: number, most: number, what: string, least = 1): void {
  if (!Number.isInteger(count) || count < least || count > most)
    throw new ExperimentError(
      `${count} ${what} are asked for`,
      'neuron morphology',
      `Whole numbers ${least}..${most} exist: membranes do not cross the middle of the chip.`,
    );
}
