/** Vector loads and stores, and the parallel bus to synapses and converters. */
import { LANES } from '../machine.js';
import { define, fxv } from './define.js';
import { indexed } from './flags.js';

const syntax = 'vrt, ra0, rb[, cond]';

export const vectorMemory = define('vector memory', [
  {
    name: 'fxvlax',
    ...fxv(492),
    syntax,
    use: 'vrt <- ra0 rb memory',
    timing: 'vector-load',
    text: 'vrt = 128 bytes of the own SRAM from ((ra|0) + rb) & ~3; cond is ignored.',
    run: (m, f) => m.port.loadVector(indexed(m, f) & ~3, m.vr, f.rt * LANES),
  },
  {
    name: 'fxvstax',
    ...fxv(508),
    syntax,
    use: 'memory <- vrt ra0 rb',
    timing: 'vector-store',
    text: '128 bytes of the own SRAM from ((ra|0) + rb) & ~3 = vrt; cond is ignored.',
    run: (m, f) => m.port.storeVector(indexed(m, f) & ~3, m.vr, f.rt * LANES),
  },
  {
    name: 'fxvinx',
    ...fxv(236),
    syntax,
    use: 'vrt <- ra0 rb vcr? bus',
    timing: 'bus-in',
    text: 'vrt = the location (ra|0) + rb of the parallel bus; all of vrt is written, whatever cond.',
    run: (m, f) => m.port.busIn(indexed(m, f), m.vr, f.rt * LANES, m.vcr[f.cond]!),
  },
  {
    name: 'fxvoutx',
    ...fxv(252),
    syntax,
    use: 'bus <- vrt ra0 rb vcr?',
    timing: 'bus-out',
    text: 'The location (ra|0) + rb of the parallel bus = vrt; with cond only the bytes whose condition holds.',
    run: (m, f) => m.port.busOut(indexed(m, f), m.vr, f.rt * LANES, m.vcr[f.cond]!),
  },
]);
