/**
 * Digital figures that no public source states, in one table. They are written to every manifest, and a test or a
 * measurement can replace any of them. Cycles are PPU cycles of 4 ns.
 */

export interface DigitalRow {
  readonly value: number;
  readonly unit: string;
  readonly about: string;
}

const row = (value: number, unit: string, about: string): DigitalRow => ({ value, unit, about });

export const DIGITAL_TABLE = {
  messageCycles: row(2, 'cycles', 'one playback message per FPGA tick'),
  chipAccess: row(100, 'cycles', 'FPGA to a register of the chip and back'),
  fpgaAccess: row(8, 'cycles', 'playback to a register of the FPGA and back'),
  ppuStartDelay: row(2, 'cycles', 'control write to period 0 of a PPU'),
  ppuOmnibus: row(8, 'cycles', 'PPU to the Omnibus and back'),
  ppuParallelBus: row(4, 'cycles', 'PPU to the parallel bus and back'),
  ppuExternal: row(250, 'cycles', 'PPU to external memory or FPGA registers and back'),
  ppuExternalWord: row(2, 'cycles', 'each further word of a vector in external memory'),
  cadcConversion: row(424, 'cycles', 'conversion of one row, without the sense delay'),
  spikeToCrossbar: row(12, 'cycles', 'neuron to crossbar input'),
  crossbarToSynapse: row(26, 'cycles', 'crossbar output to synapse by way of the PADI bus'),
  fpgaToCrossbar: row(124, 'cycles', 'spike message to crossbar input'),
  crossbarToFpga: row(100, 'cycles', 'crossbar output to the trace of the FPGA'),
  crossbarSlot: row(2, 'cycles', 'one event per crossbar output and slot'),
  crossbarQueue: row(
    16,
    'events',
    'events that wait at a crossbar output; further ones are dropped',
  ),
  fpgaTraceLimit: row(240, 'cycles', 'events delayed longer on the way out are dropped'),
  serialQueue: row(
    64,
    'frames',
    'events that wait for the serial spike line; further ones are dropped',
  ),
  madcStart: row(250, 'cycles', 'start command to the first sample'),
  systimeInit: row(200, 'cycles', 'duration of a synchronisation'),
  processorSlot: row(8, 'cycles', 'two running PPUs see each other no more often'),
} as const satisfies Record<string, DigitalRow>;

export type DigitalConstants = { -readonly [K in keyof typeof DIGITAL_TABLE]: number };

/** The table's values with some replaced. */
export function digitalConstants(changes: Partial<DigitalConstants> = {}): DigitalConstants {
  const values = Object.fromEntries(
    Object.entries(DIGITAL_TABLE).map(([name, entry]) => [name, entry.value]),
  ) as DigitalConstants;
  return { ...values, ...changes };
}
