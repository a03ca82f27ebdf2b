/** `plastic lsp` as an editor talks to it. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { expect, test } from 'vitest';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';

const uri = 'file:///tmp/r.plast';
const text = `rule r {
  param eta in [0, 1] = 0.25
  every 1 ms { each synapse { w += eta * causl } }
}
`;

test('diagnostics, hover, definition, completion, rename, repair and formatting over the wire', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'lsp', '--stdio']);
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  const published: { diagnostics: { code: string; range: unknown }[] }[] = [];
  let wake = (): void => undefined;
  connection.onNotification('textDocument/publishDiagnostics', (message: (typeof published)[0]) => {
    published.push(message);
    wake();
  });
  const diagnostics = async (): Promise<(typeof published)[0]> => {
    if (published.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    const [first] = published.splice(0);
    if (!first) throw new Error('nothing published');
    return first;
  };
  try {
    const started = await connection.sendRequest('initialize', {
      processId: null,
      rootUri: null,
      capabilities: {},
    });
    expect(started).toMatchObject({ capabilities: { hoverProvider: true } });
    await connection.sendNotification('initialized', {});
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'plastic', version: 1, text },
    });
    expect((await diagnostics()).diagnostics).toMatchObject([
      { code: 'E0101', range: { start: { line: 2, character: 41 } } },
    ]);
    const textDocument = { uri };
    const position = { line: 2, character: 36 };
    expect(
      await connection.sendRequest('textDocument/hover', { textDocument, position }),
    ).toMatchObject({ contents: { value: expect.stringContaining('param eta') as unknown } });
    expect(
      await connection.sendRequest('textDocument/definition', { textDocument, position }),
    ).toMatchObject({ range: { start: { line: 1, character: 8 } } });
    const completions: { label: string }[] = await connection.sendRequest(
      'textDocument/completion',
      { textDocument, position },
    );
    expect(completions.map(({ label }) => label)).toContain('causal');
    const rename = { textDocument, position, newName: 'rate_of_change' };
    const renamed = await connection.sendRequest('textDocument/rename', rename);
    expect(renamed).toMatchObject({ changes: { [uri]: [{}, {}] } });
    const refused = connection.sendRequest('textDocument/rename', { ...rename, newName: 'w' });
    await expect(refused).rejects.toThrow('word of the language');
    const range = { start: { line: 2, character: 41 }, end: { line: 2, character: 41 } };
    expect(
      await connection.sendRequest('textDocument/codeAction', {
        textDocument,
        range,
        context: { diagnostics: [] },
      }),
    ).toMatchObject([{ title: expect.stringContaining('`causal`') as unknown }]);
    await connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [
        {
          range: { start: { line: 2, character: 41 }, end: { line: 2, character: 46 } },
          text: 'causal   / 8',
        },
      ],
    });
    const after = await diagnostics();
    expect(after.diagnostics.map(({ code }) => code)).not.toContain('E0101');
    const edits: { newText: string }[] = await connection.sendRequest('textDocument/formatting', {
      textDocument,
      options: { tabSize: 2, insertSpaces: true },
    });
    expect(edits[0]?.newText).toContain('w += eta * causal / 8');
  } finally {
    connection.dispose();
    child.kill();
  }
});
