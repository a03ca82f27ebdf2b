/** Macros: their parameters, what a call gives them, and the text that results. */
import { closest, StatementError } from './problem.js';
import { splitOperands, type Piece, type SourceLine } from './statement.js';

interface MacroParameter {
  readonly name: string;
  readonly preset: string | undefined;
  readonly isRequired: boolean;
  /** Takes all that is left, commas included. */
  readonly takesRest: boolean;
}

export interface Macro {
  readonly name: string;
  readonly parameters: readonly MacroParameter[];
  readonly body: readonly SourceLine[];
}

/** A macro from its name, the text of its parameter list, and the lines between .macro and .endm. */
export function readMacro(name: string, list: string, body: readonly SourceLine[]): Macro {
  const pattern = /([A-Za-z_]\w*)(:(?:req|vararg))?(?:\s*=\s*("[^"]*"|[^\s,]*))?/g;
  const parameters = [...list.matchAll(pattern)].map(([, parameter = '', qualifier, preset]) => ({
    name: parameter,
    preset: preset?.replace(/^"(.*)"$/, '$1'),
    isRequired: qualifier === ':req',
    takesRest: qualifier === ':vararg',
  }));
  return { name, parameters, body };
}

/** Replaces \name, \@ and \() by their values; other backslashes stay. */
export function substitute(text: string, values: ReadonlyMap<string, string>): string {
  if (!text.includes('\\')) return text;
  return text
    .replace(/\\(@|[A-Za-z_]\w*)/g, (whole, name: string) => values.get(name) ?? whole)
    .replace(/\\\(\)/g, '');
}

/** Arguments between commas; without commas, blanks separate arguments that are single words. */
function argumentsOf(rest: Piece, count: number): Piece[] {
  const pieces = splitOperands(rest);
  const only = pieces[0];
  if (pieces.length !== 1 || count < 2 || only === undefined) return pieces;
  if (!/^[\w%.$@]+(\s+[\w%.$@]+)+$/.test(only.text)) return pieces;
  return [...only.text.matchAll(/\S+/g)].map((match) => ({
    text: match[0],
    column: only.column + match.index,
  }));
}

/** The text of every parameter in a call. */
export function bindArguments(macro: Macro, rest: Piece): Map<string, string> {
  const values = new Map<string, string>();
  let position = 0;
  const pieces = argumentsOf(rest, macro.parameters.length);
  for (const [index, piece] of pieces.entries()) {
    const named = /^([A-Za-z_]\w*)\s*=\s*(?!=)(.*)$/s.exec(piece.text);
    const target = macro.parameters.find((parameter) => parameter.name === named?.[1]);
    if (named !== null && target !== undefined) {
      values.set(target.name, named[2]!);
      continue;
    }
    const parameter = macro.parameters[position++];
    if (parameter === undefined) {
      throw new StatementError(
        'operand-count',
        `macro ${macro.name} takes ${macro.parameters.length} arguments`,
        {
          column: piece.column,
          length: piece.text.length,
          ...(named === null ? {} : namedRepair(named[1]!, macro)),
        },
      );
    }
    if (parameter.takesRest) {
      const start = piece.column - rest.column;
      values.set(parameter.name, rest.text.slice(start));
      break;
    }
    if (piece.text !== '' || index < pieces.length - 1) values.set(parameter.name, piece.text);
  }
  for (const { name, preset, isRequired } of macro.parameters) {
    const given = values.get(name);
    if (given !== undefined && given !== '') continue;
    if (isRequired) {
      throw new StatementError('operand-count', `macro ${macro.name} needs a value for '${name}'`, {
        column: rest.column,
      });
    }
    values.set(name, preset ?? '');
  }
  return values;
}

function namedRepair(name: string, macro: Macro): { repair?: string } {
  const near = closest(
    name,
    macro.parameters.map((parameter) => parameter.name),
  );
  return near === undefined ? {} : { repair: `did you mean ${near}=...?` };
}
