import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { requirePackages } from './cross.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface Train {
  readonly pattern?: string;
  readonly spikes: readonly number[];
}

interface Golden {
  readonly current: readonly Train[];
  readonly conductance: readonly Train[];
  readonly adex: readonly Train[];
  readonly tsodyks_markram: readonly { readonly after: readonly number[] }[];
}

test('Brian 2 still gives what the analog core is compared with', () => {
  requirePackages('python3-brian');
  const fresh = JSON.parse(
    execFileSync('/usr/bin/python3', [here('brian/reference.py')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as Golden;
  const kept = JSON.parse(readFileSync(here('../golden/brian.json'), 'utf8')) as Golden;
  const close = (a: readonly number[], b: readonly number[], error: number): void => {
    expect(a.length).toBe(b.length);
    a.forEach((x, i) => expect(Math.abs(x - (b[i] ?? NaN))).toBeLessThan(error));
  };
  for (const part of ['current', 'conductance', 'adex'] as const)
    fresh[part].forEach((c, i) => {
      // Chaotic: another library of elementary functions may end elsewhere.
      const first = c.pattern === 'irregular' ? 5 : Infinity;
      close(c.spikes.slice(0, first), (kept[part][i]?.spikes ?? []).slice(0, first), 0.03);
    });
  fresh.tsodyks_markram.forEach((c, i) =>
    close(c.after, kept.tsodyks_markram[i]?.after ?? [], 1e-5),
  );
});
