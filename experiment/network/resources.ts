/** What a placed network uses of the chip, counted and in words. */
import { busOfDriver, driverOfRow } from '../../isa/registers/coordinates.js';
import type { Placement } from './placement.js';

/** A resource with how much of it is taken. */
export interface Resource {
  readonly name: string;
  readonly used: number;
  readonly available: number;
}

/** Counts of everything that can run out, half by half. */
export function countResources(placement: Placement): Resource[] {
  const resources: Resource[] = [];
  for (const { hemisphere, rowModes } of placement.halves) {
    const half = hemisphere === 0 ? 'top' : 'bottom';
    const circuits = [...placement.neurons.values()]
      .flat()
      .flatMap((neuron) => neuron.circuits)
      .filter((circuit) => circuit.hemisphere === hemisphere);
    resources.push({ name: `${half}: neuron circuits`, used: circuits.length, available: 256 });
    const rows = Array.from(rowModes.keys()).filter((row) => rowModes[row] !== 0);
    resources.push({ name: `${half}: synapse rows`, used: rows.length, available: 256 });
    for (let bus = 0; bus < 4; bus++) {
      const own = rows.filter((row) => busOfDriver(driverOfRow(row)) === bus);
      resources.push({ name: `${half}: rows of bus ${bus}`, used: own.length, available: 64 });
    }
    const synapses = placement.projections
      .flatMap((placed) => placed.synapses)
      .filter((synapse) => synapse.hemisphere === hemisphere);
    resources.push({ name: `${half}: synapses`, used: synapses.length, available: 65536 });
    const generators = placement.generators.filter(
      ({ generator }) => generator >> 2 === hemisphere,
    );
    resources.push({
      name: `${half}: background generators`,
      used: generators.length,
      available: 4,
    });
    const rules = placement.projections
      .flatMap(({ blocks }) => blocks)
      .filter((block) => block.hemisphere === hemisphere);
    resources.push({ name: `${half}: rules`, used: rules.length, available: 4 });
  }
  return resources;
}

/** The counts as lines of text, and where each population and projection lies. */
export function describeResources(placement: Placement): string {
  const counts = countResources(placement).map(
    ({ name, used, available }) => `${name.padEnd(32)} ${String(used).padStart(6)} of ${available}`,
  );
  const populations = [...placement.neurons].map(([{ name, size }, neurons]) => {
    const halves = [...new Set(neurons.map(({ hemisphere }) => hemisphere))];
    const columns = neurons.map(({ column }) => column);
    const where = halves.map((half) => (half === 0 ? 'top' : 'bottom')).join(' and ');
    return `population ${name}: ${size} neurons on the ${where} half, columns ${Math.min(...columns)}..${Math.max(...columns)}`;
  });
  const projections = placement.projections.map(
    ({ projection, firstRow, rowCount, synapses }) =>
      `projection ${projection.name}: ${synapses.length} synapses on ${rowCount} rows from ${firstRow} on${projection.rule ? ', for its rule alone' : ''}`,
  );
  return [...counts, ...populations, ...projections].join('\n');
}
