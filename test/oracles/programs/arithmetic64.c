/* 64-bit addition, subtraction, multiplication, comparison, division and shifts on a 32-bit machine. */
typedef unsigned int u32; typedef unsigned long long u64; typedef long long s64;
u32 outcome[64];
static u64 divide(u64 n, u64 d, u64 *rest) { u64 q = 0, r = 0; for (int i = 63; i >= 0; i--) { r = r + r + ((n >> 32 & (i >= 32 ? 0xffffffffu : 0)) || (i < 32) ? (i >= 32 ? (u32)(n >> 32) >> (i - 32) & 1 : (u32)n >> i & 1) : 0); q += q; if (r >= d) { r -= d; q++; } } *rest = r; return q; }
static void put(int at, u64 v) { outcome[at] = (u32)(v >> 32); outcome[at + 1] = (u32)v; }
int start(void) {
  u64 x = 0x0123456789abcdefull, y = 0xfedcba9876543210ull, sum = 0, product = 1, rest;
  for (int i = 1; i <= 60; i++) { sum += x * (u64)i - (y >> 7); product = product * (x | 1) + y; if ((s64)product < 0) sum ^= product << 9; }
  put(0, sum); put(2, product); put(4, x * y); put(6, x - y);
  put(8, divide(y, 1000000007ull, &rest)); put(10, rest);
  put(12, (u64)((s64)y >> 13)); put(14, (u64)((s64)(int)0x80000000 * 3));
  u64 q = divide(y, 1000000007ull, &rest);
  outcome[16] = (u32)(x < y) | (u32)((s64)x < (s64)y) << 1;
  return q * 1000000007ull + rest == y ? 42 : 1;
}
