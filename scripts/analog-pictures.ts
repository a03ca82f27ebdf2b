/** Draws the pictures of docs/analog.md: what the fast engine computes (points) over what theory says (lines). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { legend, Panel } from '../experiment/pictures/panel.js';
import { ink, label, picture, seriesColour } from '../experiment/pictures/svg.js';
import { pointA, SETTLED, synapse, writeShared } from '../test/emulator/analog/operating-point.js';
import {
  adexMember,
  distances,
  engineSpikes,
  POPULATIONS,
  referenceSpikes,
} from '../test/emulator/analog/spike-times.js';
import { PATTERNS } from '../test/emulator/analog/verification/drawn-activity.js';
import { CONFIG_A, writeCodes } from '../test/emulator/analog/operating-point.js';

const engine = 'fast';
const folder = new URL('../docs/analog/', import.meta.url);
const range = (from: number, to: number, steps: number): number[] =>
  Array.from({ length: steps + 1 }, (_, i) => from + ((to - from) * i) / steps);

type Frame = { x: number; y: number; width: number; height: number };
type Draw = (frame: Frame) => Panel;

const LEAK = 420.125;
const THRESHOLD = 622.625;
const g = (code: number): number => 2.53e-3 * code;

/** Potentials of one event. */
const potentials: Draw = (frame) => {
  const panel = new Panel(
    frame,
    { label: 'time (us)', domain: [0, 60] },
    { label: 'membrane above rest (mV)', domain: [0, 75] },
    'V1: synaptic potentials',
  );
  for (const [k, [leak, code]] of (
    [
      [47, 101],
      [95, 50],
      [158, 84],
    ] as const
  ).entries()) {
    const [tauM, tauS] = [2.4 / g(leak), 503 / code];
    const s = pointA({ engine }, [0], { i_bias_leak: leak, i_bias_synin_exc_tau: code });
    s.core.setWeight(synapse(0, 0, 0), 63);
    s.to(SETTLED * 2);
    const rest = s.core.membrane(0);
    s.core.driverEvent(0, 0, 0);
    const times = range(0, 60, 40);
    const seen = times.map((t) => {
      s.to(SETTLED * 2 + t);
      return s.core.membrane(0) - rest;
    });
    const fine = range(0, 60, 300);
    const rate = 1 / tauM - 1 / tauS;
    const law = fine.map((t) =>
      Math.abs(rate) < 1e-3
        ? (40 / 2.4) * t * Math.exp(-t / tauM)
        : ((40 / 2.4) * (Math.exp(-t / tauS) - Math.exp(-t / tauM))) / rate,
    );
    panel.line(fine, law, seriesColour(k), 1.4);
    panel.points(times, seen, seriesColour(k), 2.2);
    panel.addOutside(
      label(
        frame.x + frame.width - 8,
        frame.y + 18 + 15 * k,
        `tau_m ${tauM.toFixed(0)}, tau_syn ${tauS.toFixed(0)} us`,
        {
          anchor: 'end',
          size: 11,
          colour: seriesColour(k),
        },
      ),
    );
  }
  return panel;
};

/** Rate against current, on the ideal chip and on calibrated neurons. */
const rates: Draw = (frame) => {
  const panel = new Panel(
    frame,
    { label: 'offset current (nA)', domain: [0, 250] },
    { label: 'rate (kHz)', domain: [0, 300] },
    'V3: rate against current',
  );
  const resting = (current: number): number => LEAK + current / g(95);
  const reset = (current: number): number =>
    (g(95) * resting(current) + 20.5436 * 375.625) / (g(95) + 20.5436);
  const law = (current: number): number => {
    const top = resting(current);
    if (top <= THRESHOLD) return 0;
    const rise = (2.4 / g(95)) * Math.log((top - reset(current)) / (top - THRESHOLD));
    return 1000 / (1.984 + rise);
  };
  const measured = (neurons: readonly number[], code: number, drawn: boolean): number[] => {
    const s = pointA(
      { engine, ...(drawn ? { die: { seed: 7, law: 'residual' } as const } : {}) },
      neurons,
      { i_mem_offset: code },
      { en_mem_off: 1 },
    );
    s.to(SETTLED);
    s.spikes.length = 0;
    s.to(SETTLED + 1000);
    return neurons.map((n) => s.spikes.filter((x) => x.neuron === n).length);
  };
  const codes = range(60, 640, 29).map(Math.round);
  const sample = [3, 77, 140, 231, 290, 350, 420, 500];
  for (const code of codes) {
    const current = 0.39 * code;
    panel.points(
      sample.map(() => current),
      measured(sample, code, true),
      seriesColour(1),
      1.1,
    );
  }
  const fine = range(0, 250, 400);
  panel.line(fine, fine.map(law), ink.text, 1.3);
  const x = codes.map((code) => 0.39 * code);
  panel.points(
    x,
    codes.map((code) => measured([0], code, false)[0] ?? 0),
    seriesColour(0),
    2.2,
  );
  panel.addOutside(
    label(frame.x + 10, frame.y + 18, 'ideal chip', { size: 11, colour: seriesColour(0) }),
  );
  panel.addOutside(
    label(frame.x + 10, frame.y + 33, 'eight calibrated neurons', {
      size: 11,
      colour: seriesColour(1),
    }),
  );
  return panel;
};

