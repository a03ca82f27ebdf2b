/**
 * Basic blocks as JavaScript functions. The text is made from the steps that `block-runner.ts` executes and does the same;
 * registers are local variables in it. Where making functions from text is forbidden (a page's security
 * policy), blocks stay with the runner.
 */
import type { Block } from './block.js';
import { ELSEWHERE, Ending, ON, Step, STEP, TAKEN, type BlockRunner } from './block-runner.js';
import type { Operation } from './operation.js';

/** Executes a block as `BlockRunner.run` does. */
export type CompiledBlock = (runner: BlockRunner) => number;

type Maker = (operations: readonly Operation[]) => CompiledBlock;

const OUTSIDE = ~0x3fff_ffff;
const SIGN = 1 << 31;

/** Compiles a block; undefined if the surroundings do not allow it. */
export function compileBlock(block: Block): CompiledBlock | undefined {
  const text = new Text(block).result();
  try {
    const make = new Function('operations', `return (runner) => {\n${text}\n};`) as Maker;
    return make(block.operations);
  } catch {
    return undefined;
  }
}

/** Width and text of the access at address `at`, by step of the form with displacement. */
const accesses: ReadonlyMap<number, readonly [align: number, text: string]> = new Map([
  [Step.loadWord, [3, 'words[(at & wrap) >>> 2]']],
  [Step.loadHalf, [1, 'halves[((at & wrap) >>> 1) ^ 1]']],
  [Step.loadAlgebraic, [1, '(halves[((at & wrap) >>> 1) ^ 1] << 16) >> 16']],
  [Step.loadByte, [0, 'bytes[(at & wrap) ^ 3]']],
  [Step.storeWord, [3, 'words[(at & wrap) >>> 2]']],
  [Step.storeHalf, [1, 'halves[((at & wrap) >>> 1) ^ 1]']],
  [Step.storeByte, [0, 'bytes[(at & wrap) ^ 3]']],
]);

class Text {
  private readonly lines: string[] = [];
  /** Registers whose local variable is up to date, and those that are not yet in the register file. */
  private readonly known = new Set<number>();
  private readonly dirty = new Set<number>();
  private readonly declared = new Set<number>();
  private knowsCr = false;
  private changedCr = false;

  constructor(private readonly block: Block) {}

  result(): string {
    const { code } = this.block;
    for (let i = 0; i < code.length; i += STEP) this.step(i);
    const ending = this.ending();
    const body = [...this.lines, ...ending].join('\n');
    const variables = ['at', 'x', 'y', 'cr'].filter((name) =>
      new RegExp(`\\b${name} = `).test(body),
    );
    const registers = [...this.declared].map((r) => `r${r}`);
    const declared = [...variables, ...registers].map((name) => `${name} = 0`);
    const used = ['gpr', 'words', 'halves', 'bytes', 'covered', 'wrap'].filter((name) =>
      new RegExp(`\\b${name}\\b`).test(body),
    );
    return [
      `const m = runner.machine${used.map((name) => `, ${name} = runner.${name}`).join('')};`,
      `${declared.length > 0 ? `let ${declared.join(', ')};` : ''}`,
      body,
    ].join('\n');
  }

  private ending(): string[] {
    const { ending, mask, wanted, next, branchAddress } = this.block;
    switch (ending) {
      case Ending.condition:
        this.readCr();
        return [...this.kept(), `return (cr & ${mask}) === ${wanted} ? ${TAKEN} : ${ON};`];
      case Ending.countDown: {
        const condition = wanted === 1 ? 'x === 0' : 'x !== 0';
        return [
          ...this.kept(),
          'x = (m.ctr - 1) | 0; m.ctr = x;',
          `return ${condition} ? ${TAKEN} : ${ON};`,
        ];
      }
      case Ending.always:
        return [...this.kept(), `return ${TAKEN};`];
      case Ending.call:
        return [...this.kept(), `m.lr = ${next}; return ${TAKEN};`];
      case Ending.returnToLink:
        return [...this.kept(), `runner.next = m.lr & ~3; return ${ELSEWHERE};`];
      case Ending.table:
        return [
          ...this.kept(),
          `return runner.branch(operations[${this.block.length - 1}], ${branchAddress});`,
        ];
      default:
        return [...this.kept(), `return ${ON};`];
    }
  }

  /** Puts back what only local variables hold. */
  private kept(): string[] {
    const out = [...this.dirty].map((r) => `gpr[${r}] = r${r};`);
    if (this.changedCr) out.push('m.cr = cr;');
    return out;
  }

  private read(r: number): string {
    if (!this.known.has(r)) {
      this.lines.push(`r${r} = gpr[${r}];`);
      this.known.add(r);
      this.declared.add(r);
    }
    return `r${r}`;
  }

  private write(r: number, value: string): void {
    this.lines.push(`r${r} = ${value};`);
    this.known.add(r);
    this.declared.add(r);
    this.dirty.add(r);
  }

  private readCr(): void {
    if (!this.knowsCr) this.lines.push('cr = m.cr;');
    this.knowsCr = true;
  }

  private stopIf(condition: string, i: number): void {
    const leave = [...this.kept(), `return ${this.block.instructionOf[i / STEP]!};`];
    this.lines.push(`if (${condition}) { ${leave.join(' ')} }`);
  }

  private step(i: number): void {
    const { code } = this.block;
    const head = code[i]!;
    const d = (head >>> 8) & 31;
    const a = (head >>> 16) & 31;
    const b = head >>> 24;
    const immediate = code[i + 1]!;
    const mask = code[i + 2]!;
    const step = head & 255;
    if (step >= Step.loadWord && step <= Step.storeByteIndexed)
      this.access(i, step, d, a, b, immediate);
    else if (step >= Step.compare && step <= Step.compareUnsignedImmediate)
      this.compare(step, d, a, b, immediate, mask);
    else if (!this.simple(step, d, a, b, immediate, mask))
      this.special(i, step, a, immediate, mask);
  }

