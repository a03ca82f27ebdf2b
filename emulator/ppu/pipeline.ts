/**
 * The issue stage: in order, one instruction a period, each issued in the first period in which its registers,
 * the write port and the queues allow it. Nothing is simulated period by period here; what happens later than
 * issue (writes, answers, redirects) is known when an instruction issues, or worked out when someone asks.
 */
import { ELSEWHERE, ON } from './block-runner.js';
import { NO_TARGET } from './branch-cache.js';
import { Report } from './data-port.js';
import { RareIssue } from './issue-rare.js';
import type { Leave } from './issue-state.js';
import { Kind } from './operation.js';
import { PENDING } from './scoreboard.js';

export type { Leave } from './issue-state.js';

// Numbers of other modules that the issue loop compares with, as constants of this one.
const PLAIN = Kind.plain;
const COMPARE = Kind.compare;
const LOAD = Kind.load;
const STORE = Kind.store;
const BRANCH = Kind.branch;
const UNKNOWN = PENDING;
const UNPREDICTED = NO_TARGET;
const SILENT = Report.none;
export abstract class Pipeline extends RareIssue {
  private save(enter: number, floor: number, pc: number, position: number, issued: number): void {
    this.enter = enter;
    this.floor = floor;
    this.pc = pc;
    this.position = position;
    this.issued = issued;
  }

