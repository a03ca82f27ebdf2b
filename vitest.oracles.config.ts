import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

// Comparisons with tools that nobody here wrote; they install Debian packages and take minutes.
export default mergeConfig(
  { ...base, test: { ...base.test, include: [] } },
  defineConfig({
    test: {
      include: ['test/oracles/**/*.oracle.ts'],
      testTimeout: 600_000,
      hookTimeout: 600_000,
    },
  }),
);