  private simple(step: Step, d: number, a: number, b: number, i: number, mask: number): boolean {
    const value = this.value(step, d, a, b, i, mask);
    if (value !== undefined) this.write(d, value);
    return value !== undefined;
  }

  private value(
    step: Step,
    d: number,
    a: number,
    b: number,
    i: number,
    mask: number,
  ): string | undefined {
    const x = (): string => this.read(a);
    const y = (): string => this.read(b);
    const rotated = (): string => (i === 0 ? x() : `((${x()} << ${i}) | (${x()} >>> ${32 - i}))`);
    switch (step) {
      case Step.add:
        return `(${x()} + ${y()}) | 0`;
      case Step.addImmediate:
        return `(${x()} + ${i}) | 0`;
      case Step.loadImmediate:
        return `${i}`;
      case Step.subtractFrom:
        return `(${y()} - ${x()}) | 0`;
      case Step.negate:
        return `-${x()} | 0`;
      case Step.multiply:
        return `Math.imul(${x()}, ${y()})`;
      case Step.multiplyImmediate:
        return `Math.imul(${x()}, ${i})`;
      case Step.and:
        return `${x()} & ${y()}`;
      case Step.andImmediate:
        return `${x()} & ${i}`;
      case Step.or:
        return `${x()} | ${y()}`;
      case Step.orImmediate:
        return `${x()} | ${i}`;
      case Step.move:
        return x();
      case Step.xor:
        return `${x()} ^ ${y()}`;
      case Step.xorImmediate:
        return `${x()} ^ ${i}`;
      case Step.nor:
        return `~(${x()} | ${y()})`;
      case Step.andComplement:
        return `${x()} & ~${y()}`;
      case Step.rotate:
        return `${rotated()} & ${mask}`;
      case Step.insert: {
        const kept = this.read(d);
        return `(${rotated()} & ${mask}) | (${kept} & ${~mask})`;
      }
      case Step.shiftLeft:
        return `${x()} << ${y()}`;
      case Step.shiftRight:
        return `(${x()} >>> ${y()}) | 0`;
      case Step.extendByte:
        return `(${x()} << 24) >> 24`;
      case Step.extendHalf:
        return `(${x()} << 16) >> 16`;
      case Step.countZeros:
        return `Math.clz32(${x()})`;
      case Step.moveFromLink:
        return 'm.lr';
      case Step.moveFromCount:
        return 'm.ctr';
      default:
        return undefined;
    }
  }

  private compare(step: Step, d: number, a: number, b: number, i: number, mask: number): void {
    const isUnsigned = step >= Step.compareUnsigned;
    const isImmediate = step === Step.compareImmediate || step === Step.compareUnsignedImmediate;
    const left = this.read(a);
    const right = isImmediate ? `${isUnsigned ? i ^ SIGN : i}` : this.read(b);
    this.readCr();
    this.lines.push(
      isUnsigned ? `x = ${left} ^ ${SIGN};` : `x = ${left};`,
      isUnsigned && !isImmediate ? `y = ${right} ^ ${SIGN};` : `y = ${right};`,
      `cr = (cr & ${mask}) | (((x < y ? 8 : x > y ? 4 : 2) | m.so) << ${d});`,
    );
    this.changedCr = true;
  }

  private access(i: number, step: Step, d: number, a: number, b: number, immediate: number): void {
    const isIndexed = ((step - Step.loadWord) & 1) !== 0;
    const [align, text] = accesses.get(isIndexed ? step - 1 : step)!;
    const offset = isIndexed ? this.read(b) : `${immediate}`;
    const isStore = step >= Step.storeWord;
    const base = this.read(a);
    if (isStore) this.read(d);
    this.lines.push(`at = (${base} + ${offset}) | 0;`);
    const outside = `(at & ${OUTSIDE | align}) !== 0`;
    this.stopIf(isStore ? `${outside} || covered[(at & wrap) >>> 2] !== 0` : outside, i);
    if (isStore) this.lines.push(`${text} = r${d};`);
    else this.write(d, text);
  }

  private special(i: number, step: Step, a: number, immediate: number, mask: number): void {
    switch (step) {
      case Step.table:
        this.lines.push(
          ...this.kept(),
          `operations[${immediate}].run(m, operations[${immediate}].fields);`,
        );
        this.known.clear();
        this.dirty.clear();
        this.knowsCr = this.changedCr = false;
        break;
      case Step.record: {
        const x = this.read(a);
        this.readCr();
        this.lines.push(
          `cr = (cr & 268435455) | (((${x} < 0 ? 8 : ${x} > 0 ? 4 : 2) | m.so) << 28);`,
        );
        this.changedCr = true;
        break;
      }
      case Step.shiftAlgebraic: {
        const d = (this.block.code[i]! >>> 8) & 31;
        this.lines.push(
          `x = ${this.read(a)};`,
          `y = x >> ${immediate};`,
          `m.ca = x < 0 && y << ${immediate} !== x ? 1 : 0;`,
        );
        this.write(d, 'y');
        break;
      }
      case Step.moveToLink:
        this.lines.push(`m.lr = ${this.read(a)};`);
        break;
      case Step.moveToCount:
        this.lines.push(`m.ctr = ${this.read(a)};`);
        break;
      case Step.guard:
        this.lines.push(...this.kept());
        this.dirty.clear();
        this.changedCr = false;
        this.stopIf(`!runner.mayAccess(${this.block.code[i]!}, ${immediate}, ${mask})`, i);
        break;
      default:
        this.lines.push(`runner.earlierR0 = ${this.read(0)};`);
    }
  }
}
