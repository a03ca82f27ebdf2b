/** Registers of variables that live in lanes; four to a variable, one for each half of each parity. */
import type { Variable } from '../ir/ir.js';
import type { CodeList, VirtualRegister } from './code.js';

export class LaneVariables {
  private readonly registers = new Map<string, VirtualRegister>();
  /** What variables hold in the turn of an overlapping loop under construction; written back at its end. */
  private readonly assigned = new Map<string, VirtualRegister>();

  constructor(private readonly code: CodeList) {}

  /** The register that a variable keeps for one half. */
  register(variable: Variable, q: number): VirtualRegister {
    const key = `let${variable.id}.${q}`;
    let register = this.registers.get(key);
    if (register === undefined) this.registers.set(key, (register = this.code.register(key)));
    return register;
  }

  /** Where the variable's value is now. */
  get(variable: Variable, q: number): VirtualRegister {
    return this.assigned.get(`${variable.id}.${q}`) ?? this.register(variable, q);
  }

  assign(variable: Variable, value: VirtualRegister, q: number): void {
    this.code.emit('fxvsel', this.register(variable, q), value, value, 0);
  }

  /** The same within a turn of an overlapping loop. */
  assignInTurn(variable: Variable, value: VirtualRegister, q: number): void {
    this.assigned.set(`${variable.id}.${q}`, value);
  }

  /** At the end of a turn: variables keep what they were assigned. */
  endTurn(variables: Iterable<Variable>): void {
    for (const variable of variables)
      for (let q = 0; q < 4; q++) {
        const key = `${variable.id}.${q}`;
        const value = this.assigned.get(key);
        this.assigned.delete(key);
        if (value) this.assign(variable, value, q);
      }
  }
}
