/** Facts of the running installation. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json: above `cli/` for sources, above `dist/cli/` for a build. */
export function installationRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder))
    folder = dirname(folder);
  return folder;
}

/** Version of Plastic. */
export function version(): string {
  const text = readFileSync(join(installationRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
