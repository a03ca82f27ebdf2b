/** `plastic compare`: agreement is found, and a wrong program is pinned to line, lane and cycle. */
import { expect, test } from 'vitest';
import {
  parseRecording,
  randomRecording,
  recordingAsJson,
  RecordingError,
} from '../../../cli/compare/recording.js';
import { compareRule } from '../../../cli/compare/compare.js';
import { renderComparison } from '../../../cli/compare/text.js';
import { type Compiled, compile } from '../../../compiler/compile.js';
import { lineCounter } from '../../../compiler/link/lines.js';

const rows = 2;

function ruleWith(gain: string, pace: string): { text: string; compiled: Compiled } {
  const text = `rule r {
  state trace per synapse in [0, 16] step 1/16
  state turns : int = 0
  every 300 us {
    turns += ${pace}
    each synapse {
      trace += ${gain} * causal
      w += trace / 4
      reset causal, acausal
    }
  }
}
`;
  const compiled = compile([{ name: 'r.plast', text }], { rows });
  expect(compiled.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return { text, compiled };
}

const right = ruleWith('1/64', '1');
const lineOf = lineCounter([{ name: 'r.plast', text: right.text }]);
const recording = randomRecording(right.compiled, {
  rows,
  seed: 3,
  executions: 3,
  drawValues: true,
  fixed: new Map(),
});

test('the machine code of a rule agrees with both evaluators, and the bounds hold', () => {
  const comparison = compareRule(right.compiled, [recording], lineOf);
  expect(comparison).toMatchObject({ agrees: true, executions: 3 });
  expect(comparison.assignments.map(({ target, line }) => [target, line])).toEqual(
    expect.arrayContaining([
      ['trace', 7],
      ['w', 8],
    ]),
  );
  expect(renderComparison(comparison, 'r.plast')).toContain('in every bit');
});

test.each(['clocked', 'signed'])('a rule among others is compared alone: %s', (rule) => {
  const text = `rule clocked {
  neurons inh
  state t : int = 0 us
  every 1 ms {
    t = time
    each synapse { w += stochastic(causal / (1 + inh.rate[neuron])) }
    record t
  }
}
rule signed {
  weights signed
  every 2 ms { each synapse { w -= acausal / 32 } }
}
`;
  const compiled = compile([{ name: 'r.plast', text }], { rows, rule });
  const options = { rows, seed: 5, executions: 2, drawValues: true, fixed: new Map() };
  const places = lineCounter([{ name: 'r.plast', text }]);
  const comparison = compareRule(compiled, [randomRecording(compiled, options)], places);
  expect(comparison).toMatchObject({ rule, agrees: true, executions: 2 });
});

test.each([
  ['a per-synapse state', ruleWith('1/32', '1'), 'trace', 7],
  ['a state of the processor', ruleWith('1/64', '2'), 'turns', 5],
])('wrong code of %s is named with line, lane and cycle', (_, other, target, line) => {
  const { program, layout } = other.compiled;
  if (program === undefined || layout === undefined) throw new Error('no program');
  const wrong = { ...right.compiled, program, layout };
  const { divergence, agrees } = compareRule(wrong, [recording], lineOf);
  expect(agrees).toBe(false);
  expect(divergence).toMatchObject({ target, line, execution: 0 });
  expect(divergence?.cycle).toBeGreaterThan(0);
  expect(divergence?.address).toBeGreaterThan(0);
});

test('a recording survives its file', () => {
  expect(parseRecording(recordingAsJson(recording))).toEqual(recording);
});

test('recorded numbers spread over rows and executions', () => {
  const read = parseRecording(
    '{"rows": 2, "weights": 31, "executions": [{"causal": [[150], [160]], "rate": 7}, {}]}',
  );
  expect(read.weights[511]).toBe(31);
  expect([read.scenes[0]?.causal[0], read.scenes[1]?.causal[256]]).toEqual([150, 160]);
  expect(read.scenes[1]?.rate[255]).toBe(7);
});

test.each([
  ['not JSON', 'the file'],
  ['{"rows": 0, "executions": [{}]}', 'rows'],
  ['{"executions": []}', 'executions'],
  ['{"executions": [{"causal": 256}]}', 'executions[0].causal'],
  ['{"params": {"eta": "1"}, "executions": [{}]}', 'params.eta'],
])('the place of a mistake in a recording is named: %s', (text, where) => {
  const error = (() => {
    try {
      parseRecording(text);
    } catch (thrown) {
      return thrown;
    }
    return undefined;
  })();
  expect(error).toBeInstanceOf(RecordingError);
  expect((error as RecordingError).where).toBe(where);
});
