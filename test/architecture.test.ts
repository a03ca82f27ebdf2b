import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each top-level folder may import besides itself (docs/architecture.md draws it). */
const below: Record<string, readonly string[]> = {
  isa: [],
  compiler: ['isa'],
  emulator: ['isa'],
  board: ['isa'],
  experiment: ['board', 'compiler', 'isa'],
  cli: ['experiment', 'board', 'emulator', 'compiler', 'isa'],
};
/** The two places in board/ where the emulated chip is put behind the Board interface. */
const boardMayEmulate = 2;
/** Folders that run in a browser. */
const browserFolders = ['isa', 'compiler', 'emulator'];

interface Import {
  readonly from: string;
  readonly to: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => posix.join(folder, name.split('\\').join('/')));
}

function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => ({
    from: file,
    to: fileName.startsWith('.')
      ? relative(root, join(root, dirname(file), fileName))
          .split('\\')
          .join('/')
      : fileName,
  }));
}

const all = Object.keys(below).flatMap(sources).flatMap(importsOf);
const folderOf = (path: string) => path.split('/')[0]!;

describe('imports point down the layers', () => {
  for (const [folder, allowed] of Object.entries(below)) {
    test(`${folder} imports only ${[folder, ...allowed].join(', ')}`, () => {
      const wrong = all.filter(
        ({ from, to }) =>
          folderOf(from) === folder &&
          folderOf(to) in below &&
          folderOf(to) !== folder &&
          !allowed.includes(folderOf(to)) &&
          !(folder === 'board' && folderOf(to) === 'emulator'),
      );
      expect(wrong).toEqual([]);
    });
  }

  test(`board imports the emulator in at most ${boardMayEmulate} files`, () => {
    const files = new Set(
      all
        .filter(({ from, to }) => folderOf(from) === 'board' && folderOf(to) === 'emulator')
        .map((i) => i.from),
    );
    expect([...files].length).toBeLessThanOrEqual(boardMayEmulate);
  });

  test('no layer imports a test, a bench or an example, and only cli the public entry', () => {
    const wrong = all.filter(
      ({ from, to }) =>
        ['test', 'bench', 'examples', 'dist'].includes(folderOf(to)) ||
        (to === 'index.js' && folderOf(from) !== 'cli') ||
        to === 'plastic',
    );
    expect(wrong).toEqual([]);
  });
});

describe('the core runs in a browser', () => {
  test('isa, compiler and emulator import nothing of Node', () => {
    const wrong = all.filter(
      ({ from, to }) => browserFolders.includes(folderOf(from)) && to.startsWith('node:'),
    );
    expect(wrong).toEqual([]);
  });

  test('isa, compiler and emulator name no global of Node', () => {
    const names = /\b(Buffer|process|__dirname|__filename|require|setImmediate)\b(?!['":])/;
    const wrong: string[] = [];
    for (const file of browserFolders.flatMap(sources)) {
      const source = ts.createSourceFile(
        file,
        readFileSync(join(root, file), 'utf8'),
        ts.ScriptTarget.ES2022,
        true,
      );
      const visit = (node: ts.Node): void => {
        if (ts.isIdentifier(node) && names.test(node.text) && isGlobalUse(node))
          wrong.push(`${file}: ${node.text}`);
        ts.forEachChild(node, visit);
      };
      visit(source);
    }
    expect(wrong).toEqual([]);
  });
});

/** True unless the identifier is a property, a declaration or a parameter of the file's own. */
function isGlobalUse(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return (
    ts.isCallExpression(parent) || ts.isNewExpression(parent) || ts.isTypeReferenceNode(parent)
  );
}

describe('no cycles between folders', () => {
  test('two-level folders import each other in one direction only', () => {
    const place = (path: string) =>
      path
        .split('/')
        .slice(0, path.split('/').length > 2 ? 2 : 1)
        .join('/');
    const edges = new Map<string, Set<string>>();
    for (const { from, to } of all) {
      if (!(folderOf(to) in below)) continue;
      const a = place(from);
      const b = place(to);
      if (a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)) continue;
      edges.set(a, (edges.get(a) ?? new Set()).add(b));
    }
    const cycles: string[] = [];
    const state = new Map<string, 'open' | 'done'>();
    const walk = (node: string, path: string[]): void => {
      if (state.get(node) === 'done') return;
      if (state.get(node) === 'open') {
        cycles.push([...path.slice(path.indexOf(node)), node].join(' -> '));
        return;
      }
      state.set(node, 'open');
      for (const next of edges.get(node) ?? []) walk(next, [...path, node]);
      state.set(node, 'done');
    };
    for (const node of edges.keys()) walk(node, []);
    expect(cycles).toEqual([]);
  });
});
