import { describe, expect, test } from 'vitest';
import { CASES, ENGINES, toleranceOf } from './index.js';

describe.each(ENGINES)('verification list, engine %s', (engine) => {
  test.each(CASES.filter((c) => (c.only ?? engine) === engine))('$id on $on: $what', (c) => {
    const value = c.measure(engine);
    expect(value).toBeLessThanOrEqual(toleranceOf(c, engine));
    expect(value).toBeGreaterThanOrEqual(c.least ?? 0);
  });
});
