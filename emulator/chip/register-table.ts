/** The containers of the register map with what they do here, as a table for the manual. */

import { containerNames, containerRow, instanceCount } from '../../isa/registers/index.js';
import { REGISTER_EFFECTS } from './register-effects.js';

const kinds = {
  acts: 'acts at once',
  used: 'where it is used',
  stored: 'stored only',
  tells: 'tells',
} as const;

/** A Markdown table: container, first address, instances, access, effect. */
export function registerTable(): string {
  const rows = containerNames.map((name) => {
    const { base, access } = containerRow(name);
    const { kind, about } = REGISTER_EFFECTS[name];
    const address = `0x${base.toString(16).padStart(8, '0')}`;
    const can = { r: 'read', w: 'write', rw: 'read, write' }[access];
    return `| ${name} | ${address} | ${instanceCount(name)} | ${can} | ${kinds[kind]} | ${about} |`;
  });
  return [
    '| container | first address | instances | access | effect | what |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
