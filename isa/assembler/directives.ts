/** Every directive: what follows it and what it does. */
import type { SectionFlags, SymbolKind } from '../program.js';
import { encodeText } from '../bytes.js';
import type { Assembly } from './assembly.js';
import { StatementError } from './problem.js';
import { splitOperands, type Piece } from './statement.js';

/** What a directive gets: its operands apart and as one text. */
interface Call {
  readonly assembly: Assembly;
  readonly operands: readonly Piece[];
  readonly rest: Piece;
  readonly options: DirectiveOptions;
}

export interface DirectiveOptions {
  /** Bytes of a `.word`: 4 as in the Power manual, 2 as in GNU as for PowerPC. */
  readonly wordBytes: 2 | 4;
}

interface Directive {
  readonly syntax: string;
  readonly run: (call: Call) => void;
}

const mostBytes = 16 * 1024 * 1024;

function wrongCount({ rest }: Call, expected: string): never {
  throw new StatementError('operand-count', 'wrong number of operands', {
    column: rest.column,
    length: Math.max(1, rest.text.length),
    expected,
  });
}

function operand(call: Call, index: number, what: string): Piece {
  const piece = call.operands[index];
  return piece === undefined || piece.text === '' ? wrongCount(call, what) : piece;
}

function symbolName(call: Call, index = 0): string {
  const piece = operand(call, index, 'a symbol');
  const name = piece.text.replace(/^"(.*)"$/, '$1');
  if (!/^[A-Za-z_.$][\w.$]*$/.test(name)) {
    throw new StatementError('syntax', `'${piece.text}' is no symbol`, {
      column: piece.column,
      length: piece.text.length,
      expected: 'letters, digits, _ . $',
    });
  }
  return name;
}

function enter(assembly: Assembly, name: string, flags?: SectionFlags): void {
  assembly.previousSection = assembly.builder.sectionName;
  assembly.builder.section(name, flags);
}

const inSection = (name: string): Directive => ({
  syntax: '',
  run: ({ assembly }) => enter(assembly, name),
});

const data = (width: 1 | 2 | 4): Directive => ({
  syntax: 'expression, ...',
  run: ({ assembly, operands }) => assembly.data(operands, width),
});

const ignored: Directive = { syntax: '...', run: () => undefined };

const binding = (kind: 'local' | 'global' | 'weak'): Directive => ({
  syntax: 'symbol, ...',
  run: (call) => {
    if (call.operands.length === 0) wrongCount(call, 'a symbol');
    for (const index of call.operands.keys()) {
      call.assembly.builder.describe(symbolName(call, index), { binding: kind });
    }
  },
});

const text = (isTerminated: boolean): Directive => ({
  syntax: '"text", ...',
  run: (call) => {
    if (call.operands.length === 0) wrongCount(call, 'a text in double quotes');
    for (const piece of call.operands) {
      call.assembly.builder.bytes(textBytes(piece));
      if (isTerminated) call.assembly.builder.byte(0);
    }
  },
});

const letters: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, b: 8, f: 12, v: 11 };

/** Bytes of a quoted text; other characters than ASCII become UTF-8. */
function textBytes(piece: Piece): Uint8Array {
  const content = /^"((?:\\[\s\S]|[^"\\])*)"$/.exec(piece.text)?.[1];
  if (content === undefined) {
    throw new StatementError('syntax', 'this is no text', {
      column: piece.column,
      length: Math.max(1, piece.text.length),
      expected: 'a text in double quotes',
    });
  }
  const bytes: number[] = [];
  for (const [part] of content.matchAll(/\\([0-7]{1,3}|[xX][0-9a-fA-F]+|[\s\S])|[^\\]+/g)) {
    if (!part.startsWith('\\')) {
      bytes.push(...encodeText(part));
      continue;
    }
    const escape = part.slice(1);
    if (/^[0-7]/.test(escape)) bytes.push(parseInt(escape, 8) & 0xff);
    else if (/^[xX]./.test(escape)) bytes.push(parseInt(escape.slice(1), 16) & 0xff);
    else bytes.push(letters[escape] ?? escape.codePointAt(0) ?? 0);
  }
  return Uint8Array.from(bytes);
}

