/* Q16.16 arithmetic: square root, exponential by series, a low-pass filter with saturation, all in 32-bit integers. */
typedef int s32; typedef unsigned int u32; typedef long long s64;
u32 outcome[64];
static s32 mul(s32 a, s32 b) { return (s32)(((s64)a * b) >> 16); }
static u32 root(u32 v) { u32 r = 0, bit = 1u << 30; while (bit > v) bit >>= 2; while (bit) { if (v >= r + bit) { v -= r + bit; r = (r >> 1) + bit; } else r >>= 1; bit >>= 2; } return r; }
static s32 exponential(s32 x) { s32 term = 65536, sum = 65536; for (int n = 1; n < 12; n++) { term = mul(term, x) / n; sum += term; } return sum; }
static s32 saturate(s32 v, s32 low, s32 high) { return v < low ? low : v > high ? high : v; }
int start(void) {
  s32 y = 0; u32 mix = 0;
  for (int i = 0; i < 300; i++) {
    s32 x = (i * 7919 % 2000 - 1000) << 8;
    y += (x - y) >> 3;
    y = saturate(y, -100000, 100000);
    mix = (mix << 5 | mix >> 27) ^ (u32)y;
  }
  outcome[0] = mix; outcome[1] = (u32)y; outcome[2] = root(2000000000u); outcome[3] = root(65536u * 2);
  for (int i = 0; i < 8; i++) outcome[4 + i] = (u32)exponential((i - 4) * 16384);
  return root(1 << 30) == 32768 ? 42 : 1;
}
