/* A small stack machine that computes primes and a power: indirect jumps, tables, nested loops in interpreted code. */
typedef unsigned int u32; typedef unsigned char u8;
u32 outcome[64];
enum { PUSH, ADD, SUB, MUL, MOD, LESS, JUMP, JUMP0, LOAD, STORE, OUT, HALT };
static const u8 program[] = {
  /*  0 */ PUSH, 2, STORE, 0,                    /* candidate = 2 */
  /*  4 */ LOAD, 0, PUSH, 60, LESS, JUMP0, 50,   /* while candidate < 60 */
  /* 11 */ PUSH, 2, STORE, 1,                    /* divisor = 2 */
  /* 15 */ LOAD, 1, LOAD, 0, LESS, JUMP0, 38,    /* divisor reached the candidate: a prime */
  /* 22 */ LOAD, 0, LOAD, 1, MOD, JUMP0, 41,     /* it divides: no prime */
  /* 29 */ LOAD, 1, PUSH, 1, ADD, STORE, 1, JUMP, 15,
  /* 38 */ LOAD, 0, OUT,
  /* 41 */ LOAD, 0, PUSH, 1, ADD, STORE, 0, JUMP, 4,
  /* 50 */ HALT,
};
static u32 run(const u8 *code, u32 *memory, u32 *out, int *outs) {
  u32 stack[16]; int sp = 0; u32 pc = 0, steps = 0;
  for (;;) {
    steps++;
    switch (code[pc++]) {
      case PUSH: stack[sp++] = code[pc++]; break;
      case ADD: sp--; stack[sp - 1] += stack[sp]; break;
      case SUB: sp--; stack[sp - 1] -= stack[sp]; break;
      case MUL: sp--; stack[sp - 1] *= stack[sp]; break;
      case MOD: sp--; stack[sp - 1] %= stack[sp]; break;
      case LESS: sp--; stack[sp - 1] = stack[sp - 1] < stack[sp]; break;
      case JUMP: pc = code[pc]; break;
      case JUMP0: pc = stack[--sp] ? pc + 1 : code[pc]; break;
      case LOAD: stack[sp++] = memory[code[pc++]]; break;
      case STORE: memory[code[pc++]] = stack[--sp]; break;
      case OUT: out[(*outs)++] = stack[--sp]; break;
      default: return steps;
    }
    if (steps > 20000) return steps;
  }
}
static const u8 power[] = {
  /*  0 */ PUSH, 1, STORE, 0, PUSH, 0, STORE, 1,
  /*  8 */ LOAD, 1, PUSH, 13, LESS, JUMP0, 31,
  /* 15 */ LOAD, 0, PUSH, 3, MUL, STORE, 0,
  /* 22 */ LOAD, 1, PUSH, 1, ADD, STORE, 1, JUMP, 8,
  /* 31 */ LOAD, 0, OUT, HALT,
};
int start(void) {
  static u32 memory[4], out[32]; int outs = 0;
  outcome[0] = run(program, memory, out, &outs);
  outcome[1] = (u32)outs;
  for (int i = 0; i < outs; i++) outcome[2] = outcome[2] * 61u + out[i];
  outs = 0;
  outcome[3] = run(power, memory, out, &outs);
  outcome[4] = out[0];
  return outcome[1] == 17 && outs == 1 && out[0] == 1594323 ? 42 : 1;
}
