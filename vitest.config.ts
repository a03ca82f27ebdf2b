import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { plastic: fileURLToPath(new URL('index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    pool: 'threads',
    // A machine that is busy with other things may take many times as long; this only ends what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
