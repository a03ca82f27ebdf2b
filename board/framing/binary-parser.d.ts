/**
 * The part of binary-parser that the framing uses. The package has no types for its ES module, and naming the module
 * by its file keeps every loader (Node, bundlers, tsx) on the same one.
 */
declare module 'binary-parser/dist/esm/binary_parser.mjs' {
  export class Parser {
    endianness(order: 'big' | 'little'): this;
    uint8(name: string): this;
    uint16(name: string): this;
    uint32(name: string): this;
    seek(bytes: number): this;
    parse(bytes: Uint8Array): unknown;
  }
}
