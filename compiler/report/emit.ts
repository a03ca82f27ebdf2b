/** The stages of a compilation as text. */
import { disassemble } from '../../isa/disassemble.js';
import type { Program } from '../../isa/program.js';
import { lineAt } from '../../isa/program.js';
import type { Compiled } from '../compile.js';
import type { Block, Item, Value } from '../ir/ir.js';
import type { SourceText } from '../syntax/ast.js';
import { parse } from '../syntax/parse.js';

export type EmitKind = 'ast' | 'ir' | 'asm' | 'listing';

/** One stage of a compilation without errors, ending in a line end. */
export function emitText(
  kind: EmitKind,
  compiled: Compiled,
  sources: readonly SourceText[],
): string {
  switch (kind) {
    case 'ast':
      return `${JSON.stringify(
        sources.map(({ name, text }) => parse(text, name).tree?.items),
        null,
        2,
      )}\n`;
    case 'ir':
      return compiled.rules
        .flatMap(({ rule, program }) =>
          program.triggers.map(
            ({ block, index }) =>
              `${rule.name}: ${rule.triggers[index]?.name ?? ''}\n${showBlock(block, 1)}`,
          ),
        )
        .join('\n');
    case 'asm':
      return code(compiled, sources, false);
    case 'listing':
      return code(compiled, sources, true);
  }
}

const indent = (depth: number): string => '  '.repeat(depth);

function showBlock(block: Block, depth: number): string {
  return block.items.map((item) => showItem(item, depth)).join('');
}

function showItem(item: Item, depth: number): string {
  const line = (text: string): string => `${indent(depth)}${text}\n`;
  switch (item.kind) {
    case 'value':
      return line(showValue(item.value));
    case 'store': {
      const { target } = item;
      const name =
        target.kind === 'slot'
          ? target.slot.symbol.name
          : target.kind === 'variable'
            ? target.variable.name
            : target.kind;
      const mask = item.mask ? ` where %${item.mask.id}` : '';
      return line(`${name} <- %${item.value.id}${mask}`);
    }
    case 'if':
      return (
        line(`if %${item.condition.id}`) +
        showBlock(item.then, depth + 1) +
        (item.otherwise.items.length > 0 ? line('else') + showBlock(item.otherwise, depth + 1) : '')
      );
    case 'for':
      return (
        line(`for ${item.variable.name} from %${item.from.id} to %${item.to.id}`) +
        showBlock(item.body, depth + 1)
      );
    case 'rows':
      return line('each row') + showBlock(item.body, depth + 1);
    case 'reset':
      return line(`reset ${item.targets.join(', ')}${item.mask ? ` where %${item.mask.id}` : ''}`);
    case 'record':
      return line(`record ${item.record.fields.map(({ value }) => `%${value.id}`).join(', ')}`);
    case 'emit':
      return line(`emit row %${item.row.id} label %${item.label.id} after %${item.after.id}`);
    case 'log-branch':
      return '';
  }
}

function showValue(value: Value): string {
  const args = value.args.map(({ id }) => `%${id}`);
  for (const { a, b } of value.terms ?? [])
    args.push(`%${a.id} * ${typeof b === 'number' ? b : `%${b.id}`}`);
  if (value.addend) args.push(`+ %${value.addend.id}`);
  if (value.slot) args.push(value.slot.symbol.name);
  if (value.variable) args.push(value.variable.name);
  if (value.relation) args.push(value.relation);
  args.push(...value.numbers.map(String));
  return `%${value.id} = ${value.space} ${value.operation} ${args.join(', ')}   ; ${value.lo}..${value.hi}`;
}

/** Disassembled code with the lines of the rule; a listing has addresses and words too. */
function code(compiled: Compiled, sources: readonly SourceText[], withAddresses: boolean): string {
  const { program } = compiled;
  if (program === undefined) return '';
  const texts = new Map(sources.map(({ name, text }) => [name, text.split('\n')]));
  const labels = new Map<number, string[]>();
  for (const symbol of program.symbols) {
    if (symbol.section === undefined || symbol.kind === 'section') continue;
    labels.set(symbol.address, [...(labels.get(symbol.address) ?? []), symbol.name]);
  }
  const out: string[] = [];
  for (const section of program.sections) {
    if (!section.flags.executable) continue;
    const view = new DataView(section.bytes.buffer, section.bytes.byteOffset, section.bytes.length);
    let shown = '';
    for (let offset = 0; offset + 4 <= section.bytes.length; offset += 4) {
      const address = section.address + offset;
      for (const label of labels.get(address) ?? []) out.push(`${label}:`);
      shown = comment(program, address, texts, shown, out);
      const word = view.getUint32(offset);
      const text = disassemble(word, address);
      const place = `${address.toString(16).padStart(4, '0')}  ${word.toString(16).padStart(8, '0')}  `;
      out.push(withAddresses ? `${place}${text}` : `        ${text}`);
    }
  }
  return `${out.join('\n')}\n`;
}

/** Puts the source line in front of its first instruction; returns which line that was. */
function comment(
  program: Program,
  address: number,
  texts: ReadonlyMap<string, readonly string[]>,
  shown: string,
  out: string[],
): string {
  const line = lineAt(program, address);
  if (line === undefined) return shown;
  const key = `${line.file}:${line.line}`;
  const text = texts.get(line.file)?.[line.line - 1];
  if (key !== shown && text !== undefined) out.push(`        # ${key}: ${text.trim()}`);
  return key;
}
