/** What there is to say about one virtual chip, as data. */
import { CONSTANTS_VERSION, type AnalogConstants } from '../../emulator/analog/constants.js';
import {
  correlated,
  neighbourCorrelation,
  publishedCorrelations,
  residualCorrelations,
} from './correlations.js';
import { drawnParameters, type DrawnParameter } from './parameters.js';
import {
  correlationOf,
  distanceLimit,
  insideGroups,
  moments,
  normalDistance,
  sampleDistance,
  splitVariance,
} from './statistics.js';

export interface ParameterReport {
  readonly name: string;
  readonly unit: string;
  readonly about: string;
  readonly tag: string;
  /** Standard deviations of the law. */
  readonly law: { readonly total: number; readonly quadrant: number; readonly instance: number };
  readonly here: {
    readonly n: number;
    readonly mean: number;
    readonly sd: number;
    readonly inside: number;
    readonly quadrantMeans: readonly number[];
  };
  /** Kolmogorov-Smirnov distance of the values inside quadrants from their law, and the limit of chance (1 %). */
  readonly distance: number;
  readonly distanceLimit: number;
  /** Standard deviations by level over several dies, and of the trial noise model. */
  readonly levels: {
    readonly chip: number;
    readonly quadrant: number;
    readonly instance: number;
    readonly trial: number;
  };
  /** The other chip, with the distance of both. */
  readonly other?: { readonly mean: number; readonly sd: number; readonly distance: number };
}

export interface CorrelationReport {
  readonly names: readonly string[];
  readonly here: readonly (readonly number[])[];
  readonly law: readonly (readonly number[])[];
  /** Correlations of each parameter with itself one column further. */
  readonly neighbours: { readonly here: readonly number[]; readonly law: readonly number[] };
  /** Root mean square difference of the entries above the diagonal; by chance about 1/sqrt(n). */
  readonly distance: number;
  readonly byChance: number;
}

export interface WorstNeuron {
  readonly neuron: number;
  /** Root mean square of its deviations in standard deviations of the law, and the largest of them. */
  readonly score: number;
  readonly parameter: string;
  readonly deviation: number;
}

export interface ChipReport {
  readonly seed: number;
  readonly law: string;
  readonly tableVersion: number;
  readonly parameters: readonly ParameterReport[];
  readonly correlations: CorrelationReport;
  readonly worst: readonly WorstNeuron[];
  readonly compare?: number;
  /** Correlations of the other chip. */
  readonly otherCorrelations?: CorrelationReport;
}

/** Dies over which variances are split. */
export const dies = 12;
const worstCount = 12;

export interface ReportInput {
  readonly seed: number;
  readonly law: 'residual' | 'uncalibrated';
  readonly constants: AnalogConstants;
  readonly compare?: number;
}

/** Draws the die (and others to compare it with) and compares it with the laws. */
export function reportChip(input: ReportInput): {
  report: ChipReport;
  drawn: readonly DrawnParameter[];
  other: readonly DrawnParameter[] | undefined;
} {
  const { seed, law, constants, compare } = input;
  const draw = (of: number): readonly DrawnParameter[] =>
    drawnParameters({ seed: of, law }, constants);
  const drawn = draw(seed);
  const other = compare === undefined ? undefined : draw(compare);
  const series = [drawn, ...Array.from({ length: dies - 1 }, (_, k) => draw(100_000 + k))];
  const parameters = drawn.map((parameter, index) => {
    const chips = series.map((list) => byQuadrant(list[index] ?? parameter));
    return describe(parameter, chips, other?.[index]);
  });
  return {
    report: {
      seed,
      law,
      tableVersion: CONSTANTS_VERSION,
      parameters,
      correlations: correlate(drawn, input),
      worst: worstNeurons(drawn),
      ...(compare === undefined ? {} : { compare }),
      ...(other === undefined ? {} : { otherCorrelations: correlate(other, input) }),
    },
    drawn,
    other,
  };
}

