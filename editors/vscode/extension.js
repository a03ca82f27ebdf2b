/* global require, module */
/* eslint-disable @typescript-eslint/no-require-imports -- the editor loads extensions as CommonJS modules */
// Starts `plastic lsp` for .plast files. Without the client library only colours and brackets work.
const { window, workspace } = require('vscode');

let client;

async function activate() {
  let library;
  try {
    library = require('vscode-languageclient/node');
  } catch {
    window.showInformationMessage(
      'Plastic: run `npm install` in the folder of this extension to have mistakes shown while typing.',
    );
    return;
  }
  const [command, ...args] = workspace.getConfiguration('plastic').get('command');
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  client = new library.LanguageClient(
    'plastic',
    'Plastic',
    { command, args, options: { ...(folder && { cwd: folder }) } },
    { documentSelector: [{ language: 'plastic' }] },
  );
  try {
    await client.start();
  } catch (error) {
    window.showErrorMessage(
      `Plastic: \`${[command, ...args].join(' ')}\` did not start (${error.message}); set plastic.command to how you start it.`,
    );
  }
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
