import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ArrayFormatError,
  decodeNpy,
  decodeNpz,
  encodeNpy,
  encodeNpz,
  ndarray,
} from '../../experiment/output/npy.js';

test('arrays survive .npz', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -32768, max: 32767 })),
      fc.array(fc.double()),
      (a, b) => {
        const set = {
          b: ndarray(Float64Array.from(b)),
          a: ndarray(Int16Array.from(a), [1, a.length]),
        };
        expect(decodeNpz(encodeNpz(set))).toEqual(set);
      },
    ),
  );
});

test('the header ends on a multiple of 64 bytes and names type and shape', () => {
  const bytes = encodeNpy(ndarray(new Uint8Array(6), [2, 3]));
  expect(bytes.length).toBe(64 * 2 + 6);
  expect(new TextDecoder('latin1').decode(bytes.subarray(10))).toContain(
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }",
  );
});

test('equal arrays give equal bytes whatever the order of names and the time zone', () => {
  const x = ndarray(Float32Array.of(1, 2, 3));
  const y = ndarray(Uint32Array.of(7));
  const one = encodeNpz({ x, y });
  expect(encodeNpz({ y, x })).toEqual(one);
  const digest = createHash('sha256').update(one).digest('hex');
  const script = `import { encodeNpz, ndarray } from './experiment/output/npy.ts';
    import { createHash } from 'node:crypto';
    const x = ndarray(Float32Array.of(1, 2, 3)), y = ndarray(Uint32Array.of(7));
    process.stdout.write(createHash('sha256').update(encodeNpz({ x, y })).digest('hex'));`;
  const elsewhere = execFileSync('node', ['--import', 'tsx', '--input-type=module', '-e', script], {
    env: { ...process.env, TZ: 'Asia/Kolkata' },
    encoding: 'utf8',
  });
  expect(elsewhere).toBe(digest);
});

test('broken files are refused with a reason', () => {
  expect(() => decodeNpz(new Uint8Array(10))).toThrow(ArrayFormatError);
  const bytes = encodeNpy(ndarray(new Uint8Array(6)));
  expect(() => decodeNpy(bytes.subarray(0, bytes.length - 1))).toThrow(/5 bytes of data/);
  expect(() => ndarray(new Uint8Array(6), [4])).toThrow(RangeError);
});
