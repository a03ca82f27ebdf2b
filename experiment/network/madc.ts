/** The fast converter: records the membrane of one neuron at 29.4 MS/s, or slower by a power of the clock divider. */
import { ExperimentError } from '../failure.js';
import type { SimulationOptions } from '../piece.js';
import type { PlaybackWriter } from '../../isa/playback/writer.js';
import { barriers } from '../../isa/playback/messages.js';
import { neuronAt, placeOfNeuron } from '../../isa/registers/coordinates.js';
import { addressOf, decodeContainer, encodeContainer } from '../../isa/registers/registers.js';
import { neuronConfig } from './configure.js';
import { circuitSettings } from './morphology.js';
import type { NeuronSettings } from './neuron.js';
import type { Placement } from './placement.js';

/** Samples per second: 500 MHz / 17, divided by 2 * (scale + 1). */
const clockScale = 7;
/** See `clockScale`; 1.84 MS/s show a membrane well and keep recordings small. */
export const madcRate = 500e6 / 17 / (2 * (clockScale + 1));

const converterConfig = [13568, 49248, 0, 0, 259, 457, 1, 249, 0, 81] as const;

/** MADC code of a voltage on the nominal chip. */
export function madcCode(volts: number): number {
  return 100 + (700 * volts * 1000) / 1200;
}

/** Voltage that an MADC code stands for on the nominal chip. */
export function madcVolts(code: number): number {
  return (((code - 100) / 700) * 1200) / 1000;
}

/** Connects a circuit's read-out to the converter and wakes it up (1 ms). */
export function writeMadcSetup(
  writer: PlaybackWriter,
  hemisphere: number,
  column: number,
  settings: NeuronSettings,
  select?: number,
): void {
  const place = placeOfNeuron(neuronAt(hemisphere, column));
  writer.writeContainer(
    'NeuronConfig',
    [place.block, place.slot],
    neuronConfig(settings, { madc: true, ...(select === undefined ? {} : { select }) }),
  );
  const odd = column & 1;
  writer.writeContainer('ReadoutSourceSelection', [], {
    neuron_top_even_0: Number(hemisphere === 0 && odd === 0),
    neuron_top_odd_0: Number(hemisphere === 0 && odd === 1),
    neuron_bottom_even_0: Number(hemisphere === 1 && odd === 0),
    neuron_bottom_odd_0: Number(hemisphere === 1 && odd === 1),
  });
  const config = encodeContainer('MADCConfig', {
    ...decodeContainer('MADCConfig', converterConfig),
    enable_madc_clock_scaling: 1,
    madc_clock_scale_value: clockScale,
  });
  writer.writeWords('MADCConfig', [], config);
  const [wake = 0] = encodeContainer('MADCControl', {
    wake_up: 1,
    enable_continuous_sampling: 1,
    enable_pre_amplifier: 1,
  });
  writer.write(addressOf('MADCControl', []), wake);
  writer.barrier(barriers.omnibus).timerSetup().waitUntil(125_000);
}

/** Starts recording; samples come from about 10 us later on. */
export function writeMadcStart(writer: PlaybackWriter): void {
  const [start = 0] = encodeContainer('MADCControl', {
    start_recording: 1,
    enable_continuous_sampling: 1,
    enable_pre_amplifier: 1,
  });
  writer.write(addressOf('MADCControl', []), start);
}

/** Ends recording. */
export function writeMadcStop(writer: PlaybackWriter): void {
  const [stop = 0] = encodeContainer('MADCControl', { stop_recording: 1, enable_pre_amplifier: 1 });
  writer.write(addressOf('MADCControl', []), stop);
}

/** Connects the neuron that is to be recorded to the converter. @throws ExperimentError for one that does not exist */
export function setUpRecording(
  writer: PlaybackWriter,
  placement: Placement,
  { population, neuron, compartment, select }: NonNullable<SimulationOptions['record']>,
): void {
  const circuits = placement.neurons.get(population)?.[neuron]?.circuits;
  const place = compartment ?? circuits?.[0]?.compartment;
  const index = circuits?.findIndex((each) => each.compartment === place) ?? -1;
  const circuit = circuits?.[index];
  if (!circuit)
    throw new ExperimentError(
      `neuron ${neuron} cannot be recorded`,
      `population "${population.name}"`,
      circuits
        ? `Its compartments are ${[...new Set(circuits.map((c) => c.compartment))].join(', ')}.`
        : `It has neurons 0..${population.size - 1}.`,
    );
  const settings = circuitSettings(population.settingsOf(neuron), index);
  writeMadcSetup(writer, circuit.hemisphere, circuit.column, settings, select);
}
