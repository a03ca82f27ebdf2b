/** Worst-case cycles of the triggers of a linked image, with the run-time's routines that they call. */
import { findSymbol } from '../../isa/program.js';
import { descriptor, descriptorAddress } from '../../isa/runtime-layout.js';
import type { Generated } from '../codegen/generate.js';
import { loopRegisters } from '../codegen/trigger.js';
import type { Image } from '../link/image.js';
import { portPhases } from '../timing/vector-model.js';
import { KnownState } from './known.js';
import type { LatencyProfile } from './profile.js';
import { slots } from './step.js';
import { type LoopBound, type Walk, Walker, returnAddress } from './walk.js';

/** Cycles that a line of a rule takes of an execution: fixed part and part of each row. */
export interface LineCost {
  readonly file: string;
  readonly line: number;
  readonly fixed: number;
  readonly perRow: number;
}

/** A bound on the cycles from begin to end of an execution, as the time-line has them, for up to 256 rows. */
export interface TriggerCycles {
  readonly fixed: number;
  readonly perRow: number;
  /** False: a loop has no bound; the numbers count one turn of it. */
  readonly isBounded: boolean;
  /** Cycles of the scheduler around an execution, beyond begin and end. */
  readonly around: number;
  /** Most expensive first, for a large block. */
  readonly lines: readonly LineCost[];
}

/** Loops of the run-time whose number of turns their code does not show. */
const runtimeBounds: Readonly<Record<string, LoopBound>> = {
  // The time base's upper word changes every 17 s.
  read_time: { turns: 1 },
  plastic_time: { turns: 1 },
  // As many events as the queue holds.
  make_room: { turns: 64 },
  plastic_poll_events: { turns: 64, total: true },
};

/**
 * Rows walked: few, then enough to see what one more costs; some more if that still changes, and many if rows may differ
 * from each other.
 */
const walkedRows = [1, 2, 4, 5];
const unsteadyRows = [6, 7];
const moreRows = [16, 32, 64, 128, 256];
/** Looking through the table of triggers once: fixed and per trigger. */
const scanCycles = 80;
const scanPerTrigger = 75;
/** The rotation of the register port is not known at the beginning. */
const phaseMargin = 12;
/** Branches that have newly come may push out others of the cache, which then cost a redirect again. */
const branchMargin = 2;

/** By rule and trigger. */
export function analyseTriggers(image: Image, profile: LatencyProfile): TriggerCycles[][] {
  const analysis = new Analysis(image, profile);
  let number = 0;
  return image.code.map((triggers) =>
    triggers.map((generated) =>
      analysis.trigger(number++, asksForRow(generated), generated.isSteady),
    ),
  );
}

/** Whether code does more with the number of the row than count it. */
function asksForRow({ lines }: Generated): boolean {
  return lines.some((line) => {
    if (line.kind !== 'instruction') return false;
    const { mnemonic, operands } = line;
    const position = operands.indexOf(loopRegisters.row);
    if (position < 0 || (position === 0 && (mnemonic === 'li' || mnemonic === 'addi')))
      return false;
    // The loop's own comparison with the rows, and the header of a record.
    if (operands.includes(loopRegisters.rows) || mnemonic === 'or') return false;
    return !mnemonic.startsWith('fxv') || (mnemonic.startsWith('fxvsplat') && position === 1);
  });
}

class Analysis {
  private readonly walker: Walker;
  private readonly bounds = new Map<number, LoopBound>();
  private readonly places = new Int16Array(4096).fill(-1);
  private readonly placeList: { file: string; line: number }[] = [{ file: '', line: 0 }];

  constructor(
    private readonly image: Image,
    private readonly profile: LatencyProfile,
  ) {
    this.walker = new Walker(image.program);
    for (const [name, bound] of Object.entries(runtimeBounds)) {
      const symbol = findSymbol(image.program, name);
      if (symbol !== undefined) this.bounds.set(symbol.address, bound);
    }
    image.code.forEach((triggers, rule) => {
      triggers.forEach((_, trigger) => {
        this.noteLoops(rule, trigger);
      });
    });
    this.notePlaces();
  }

  private address(name: string): number {
    const symbol = findSymbol(this.image.program, name);
    if (symbol === undefined) throw new Error(`the image has no ${name}`);
    return symbol.address;
  }

  /** The code generator says how often its own loops turn. */
  private noteLoops(rule: number, trigger: number): void {
    let address = this.address(handlerName(rule, trigger));
    for (const line of this.image.code[rule]?.[trigger]?.lines ?? []) {
      if (line.kind === 'instruction') address += 4;
      else if (line.kind === 'loop' && line.turns !== 'rows')
        this.bounds.set(address, { turns: line.turns, ...this.counterOf(address) });
    }
  }

  /** A loop over a variable begins by loading it from its word. */
  private counterOf(top: number): { counter?: number } {
    const step = this.walker.stepAt(top);
    return step?.timing === 'load' && step.fields.ra === 0 ? { counter: step.fields.si } : {};
  }

  private notePlaces(): void {
    const { lines, sections } = this.image.program;
    const numbers = new Map<string, number>();
    lines.forEach(({ address, file, line }, i) => {
      if (file === '' || file.startsWith('runtime/')) return;
      const key = `${file}:${line}`;
      let number = numbers.get(key);
      if (number === undefined) {
        number = this.placeList.push({ file, line }) - 1;
        numbers.set(key, number);
      }
      const section = sections.find(
        (each) => address >= each.address && address < each.address + each.bytes.length,
      );
      const end = lines[i + 1]?.address ?? (section ? section.address + section.bytes.length : 0);
      this.places.fill(number, address >> 2, Math.min(end, 16384) >> 2);
    });
  }

