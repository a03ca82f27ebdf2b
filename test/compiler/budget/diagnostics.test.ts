/**
 * Codes of time and memory need a whole compilation. As with all codes: a file that gets exactly this code, its
 * rendered text, and a repaired file that gets nothing (`npx vitest run test/compiler/budget -u` rewrites them).
 */
import { expect, test } from 'vitest';
import { compile } from '../../../compiler/compile.js';
import { slowBusProfile } from '../../../compiler/budget/profile.js';
import { codes } from '../../../compiler/diagnostics/codes.js';
import { renderAll } from '../../../compiler/diagnostics/render.js';
import { shippedRules } from '../../../compiler/link/ppu-programs.js';

const back = [...codes].filter(([code, { failing }]) => /^[EW]08/.test(code) && failing !== '');
/** Every better instruction changes the numbers; the words are what must stay. */
const withoutNumbers = (text: string): string =>
  text.replace(
    /\d+(?= (cycles|bytes|%))|(?<=(period has|needs|period of|of its|code|every|by) )\d+/g,
    'N',
  );

const folder = '../diagnostics/codes';

test.each(back)('%s: the failing example gets this code and nothing else', async (code, entry) => {
  const name = `${code}.plast`;
  const { diagnostics } = compile([{ name, text: entry.failing }]);
  expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
  await expect(entry.failing).toMatchFileSnapshot(`${folder}/${name}`);
  const shown = renderAll(diagnostics, [{ name, text: entry.failing }]);
  await expect(withoutNumbers(shown)).toMatchFileSnapshot(`${folder}/${code}.txt`);
});

test.each(back)('%s: the repaired example is clean', async (code, entry) => {
  expect(compile([{ name: code, text: entry.repaired }]).diagnostics).toEqual([]);
  await expect(entry.repaired).toMatchFileSnapshot(`${folder}/${code}.repaired.plast`);
});

test('a pasted period is long enough', () => {
  const text = codes.get('E0802')?.failing ?? '';
  const repair = compile([{ name: 'x', text }]).diagnostics[0]?.repair;
  expect(repair).toBeDefined();
  if (!repair) return;
  const mended = text.slice(0, repair.span.start) + repair.text + text.slice(repair.span.end);
  expect(compile([{ name: 'x', text: mended }]).diagnostics).toEqual([]);
});

test('what fits alone may not fit the rows asked for, and the error says how many do', () => {
  const source = { name: 'stdp.plast', text: shippedRules['stdp.plast'] };
  expect(compile([source]).diagnostics).toEqual([]);
  const { diagnostics, program } = compile([source], { rows: 200 });
  expect(program).toBeUndefined();
  const [first] = diagnostics;
  expect(first?.code).toBe('E0802');
  const fits = Number(first?.facts['fits']);
  expect(compile([source], { rows: fits }).diagnostics).toEqual([]);
  expect(compile([source], { rows: fits + 1 }).diagnostics).toHaveLength(1);
  const slow = compile([source], { rows: fits, profile: slowBusProfile }).diagnostics;
  expect(slow.map(({ code }) => code)).toEqual(['E0802']);
  expect(slow[0]?.facts['profile']).toBe('slow-bus');
});

test('too much memory: the error names the bytes and what takes them', () => {
  const source = { name: 'r_stdp.plast', text: shippedRules['r_stdp.plast'] };
  const text = source.text.replace(/every (\d+) us/g, 'every $10 us');
  const error = compile([{ ...source, text }], { rows: 100 }).diagnostics.find(
    ({ severity }) => severity === 'error',
  );
  expect(error?.code).toBe('E0801');
  expect(String(error?.facts['parts'])).toContain('eligibility');
  expect(Number(error?.facts['over'])).toBeGreaterThan(0);
});