function byQuadrant({ values, quadrants }: DrawnParameter): Float64Array[] {
  return [0, 1, 2, 3].map((q) => values.filter((_, i) => quadrants[i] === q));
}

function describe(
  parameter: DrawnParameter,
  chips: readonly (readonly Float64Array[])[],
  other: DrawnParameter | undefined,
): ParameterReport {
  const { name, unit, about, tag, law, values, quadrants } = parameter;
  const { n, mean, sd } = moments(values);
  const inside = insideGroups(values, quadrants);
  const scaled = inside.map((x) => x / law.instance);
  return {
    name,
    unit,
    about,
    tag,
    law: {
      total: Math.sqrt(law.quadrant * law.quadrant + law.instance * law.instance),
      quadrant: law.quadrant,
      instance: law.instance,
    },
    here: {
      n,
      mean,
      sd,
      inside: moments(inside).sd,
      quadrantMeans: byQuadrant(parameter).map((list) => moments(list).mean),
    },
    distance: normalDistance(scaled),
    distanceLimit: distanceLimit(n),
    levels: { ...splitVariance(chips), trial: law.trial },
    ...(other
      ? {
          other: {
            mean: moments(other.values).mean,
            sd: moments(other.values).sd,
            distance: sampleDistance(values, other.values),
          },
        }
      : {}),
  };
}

function correlate(
  drawn: readonly DrawnParameter[],
  { law: spread, constants }: ReportInput,
): CorrelationReport {
  const expected = spread === 'residual' ? residualCorrelations(constants) : publishedCorrelations;
  const lists = correlated.map((name) => {
    const parameter = drawn.find((p) => p.name === name);
    return parameter ? insideGroups(parameter.values, parameter.quadrants) : new Float64Array(0);
  });
  const here = lists.map((a) => lists.map((b) => correlationOf(a, b)));
  const law = correlated.map((a) =>
    correlated.map((b) => {
      if (a === b) return 1;
      const known = expected.find(([x, y]) => (x === a && y === b) || (x === b && y === a));
      return known ? known[2] : 0;
    }),
  );
  let [sum, count] = [0, 0];
  here.forEach((line, i) =>
    line.forEach((value, j) => {
      if (j <= i) return;
      const difference = value - (law[i]?.[j] ?? 0);
      sum += difference * difference;
      count++;
    }),
  );
  return {
    names: correlated,
    here,
    law,
    neighbours: {
      here: lists.map(nextColumn),
      law: correlated.map((name) => neighbourCorrelation(name, spread, constants)),
    },
    distance: Math.sqrt(sum / count),
    byChance: 1 / Math.sqrt(lists[0]?.length ?? 1),
  };
}

/** Correlation of neurons (inside quadrants) with those one column further in the same quadrant. */
function nextColumn(values: Float64Array): number {
  const hasNext = (_: number, neuron: number): boolean => (neuron & 127) !== 127;
  return correlationOf(
    values.filter(hasNext),
    values.map((_, neuron) => values[neuron + 1] ?? 0).filter(hasNext),
  );
}

function worstNeurons(drawn: readonly DrawnParameter[]): WorstNeuron[] {
  const own = drawn.filter(({ shape, name }) => shape === 'neurons' && correlated.includes(name));
  return Array.from({ length: 512 }, (_, neuron) => {
    let [squares, largest, which] = [0, 0, ''];
    for (const { name, values, law } of own) {
      const sd = Math.sqrt(law.quadrant * law.quadrant + law.instance * law.instance);
      const z = (values[neuron] ?? 0) / sd;
      squares += z * z;
      if (Math.abs(z) > Math.abs(largest)) [largest, which] = [z, name];
    }
    return { neuron, score: Math.sqrt(squares / own.length), parameter: which, deviation: largest };
  })
    .sort((a, b) => b.score - a.score || a.neuron - b.neuron)
    .slice(0, worstCount);
}
