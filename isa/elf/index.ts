/** ELF32 big-endian PowerPC files: executables and object files, with symbols and source lines. */
export { ElfError } from '../bytes.js';
export { readElf } from './read.js';
export { readObject } from './read-object.js';
export { writeElf, writeObject } from './write.js';
