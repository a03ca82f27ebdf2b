/** Rule files on disk and their diagnostics on a terminal: what `check`, `compile` and others share. */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.js';
import { toJson } from '../compiler/diagnostics/json.js';
import { countSeverities, renderAll } from '../compiler/diagnostics/render.js';
import type { SourceText } from '../compiler/syntax/ast.js';
import { InputError } from './failure.js';

/** Reads a rule file as UTF-8. Throws `InputError` with the reason and what to do. */
export async function readRuleFile(path: string): Promise<SourceText> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
    return { name: path, text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT')
      throw new InputError(
        `${path}: there is no such file; check the path, rule files end in .plast`,
      );
    if (code === 'EISDIR')
      throw new InputError(`${path}: this is a folder; name the rule file in it`);
    if (code === 'EACCES') throw new InputError(`${path}: reading it is not permitted`);
    if (error instanceof TypeError)
      throw new InputError(`${path}: this is not a text file (UTF-8 was expected)`);
    throw new InputError(`${path}: it cannot be read (${code || String(error)})`);
  }
}

/** True if text for this stream may be coloured. */
export function wantsColour(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env['NO_COLOR'];
}

/** Writes diagnostics to standard error, with a last line that counts them. */
export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceText[],
): void {
  if (diagnostics.length === 0) return;
  const text = renderAll(diagnostics, sources, { colour: wantsColour(process.stderr) });
  process.stderr.write(`${text}\n${countSeverities(diagnostics)}\n`);
}

/** Diagnostics as JSON text, an array of objects. */
export function diagnosticsAsJson(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceText[],
): string {
  return JSON.stringify(
    diagnostics.map((diagnostic) => toJson(diagnostic, sources)),
    null,
    2,
  );
}
