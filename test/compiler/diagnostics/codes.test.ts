/**
 * Every code has a file that gets exactly this code, its rendered text, and a repaired file that gets nothing.
 * The files are written from the table of codes: `npx vitest run test/compiler/diagnostics -u` rewrites them.
 */
import { expect, test } from 'vitest';
import { check } from '../../../compiler/check/check.js';
import { acceptOnce } from '../../../compiler/check/place.js';
import { checkSettings } from '../../../compiler/check/settings.js';
import { compile } from '../../../compiler/compile.js';
import { codes } from '../../../compiler/diagnostics/codes.js';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.js';
import { renderAll } from '../../../compiler/diagnostics/render.js';
import { parse } from '../../../compiler/syntax/parse.js';

function diagnose(text: string, name: string): readonly Diagnostic[] {
  // What numbers do not fit is found only by a compilation.
  if (/^[EW]07/.test(name)) return compile([{ name, text }]).diagnostics;
  const parsed = parse(text, name);
  // A setting of the host's that one of its examples has no range for.
  if (name.startsWith('E0416') && parsed.tree) {
    const { rules, diagnostics } = check(parsed.tree);
    const list = [...diagnostics];
    checkSettings(rules, new Map([['eta', 3]]), acceptOnce(list));
    return list;
  }
  return parsed.tree ? check(parsed.tree).diagnostics : parsed.diagnostics;
}

// Codes of time and memory (08) are tested in test/compiler/budget.
const front = [...codes].filter(([code]) => !/^[EW]08/.test(code));

test.each(front)('%s: the failing example gets this code and nothing else', async (code, entry) => {
  const name = `${code}.plast`;
  const found = diagnose(entry.failing, name);
  expect(found.map((diagnostic) => diagnostic.code)).toEqual([code]);
  expect(found[0]?.severity).toBe(entry.severity);
  await expect(entry.failing).toMatchFileSnapshot(`codes/${name}`);
  await expect(renderAll(found, [{ name, text: entry.failing }])).toMatchFileSnapshot(
    `codes/${code}.txt`,
  );
});

test.each(front)('%s: the repaired example is clean', async (code, entry) => {
  expect(diagnose(entry.repaired, code)).toEqual([]);
  await expect(entry.repaired).toMatchFileSnapshot(`codes/${code}.repaired.plast`);
});

test.each(front)('%s: a pasted repair removes the diagnostic', (code, entry) => {
  const repair = diagnose(entry.failing, code)[0]?.repair;
  if (!repair) return;
  const { start, end } = repair.span;
  const text = entry.failing.slice(0, start) + repair.text + entry.failing.slice(end);
  expect(diagnose(text, code).map((diagnostic) => diagnostic.code)).not.toContain(code);
});

test('codes are in order and say their severity in their first letter', () => {
  const names = [...codes.keys()];
  expect(names).toEqual([...names].sort((a, b) => (a < b ? -1 : 1)));
  for (const [code, { severity }] of codes) expect(code.startsWith('E')).toBe(severity === 'error');
});

test('every code has an example and its repair', () => {
  for (const [code, { failing, repaired }] of codes)
    expect([code, failing === '' || repaired === '']).toEqual([code, false]);
});
