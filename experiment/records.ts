/** What a rule recorded with `record`, per neuron of its projection and in seconds. */
import { mailbox } from '../isa/runtime-layout.js';
import type { ImageLayout } from '../isa/runtime-layout.js';
import { readRecords } from '../isa/runtime-records.js';
import { externalWord, sramWord } from './rule.js';
import type { LoadedImage } from './rule.js';
import type { Results } from './results.js';

/** One executed `record` statement. */
export interface RecordedRow {
  /** The statement: index in `ImageLayout.records.kinds`. */
  readonly kind: number;
  /** Seconds since the rule's triggers started to count. */
  readonly time: number;
  /** Synapse row, for a record inside `each synapse`. */
  readonly row: number;
  /** Per field one value, or one per neuron. */
  readonly fields: readonly Float64Array[];
}

/** All records of a run. */
export interface Recorded {
  readonly layout: ImageLayout;
  readonly rows: readonly RecordedRow[];
  /** Records that found the memory full. */
  readonly dropped: number;
}

/**
 * Reads all records of a rule that ran.
 * @param read reads register words in order
 */
export async function fetchRecords(
  read: (addresses: readonly number[]) => Promise<Uint32Array>,
  { image: { layout }, hemisphere, rules, externalBase }: LoadedImage,
): Promise<Recorded> {
  const head = await read(
    [mailbox.recordBytes, mailbox.recordsDropped, mailbox.origin + 4].map((address) =>
      sramWord(hemisphere, address),
    ),
  );
  const [used = 0, dropped = 0, origin = 0] = head;
  const words = await read(
    Array.from({ length: used >> 2 }, (_, i) =>
      externalWord(externalBase + layout.records.offset + 4 * i),
    ),
  );
  const memory = new Uint8Array(words.length * 4);
  const view = new DataView(memory.buffer);
  words.forEach((word, i) => view.setUint32(4 * i, word));
  let passed = 0;
  let last = origin;
  const rows = readRecords(memory, used, layout).map((record): RecordedRow => {
    // Low words of a clock; records are in order of time.
    passed += (record.time - last) >>> 0;
    last = record.time;
    const index = layout.rules.findIndex(({ name }) => name === record.kind.rule);
    const columns = rules[index]?.block.columns ?? [];
    return {
      kind: layout.records.kinds.indexOf(record.kind),
      time: passed * 4e-9,
      row: record.row,
      fields: record.fields.map((values) =>
        values.length === 1 ? values : Float64Array.from(columns, (column) => values[column] ?? 0),
      ),
    };
  });
  return { layout, rows, dropped };
}

/**
 * Adds records to the results: per statement its times, and per field an array of records x neurons.
 * @param half goes before the arrays' names, for the records of more than one processor
 */
export function addRecords(results: Results, recorded: Recorded | undefined, half = ''): void {
  if (!recorded) return;
  recorded.layout.records.kinds.forEach((kind, k) => {
    const own = recorded.rows.filter((row) => row.kind === k);
    const prefix = `${half}record${k}`;
    results.addArray(
      'records',
      `${prefix}_time`,
      Float64Array.from(own, (row) => row.time),
      `s since the rule started; record ${kind.name}`,
    );
    if (kind.fields.some(({ domain }) => domain === 'synapse'))
      results.addArray(
        'records',
        `${prefix}_row`,
        Uint16Array.from(own, (r) => r.row),
        'row',
      );
    kind.fields.forEach(({ name }, f) => {
      const width = own[0]?.fields[f]?.length ?? 1;
      results.addArray(
        'records',
        `${prefix}_${name.replace(/[^A-Za-z0-9_]+/g, '_')}`,
        Float64Array.from(own.flatMap((row) => Array.from(row.fields[f] ?? []))),
        `${name}; record x ${width === 1 ? 'value' : 'neuron'}`,
        [own.length, width],
      );
    });
  });
  if (recorded.dropped > 0)
    results.warn(`${recorded.dropped} records found the record memory full and are missing`);
}
