/**
 * The parameter memory: a code per cell, and the level that the cell really holds.
 *
 * All cells are refreshed together once a period. A refresh brings a cell a part of the way to its code, and with ripple
 * leaves it off by a little; code 1023 switches the refresh of a cell off, and its level decays. Levels change at
 * refreshes only, so between two of them every parameter of a neuron is constant.
 */
import { exp } from '../../isa/numeric/elementary.js';
import { streamKey } from '../../isa/numeric/random.js';
import type { AnalogConstants } from './constants.js';
import { deviate, sourceKey } from './deviate.js';
import type { FixedPattern } from './die.js';

export const CAPMEM_ROWS = 24;
export const CAPMEM_COLUMNS = 130;
/** Columns of the neurons in a block; the cells beyond are shared. */
export const NEURON_COLUMNS = 128;
/** The code that switches the refresh of a cell off. */
export const REFRESH_OFF = 1023;

const LINES = 4 * CAPMEM_ROWS;
const CELLS = LINES * CAPMEM_COLUMNS;
/** A cell that is this near to its goal (in codes) has arrived. */
const NEAR = 0.02;
/** Cycles (4 ns) in a microsecond. */
const CYCLES = 250;

/** How a level follows its code: `exponential` as on the chip, or `instant`. */
export type Settling = 'instant' | 'exponential';

/** See the module's first sentence. Cells are numbered (block * 24 + row) * 130 + column. */
export class ParameterMemory {
  readonly codes = new Uint16Array(CELLS);
  readonly levels = new Float64Array(CELLS);
  /** Cycles between two refreshes, which happen at whole multiples of it. */
  readonly period: number;
  /** How many neuron cells of a block row hold a code: (block * 24 + row) * 1024 + code. */
  private readonly sameCode = new Uint8Array(LINES * 1024);
  /** Cells on their way. */
  private moving: number[] = [];
  private readonly isMoving = new Uint8Array(CELLS);
  /** Grows whenever an effective code may have changed. */
  changes = 0;
  /** Number of the last refresh: cycle / period, rounded down. */
  private refreshes = 0;
  private rippleKey = 0;
  /** What a refresh leaves of the distance to the code, and of the level of a cell without refresh. */
  private readonly left: number;
  private readonly kept: number;

  constructor(
    private readonly pattern: FixedPattern,
    private readonly constants: AnalogConstants,
    settling: Settling,
    /** Cells are a little off after each refresh. */
    readonly ripples: boolean,
  ) {
    const { refreshPeriod, settlingTime, refreshOffTime } = constants;
    this.period = Math.max(1, Math.round(refreshPeriod * CYCLES));
    this.left = settling === 'instant' ? 0 : exp(-refreshPeriod / settlingTime);
    this.kept = exp(-refreshPeriod / refreshOffTime);
    this.countPowerUp();
  }

  /** True if changing one cell shifts the others of its row (crosstalk of an uncalibrated chip). */
  get hasCrosstalk(): boolean {
    return !this.pattern.ideal && !this.pattern.calibrated;
  }

  /** True while a refresh would change something. */
  get isUneasy(): boolean {
    return this.ripples || this.moving.length > 0;
  }

  setNoiseSeed(seed: number): void {
    this.changes++;
    this.rippleKey = sourceKey(streamKey(seed, 'ripple'));
  }

  write(block: number, row: number, column: number, code: number): void {
    const line = block * CAPMEM_ROWS + row;
    const cell = line * CAPMEM_COLUMNS + column;
    if (column < NEURON_COLUMNS) {
      const old = line * 1024 + this.codes[cell]!;
      this.sameCode[old] = this.sameCode[old]! - 1;
      this.sameCode[line * 1024 + code] = this.sameCode[line * 1024 + code]! + 1;
    }
    this.changes++;
    this.codes[cell] = code;
    if (this.left === 0 && code !== REFRESH_OFF) this.levels[cell] = code;
    this.watch(cell);
  }

  /** The stored code of a cell. */
  codeAt(block: number, row: number, column: number): number {
    return this.codes[(block * CAPMEM_ROWS + row) * CAPMEM_COLUMNS + column]!;
  }

  /**
   * The refresh at a whole multiple of the period.
   * @param moved called for each cell whose level has moved
   */
  refresh(cycle: number, moved: (block: number, row: number, column: number) => void): void {
    this.changes++;
    this.refreshes = Math.floor(cycle / this.period);
    const before = this.moving;
    this.moving = [];
    for (const cell of before) {
      const code = this.codes[cell]!;
      const goal = code === REFRESH_OFF ? 0 : code;
      const part = code === REFRESH_OFF ? this.kept : this.left;
      const level = goal + part * (this.levels[cell]! - goal);
      this.levels[cell] = Math.abs(level - goal) < NEAR ? goal : level;
      this.isMoving[cell] = 0;
      this.watch(cell);
      const line = Math.floor(cell / CAPMEM_COLUMNS);
      moved(Math.floor(line / CAPMEM_ROWS), line % CAPMEM_ROWS, cell % CAPMEM_COLUMNS);
    }
  }

  /** Effective code c(x) of a cell: gain of its block, its own offset, crosstalk from equal neighbours, ripple. */
  effectiveCode(block: number, row: number, column: number, ripples = this.ripples): number {
    const line = block * CAPMEM_ROWS + row;
    const cell = line * CAPMEM_COLUMNS + column;
    let level = this.levels[cell]!;
    if (ripples && level > 0)
      level += this.constants.rippleSd * deviate(this.rippleKey, cell, this.refreshes, 0);
    if (!this.hasCrosstalk) return level > 0 ? level : 0;
    const same =
      column < NEURON_COLUMNS ? (this.sameCode[line * 1024 + this.codes[cell]!] ?? 1) : 1;
    const value =
      level * this.pattern.cellGain(block) +
      this.pattern.cellOffset(cell) +
      (this.constants.crosstalk * (same - 1)) / (NEURON_COLUMNS - 1);
    return value > 0 ? value : 0;
  }

  /** What a snapshot copies. */
  stateArrays(): Record<string, Uint16Array | Uint8Array | Float64Array> {
    return { codes: this.codes, levels: this.levels, sameCode: this.sameCode };
  }

  /** The arrays were written: works out what follows from them at a cycle. */
  restored(cycle: number): void {
    this.changes++;
    this.refreshes = Math.floor(cycle / this.period);
    this.moving = [];
    this.isMoving.fill(0);
    for (let cell = 0; cell < CELLS; cell++) this.watch(cell);
  }

  powerUp(): void {
    this.codes.fill(0);
    this.levels.fill(0);
    this.sameCode.fill(0);
    this.countPowerUp();
    this.restored(0);
  }

  private countPowerUp(): void {
    for (let line = 0; line < LINES; line++) this.sameCode[line * 1024] = NEURON_COLUMNS;
  }

  /** Puts a cell among the moving ones if it is not where it wants to be. */
  private watch(cell: number): void {
    const code = this.codes[cell]!;
    if (this.isMoving[cell] === 1 || this.levels[cell] === (code === REFRESH_OFF ? 0 : code))
      return;
    this.isMoving[cell] = 1;
    this.moving.push(cell);
  }
}
