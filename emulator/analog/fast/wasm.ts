/**
 * A writer of WebAssembly modules, as small as the kernels of the fast engine need: integer and float arithmetic,
 * 128-bit vectors, structured control. Expressions are trees of bytes; a function is flattened when the module is built.
 */

/** Bytes of code, nested as they were composed. */
export type Code = number | readonly Code[];

export type ValueType = 'i32' | 'f32' | 'f64' | 'v128';

const typeCodes: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const byte = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? byte | 0x80 : byte);
  } while (left > 0);
  return bytes;
}

/** Signed LEB128 of a 32-bit integer. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let left = value | 0;
  for (;;) {
    const byte = left & 0x7f;
    left >>= 7;
    if ((left === 0 && (byte & 0x40) === 0) || (left === -1 && (byte & 0x40) !== 0)) {
      bytes.push(byte);
      return bytes;
    }
    bytes.push(byte | 0x80);
  }
}

const floatBits = new DataView(new ArrayBuffer(8));

function floatBytes(value: number): number[] {
  floatBits.setFloat32(0, value, true);
  return [0, 1, 2, 3].map((i) => floatBits.getUint8(i));
}

function doubleBytes(value: number): number[] {
  floatBits.setFloat64(0, value, true);
  return [0, 1, 2, 3, 4, 5, 6, 7].map((i) => floatBits.getUint8(i));
}

type Binary = (a: Code, b: Code) => Code;
type Unary = (a: Code) => Code;
/** Load from address + offset. */
type Load = (address: Code, offset: number) => Code;
type Store = (address: Code, offset: number, value: Code) => Code;

const binary =
  (...op: number[]): Binary =>
  (a, b) => [a, b, op];
const unary =
  (...op: number[]): Unary =>
  (a) => [a, op];
const load =
  (align: number, ...op: number[]): Load =>
  (address, offset) => [address, op, align, unsigned(offset)];
const store =
  (align: number, ...op: number[]): Store =>
  (address, offset, value) => [address, value, op, align, unsigned(offset)];

const vector = (op: number): number[] => [0xfd, ...unsigned(op)];
const vBinary = (op: number): Binary => binary(...vector(op));
const vUnary = (op: number): Unary => unary(...vector(op));

export const i32 = {
  const: (value: number): Code => [0x41, signed(value)],
  eqz: unary(0x45),
  eq: binary(0x46),
  ltS: binary(0x48),
  gtS: binary(0x4a),
  ne: binary(0x47),
  geS: binary(0x4e),
  geU: binary(0x4f),
  leS: binary(0x4c),
  /** Of a float or double that fits. */
  fromF32: unary(0xa8),
  fromF64: unary(0xaa),
  ctz: unary(0x68),
  popcnt: unary(0x69),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  divU: binary(0x6e),
  and: binary(0x71),
  or: binary(0x72),
  xor: binary(0x73),
  shl: binary(0x74),
  shrU: binary(0x76),
  load: load(2, 0x28),
  load8: load(0, 0x2d),
  store: store(2, 0x36),
  store8: store(0, 0x3a),
};

export const f32 = {
  const: (value: number): Code => [0x43, floatBytes(value)],
  load: load(2, 0x2a),
  store: store(2, 0x38),
  lt: binary(0x5d),
  gt: binary(0x5e),
  le: binary(0x5f),
  ge: binary(0x60),
  sqrt: unary(0x91),
  add: binary(0x92),
  sub: binary(0x93),
  mul: binary(0x94),
  div: binary(0x95),
  min: binary(0x96),
  max: binary(0x97),
  fromI32: unary(0xb2),
  fromF64: unary(0xb6),
};

/** Times in cycles, which need more than 32 bits, and thresholds. */
export const f64 = {
  const: (value: number): Code => [0x44, doubleBytes(value)],
  load: load(3, 0x2b),
  store: store(3, 0x39),
  eq: binary(0x61),
  lt: binary(0x63),
  gt: binary(0x64),
  le: binary(0x65),
  ge: binary(0x66),
  floor: unary(0x9c),
  add: binary(0xa0),
  sub: binary(0xa1),
  mul: binary(0xa2),
  div: binary(0xa3),
  fromI32: unary(0xb7),
  fromF32: unary(0xbb),
};

export const v128 = {
  load: load(4, ...vector(0)),
  loadSplat32: load(2, ...vector(9)),
  store: store(4, ...vector(0x0b)),
  not: vUnary(0x4d),
  and: vBinary(0x4e),
  andnot: vBinary(0x4f),
  or: vBinary(0x50),
  xor: vBinary(0x51),
  /** Bits of `a` where the mask has ones, else of `b`. */
  bitselect: (a: Code, b: Code, mask: Code): Code => [a, b, mask, vector(0x52)],
  anyTrue: vUnary(0x53),
  shuffle: (a: Code, b: Code, lanes: readonly number[]): Code => [a, b, vector(0x0d), lanes],
  /** Replaces the 64 bits of a lane by those at address + offset. */
  load64Lane: (address: Code, offset: number, into: Code, lane: number): Code => [
    address,
    into,
    vector(0x57),
    3,
    unsigned(offset),
    lane,
  ],
};

export const i8x16 = {
  splat: vUnary(0x0f),
  eq: vBinary(0x23),
  ne: vBinary(0x24),
  bitmask: vUnary(0x64),
};

export const i16x8 = {
  /** Eight sums of two neighbouring bytes. */
  addPairsOfBytes: vUnary(0x7d),
};

export const i32x4 = {
  /** Four sums of two neighbouring signed halves. */
  addPairs: vUnary(0x7e),
  splat: vUnary(0x11),
  eq: vBinary(0x37),
  gtS: vBinary(0x3b),
  bitmask: vUnary(0xa4),
  shl: vBinary(0xab),
  shrS: vBinary(0xac),
  shrU: vBinary(0xad),
  add: vBinary(0xae),
  sub: vBinary(0xb1),
  mul: vBinary(0xb5),
};