/** Sums of a sensor after 100 pairs. */
const timing: Draw = (frame) => {
  const panel = new Panel(
    frame,
    { label: 't_post - t_pre (us)', domain: [-25, 25] },
    { label: 'correlation (counts)', domain: [0, 55] },
    'V11: 100 pairs of pulses',
  );
  const delays = [0.5, 1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 24];
  for (const sign of [1, -1] as const) {
    const branch = sign === 1 ? 0 : 1;
    const seen = delays.map((delay) => {
      const s = pointA({ engine });
      s.core.setBackend(0, { post_overwrite: 1 });
      for (let i = 0; i < 100; i++) {
        s.to(SETTLED + 500 * i);
        if (sign === 1) s.core.driverEvent(0, 0, 0);
        else s.core.globalPost(0);
        s.to(SETTLED + 500 * i + delay);
        if (sign === 1) s.core.globalPost(0);
        else s.core.driverEvent(0, 0, 0);
      }
      return s.core.correlation(synapse(0, 0, 0), branch);
    });
    const fine = range(0, 25, 100);
    panel.line(
      fine.map((d) => sign * d),
      fine.map((d) => 50 * Math.exp(-d / 5)),
      seriesColour(branch),
      1.4,
    );
    panel.points(
      delays.map((d) => sign * d),
      seen,
      seriesColour(branch),
      2.4,
    );
  }
  panel.addOutside(
    label(frame.x + frame.width - 8, frame.y + 18, 'causal', {
      size: 11,
      anchor: 'end',
      colour: seriesColour(0),
    }),
  );
  panel.addOutside(
    label(frame.x + 10, frame.y + 18, 'acausal', { size: 11, colour: seriesColour(1) }),
  );
  return panel;
};

/** Amplitudes of a regular train under short-term plasticity. */
const plasticity: Draw = (frame) => {
  const panel = new Panel(
    frame,
    { label: 'event', domain: [0, 15] },
    { label: 'amplitude of the driver', domain: [0, 1.4] },
    'V10: short-term plasticity, T = 8 us',
  );
  const sets = [
    { name: 'depressing (charge 330, recover 50)', charge: 330, recover: 50 },
    { name: 'facilitating (charge 100, recover 400)', charge: 100, recover: 400 },
  ];
  const fade = Math.exp(-8 / 16);
  sets.forEach(({ name, charge, recover }, k) => {
    const s = pointA({ engine });
    writeShared(s.core, { stp_v_charge_0: charge, stp_v_recover_0: recover });
    s.core.setStp(0, { enable_recovery_clock: 1, recovery_clock_speed: 0 });
    s.core.setDriver(0, 0, { en_stp: 1, en_recovery: 1, utilization: 3, recovery: 6, offset: 8 });
    s.core.setWeight(synapse(0, 0, 0), 63);
    s.to(SETTLED);
    const seen: number[] = [];
    const law: number[] = [];
    // With x = (v - charge)/(recover - charge): x falls by U at an event and recovers towards 1.
    let x = 1;
    for (let i = 0; i < 15; i++) {
      s.to(SETTLED + 8 * i);
      const before = s.core.synapticLine(0, 0);
      s.core.driverEvent(0, 0, 0);
      seen.push(s.core.synapticLine(0, 0) - before);
      x *= 0.8;
      law.push((600 - (charge + x * (recover - charge)) + 4) / 420);
      x = 1 + (x - 1) * fade;
    }
    const numbers = seen.map((_, i) => i + 0.5);
    panel.line(numbers, law, seriesColour(k), 1.2);
    panel.points(numbers, seen, seriesColour(k), 2.6);
    panel.addOutside(
      label(frame.x + frame.width - 8, frame.y + frame.height - 25 + 15 * k, name, {
        size: 11,
        anchor: 'end',
        colour: seriesColour(k),
      }),
    );
  });
  return panel;
};

/** The first microsecond after n simultaneous events, against the mean state of the line within it. */
const saturation: Draw = (frame) => {
  const panel = new Panel(
    frame,
    { label: 'state of the line (full-weight events)', domain: [0, 80] },
    { label: 'current of the line (events)', domain: [0, 22] },
    'V9: saturation of a line',
  );
  const rise = (events: number): readonly [number, number] => {
    const s = pointA(
      {
        engine,
        die: { seed: 1, law: 'residual' },
        noise: { membrane: false, threshold: false, event: false, drift: false },
      },
      [0],
      {},
      { en_thresh_comp: 0 },
    );
    s.core.setWeight(synapse(0, 0, 0), 63);
    s.to(SETTLED);
    const rest = s.core.membrane(0);
    for (let i = 0; i < events; i++) s.core.driverEvent(0, 0, 0);
    const before = s.core.synapticLine(0, 0);
    s.to(SETTLED + 1);
    return [Math.sqrt(before * s.core.synapticLine(0, 0)), s.core.membrane(0) - rest];
  };
  const [state, one] = rise(1);
  const unit = one / (20 * Math.tanh(state / 20));
  const fine = range(0, 80, 160);
  panel.line(fine, fine, ink.mid, 1, '4 3');
  panel.line(
    fine,
    fine.map((n) => 20 * Math.tanh(n / 20)),
    ink.text,
    1.3,
  );
  const seen = [1, 2, 4, 7, 10, 15, 20, 27, 35, 45, 60, 80].map(rise);
  panel.points(
    seen.map(([s]) => s),
    seen.map(([, r]) => r / unit),
    seriesColour(0),
    2.6,
  );
  return panel;
};

