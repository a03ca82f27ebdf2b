/** `plastic lsp`: the language server; an editor starts it and talks to it over standard input and output. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import {
  CodeActionKind,
  type CompletionItem,
  CompletionItemKind,
  createConnection,
  type Diagnostic as EditorDiagnostic,
  DiagnosticSeverity,
  type DocumentSymbol,
  MarkupKind,
  ResponseError,
  ErrorCodes,
  StreamMessageReader,
  StreamMessageWriter,
  SymbolKind,
  TextDocuments,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { type Position, type Range, TextDocument } from 'vscode-languageserver-textdocument';
import type { CommandModule } from 'yargs';
import { codes } from '../../compiler/diagnostics/codes.js';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import { toJson } from '../../compiler/diagnostics/json.js';
import {
  analyse,
  type Analysis,
  type Completion,
  completionsAt,
  definitionAt,
  hoverAt,
  outlineOf,
  type Part,
  referencesAt,
  renameAt,
} from '../../compiler/service/index.js';
import { format } from '../../compiler/syntax/format.js';
import { version } from '../installation.js';

/** Milliseconds of silence after which a changed text is analysed. */
const pause = 150;

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
} as const;

const completionKinds: { readonly [kind in Completion['kind']]: CompletionItemKind } = {
  rule: CompletionItemKind.Class,
  const: CompletionItemKind.Constant,
  param: CompletionItemKind.Property,
  input: CompletionItemKind.Property,
  state: CompletionItemKind.Field,
  table: CompletionItemKind.Function,
  function: CompletionItemKind.Function,
  argument: CompletionItemKind.Variable,
  let: CompletionItemKind.Variable,
  'loop variable': CompletionItemKind.Variable,
  population: CompletionItemKind.Module,
  signal: CompletionItemKind.Event,
  keyword: CompletionItemKind.Keyword,
  observable: CompletionItemKind.Value,
  'function of the language': CompletionItemKind.Function,
  member: CompletionItemKind.Field,
};

const symbolKinds: { readonly [kind in Part['kind']]: SymbolKind } = {
  rule: SymbolKind.Class,
  const: SymbolKind.Constant,
  table: SymbolKind.Function,
  function: SymbolKind.Function,
  param: SymbolKind.Property,
  input: SymbolKind.Property,
  state: SymbolKind.Field,
  population: SymbolKind.Module,
  trigger: SymbolKind.Event,
};

interface Offsets {
  readonly start: number;
  readonly end: number;
}

function rangeIn(document: TextDocument, { start, end }: Offsets): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

function toEditor(diagnostic: Diagnostic, { document, analysis }: Open): EditorDiagnostic {
  const { message, help, label } = toJson(diagnostic, [analysis.source]);
  return {
    range: rangeIn(document, diagnostic.primary),
    severity: severities[diagnostic.severity],
    code: diagnostic.code,
    source: 'plastic',
    message: [`${message}: ${label}`, ...(help ? [help] : [])].join('\n'),
    relatedInformation: diagnostic.secondary
      .filter(({ span }) => span.file === analysis.source.name)
      .map(({ span, text }) => ({
        location: { uri: document.uri, range: rangeIn(document, span) },
        message: text,
      })),
  };
}

function toSymbol(part: Part, document: TextDocument): DocumentSymbol {
  return {
    name: part.name,
    detail: part.kind,
    kind: symbolKinds[part.kind],
    range: rangeIn(document, part.span),
    selectionRange: rangeIn(document, part.selection),
    children: part.children.map((child) => toSymbol(child, document)),
  };
}

function pathOf(uri: string): string {
  return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
}

interface Open {
  readonly document: TextDocument;
  readonly analysis: Analysis;
}