/** `.section name, "flags", @type`: w writable, x executable, a allocated; type nobits for zeros. */
function section(call: Call): void {
  const piece = operand(call, 0, 'a section name');
  const name = piece.text.replace(/^"(.*)"$/, '$1');
  const letters = call.operands[1]?.text.replace(/^"(.*)"$/, '$1');
  if (letters === undefined) {
    enter(call.assembly, name);
    return;
  }
  if (!/^[awxMSGTR?o0-9]*$/.test(letters)) {
    throw new StatementError('syntax', `unknown section flags '${letters}'`, {
      column: call.operands[1]?.column ?? piece.column,
      length: letters.length + 2,
      expected: 'letters of a (allocated), w (writable), x (executable)',
    });
  }
  enter(call.assembly, name, {
    allocated: letters.includes('a'),
    writable: letters.includes('w'),
    executable: letters.includes('x'),
    zeroFilled: /nobits/.test(call.operands[2]?.text ?? ''),
  });
}

function align(call: Call, isPower: boolean): void {
  const { assembly, operands } = call;
  const what = isPower ? 'a power of two, 0..15' : 'a number of bytes';
  const piece = operand(call, 0, what);
  const number = assembly.number(piece, isPower ? { min: 0, max: 15 } : { min: 0, max: 0x8000 });
  const boundary = isPower ? 1 << number : Math.max(1, number);
  if ((boundary & (boundary - 1)) !== 0) {
    throw new StatementError('range', `${number} is no power of two`, {
      column: piece.column,
      length: piece.text.length,
      expected: '1, 2, 4, 8 ...',
    });
  }
  const fill = operands[1];
  const most = operands[2];
  if (most !== undefined && most.text !== '') {
    const gap = -assembly.builder.offset & (boundary - 1);
    if (gap > assembly.number(most)) return;
  }
  if (fill === undefined || fill.text === '') assembly.builder.align(boundary);
  else assembly.builder.align(boundary, assembly.number(fill, { min: -128, max: 255 }) & 0xff);
}

function space(call: Call): void {
  const { assembly, operands } = call;
  const count = assembly.number(operand(call, 0, 'a number of bytes'), { min: 0, max: mostBytes });
  const fill =
    operands[1] === undefined ? 0 : assembly.number(operands[1], { min: -128, max: 255 });
  assembly.builder.space(count, fill & 0xff);
}

/** `.fill count, size, value`: count items of size bytes. */
function fill(call: Call): void {
  const { assembly, operands } = call;
  const count = assembly.number(operand(call, 0, 'a count'), { min: 0, max: mostBytes });
  const size = operands[1] === undefined ? 1 : assembly.number(operands[1], { min: 0, max: 8 });
  const value = operands[2] === undefined ? 0 : assembly.number(operands[2]);
  for (let i = 0; i < count; i++) {
    for (let byte = size - 1; byte >= 0; byte--) {
      assembly.builder.byte(byte > 3 ? 0 : (value >> (8 * byte)) & 0xff);
    }
  }
}

/** `.org offset`: forward to this place of the section; the gap is zero. */
function origin(call: Call): void {
  const { assembly, operands } = call;
  const { builder } = assembly;
  const piece = operand(call, 0, 'an offset in the section');
  const place = assembly.place();
  const offset = assembly.offsetHere(piece);
  if (offset < builder.offset || offset - builder.offset > mostBytes) {
    throw new StatementError('range', `.org leads back from ${builder.offset} to ${offset}`, {
      column: piece.column,
      length: piece.text.length,
      expected: `at least ${builder.offset}`,
      repair: 'the section has grown beyond this place: move what comes before, or the place',
    });
  }
  const value =
    operands[1] === undefined ? 0 : assembly.number(operands[1], { min: -128, max: 255 });
  builder.mark(place).space(offset - builder.offset, value & 0xff);
}

const symbolKinds: Readonly<Record<string, SymbolKind>> = {
  function: 'function',
  object: 'object',
  notype: 'none',
};