/** Share of spikes within a distance from the reference. */
const reference: Draw = (frame) => {
  const panel = new Panel(
    frame,
    { label: 'distance from steps of 0.01 us (ns)', domain: [0, 100] },
    { label: 'share of spikes', domain: [0.5, 1] },
    'Spike times of the fast engine',
  );
  POPULATIONS.forEach((population, k) => {
    const { times } = distances(
      population,
      engineSpikes(population, engine),
      referenceSpikes(population),
    );
    const x: number[] = [];
    const y: number[] = [];
    for (let ns = 0; ns <= 100; ns += 1) {
      const share = times.filter((t) => t * 1000 <= ns + 1e-6).length / times.length;
      x.push(ns);
      y.push(share);
    }
    panel.line(x, y, seriesColour(k), 1.5);
    panel.addOutside(
      label(frame.x + frame.width - 8, frame.y + frame.height - 92 + 15 * k, population.name, {
        size: 11,
        anchor: 'end',
        colour: seriesColour(k),
      }),
    );
  });
  return panel;
};

const DRAWS = [potentials, rates, saturation, plasticity, timing, reference];
const cell = { width: 400, height: 300 };

function sheet(): string {
  const panels = DRAWS.map((draw, k) =>
    draw({
      x: (k % 2) * cell.width + 66,
      y: Math.floor(k / 2) * cell.height + 76,
      width: cell.width - 92,
      height: cell.height - 84,
    }).markup(),
  );
  const title = 'The analog model against theory';
  return picture(
    2 * cell.width + 20,
    3 * cell.height + 60,
    title,
    label(20, 26, title, { weight: 'bold', size: 15 }) +
      legend(20, 48, [
        { name: 'points: fast engine', colour: seriesColour(0) },
        { name: 'lines: theory', colour: ink.text },
      ]) +
      panels.join(''),
  );
}

/** Clock periods of 16 ns: 0.64 us, in which a reset just ends; published models have none. */
const REFRACTORY = 40;

/** Membranes of the eight patterns; a spike is drawn to the threshold. */
function patterns(): string {
  const strip = { width: 400, height: 150 };
  const panels = PATTERNS.map(([name, ...parameters], k) => {
    const member = adexMember(parameters, 0);
    const s = pointA({ engine });
    writeCodes(s.core, 0, { ...member.codes, i_mem_offset: 0 });
    s.core.setBackend(0, { refractory_time: REFRACTORY, reset_holdoff: 15 });
    s.core.setNeuron(0, { ...CONFIG_A, ...member.config });
    s.to(2000);
    s.spikes.length = 0;
    writeCodes(s.core, 0, { i_mem_offset: member.codes.i_mem_offset ?? 0 });
    const times: number[] = [];
    const values: number[] = [];
    for (let t = -20; t <= 400; t += 0.5) {
      if (t > 0) s.to(2000 + t);
      if (s.spikes.length > 0) {
        times.push(...s.spikes.map((x) => x.cycle / 250 - 2000));
        values.push(...s.spikes.map(() => 1000));
        s.spikes.length = 0;
      }
      times.push(t);
      values.push(Math.min(1000, s.core.membrane(0)));
    }
    const panel = new Panel(
      {
        x: (k % 2) * strip.width + 62,
        y: Math.floor(k / 2) * strip.height + 70,
        width: strip.width - 84,
        height: strip.height - 66,
      },
      { label: k >= 6 ? 'time (us)' : '', domain: [-20, 400], ticks: 5 },
      { label: 'mV', domain: [250, 1020], ticks: 3 },
      name,
    );
    panel.line(times, values, seriesColour(0), 1);
    return panel.markup();
  });
  const title = 'Firing patterns of the adaptive exponential neuron';
  return picture(
    2 * strip.width + 20,
    4 * strip.height + 80,
    title,
    label(20, 26, title, { weight: 'bold', size: 15 }) +
      label(
        20,
        45,
        'published parameter sets in codes of the ideal chip, fast engine; a current step at time 0, refractory time 0.64 us',
        {
          size: 11,
          colour: ink.mid,
        },
      ) +
      panels.join(''),
  );
}

mkdirSync(folder, { recursive: true });
writeFileSync(new URL('verification.svg', folder), sheet());
writeFileSync(new URL('patterns.svg', folder), patterns());
