/** Reads the record memory and the time-line of a finished run. */
import {
  type ImageLayout,
  type RecordSlot,
  type ValueFormat,
  laneOffset,
  recordHeader,
  timelineEntry,
} from './runtime-layout.js';

/** One record: what was recorded, where and when. */
export interface RuleRecord {
  readonly kind: RecordSlot;
  /** Row of the visit; 0 outside rows. */
  readonly row: number;
  /** Low word of the time base, cycles. */
  readonly time: number;
  readonly execution: number;
  /** By field: one value, or one per column (256). */
  readonly fields: readonly Float64Array[];
}

/**
 * Takes the records apart.
 * @param memory the record memory from `records.offset` on, bytes in the order of their addresses
 * @param used the mailbox word `recordBytes`
 */
export function readRecords(
  memory: Uint8Array,
  used: number,
  layout: Pick<ImageLayout, 'records'>,
): RuleRecord[] {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  const records: RuleRecord[] = [];
  let at = 0;
  while (at + recordHeader.size <= Math.min(used, memory.length)) {
    const header = view.getUint32(at + recordHeader.kind);
    const kind = layout.records.kinds[header >>> 16];
    if (kind === undefined || at + kind.bytes > memory.length) break;
    const start = at;
    records.push({
      kind,
      row: header & 0xffff,
      time: view.getUint32(at + recordHeader.time),
      execution: view.getUint32(at + recordHeader.execution),
      fields: kind.fields.map(({ offset, bytes, format }) =>
        bytes === 4
          ? Float64Array.of(format.origin + view.getInt32(start + offset) * format.step)
          : readLanes(memory, start + offset, format),
      ),
    });
    at += kind.bytes;
  }
  return records;
}

/** 256 columns of a lane field: vectors lie with their 32 words reversed. */
function readLanes(memory: Uint8Array, at: number, format: ValueFormat): Float64Array {
  const bytes = format.bytes === 1 ? 1 : 2;
  const byteAt = (offset: number): number => {
    const inside = offset & 127;
    const reversed = (offset & ~127) | (124 - (inside & ~3)) | (inside & 3);
    return memory[at + reversed] ?? 0;
  };
  return Float64Array.from({ length: 256 }, (_, column) => {
    const offset = laneOffset(column, bytes);
    const code =
      bytes === 1
        ? (byteAt(offset) << 24) >> 24
        : (((byteAt(offset) << 8) | byteAt(offset + 1)) << 16) >> 16;
    return format.origin + code * format.step;
  });
}

/** One execution of a trigger; times in cycles since the origin of the time base, unwrapped. */
export interface TimelineRecord {
  readonly trigger: number;
  readonly number: number;
  readonly release: number;
  readonly begin: number;
  readonly end: number;
}

/**
 * Takes the time-line apart.
 * @param memory the ring from `timeline.offset` on
 * @param count the mailbox word `timelineCount`
 * @param origin cycles of the time base (64 bit, as a number) not later than the first entry, such as `goSeen`
 */
export function readTimeline(memory: Uint8Array, count: number, origin: number): TimelineRecord[] {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  const entries: TimelineRecord[] = [];
  let last = origin;
  for (let i = 0; i < count && (i + 1) * timelineEntry.size <= memory.length; i++) {
    const at = i * timelineEntry.size;
    const header = view.getUint32(at + timelineEntry.trigger);
    const end = view.getUint32(at + timelineEntry.end);
    const lastLow = last % 0x100000000;
    last += (end - lastLow + 0x100000000) % 0x100000000;
    const before = (field: number): number =>
      last - ((end - view.getUint32(at + field) + 0x100000000) % 0x100000000);
    entries.push({
      trigger: header >>> 24,
      number: header & 0xffffff,
      release: before(timelineEntry.release),
      begin: before(timelineEntry.begin),
      end: last,
    });
  }
  return entries;
}