function type(call: Call): void {
  const name = symbolName(call);
  const word = operand(call, 1, '@function or @object').text.replace(/^[@%#"]|"$/g, '');
  const kind =
    symbolKinds[
      word
        .toLowerCase()
        .replace(/^stt_/, '')
        .replace(/^func$/, 'function')
    ];
  if (kind === undefined) {
    throw new StatementError('syntax', `unknown symbol type '${word}'`, {
      column: call.operands[1]?.column ?? 1,
      length: word.length,
      expected: '@function, @object or @notype',
    });
  }
  call.assembly.builder.describe(name, { kind });
}

/** `.comm name, size, alignment`: zero-filled memory. */
function common(call: Call, isGlobal: boolean): void {
  const { assembly, operands } = call;
  const { builder } = assembly;
  const name = symbolName(call);
  const size = assembly.number(operand(call, 1, 'a size in bytes'), { min: 0, max: mostBytes });
  const boundary =
    operands[2] === undefined ? 4 : assembly.number(operands[2], { min: 1, max: 0x8000 });
  const back = builder.sectionName;
  builder.section('.bss').align(boundary);
  assembly.label({ text: name, column: operands[0]?.column ?? 1 });
  builder.describe(name, { binding: isGlobal ? 'global' : 'local', kind: 'object', size });
  builder.space(size).section(back);
}

const assign = (isOnce: boolean): Directive => ({
  syntax: 'symbol, expression',
  run: (call) => {
    symbolName(call);
    const name = operand(call, 0, 'a symbol');
    call.assembly.assign(name, operand(call, 1, 'symbol, expression'), isOnce);
  },
});

function failOnPurpose({ rest }: Call): void {
  throw new StatementError('error', rest.text.replace(/^"(.*)"$/, '$1') || '.err', {});
}

const table: Readonly<Record<string, Directive>> = {
  '.text': inSection('.text'),
  '.data': inSection('.data'),
  '.rodata': inSection('.rodata'),
  '.bss': inSection('.bss'),
  '.section': { syntax: 'name[, "flags"[, @nobits]]', run: section },
  '.pushsection': {
    syntax: 'name[, "flags"]',
    run: (call) => {
      call.assembly.sectionStack.push(call.assembly.builder.sectionName);
      section(call);
    },
  },
  '.popsection': {
    syntax: '',
    run: ({ assembly }) => {
      const name = assembly.sectionStack.pop();
      if (name === undefined)
        throw new StatementError('unmatched', '.popsection without .pushsection');
      enter(assembly, name);
    },
  },
  '.previous': { syntax: '', run: ({ assembly }) => enter(assembly, assembly.previousSection) },
  '.globl': binding('global'),
  '.global': binding('global'),
  '.extern': ignored,
  '.weak': binding('weak'),
  '.local': binding('local'),
  '.type': { syntax: 'symbol, @function', run: type },
  '.size': {
    syntax: 'symbol, expression',
    run: (call) => {
      const size = call.assembly.number(operand(call, 1, 'symbol, size'));
      call.assembly.builder.describe(symbolName(call), { size });
    },
  },
  '.word': {
    syntax: 'expression, ...',
    run: ({ assembly, operands, options }) => assembly.data(operands, options.wordBytes),
  },
  '.long': data(4),
  '.int': data(4),
  '.4byte': data(4),
  '.half': data(2),
  '.hword': data(2),
  '.short': data(2),
  '.2byte': data(2),
  '.byte': data(1),
  '.ascii': text(false),
  '.asciz': text(true),
  '.string': text(true),
  '.space': { syntax: 'bytes[, fill]', run: space },
  '.skip': { syntax: 'bytes[, fill]', run: space },
  '.zero': { syntax: 'bytes', run: space },
  '.fill': { syntax: 'count[, size[, value]]', run: fill },
  '.align': { syntax: 'power of two', run: (call) => align(call, true) },
  '.p2align': { syntax: 'power of two[, fill[, most]]', run: (call) => align(call, true) },
  '.balign': { syntax: 'bytes[, fill[, most]]', run: (call) => align(call, false) },
  '.org': { syntax: 'offset[, fill]', run: origin },
  '.set': assign(false),
  '.equ': assign(false),
  '.equiv': assign(true),
  '.comm': { syntax: 'symbol, bytes[, alignment]', run: (call) => common(call, true) },
  '.lcomm': { syntax: 'symbol, bytes[, alignment]', run: (call) => common(call, false) },
  '.error': { syntax: '"text"', run: failOnPurpose },
  '.err': { syntax: '', run: failOnPurpose },
  '.file': ignored,
  '.ident': ignored,
  '.machine': ignored,
  '.gnu_attribute': ignored,
  '.loc': ignored,
  '.nop': { syntax: '', run: ({ assembly }) => void assembly.builder.instructionWord(0x60000000) },
};

/** Names of all directives, those of the source stream included. */
export const directiveNames: readonly string[] = [
  ...Object.keys(table),
  ...['.macro', '.endm', '.exitm', '.purgem', '.rept', '.irp', '.irpc', '.endr', '.include'],
  ...['.if', '.ifeq', '.ifne', '.iflt', '.ifle', '.ifgt', '.ifge', '.ifdef', '.ifndef', '.ifb'],
  ...['.ifnb', '.ifc', '.ifnc', '.else', '.elseif', '.endif', '.end'],
];

/** Carries out a directive; false if there is none of that name. */
export function runDirective(
  assembly: Assembly,
  name: string,
  rest: Piece,
  options: DirectiveOptions,
): boolean {
  const directive = Object.hasOwn(table, name) ? table[name] : undefined;
  if (directive === undefined) return name.startsWith('.cfi_');
  directive.run({ assembly, rest, operands: splitOperands(rest), options });
  return true;
}
