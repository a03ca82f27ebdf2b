/* Bit tricks: counts, reversals, Gray code, xorshift, rotations, byte order, sign extensions of odd widths. */
typedef unsigned int u32; typedef int s32; typedef unsigned char u8; typedef unsigned short u16; typedef signed char s8; typedef short s16;
u32 outcome[64];
static u32 rotate(u32 v, u32 n) { n &= 31; return n ? (v << n) | (v >> (32 - n)) : v; }
static u32 reverse(u32 v) { v = (v >> 1 & 0x55555555u) | (v & 0x55555555u) << 1; v = (v >> 2 & 0x33333333u) | (v & 0x33333333u) << 2; v = (v >> 4 & 0x0f0f0f0fu) | (v & 0x0f0f0f0fu) << 4; v = (v >> 8 & 0x00ff00ffu) | (v & 0x00ff00ffu) << 8; return v >> 16 | v << 16; }
static u32 ones(u32 v) { u32 n = 0; while (v) { v &= v - 1; n++; } return n; }
static u32 leading(u32 v) { u32 n = 0; if (!v) return 32; while (!(v & 0x80000000u)) { v <<= 1; n++; } return n; }
int start(void) {
  u32 x = 0x12345678u, a = 0, b = 0, c = 0, d = 0;
  for (int i = 0; i < 400; i++) {
    x ^= x << 13; x ^= x >> 17; x ^= x << 5;
    a += ones(x); b += leading(x >> (x & 15)); c ^= reverse(x) + rotate(x, x >> 27); d += (u32)((s8)x + (s16)(x >> 3) + (s32)(x << 11) / 64);
    if (reverse(reverse(x)) != x) return 1;
    u32 gray = x ^ x >> 1, back = gray;
    for (u32 s = 1; s < 32; s <<= 1) back ^= back >> s;
    if (back != x) return 2;
  }
  outcome[0] = a; outcome[1] = b; outcome[2] = c; outcome[3] = d; outcome[4] = x;
  union { u32 w; u16 h[2]; u8 b[4]; } u; u.w = 0x01020304u;
  outcome[5] = (u32)u.b[0] << 8 | u.h[1];
  return u.b[0] == 1 ? 42 : 3;
}
