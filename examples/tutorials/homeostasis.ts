/**
 * Firing-rate homeostasis on both processors: every 10 ms each neuron's weights rise by 1 if it fired less than 60 times,
 * and fall by 1 if more. The input comes from the chip's own background generators.
 * Look for: rates that rise from 0, settle near 6 kHz, and weights that swing by 1 there.
 *
 * All neurons hear the same sources. On the ideal chip they are the same neuron 512 times: they fire at once, more spikes
 * than the way to the host takes. So rates are what the processors have counted, not what has arrived.
 */
import {
  addRecords,
  allToAll,
  backgroundPoisson,
  defineExperiment,
  drawCurves,
  lif,
} from 'plastic';

export default defineExperiment({
  name: 'homeostasis',
  title: 'Rates driven to a target by a rule on each half of the chip',
  settings: { neurons: 512, sources: 2, rate: 120e3, periods: 100 },
  quick: { neurons: 4, periods: 44 },
  async run(lab) {
    const { neurons: size, sources, rate, periods } = lab.settings;
    const period = 10e-3;
    const sim = lab.setup({ settling: 1e-3 });
    const noise = sim.sources(sources, backgroundPoisson({ rate }), 'noise');
    const learned = ([0, 1] as const).map((hemisphere) => {
      const half = sim.population(size / 2, lif(), hemisphere === 0 ? 'top' : 'bottom', {
        hemisphere,
      });
      return sim.projection(noise, half, allToAll(0), { rule: lab.rule('homeostasis.plast') });
    });
    // Weights of all synapses after each period, source by source.
    const weights: number[][] = [];
    for (let k = 0; k < periods; k++) {
      await sim.run(period);
      weights.push(learned.flatMap((projection) => projection.get('weight').map(([, , w]) => w)));
      lab.progress((k + 1) / periods, 'running');
    }
    const { logs, records } = await sim.end();
    records.forEach((recorded, half) =>
      addRecords(lab.results, recorded, half === 0 ? 'top_' : 'bottom_'),
    );

    const mean = (list: ArrayLike<number>): number =>
      Array.from(list).reduce((sum, x) => sum + x, 0) / list.length;
    const kilohertz = (counts: number): number => counts / period / 1000;
    // By neuron: a record is one count per neuron, made at the end of its period.
    const counted = records.map(({ rows }) => rows.map(({ fields }) => fields[0] ?? []));
    const rates = Array.from({ length: Math.min(...counted.map((rows) => rows.length)) }, (_, k) =>
      kilohertz(mean(counted.flatMap((rows) => Array.from(rows[k] ?? [])))),
    );
    const late = counted.flatMap((rows) =>
      Array.from(rows.at(-1) ?? [], (_, neuron) =>
        kilohertz(mean(rows.slice(-10).map((row) => row[neuron] ?? NaN))),
      ),
    );
    const spread = Math.sqrt(mean(late.map((r) => (r - mean(late)) * (r - mean(late)))));
    lab.results.addValue('final rate', mean(late), 'kHz');
    lab.results.addValue('spread over neurons', spread, 'kHz');
    lab.results.addValue('slowest neuron', Math.min(...late), 'kHz');
    lab.results.addValue('fastest neuron', Math.max(...late), 'kHz');
    lab.results.addValue(
      'missed releases',
      logs.reduce((sum, log) => sum + log.missed, 0),
    );
    lab.results.addArray(
      'records',
      'rate',
      Float64Array.from(rates),
      'kHz, mean output rate of each period as counted',
    );
    const means = weights.map(mean);
    lab.results.addArray('weights', 'mean', Float64Array.from(means), 'mean after each period');
    lab.results.addArray(
      'weights',
      'weights',
      Uint8Array.from(weights.flat()),
      'after each period; period x synapse (top, then bottom; source by source)',
      [periods, weights[0]?.length ?? 0],
    );
    lab.results.addPicture(
      'rate',
      'Rate over time',
      'The target is 6 kHz.',
      drawCurves({
        title: 'Mean rate',
        xLabel: 'time (ms)',
        yLabel: 'rate (kHz)',
        curves: [
          { name: 'rate', x: rates.map((_, k) => k * 10), y: rates },
          { name: 'target', x: rates.map((_, k) => k * 10), y: rates.map(() => 6) },
        ],
      }),
    );
    lab.results.addPicture(
      'weight',
      'Weight over time',
      'Mean weight of all synapses.',
      drawCurves({
        title: 'Mean weight',
        xLabel: 'time (ms)',
        yLabel: 'weight',
        curves: [{ name: 'weight', x: means.map((_, k) => k * 10), y: means }],
        yDomain: [0, 63],
      }),
    );
  },
});
