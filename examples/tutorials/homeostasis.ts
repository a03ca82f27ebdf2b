/**
 * Firing-rate homeostasis on both processors: every 10 ms each neuron's weights rise by 1 if it fired less than 60 times,
 * and fall by 1 if more. The input comes from the chip's own background generators.
 * Look for: rates that rise from 0, settle near 6 kHz, and weights that swing by 1 there.
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
  settings: { neurons: 512, sources: 16, rate: 25e3, periods: 100 },
  quick: { neurons: 4, periods: 36 },
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
    const count = new Array<number>(periods).fill(0);
    const weight: number[] = [];
    for (let k = 0; k < periods; k++) {
      await sim.run(period);
      const all = learned.flatMap((projection) => projection.connections.map(({ weight: w }) => w));
      weight.push(all.reduce((sum, w) => sum + w, 0) / all.length);
      lab.progress((k + 1) / periods, 'running');
    }
    for (const projection of learned)
      for (const time of projection.target.getData().spikes.times) {
        const k = Math.floor(time / period);
        count[k] = (count[k] ?? 0) + 1;
      }
    const rates = count.map((n) => n / size / period / 1000);
    const { logs, records } = await sim.end();
    for (const recorded of records.slice(0, 1)) addRecords(lab.results, recorded);
    lab.results.addValue('final rate', rates.slice(-10).reduce((sum, r) => sum + r, 0) / 10, 'kHz');
    lab.results.addValue(
      'missed releases',
      logs.reduce((sum, log) => sum + log.missed, 0),
    );
    lab.results.addArray(
      'records',
      'rate',
      Float64Array.from(rates),
      'kHz, mean output rate of each period',
    );
    lab.results.addArray(
      'weights',
      'mean',
      Float64Array.from(weight),
      'mean weight at the end of each period',
    );
    const time = rates.map((_, k) => k * 10);
    lab.results.addPicture(
      'rate',
      'Rate over time',
      'The target is 6 kHz.',
      drawCurves({
        title: 'Mean rate',
        xLabel: 'time (ms)',
        yLabel: 'rate (kHz)',
        curves: [
          { name: 'rate', x: time, y: rates },
          { name: 'target', x: time, y: rates.map(() => 6) },
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
        curves: [{ name: 'weight', x: time, y: weight }],
        yDomain: [0, 63],
      }),
    );
  },
});