  /** Trigger `number` of the image. */
  trigger(number: number, rowsDiffer: boolean, isSteadyInPhases: boolean): TriggerCycles {
    const most = this.image.layout.rules[0]?.maxRows ?? 1;
    const walks: { n: number; walk: Walk }[] = [];
    const walk = (rows: readonly number[]): void => {
      for (const n of rows) if (n <= most) walks.push({ n, walk: this.walk(number, n) });
    };
    walk(walkedRows);
    if (rowsDiffer || !isSteady(walks)) walk(unsteadyRows);
    if (rowsDiffer) walk(moreRows);
    if (rowsDiffer && walks.at(-1)?.n !== most) walk([most]);
    const last = walks.at(-1);
    if (last === undefined) throw new Error('an image without rows');
    const times = walks.map(({ n, walk }) => ({ n, cycles: walk.inside }));
    const perRows = [perRowOf(times)];
    // Orders in which a turn takes longer may keep themselves up once the port is in another phase.
    if (most >= 3 && last.walk.vectors > 0 && !isSteadyInPhases)
      for (let phase = 1; phase < portPhases; phase++) {
        const others = [2, 3].map((n) => ({ n, cycles: this.walk(number, n, phase).inside }));
        perRows.push(perRowOf(others));
        times.push(...others);
      }
    const perRow = Math.max(...perRows);
    const fixed = Math.max(...times.map(({ n, cycles }) => cycles - n * perRow));
    const margin = phaseMargin + branchMargin * last.walk.branches;
    const scan = scanCycles + scanPerTrigger * this.image.code.flat().length;
    return {
      fixed: Math.max(0, fixed) + margin,
      perRow,
      isBounded: walks.every(({ walk }) => walk.isBounded),
      around: last.walk.total - last.walk.inside + scan,
      lines: this.lineCosts(walks),
    };
  }

  private lineCosts(walks: readonly { n: number; walk: Walk }[]): LineCost[] {
    const last = walks.at(-1);
    const before = walks.at(-2);
    if (last === undefined) return [];
    return this.placeList
      .map(({ file, line }, i) => {
        const all = last.walk.costs[i] ?? 0;
        const fewer = before?.walk.costs[i] ?? 0;
        const perRow = before ? Math.max(0, (all - fewer) / (last.n - before.n)) : all / last.n;
        return { file, line, fixed: Math.max(0, all - perRow * last.n), perRow };
      })
      .filter(({ file, fixed, perRow }) => file !== '' && fixed + perRow > 0)
      .sort((a, b) => b.fixed + 64 * b.perRow - a.fixed - 64 * a.perRow);
  }

  /** One execution of trigger `number` of the image by the run-time, with blocks of `rows` rows and all columns. */
  private walk(number: number, rows: number, portPhase = 0): Walk {
    const { image } = this;
    const entry = this.address('run_trigger');
    const state = new KnownState();
    const set = (address: number, value: number): void => {
      state.setWord(address, value);
    };
    for (const name of ['plastic_config', 'plastic_triggers', 'plastic_rules']) {
      const symbol = findSymbol(image.program, name);
      const section = image.program.sections.find(({ name: each }) => each === symbol?.section);
      if (symbol === undefined || section === undefined) continue;
      const { buffer, byteOffset, length } = section.bytes;
      const view = new DataView(buffer, byteOffset, length);
      for (let o = 0; o < symbol.size; o += 4)
        set(symbol.address + o, view.getInt32(symbol.address - section.address + o));
    }
    image.layout.rules.forEach((_, index) => {
      const base = descriptorAddress(index);
      for (let o = 0; o < descriptor.evenMask; o += 4) set(base + o, 0);
      set(base + descriptor.rows, rows);
      set(base + descriptor.columns, 256);
      set(base + descriptor.parities, 0xc00);
      for (let o: number = descriptor.evenMask; o < descriptor.size; o += 4)
        set(base + o, 0x01010101);
    });
    set(this.address('current'), number);
    state.lr = returnAddress;
    state.known[slots.lr] = 1;
    state.gpr[14] = number;
    state.known[14] = 1;
    return this.walker.walk(entry, state, {
      profile: this.profile,
      bounds: this.bounds,
      clock: { from: entry, to: this.address('used_parities') },
      places: this.places,
      placeCount: this.placeList.length,
      portPhase,
    });
  }
}

/** Most that one row more costs, from executions with more and more rows. */
function perRowOf(times: readonly { readonly n: number; readonly cycles: number }[]): number {
  let perRow = times.length === 1 ? (times[0]?.cycles ?? 0) : 0;
  times.slice(1).forEach(({ n, cycles }, i) => {
    const before = times[i];
    // The first rows find the branch cache empty; what they cost more belongs to the fixed part.
    if (before && (n > 2 || times.length === 2))
      perRow = Math.max(perRow, Math.ceil((cycles - before.cycles) / (n - before.n)));
  });
  return perRow;
}

/** Whether the last row walked cost as much as those before it. */
function isSteady(walks: readonly { readonly n: number; readonly walk: Walk }[]): boolean {
  const [c, b, a] = walks.slice(-3);
  if (a === undefined || b === undefined || c === undefined) return false;
  return (
    (b.walk.inside - c.walk.inside) * (a.n - b.n) === (a.walk.inside - b.walk.inside) * (b.n - c.n)
  );
}

const handlerName = (rule: number, trigger: number): string => `rule${rule}_trigger${trigger}`;
