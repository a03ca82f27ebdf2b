/* CRC-32 bit by bit and by table, Adler-32 and a Fletcher sum over the same bytes. */
typedef unsigned int u32; typedef unsigned char u8; typedef unsigned short u16;
u32 outcome[64];
static u8 message[512];
static u32 table[256];

static u32 crc_bits(const u8 *p, int n) {
  u32 crc = 0xffffffffu;
  for (int i = 0; i < n; i++) {
    crc ^= p[i];
    for (int k = 0; k < 8; k++) crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
  }
  return ~crc;
}

static u32 crc_table(const u8 *p, int n) {
  for (u32 i = 0; i < 256; i++) {
    u32 c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? (c >> 1) ^ 0xedb88320u : c >> 1;
    table[i] = c;
  }
  u32 crc = 0xffffffffu;
  for (int i = 0; i < n; i++) crc = (crc >> 8) ^ table[(crc ^ p[i]) & 0xff];
  return ~crc;
}

int start(void) {
  for (int i = 0; i < 512; i++) message[i] = (u8)(i * 7 + (i >> 3));
  u32 a = 1, b = 0;
  for (int i = 0; i < 512; i++) { a = (a + message[i]) % 65521u; b = (b + a) % 65521u; }
  u16 f1 = 0, f2 = 0;
  for (int i = 0; i < 512; i++) { f1 = (u16)((f1 + message[i]) % 255); f2 = (u16)((f2 + f1) % 255); }
  outcome[0] = crc_bits(message, 512);
  outcome[1] = crc_table(message, 512);
  outcome[2] = (b << 16) | a;
  outcome[3] = ((u32)f2 << 8) | f1;
  static const u8 check[9] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  outcome[4] = crc_bits(check, 9);
  return outcome[4] == 0xcbf43926u && outcome[0] == outcome[1] ? 42 : 1;
}
