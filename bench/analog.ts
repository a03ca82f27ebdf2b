/**
 * Speed of the analog core: processor time against chip time, the best and the median of windows after a warm-up.
 *
 *   npx tsx bench/analog.ts            the Iris-like load and 512 neurons x 256 inputs at 1, 10 and 50 kHz
 *   npx tsx bench/analog.ts --quick    the Iris-like load only
 */
import {
  createAnalogCore,
  type AnalogCore,
  type Die,
  type EngineName,
} from '../emulator/analog/index.js';
import { Row, Shared } from '../emulator/analog/settings.js';
import { Stream } from '../isa/numeric/random.js';

const CODES: readonly (readonly [keyof typeof Row, number])[] = [
  ['v_leak', 629],
  ['v_reset', 601],
  ['v_threshold', 329],
  ['i_bias_leak', 95],
  ['i_bias_reset', 1015],
  ['i_bias_synin_exc_tau', 50],
  ['i_bias_synin_inh_tau', 47],
  ['i_bias_synin_exc_shift', 314],
  ['i_bias_synin_inh_shift', 294],
  ['i_bias_synin_exc_gm', 500],
  ['i_bias_synin_inh_gm', 500],
];

/** Windows that are not counted. */
const WARM_UP = 6;

interface Load {
  readonly name: string;
  readonly die: Die;
  readonly engine: EngineName;
  /** Neurons of each hemisphere that are switched on, from column 0. */
  readonly columns: number;
  readonly hemispheres: number;
  readonly rows: number;
  /** Rate of one input in kHz of hardware time. */
  readonly rate: number;
  readonly weight: number;
  readonly sensors: boolean;
  readonly microseconds: number;
}

function build(load: Load, count: { spikes: number }): AnalogCore {
  const core = createAnalogCore({
    die: load.die,
    engine: load.engine,
    onSpike: () => void count.spikes++,
  });
  for (let block = 0; block < 4; block++)
    for (const [name, code] of [
      ['cadc_v_ramp_offset', 31],
      ['cadc_i_ramp_slope', 369],
      ['syn_i_bias_dac', 600],
      ['syn_i_bias_ramp', 40],
      ['syn_i_bias_store', 18],
    ] as const)
      core.setCapmem(block, Shared[name], 128, code);
  for (let half = 0; half < 2; half++)
    core.setCommonBackend(half, { en_clocks: 1, clock_scale_slow: 1 });
  const weights = new Stream(1, 'bench/weights');
  for (let h = 0; h < load.hemispheres; h++) {
    for (let d = 0; d < 128; d++)
      core.setDriver(h, d, { forward_address: 1, en_exc_bottom: 1, en_exc_top: 1 });
    for (let c = 0; c < load.columns; c++) {
      const n = 256 * h + c;
      for (const [name, code] of CODES) core.setCapmem(n >> 7, Row[name], n & 127, code);
      core.setNeuron(n, {
        mem_cap_size: 63,
        en_reset_mul: 1,
        en_synin_exc: 1,
        en_synin_exc_small_cap: 1,
        en_fire: 1,
        en_thresh_comp: 1,
      });
      // Without sensors, the columns see only global post pulses, of which none is sent.
      core.setBackend(n, {
        refractory_time: 125,
        reset_holdoff: 15,
        post_overwrite: load.sensors ? 0 : 1,
      });
      core.setColumn(h, c, { enable_synaptic_current_excitatory: 1 });
      for (let row = 0; row < load.rows; row++) {
        const w = Math.max(0, Math.min(63, Math.round(load.weight * (1 + 0.3 * weights.normal()))));
        core.setWeight(h * 65536 + row * 256 + c, w);
        // The two rows of a driver listen to different labels.
        core.setLabel(h * 65536 + row * 256 + c, row & 1);
      }
    }
  }
  return core;
}

function run(load: Load): void {
  const count = { spikes: 0 };
  const core = build(load, count);
  const start = 400 * 250;
  const end = start + load.microseconds * 250;
  const times = new Stream(2, 'bench/events');
  const next = new Float64Array(load.rows);
  const mean = 250_000 / load.rate;
  for (let row = 0; row < load.rows; row++) next[row] = start + times.exponential() * mean;
  core.advance(start);
  // Windows of equal chip time, the first few to warm up; other work on the machine spoils some of the rest.
  const windows = 24;
  const costs: number[] = [];
  let events = 0;
  let spikesBefore = 0;
  for (let w = 0; w < windows; w++) {
    const until = start + ((end - start) * (w + 1)) / windows;
    if (w === WARM_UP) {
      events = 0;
      spikesBefore = count.spikes;
    }
    const arrivals: number[] = [];
    for (let row = 0; row < load.rows; row++)
      for (; (next[row] ?? 0) <= until; next[row] = (next[row] ?? 0) + times.exponential() * mean)
        arrivals.push(Math.ceil(next[row] ?? 0) * 256 + row);
    arrivals.sort((x, y) => x - y);
    const before = process.cpuUsage();
    for (const arrival of arrivals) {
      const row = arrival % 256;
      core.advance((arrival - row) / 256);
      for (let h = 0; h < load.hemispheres; h++) core.driverEvent(h, row >> 1, row & 1);
    }
    core.advance(Math.max(core.cycle, Math.floor(until)));
    const used = process.cpuUsage(before);
    costs.push(((used.user + used.system) * windows) / load.microseconds);
    events += arrivals.length;
  }
  const sorted = costs.slice(WARM_UP).sort((x, y) => x - y);
  const best = sorted[0] ?? 0;
  const median = sorted[sorted.length >> 1] ?? 0;
  const chip = load.microseconds * 1e-6 * (1 - WARM_UP / windows);
  const busy = best * chip;
  const neurons = load.columns * load.hemispheres;
  console.log(
    `${load.name.padEnd(48)} ${best.toFixed(1).padStart(7)} (median ${median.toFixed(1).padStart(7)}) x slower than hardware` +
      ` ${((busy / events) * 1e6).toFixed(2).padStart(8)} us/event` +
      ` ${((events * neurons) / busy / 1e6).toFixed(2).padStart(7)} M synaptic events/s` +
      ` ${((count.spikes - spikesBefore) / neurons / chip / 1000).toFixed(1).padStart(6)} kHz out`,
  );
}

const engine: EngineName = process.argv.includes('--precise') ? 'precise' : 'fast';
const noisy: Die = { seed: 1, law: 'residual' };
if (!process.argv.includes('--dense'))
  for (const die of ['ideal', noisy] as const) {
    const kind = die === 'ideal' ? 'ideal' : 'noisy';
    run({
      name: `Iris-like: 3 neurons, 32 rows, 30 kHz, sensors, ${kind}`,
      die,
      engine,
      columns: 3,
      hemispheres: 1,
      rows: 32,
      rate: 30,
      weight: 20,
      sensors: true,
      microseconds: 200_000,
    });
  }
if (!process.argv.includes('--quick'))
  for (const die of ['ideal', noisy] as const)
    for (const rate of [1, 10, 50])
      for (const sensors of [false, true])
        run({
          name: `512 neurons, 256 inputs, ${rate} kHz${sensors ? ', sensors' : ''}, ${die === 'ideal' ? 'ideal' : 'noisy'}`,
          die,
          engine,
          columns: 256,
          hemispheres: 2,
          rows: 256,
          rate,
          weight: rate === 1 ? 22 : rate === 10 ? 2.4 : 0.55,
          sensors,
          microseconds: engine === 'precise' ? 1000 : 10_000,
        });