  /** Issues instructions in periods before `limit`. */
  protected issue(limit: number): Leave {
    const m = this.machine;
    const { gpr } = m;
    const { board, queue, fetch, operations, recorder, data, vector } = this;
    const { ready, port } = board;
    const { advanced, passed } = fetch;
    const predicts = this.options.branchCache !== 0;
    const dataLatency = this.options.dataLatency;
    const careful = this.isCareful;
    const heat = recorder !== null || careful ? null : this.heat;
    const length = operations.length;
    let end = Math.min(limit, this.interruptAt);
    let stop = Math.min(end, queue.resolveAt);
    let { enter, floor, pc, position, issued } = this;
    for (;;) {
      const index = pc >>> 2;
      let op = index < length ? operations[index] : undefined;
      if (op === undefined) {
        this.save(enter, floor, pc, position, issued);
        op = this.fetchSlowly(limit);
        if (op === undefined) return this.fetchLeave;
        ({ enter, floor } = this);
      }
      let s = floor > enter ? floor : enter;
      let at = ready[op.wait0]!;
      if (at > s) s = at;
      at = ready[op.wait1]!;
      if (at > s) s = at;
      at = ready[op.wait2]!;
      if (at > s) s = at;
      if (s >= UNKNOWN || op.waitMore !== null) s = queue.await(op, floor > enter ? floor : enter);
      if (careful && s < stop) {
        this.save(enter, floor, pc, position, issued);
        const found = this.beforeIssue(op, pc);
        if (found !== 'go') return found;
      }

      switch (op.kind) {
        case PLAIN: {
          let w = s + op.latency + 1;
          while (port[w & 63] === w) w++;
          s = w - op.latency - 1;
          if (s >= stop) break;
          port[w & 63] = w;
          ready[op.destination] = w - 1;
          op.run(m, op.fields);
          issued++;
          if (recorder !== null) {
            recorder.issue(s, pc);
            recorder.registerWrite(w, op.destination, gpr[op.destination]!);
          }
          advanced[position & 15] = enter - 1;
          passed[position & 15] = pc;
          if (fetch.strays > 0) fetch.follow(position);
          position++;
          enter = s + 1;
          pc = (pc + 4) | 0;
          continue;
        }

        case COMPARE: {
          if (s + 2 <= board.lastCr) s = board.lastCr - 1;
          if (s >= stop) break;
          ready[op.crField] = s + 2;
          board.lastCr = board.lastOther = s + 2;
          op.run(m, op.fields);
          issued++;
          if (recorder !== null) recorder.issue(s, pc);
          advanced[position & 15] = enter - 1;
          passed[position & 15] = pc;
          if (fetch.strays > 0) fetch.follow(position);
          position++;
          enter = s + 1;
          pc = (pc + 4) | 0;
          continue;
        }

        case LOAD:
        case STORE: {
          const isLoad = op.kind === LOAD;
          for (;;) {
            if (isLoad) while (port[(s + 4) & 63] === s + 4) s++;
            const room = queue.roomAt(s);
            if (room === s) break;
            s = room;
          }
          if (s >= stop) break;
          if (vector.memoryOperations > 0) {
            this.save(enter, floor, pc, position, issued);
            const found = this.keepStep(s + 3, limit);
            if (found !== 'go') return found;
          }
          const q = queue.requestAt(s);
          data.latency = dataLatency;
          data.cycle = this.epoch + q;
          const rt = op.fields.rt;
          const before = gpr[rt]!;
          op.run(m, op.fields);
          if (data.report !== SILENT) {
            if (isLoad) gpr[rt] = before;
            this.save(enter, floor, pc, position, issued);
            const found = this.reported(op, s, q, limit);
            if (found !== 'go') return found;
          }
          if (isLoad && rt === 0) this.earlierR0 = before;
          issued++;
          if (recorder !== null) recorder.issue(s, pc);
          if (isLoad) queue.push(rt, s, q, data.latency);
          else if (!queue.pushStore(s, data.latency)) queue.push(-1, s, q, data.latency);
          advanced[position & 15] = enter - 1;
          passed[position & 15] = pc;
          if (fetch.strays > 0) fetch.follow(position);
          position++;
          enter = s + 1;
          pc = (pc + 4) | 0;
          if (isLoad) stop = queue.resolveAt < end ? queue.resolveAt : end;
          continue;
        }

        case BRANCH: {
          if (s >= stop) break;
          advanced[position & 15] = enter - 1;
          passed[position & 15] = pc;
          if (fetch.strays > 0) fetch.follow(position);
          m.pc = pc;
          m.nextPc = UNPREDICTED;
          this.issuePeriod = s;
          op.run(m, op.fields);
          issued++;
          if (recorder !== null) recorder.issue(s, pc);
          const more = op.writesMore;
          if (more !== null) for (let i = 0; i < more.length; i++) ready[more[i]!] = s + 2;
          if (board.lastOther < s + 2) board.lastOther = s + 2;
          const taken = m.nextPc !== UNPREDICTED;
          const next = (pc + 4) | 0;
          const target = taken ? m.nextPc & ~3 : next;
          const predicted = predicts ? fetch.branch(position, s, pc, taken, target) : UNPREDICTED;
          position++;
          enter = s + 1;
          if (taken ? predicted !== target : predicted !== UNPREDICTED) {
            this.floor = floor;
            this.redirect(s + 1, position, predicted === UNPREDICTED ? next : predicted);
            enter = s + 5;
          }
          pc = target;
          if (op.isReturn) {
            this.save(enter, floor, pc, position, issued);
            this.changedEnable(s + 2);
            end = Math.min(limit, this.interruptAt);
            stop = Math.min(end, queue.resolveAt);
          }
          if (heat !== null) {
            const at = (pc >>> 2) & (heat.length - 1);
            if (heat[at]! > 0) heat[at]!--;
            else if (vector.isEmpty) {
              this.save(enter, floor, pc, position, issued);
              return 'hot';
            }
          }
          continue;
        }

        default: {
          this.save(enter, floor, pc, position, issued);
          this.candidate = s;
          const found = this.issueOther(op, s, stop, limit);
          if (found !== 'go') return found;
          ({ enter, floor, pc, position, issued } = this);
          end = Math.min(limit, this.interruptAt);
          stop = Math.min(end, queue.resolveAt);
          continue;
        }
      }
      this.candidate = s;
      break;
    }
    this.save(enter, floor, pc, position, issued);
    return 'look';
  }

