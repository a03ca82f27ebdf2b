/** Arrays as NumPy opens them: .npy (format 1.0) and uncompressed .npz with fixed order and dates. */
import { unzipSync, zipSync } from 'fflate';
import type { Zippable } from 'fflate';

/** The element types that result files use. */
export type Values =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** A dense array in row-major order; the product of `shape` is `values.length`. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly values: Values;
}

/** Names to arrays: what one .npz holds. */
export type ArraySet = Readonly<Record<string, NdArray>>;

/** An .npy or .npz file cannot be read as one; `reason` says what was found. */
export class ArrayFormatError extends Error {
  override readonly name = 'ArrayFormatError';
  constructor(readonly reason: string) {
    super(`not a readable NumPy file: ${reason}`);
  }
}

const types = [
  ['|i1', Int8Array],
  ['|u1', Uint8Array],
  ['<i2', Int16Array],
  ['<u2', Uint16Array],
  ['<i4', Int32Array],
  ['<u4', Uint32Array],
  ['<f4', Float32Array],
  ['<f8', Float64Array],
] as const;

/** Makes an array and checks that its shape fits. @throws RangeError when it does not */
export function ndarray(values: Values, shape: readonly number[] = [values.length]): NdArray {
  const size = shape.reduce((product, n) => product * n, 1);
  if (size !== values.length)
    throw new RangeError(`shape (${shape.join(', ')}) holds ${size} values, got ${values.length}`);
  return { shape, values };
}

function shapeText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/** Little-endian bytes of the values, whatever the machine's own order. */
function littleEndianBytes(values: Values): Uint8Array {
  const own = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const ownIsLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const bytes = own.slice();
  if (!ownIsLittle) reverseEach(bytes, values.BYTES_PER_ELEMENT);
  return bytes;
}

function reverseEach(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

/** The bytes of one .npy file. */
export function encodeNpy(array: NdArray): Uint8Array {
  const type = types.find(([, Type]) => array.values instanceof Type);
  if (!type) throw new RangeError('an element type that result files do not use');
  const dict = `{'descr': '${type[0]}', 'fortran_order': False, 'shape': ${shapeText(array.shape)}, }`;
  // The data begin at a multiple of 64 bytes; the header ends in a new line.
  const headerLength = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const text = `${dict.padEnd(headerLength - 1)}\n`;
  const data = littleEndianBytes(array.values);
  const bytes = new Uint8Array(10 + headerLength + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, headerLength & 255, headerLength >> 8]);
  for (let i = 0; i < text.length; i++) bytes[10 + i] = text.charCodeAt(i);
  bytes.set(data, 10 + headerLength);
  return bytes;
}

/** Reads one .npy file written in C order with a type of this module. @throws ArrayFormatError */
export function decodeNpy(bytes: Uint8Array): NdArray {
  if (bytes.length < 10 || bytes[0] !== 0x93 || bytes[1] !== 0x4e)
    throw new ArrayFormatError('the magic bytes of .npy are missing');
  if (bytes[6] !== 1) throw new ArrayFormatError(`format version ${bytes[6]}, expected 1`);
  const headerLength = (bytes[8] ?? 0) + 256 * (bytes[9] ?? 0);
  const header = String.fromCharCode(...bytes.subarray(10, 10 + headerLength));
  const descr = /'descr': '([^']+)'/.exec(header)?.[1];
  const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1];
  const type = types.find(([name]) => name === descr);
  if (!type || shape === undefined || !header.includes("'fortran_order': False"))
    throw new ArrayFormatError(`header ${header.trim()}`);
  const dimensions = shape
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const data = bytes.slice(10 + headerLength);
  const Type = type[1];
  const size = dimensions.reduce((product, n) => product * n, 1);
  if (data.length !== size * Type.BYTES_PER_ELEMENT)
    throw new ArrayFormatError(
      `${data.length} bytes of data, shape (${shape}) needs ${size * Type.BYTES_PER_ELEMENT}`,
    );
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)
    reverseEach(data, Type.BYTES_PER_ELEMENT);
  return { shape: dimensions, values: new Type(data.buffer) };
}

/** The bytes of an .npz: members in order of name, stored, dated 1980, so that equal arrays give equal bytes. */
export function encodeNpz(arrays: ArraySet): Uint8Array {
  const members: Zippable = {};
  const names = Object.keys(arrays).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  for (const name of names) {
    const array = arrays[name];
    // A date without zone is local time, and fflate writes local time: the same bytes in every zone.
    if (array)
      members[`${name}.npy`] = [encodeNpy(array), { level: 0, mtime: '1980-01-01 00:00:00' }];
  }
  return zipSync(members);
}

/** Reads an .npz. @throws ArrayFormatError */
export function decodeNpz(bytes: Uint8Array): Record<string, NdArray> {
  let members: Record<string, Uint8Array>;
  try {
    members = unzipSync(bytes);
  } catch (error) {
    throw new ArrayFormatError(error instanceof Error ? error.message : 'a broken archive');
  }
  const arrays: Record<string, NdArray> = {};
  for (const [name, member] of Object.entries(members))
    if (name.endsWith('.npy')) arrays[name.slice(0, -4)] = decodeNpy(member);
  return arrays;
}
