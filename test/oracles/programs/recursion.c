/* Deep and mutual recursion, function pointers, structures by value: what strains calls and the stack. */
typedef unsigned int u32;
u32 outcome[64];
struct pair { u32 a, b; };
static u32 ackermann(u32 m, u32 n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }
static int is_odd(int n);
static int is_even(int n) { return n == 0 ? 1 : is_odd(n - 1); }
static int is_odd(int n) { return n == 0 ? 0 : is_even(n - 1); }
static struct pair fibonacci(u32 n) { struct pair r; if (n == 0) { r.a = 0; r.b = 1; return r; } struct pair p = fibonacci(n - 1); r.a = p.b; r.b = p.a + p.b; return r; }
static u32 moves; static void hanoi(int n, int from, int to, int by) { if (!n) return; hanoi(n - 1, from, by, to); moves = moves * 3 + (u32)(from * 4 + to); hanoi(n - 1, by, to, from); }
static u32 queens(int n, u32 columns, u32 left, u32 right) { u32 all = (1u << n) - 1, count = 0; if (columns == all) return 1; u32 free = all & ~(columns | left | right); while (free) { u32 bit = free & (0u - free); free ^= bit; count += queens(n, columns | bit, (left | bit) << 1, (right | bit) >> 1); } return count; }
static u32 twice(u32 (*f)(u32), u32 x) { return f(f(x)); }
static u32 add3(u32 x) { return x + 3; } static u32 times5(u32 x) { return x * 5; }
int start(void) {
  outcome[0] = ackermann(2, 5);
  outcome[1] = (u32)is_even(40);
  outcome[2] = fibonacci(30).a;
  hanoi(7, 1, 3, 2); outcome[3] = moves;
  outcome[4] = queens(6, 0, 0, 0);
  u32 (*volatile table[2])(u32) = {add3, times5};
  outcome[5] = twice(table[0], 4) + twice(table[1], 4);
  return outcome[0] == 13 && outcome[2] == 832040 && outcome[4] == 4 ? 42 : 1;
}
