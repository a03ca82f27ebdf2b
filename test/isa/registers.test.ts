import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressesOf,
  addressOf,
  backendSettings,
  backendWords,
  columnOf,
  containerNames,
  containerRow,
  crossbarNodeOf,
  crossbarNodes,
  crossbarWord,
  decodeContainer,
  driverSettings,
  driverWords,
  encodeContainer,
  entryOfColumn,
  fieldMask,
  hostDefault,
  placeOfNeuron,
  quadOfColumn,
  RegisterError,
  weightAddress,
} from '../../isa/registers/index.js';

describe('addresses', () => {
  test.each([
    ['weight top, row 3, column 10', weightAddress(0, 3, 10), { address: 0x02c000c1, shift: 16 }],
    [
      'weight bottom, row 255, column 255',
      weightAddress(1, 255, 255),
      { address: 0x03c03fff, shift: 0 },
    ],
  ])('%s', (_, found, expected) => expect(found).toEqual(expected));

  test.each([
    [
      'label top, row 0, column 1',
      addressOf('SynapseLabelQuad', [0, 0, quadOfColumn(1)]),
      0x02c40020,
    ],
    ['raw top, row 3, quad 1', addressOf('SynapseQuad', [0, 3, 1]), 0x02cf0181],
    ['its second word', addressOf('SynapseQuad', [0, 3, 1], 1), 0x02cf01c1],
    ['driver 5 bottom', addressOf('SynapseDriverConfig', [1, 5], 2), 0x00118416],
    ['spike counter of neuron 300', addressOf('SpikeCounterRead', [0, 172]), 0x00122ab0],
    ['its reset', addressOf('SpikeCounterReset', [0, 172]), 0x00122eb0],
    ['v_threshold of neuron 300', addressOf('CapMemCell', [2, 2, 44]), 0x00150582],
    ['causal CADC bottom, row 7, quad 9', addressOf('CADCSampleQuad', [1, 0, 0, 7, 9]), 0x03c801c9],
    ['the same, buffered', addressOf('CADCSampleQuad', [1, 1, 0, 7, 9]), 0x03e801c9],
    ['crossbar node 0', addressOf('CrossbarNode', [0]), 0x00130019],
    [
      'CADC channel of the last east column',
      addressOf('CADCChannelConfig', [0, 1, 1, 127]),
      0x024000ff,
    ],
  ])('%s', (_, found, expected) => expect(found).toBe(expected));

  test('a neuron has its configuration where its place says', () => {
    const place = placeOfNeuron(300);
    expect(place).toMatchObject({ row: 1, column: 44, block: 2, slot: 44, indexInHalf: 172 });
    expect(addressesOf('NeuronConfig', [place.block, place.slot])).toEqual(
      [2, 3, 4, 5, 6, 7].map((word) => 0x00170160 + word),
    );
    expect(addressesOf('NeuronBackendConfig', [place.backendHalf, place.indexInHalf])).toEqual(
      [0, 1, 2, 3].map((word) => 0x001a12b0 + word),
    );
  });

  test('an index out of range names itself and its limit', () => {
    expect(() => addressOf('SynapseDriverConfig', [0, 128])).toThrow(RegisterError);
    expect(() => addressOf('SynapseDriverConfig', [0, 128])).toThrow(/driver is 128.*0 to 127/);
  });
});

describe('words', () => {
  test('decode undoes encode for every container', () => {
    for (const name of containerNames) {
      const words = containerRow(name).words.map((_, word) => fieldMask(name, word));
      const fields = decodeContainer(name, words);
      expect(encodeContainer(name, fields)).toEqual(words);
    }
  });

  test('the fields of a word do not overlap', () => {
    for (const name of containerNames)
      containerRow(name).words.forEach((word, position) => {
        const bits = Object.values(word.fields).reduce((sum, [msb, lsb]) => sum + msb - lsb + 1, 0);
        const mask = fieldMask(name, position).toString(2).replaceAll('0', '');
        expect(mask.length).toBe(bits);
      });
  });

  test('a value too large for its field is refused by name', () => {
    expect(() => encodeContainer('CapMemCell', { value: 1024 })).toThrow(/value is 1024/);
  });

  test('logical settings survive inversion, reversal and splitting', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffffffff), { minLength: 4, maxLength: 4 }), (raw) => {
        const driver = raw
          .slice(0, 3)
          .map((word, i) => (word & fieldMask('SynapseDriverConfig', i)) >>> 0);
        expect(driverWords(driverSettings(driver))).toEqual(driver);
        const backend = raw.map((word, i) => (word & fieldMask('NeuronBackendConfig', i)) >>> 0);
        expect(backendWords(backendSettings(backend))).toEqual(backend);
      }),
    );
  });

  test('what the host calls default reads back as off', () => {
    expect(driverSettings(hostDefault('SynapseDriverConfig'))).toMatchObject({
      enable_receiver: 0,
      forward_address: 1,
      row_mask: 31,
      en_stp: 0,
      en_charge_sharing: 0,
    });
    expect(backendSettings(hostDefault('NeuronBackendConfig'))).toMatchObject({
      address_out: 0,
      refractory_time: 0,
      reset_holdoff: 15,
    });
  });
});

describe('coordinates', () => {
  test('quads and entries cover the columns once', () => {
    const seen = new Set<number>();
    for (let column = 0; column < 256; column++) {
      expect(columnOf(quadOfColumn(column), entryOfColumn(column))).toBe(column);
      seen.add(quadOfColumn(column) * 4 + entryOfColumn(column));
    }
    expect(seen.size).toBe(256);
  });

  test('the crossbar has 76 nodes, numbered by input', () => {
    expect(crossbarNodes).toHaveLength(76);
    expect(crossbarNodes.slice(0, 3)).toEqual([
      [0, 0],
      [4, 0],
      [8, 0],
    ]);
    expect(crossbarNodeOf(8, 8)).toBeGreaterThanOrEqual(0);
    expect(crossbarNodeOf(9, 8)).toBe(-1);
    expect(crossbarWord(0, 1)).toBe(0x10000);
  });
});
