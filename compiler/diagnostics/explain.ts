/** The long explanation of a code: for `plastic explain` and for the manual page. */
import { codes } from './codes.js';
import type { CodeEntry } from './diagnostic.js';

/** Text for a terminal; undefined if there is no such code. `code` may be in lower case. */
export function explain(code: string): string | undefined {
  const name = code.toUpperCase();
  const entry = codes.get(name);
  if (!entry) return undefined;
  const parts = [`${name}: ${entry.title} (${entry.severity})`, wrap(entry.explanation, 80)];
  if (entry.failing) parts.push(`This gets ${name}:`, indented(entry.failing));
  if (entry.repaired) parts.push('This does not:', indented(entry.repaired));
  return `${parts.join('\n\n')}\n`;
}

/** The manual page on all codes, Markdown. */
export function diagnosticsPage(): string {
  const lines = [
    '# Diagnostics',
    '',
    'Every message of `plastic check` and `plastic compile` has a stable code. `plastic explain CODE` prints an entry of',
    'this page. The page is generated from `compiler/diagnostics/`: run `npm run docs:diagnostics` after a change there.',
    '',
    '| code | severity | title |',
    '| --- | --- | --- |',
    ...[...codes].map(
      ([code, { severity, title }]) =>
        `| [${code}](#${code.toLowerCase()}) | ${severity} | ${title} |`,
    ),
    '',
  ];
  for (const [code, entry] of codes) lines.push(...section(code, entry));
  return `${lines.join('\n').trimEnd()}\n`;
}

function section(code: string, entry: CodeEntry): string[] {
  const lines = [
    `## ${code}`,
    '',
    `**${entry.title}** (${entry.severity}). ${entry.explanation}`,
    '',
  ];
  if (entry.failing)
    lines.push(`This gets ${code}:`, '', '```plast', entry.failing.trimEnd(), '```', '');
  if (entry.repaired)
    lines.push('This does not:', '', '```plast', entry.repaired.trimEnd(), '```', '');
  return lines;
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`.trimEnd())
    .join('\n');
}

function wrap(text: string, width: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
