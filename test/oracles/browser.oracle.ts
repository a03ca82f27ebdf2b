/**
 * The core in a real browser: Chromium compiles a rule and runs a learning experiment on a noisy chip, and every spike
 * time, weight and byte of machine code equals Node's. Also on a page that forbids the making of code from text.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'plastic-browser-'));
const browser = '/usr/bin/chromium';
const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.html': 'text/html',
};

/** What the page does: the probe, then its answers to where the page came from. */
const page = `<!doctype html>
<script type="importmap">{ "imports": {
  "fflate": "/node_modules/fflate/esm/browser.js",
  "ohm-js": "/node_modules/ohm-js/index.mjs"
} }</script>
<script type="module">
  const text = await import('/test/oracles/browser/probe.mjs')
    .then(({ learn }) => learn((path) => import('/dist/' + path)))
    .then(JSON.stringify, (problem) => 'failed: ' + (problem.stack ?? problem));
  await fetch('/answer', { method: 'POST', body: text });
</script>
`;

interface Site {
  readonly url: string;
  readonly answer: Promise<string>;
  readonly close: () => void;
}

/** Serves the built package and the page, and receives the answer. */
async function serve(policy: string | undefined): Promise<Site> {
  let answered: (text: string) => void;
  const answer = new Promise<string>((resolve) => (answered = resolve));
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (request.method === 'POST') {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        response.end();
        answered(Buffer.concat(parts).toString('utf8'));
      });
      return;
    }
    const file = join(root, path);
    if (path !== '/' && !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader(
      'content-type',
      types[path === '/' ? '.html' : extname(path)] ?? 'text/plain',
    );
    if (policy !== undefined) response.setHeader('content-security-policy', policy);
    response.end(path === '/' ? page : readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    answer,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What a page with this content security policy computes. */
async function inBrowser(policy?: string): Promise<unknown> {
  const site = await serve(policy);
  const profile = mkdtempSync(join(scratch, 'profile-'));
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  const child = spawn(browser, [...flags, `--user-data-dir=${profile}`, site.url], {
    stdio: 'ignore',
  });
  try {
    const text = await site.answer;
    expect(text).not.toMatch(/^failed/);
    return JSON.parse(text);
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    site.close();
  }
}

beforeAll(() => {
  if (!existsSync(browser))
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  // Both sides run the package as installing built it.
  expect(existsSync(join(root, 'dist/index.js'))).toBe(true);
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
});

/** The same in this process. */
async function here(): Promise<unknown> {
  const { learn } = await import('./browser/probe.mjs');
  return learn((path) => import(/* @vite-ignore */ `file://${root}dist/${path}`));
}

describe('compiler, chip and experiment in Chromium', () => {
  test('compute what they compute in Node', async () => {
    const expected = await here();
    expect(JSON.stringify(expected).length).toBeGreaterThan(10_000);
    expect(await inBrowser()).toEqual(expected);
  });

  test('do so where a page may not make code from text', async () => {
    const policy = "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'";
    expect(await inBrowser(policy)).toEqual(await here());
  });
});