export const f32x4 = {
  splat: vUnary(0x13),
  lane: (a: Code, index: number): Code => [a, vector(0x1f), index],
  ne: vBinary(0x42),
  lt: vBinary(0x43),
  gt: vBinary(0x44),
  ge: vBinary(0x46),
  abs: vUnary(0xe0),
  neg: vUnary(0xe1),
  add: vBinary(0xe4),
  sub: vBinary(0xe5),
  mul: vBinary(0xe6),
  div: vBinary(0xe7),
  /** b < a ? b : a */
  pmin: vBinary(0xea),
  /** a < b ? b : a */
  pmax: vBinary(0xeb),
  fromI32: vUnary(0xfa),
};

/** Structured control. Labels count outwards from 0, as in the format. */
export const flow = {
  block: (...body: Code[]): Code => [0x02, 0x40, body, 0x0b],
  loop: (...body: Code[]): Code => [0x03, 0x40, body, 0x0b],
  if: (condition: Code, then: Code, otherwise?: Code): Code => [
    condition,
    [0x04, 0x40],
    then,
    otherwise === undefined ? [] : [0x05, otherwise],
    0x0b,
  ],
  br: (label: number): Code => [0x0c, unsigned(label)],
  brIf: (label: number, condition: Code): Code => [condition, 0x0d, unsigned(label)],
  /** Leaves the function, with its result if it has one. */
  return: (result: Code = []): Code => [result, 0x0f],
  /** `a` if the condition is not 0, else `b`; both are computed. */
  select: (a: Code, b: Code, condition: Code): Code => [a, b, condition, 0x1b],
  drop: (value: Code): Code => [value, 0x1a],
};

/** A parameter or local variable of a function. */
export interface Local {
  readonly get: Code;
  set(value: Code): Code;
  /** Sets it and leaves the value. */
  tee(value: Code): Code;
}

/** So many of them, in a tuple. */
type Times<T, N extends number, R extends T[] = []> = R['length'] extends N
  ? R
  : Times<T, N, [...R, T]>;

/** One function under construction. */
export class FunctionWriter {
  private readonly types: ValueType[] = [];

  constructor(private readonly params: readonly ValueType[]) {}

  param(index: number): Local {
    return makeLocal(index);
  }

  /** The first `count` parameters. */
  firstParams<N extends number>(count: N): Times<Local, N> {
    return Array.from({ length: count }, (_, i) => this.param(i)) as Times<Local, N>;
  }

  local(type: ValueType): Local {
    this.types.push(type);
    return makeLocal(this.params.length + this.types.length - 1);
  }

  /** `count` locals of one type. */
  locals<N extends number>(type: ValueType, count: N): Times<Local, N> {
    return Array.from({ length: count }, () => this.local(type)) as Times<Local, N>;
  }

  /** Declarations of the locals, as they stand in the code section. */
  declarations(): Code {
    return [unsigned(this.types.length), this.types.map((type) => [1, typeCodes[type]])];
  }
}

function makeLocal(index: number): Local {
  const at = unsigned(index);
  return {
    get: [0x20, at],
    set: (value) => [value, 0x21, at],
    tee: (value) => [value, 0x22, at],
  };
}

interface FunctionEntry {
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly result: ValueType | undefined;
  readonly body: Code;
}

/** A module with one imported memory (`env.memory`) whose functions are all exported. */
export class ModuleWriter {
  private readonly functions: FunctionEntry[] = [];

  /** @param pages size of the imported memory in 64 KiB pages */
  constructor(private readonly pages: number) {}

  /** Adds a function; `write` composes its body. A result is what the body leaves on the stack. */
  add(
    name: string,
    params: readonly ValueType[],
    result: ValueType | undefined,
    write: (f: FunctionWriter) => Code,
  ): void {
    const f = new FunctionWriter(params);
    const code = write(f);
    this.functions.push({ name, params, result, body: [f.declarations(), code, 0x0b] });
  }

  /** Calls a function that was added before; its result, if it has one, is left on the stack. */
  call(name: string, ...values: Code[]): Code {
    const index = this.functions.findIndex((f) => f.name === name);
    if (index < 0) throw new RangeError(`no function ${name} yet`);
    return [values, 0x10, unsigned(index)];
  }

  bytes(): Uint8Array {
    const { functions } = this;
    const types = functions.map(({ params, result }) => [
      0x60,
      unsigned(params.length),
      params.map((type) => typeCodes[type]),
      result === undefined ? [0] : [1, typeCodes[result]],
    ]);
    const code: Code = [
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, list(types)),
      section(2, list([[text('env'), text('memory'), 2, 0, unsigned(this.pages)]])),
      section(3, list(functions.map((_, i) => unsigned(i)))),
      section(7, list(functions.map(({ name }, i) => [text(name), 0, unsigned(i)]))),
      section(10, list(functions.map(({ body }) => sized(body)))),
    ];
    return Uint8Array.from(flatten(code));
  }
}

function flatten(code: Code, into: number[] = []): number[] {
  if (typeof code === 'number') into.push(code);
  else for (const part of code) flatten(part, into);
  return into;
}

function sized(code: Code): Code {
  const bytes = flatten(code);
  return [unsigned(bytes.length), bytes];
}

function section(id: number, body: Code): Code {
  return [id, sized(body)];
}

function list(items: readonly Code[]): Code {
  return [unsigned(items.length), items];
}

function text(name: string): Code {
  return [unsigned(name.length), [...name].map((letter) => letter.charCodeAt(0))];
}
