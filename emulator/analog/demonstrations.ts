/**
 * Small experiments on a bare analog core whose outcome theory knows: what verification and the manual's pictures use.
 * Constants are overridden such that whole codes hit the wanted values exactly.
 */
import { constantsWith, type AnalogConstants } from './constants.js';
import type { AnalogCore, EngineName, NeuronConfig } from './core.js';
import { FixedPattern } from './die.js';
import { createAnalogCore } from './create.js';
import { ParameterMemory } from './parameter-memory.js';
import { Sensors } from './sensors.js';
import { Row, Settings, Shared } from './settings.js';
import { Synapses } from './synapses.js';

const voltage = (code: number): number => 18.75 + 1.875 * code;
const CYCLES = 250;

type Codes = Partial<Record<keyof typeof Row, number>>;

function write(
  core: AnalogCore,
  neuron: number,
  codes: Codes,
  config: Partial<NeuronConfig>,
): void {
  for (const [name, code] of Object.entries(codes))
    core.setCapmem(neuron >> 7, Row[name as keyof typeof Row], neuron & 127, code);
  core.setNeuron(neuron, config);
}

/**
 * Spike times (ms of biology = us of hardware) of the chip's neuron after a current step at time 0.
 * @param parameters biological: C pF, g_l nS, E_l, V_T, D_T mV, a nS, tau_w ms, b pA, V_r mV, I pA; 10 mV per mV on chip,
 * threshold at 0 mV of biology
 */
export function adexSpikes(
  parameters: readonly number[],
  milliseconds: number,
  engine: EngineName = 'precise',
): number[] {
  const [C = 0, gl = 0, el = 0, vt = 0, dt = 0, a = 0, tauW = 0, b = 0, vr = 0, I = 0] = parameters;
  const place = (v: number): number => 1000 + 10 * v;
  const g = (2.4 * gl) / C;
  const constants: Partial<AnalogConstants> = {
    leakPerCode: g * 10,
    conductanceMultiplication: 1e6,
    leakShift: voltage(600) - place(el),
    adaptationShift: voltage(600) - place(el),
    resetShift: voltage(500) - place(vr),
    thresholdShift: voltage(600) - place(0),
    exponentialShift: voltage(400) - place(vt),
    slopeFactor: 10 * dt,
    offsetCurrentPerCode: (10 * I * g) / gl / 500,
    adaptationTime: tauW * 100,
    adaptationConductance: (Math.abs(a) * g * 10) / gl,
    adaptationStep: (b * g) / gl / 10,
  };
  const spikes: number[] = [];
  const core = createAnalogCore({
    die: 'ideal',
    engine,
    constants,
    onSpike: (_, cycle) => spikes.push(cycle),
  });
  // Clock periods of 8 ns: one of reset, immediate at this conductance, one of hold-off.
  core.setCommonBackend(0, { en_clocks: 1 });
  core.setBackend(0, { refractory_time: 2, reset_holdoff: 15 });
  write(
    core,
    0,
    {
      v_leak: 600,
      v_reset: 500,
      v_threshold: 600,
      v_adapt_leak: 600,
      v_exp: 400,
      i_bias_leak: 100,
      i_bias_reset: 1000,
      i_bias_exp: 300,
      i_bias_adapt_tau: 100,
      i_bias_adapt_a: 100,
      i_bias_adapt_b: 100,
      i_mem_offset: 500,
    },
    { mem_cap_size: 63, en_reset_mul: 1, en_fire: 1, en_thresh_comp: 1 },
  );
  const start = 2000 * CYCLES;
  core.advance(start);
  core.setNeuron(0, { en_exp: 1, en_adapt: 1, invert_adapt_a: a < 0 ? 1 : 0, en_mem_off: 1 });
  core.advance(start + milliseconds * CYCLES);
  return spikes.map((cycle) => (cycle - start) / CYCLES);
}

/**
 * Steady potentials of a chain of `n` equal compartments, relative to the first, which takes a constant current.
 * @param ratio compartment conductance over leak conductance
 */
export function chainProfile(n: number, ratio: number, engine: EngineName = 'precise'): number[] {
  const core = createAnalogCore({
    die: 'ideal',
    engine,
    constants: { compartmentPerCode: 2.53 * ratio },
  });
  // Compartment 0 is circuit 0; compartment k is circuits 2k-1 and 2k with half the leak each; the last one is alone.
  const circuits = 2 * n - 2;
  for (let c = 0; c < circuits; c++) {
    const alone = c === 0 || c === circuits - 1;
    write(
      core,
      c,
      { v_leak: 629, i_bias_leak: alone ? 200 : 100, i_bias_nmda: 200, i_mem_offset: 100 },
      {
        mem_cap_size: 63,
        // An even circuit reaches its right neighbour's membrane by its conductance and the soma lines.
        ...(c % 2 === 0 ? { en_comp_cond: 1, connect_somata: 1 } : { connect_soma: 1 }),
        ...(c % 2 === 1 && !alone ? { connect_membrane_right: 1 } : {}),
      },
    );
  }
  const membranes = Array.from({ length: n }, (_, k) => (k === 0 ? 0 : 2 * k - 1));
  core.advance(1000 * CYCLES);
  const rest = membranes.map((c) => core.membrane(c));
  core.setNeuron(0, { en_mem_off: 1 });
  core.advance(2000 * CYCLES);
  const rise = membranes.map((c, k) => core.membrane(c) - (rest[k] ?? 0));
  return rise.map((v) => v / (rise[0] ?? 1));
}

/** Causal and acausal counts of one ideal sensor after trains of pre and post pulses (us), each in ascending order. */
export function pairCorrelation(
  pre: readonly number[],
  post: readonly number[],
  tau: number,
  amplitude: number,
): readonly [number, number] {
  const constants = constantsWith({ sensorTime: 40 * tau, sensorAmplitude: 70 * amplitude });
  const pattern = new FixedPattern('ideal', constants);
  const memory = new ParameterMemory(pattern, constants, 'instant', false);
  const settings = new Settings(memory, constants);
  memory.write(0, Shared.syn_i_bias_ramp, 128, 40);
  memory.write(0, Shared.syn_i_bias_store, 128, 70);
  const sensors = new Sensors(settings, pattern, constants, new Synapses(pattern), true);
  let next = 0;
  for (const at of pre) {
    for (; next < post.length && (post[next] ?? Infinity) < at; next++)
      sensors.post(0, 0, (post[next] ?? 0) * CYCLES);
    sensors.pre(0, 0, 0, true, at * CYCLES);
  }
  for (; next < post.length; next++) sensors.post(0, 0, (post[next] ?? 0) * CYCLES);
  return [sensors.causal[0] ?? 0, sensors.acausal[0] ?? 0];
}