/** Serves one editor until it hangs up. */
function serve(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): void {
  const connection = createConnection(
    new StreamMessageReader(input),
    new StreamMessageWriter(output),
  );
  const documents = new TextDocuments(TextDocument);
  const known = new Map<string, Open>();
  const timers = new Map<string, NodeJS.Timeout>();

  /** The analysis of the text as it is now. */
  const open = (uri: string): Open | undefined => {
    const document = documents.get(uri);
    if (!document) return undefined;
    const last = known.get(uri);
    if (last && last.document.version === document.version && last.document === document)
      if (last.analysis.source.text === document.getText()) return last;
    const analysis = analyse({ name: pathOf(uri), text: document.getText() });
    const now = { document, analysis };
    known.set(uri, now);
    return now;
  };
  const at = <T>(
    { textDocument, position }: { textDocument: { uri: string }; position: Position },
    answer: (opened: Open, offset: number) => T,
  ): T | null => {
    const opened = open(textDocument.uri);
    return opened ? answer(opened, opened.document.offsetAt(position)) : null;
  };
  const publish = (uri: string): void => {
    const opened = open(uri);
    if (!opened) return;
    const own = opened.analysis.diagnostics.filter(
      ({ primary }) => primary.file === opened.analysis.source.name,
    );
    const diagnostics = own.map((diagnostic) => toEditor(diagnostic, opened));
    void connection.sendDiagnostics({ uri, version: opened.document.version, diagnostics });
  };

  connection.onInitialize(() => ({
    serverInfo: { name: 'plastic', version: version() },
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      hoverProvider: true,
      definitionProvider: true,
      referencesProvider: true,
      documentHighlightProvider: true,
      completionProvider: { triggerCharacters: ['.'] },
      renameProvider: { prepareProvider: true },
      documentSymbolProvider: true,
      documentFormattingProvider: true,
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
    },
  }));

  documents.onDidChangeContent(({ document: { uri } }) => {
    clearTimeout(timers.get(uri));
    const first = !timers.has(uri);
    timers.set(
      uri,
      setTimeout(() => publish(uri), first ? 0 : pause),
    );
  });
  documents.onDidClose(({ document: { uri } }) => {
    clearTimeout(timers.get(uri));
    timers.delete(uri);
    known.delete(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
  });

  connection.onHover((asked) =>
    at(asked, ({ analysis, document }, offset) => {
      const hover = hoverAt(analysis, offset);
      return (
        hover && {
          contents: { kind: MarkupKind.Markdown, value: hover.text },
          range: rangeIn(document, hover.span),
        }
      );
    }),
  );
  connection.onDefinition((asked) =>
    at(asked, ({ analysis, document }, offset) => {
      const definition = definitionAt(analysis, offset);
      return definition && { uri: document.uri, range: rangeIn(document, definition.span) };
    }),
  );
  connection.onReferences((asked) =>
    at(asked, ({ analysis, document }, offset) =>
      referencesAt(analysis, offset)
        .slice(asked.context.includeDeclaration ? 0 : 1)
        .map((span) => ({ uri: document.uri, range: rangeIn(document, span) })),
    ),
  );
  connection.onDocumentHighlight((asked) =>
    at(asked, ({ analysis, document }, offset) =>
      referencesAt(analysis, offset).map((span) => ({ range: rangeIn(document, span) })),
    ),
  );
  connection.onCompletion((asked) =>
    at(asked, ({ analysis }, offset) =>
      completionsAt(analysis, offset).map(({ label, kind, detail }): CompletionItem => ({
        label,
        kind: completionKinds[kind],
        detail,
      })),
    ),
  );
  connection.onPrepareRename((asked) =>
    at(asked, ({ analysis, document }, offset) => {
      const place = referencesAt(analysis, offset).find(
        ({ start, end }) => offset >= start && offset <= end,
      );
      return place && rangeIn(document, place);
    }),
  );
  connection.onRenameRequest((asked) =>
    at(asked, ({ analysis, document }, offset) => {
      const renaming = renameAt(analysis, offset, asked.newName);
      if ('refused' in renaming)
        return new ResponseError<void>(ErrorCodes.InvalidRequest, renaming.refused);
      const edits = renaming.edits.map(({ span, text }) => ({
        range: rangeIn(document, span),
        newText: text,
      }));
      return { changes: { [document.uri]: edits } };
    }),
  );
  connection.onDocumentSymbol(({ textDocument: { uri } }) => {
    const opened = open(uri);
    return opened ? outlineOf(opened.analysis).map((part) => toSymbol(part, opened.document)) : [];
  });
  connection.onDocumentFormatting(({ textDocument: { uri } }) => {
    const opened = open(uri);
    const tree = opened?.analysis.tree;
    if (!opened || !tree) return [];
    const { text } = opened.analysis.source;
    const newText = format(tree);
    const range = rangeIn(opened.document, { start: 0, end: text.length });
    return newText === text ? [] : [{ range, newText }];
  });
  connection.onCodeAction(({ textDocument: { uri }, range }) => {
    const opened = open(uri);
    if (!opened) return [];
    const { document, analysis } = opened;
    const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
    return analysis.diagnostics.flatMap((diagnostic) => {
      const { repair, primary, code } = diagnostic;
      if (!repair || primary.start > end || primary.end < start) return [];
      const shown = repair.text.trim();
      return [
        {
          title: `${codes.get(code)?.title ?? code}: ${shown === '' ? 'remove' : `write \`${shown}\``}`,
          kind: CodeActionKind.QuickFix,
          isPreferred: true,
          diagnostics: [toEditor(diagnostic, opened)],
          edit: {
            changes: { [uri]: [{ range: rangeIn(document, repair.span), newText: repair.text }] },
          },
        },
      ];
    });
  });

  documents.listen(connection);
  connection.listen();
}

export const lsp: CommandModule<object, { stdio?: boolean | undefined }> = {
  command: 'lsp',
  describe: 'Serve an editor: mistakes while typing, hovering, completion, renaming (LSP)',
  builder: (yargs) =>
    yargs
      .option('stdio', {
        type: 'boolean',
        describe: 'Talk over standard input and output (the only way; editors pass this)',
      })
      .example('$0 lsp', 'Started by an editor; see docs/tools.md'),
  handler: () => serve(process.stdin, process.stdout),
};