  /**
   * The same without cycles: one instruction a period, every result at once. Interrupts, sleep and accesses outside
   * work as ever.
   */
  protected issueUncounted(limit: number): Leave {
    const m = this.machine;
    const { operations, data, code, blocks } = this;
    const careful = this.isCareful;
    const usesBlocks = !careful && this.allowsBlocks;
    const length = operations.length;
    const stop = Math.min(Math.ceil(limit) | 0, this.interruptAt);
    let s = Math.max(this.enter, this.floor);
    let pc = this.pc;
    let position = this.position;
    // Periods and issues advance together except for what passes without being issued.
    let unissued = 0;
    const first = s;
    let leave: Leave = 'look';
    while (s < stop) {
      let block = usesBlocks ? code.block(pc) : null;
      while (block !== null && s + block.length <= stop) {
        const { compiled } = block;
        const done = compiled !== null ? compiled(blocks) : blocks.run(block);
        if (done >= 0) {
          // What cannot be done there is done here: one instruction.
          s += done;
          pc = (pc + 4 * done) | 0;
          unissued += block.nopsBefore(done);
          break;
        }
        s += block.length;
        unissued += block.nops;
        if (done === ON) {
          pc = block.next;
          block = block.following ??= code.block(pc);
        } else if (done === ELSEWHERE) {
          pc = blocks.next;
          block = code.block(pc);
        } else {
          pc = block.target;
          block = block.taken ??= code.block(pc);
        }
      }
      if (s >= stop) break;
      const index = pc >>> 2;
      let op = index < length ? operations[index] : undefined;
      if (op === undefined) {
        this.saveUncounted(s, pc);
        op = this.fetchSlowly(limit);
        if (op === undefined) {
          leave = this.fetchLeave;
          break;
        }
      }
      if (careful) {
        this.saveUncounted(s, pc);
        this.position = position + s - first;
        const found = this.beforeIssue(op, pc);
        if (found !== 'go') {
          leave = found;
          break;
        }
      }
      if (op.isPlain) {
        op.run(m, op.fields);
        pc = (pc + 4) | 0;
        s++;
        continue;
      }
      m.pc = pc;
      m.nextPc = (pc + 4) | 0;
      if (op.kind === BRANCH && !op.isReturn) {
        op.run(m, op.fields);
        pc = m.nextPc & ~3;
        s++;
        continue;
      }
      this.issuePeriod = s;
      data.cycle = this.epoch + s;
      const { kind, fields } = op;
      const oldT = m.gpr[fields.rt]!;
      const oldA = m.gpr[fields.ra]!;
      op.run(m, fields);
      if (data.report !== Report.none) {
        const report = data.report;
        data.report = Report.none;
        if (kind !== Kind.vector && kind !== Kind.trap) {
          m.gpr[fields.rt] = oldT;
          m.gpr[fields.ra] = oldA;
        }
        this.saveUncounted(s, pc);
        if (report === Report.refused) {
          leave = this.refused(op, pc);
          break;
        }
        if (report === Report.deferred) {
          if (this.granted !== s) {
            leave = this.announce(s);
            break;
          }
          data.mayAccess = true;
          op.run(m, fields);
          data.mayAccess = !this.bus.synchronised;
        } else {
          this.issued += s - first - unissued;
          this.enter = s + 1;
          this.exception(s, pc, report === Report.trapped);
          return 'look';
        }
      }
      pc = m.nextPc & ~3;
      s++;
      if (kind === Kind.nop || kind === Kind.sync) unissued++;
      if (kind === Kind.wait) {
        unissued++;
        this.waiting = true;
        this.waitHeld = false;
        pc = m.pc;
        this.drainFrom = s;
        break;
      }
      if (kind === Kind.moveToMsr || op.isReturn || kind === Kind.fixed) {
        // The enable or a timer may have changed.
        this.saveUncounted(s, pc);
        this.changedEnable(s);
        break;
      }
    }
    position += s - first;
    this.position = position;
    this.issued += s - first - unissued;
    this.saveUncounted(s, pc);
    this.candidate = s;
    return leave;
  }

  private saveUncounted(s: number, pc: number): void {
    this.enter = s;
    this.floor = s;
    this.pc = pc;
  }
}
