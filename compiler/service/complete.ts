/** What could stand at the cursor. */
import { functionNames, observables } from '../check/scope.js';
import type { ObservableName } from '../check/typed.js';
import type { Analysis } from './analysis.js';
import { contains, type Role } from './names.js';
import { functionWords, keywordWords, observableWords } from './words.js';

export interface Completion {
  readonly label: string;
  readonly kind: Role | 'keyword' | 'observable' | 'function of the language' | 'member';
  readonly detail: string;
}

const domainWords = ['synapse', 'neuron', 'row'];
const atFile = ['rule', 'const', 'table', 'fn'];
const inRule = [
  'param',
  'input',
  'state',
  'const',
  'table',
  'fn',
  'on',
  'at',
  'every',
  'neurons',
  'weights',
];
const inBlock = [
  'let',
  'if',
  'else',
  'for',
  'each',
  'reset',
  'record',
  'emit',
  'return',
  'and',
  'or',
  'not',
];
const inHead = ['per', 'in', 'step', 'external', 'int'];

const words = (list: readonly string[]): Completion[] =>
  list.map((label) => ({ label, kind: 'keyword', detail: keywordWords[label] ?? '' }));

/** Completions at `offset`; an editor filters them by what is already typed. */
export function completionsAt(analysis: Analysis, offset: number): Completion[] {
  const { text } = analysis.source;
  let start = offset;
  while (start > 0 && /\w/.test(text.charAt(start - 1))) start--;
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  if (line.includes('//')) return [];
  // After a digit only a unit could follow, and those are quicker typed than chosen.
  if (/\d\s*$/.test(line) && start === offset) return [];
  const seen = analysis.names.definitions.filter(
    ({ scope, role }) => contains(scope, start) && role !== 'signal' && role !== 'rule',
  );
  const member = /(\w+)\s*\.\s*$/.exec(line);
  if (member) {
    const isPopulation = seen.some(({ name, role }) => name === member[1] && role === 'population');
    return isPopulation
      ? ['rate', 'v'].map((label) => ({
          label,
          kind: 'member',
          detail: observableWords[label as ObservableName],
        }))
      : [];
  }
  if (/\b(?:per|each)\s+$/.test(line)) return words(domainWords);
  if (/\breset\s+(?:\w+\s*,\s*)*$/.test(line))
    return words(['causal', 'acausal', 'rate', 'membrane']);
  if (/\bon\s+$/.test(line)) return words(['start', 'signal']);
  if (/\bemit\s+$/.test(line)) return words(['row']);
  const depth = depthAt(text, start);
  if (depth === 0) return words(atFile);
  const names: Completion[] = [
    ...new Map(
      seen.map(({ name, role }): [string, Completion] => [
        name,
        { label: name, kind: role, detail: role },
      ]),
    ).values(),
  ];
  const functions = functionNames.map((label): Completion => {
    const [call, does] = functionWords[label] ?? [label, ''];
    return { label, kind: 'function of the language', detail: `${call}: ${does}` };
  });
  if (depth === 1) {
    // A declaration's bounds and default are made of constants.
    return line.trim() === '' ? words(inRule) : [...names, ...functions, ...words(inHead)];
  }
  const observed = Object.entries(observables).map(([label, { domain }]): Completion => {
    const detail = `per ${domain}: ${observableWords[label as ObservableName]}`;
    return { label, kind: 'observable', detail };
  });
  return [...names, ...observed, ...functions, ...words(inBlock)];
}

/** How many braces are open at `offset`. */
function depthAt(text: string, offset: number): number {
  const code = text.slice(0, offset).replace(/\/\/[^\n]*/g, '');
  let depth = 0;
  for (const character of code) {
    if (character === '{') depth++;
    else if (character === '}') depth = Math.max(0, depth - 1);
  }
  return depth;
}
