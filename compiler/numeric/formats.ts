/** Which code stands for which number in memory: formats of parameters, inputs and state. */
import { hasLanes, type StorageSymbol } from '../check/typed.js';
import type { Slot } from '../ir/ir.js';
import { binaryPlaces, floorLog2, nearest, powerOfTwo } from './power.js';

/** Codes of parameters stay in 16 bits, so that a product with a lane is exact in the accumulator. */
const parameterLimit = 32767;

/** The binary places that a declared step asks for: 2^-places <= step. */
function placesOfStep(step: number): number {
  return binaryPlaces(step) ?? -floorLog2(step);
}

/** Binary places so that |x| <= `limit` codes for all x up to `most`. */
export function placesFor(most: number, limit: number): number {
  return most === 0 ? 0 : floorLog2(limit / most);
}

/** Chooses the format of one declared name. */
export function slotFor(symbol: StorageSymbol): Slot {
  const elements = symbol.sizes.reduce((product, size) => product * size, 1);
  const range = symbol.range;
  if (range === undefined) {
    const format = {
      origin: 0,
      step: 1,
      minCode: -0x80000000,
      maxCode: 0x7fffffff,
      bytes: 4,
    } as const;
    return { symbol, format, bias: 0, frac: 0, elements };
  }
  const most = Math.max(Math.abs(range.lo), Math.abs(range.top));
  const lanes = hasLanes(symbol.domain);
  let frac: number;
  if (range.step !== undefined) frac = placesOfStep(range.step);
  else if (symbol.kind === 'param' || !lanes) frac = placesFor(most, parameterLimit);
  else {
    const width = symbol.domain === 'synapse' ? 255 : 65535;
    frac = placesFor(range.top - range.lo, width);
  }
  const scale = powerOfTwo(frac);
  const low = nearest(range.lo * scale);
  const high = nearest(range.top * scale);
  if (!lanes) {
    const bytes = 4;
    return {
      symbol,
      format: { origin: 0, step: 1 / scale, minCode: low, maxCode: high, bytes },
      bias: 0,
      frac,
      elements,
    };
  }
  const bytes = high - low <= 255 ? 1 : 2;
  const half = bytes === 1 ? 128 : 32768;
  const bias = low >= -half && high < half ? 0 : low + half;
  return {
    symbol,
    format: {
      origin: bias / scale,
      step: 1 / scale,
      minCode: low - bias,
      maxCode: high - bias,
      bytes,
    },
    bias,
    frac,
    elements,
  };
}
