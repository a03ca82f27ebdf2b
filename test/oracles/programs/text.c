/* String functions written out, number formatting and parsing, a small pattern matcher. */
typedef unsigned int u32;
u32 outcome[64];
static int length(const char *s) { int n = 0; while (s[n]) n++; return n; }
static int compare(const char *a, const char *b) { while (*a && *a == *b) { a++; b++; } return (unsigned char)*a - (unsigned char)*b; }
static void copy(char *to, const char *from) { while ((*to++ = *from++)) ; }
static void reverse(char *s) { int i = 0, j = length(s) - 1; while (i < j) { char t = s[i]; s[i++] = s[j]; s[j--] = t; } }
static void decimal(char *s, int value) {
  int n = 0; unsigned rest = value < 0 ? 0u - (unsigned)value : (unsigned)value;
  do { s[n++] = (char)('0' + rest % 10); rest /= 10; } while (rest);
  if (value < 0) s[n++] = '-';
  s[n] = 0; reverse(s);
}
static int parse(const char *s) { int sign = 1, v = 0; if (*s == '-') { sign = -1; s++; } while (*s >= '0' && *s <= '9') v = v * 10 + (*s++ - '0'); return sign * v; }
static int matches(const char *pattern, const char *s) {
  if (!*pattern) return !*s;
  if (*pattern == '*') return matches(pattern + 1, s) || (*s && matches(pattern, s + 1));
  return *s && (*pattern == '?' || *pattern == *s) && matches(pattern + 1, s + 1);
}
static char buffer[64], other[64];
int start(void) {
  u32 hash = 5381;
  int good = 1;
  static const int numbers[8] = {0, 7, -1, 2147483647, -2147483647, 100000, -99999, 65536};
  for (int i = 0; i < 8; i++) {
    decimal(buffer, numbers[i]);
    if (parse(buffer) != numbers[i]) good = 0;
    for (char *p = buffer; *p; p++) hash = hash * 33u ^ (u32)(unsigned char)*p;
  }
  copy(buffer, "synaptic plasticity"); copy(other, buffer); reverse(other); reverse(other);
  if (compare(buffer, other) != 0) good = 0;
  outcome[0] = hash; outcome[1] = (u32)length(buffer); outcome[2] = (u32)compare("abc", "abd");
  outcome[3] = (u32)matches("s*pl??ti*y", buffer); outcome[4] = (u32)matches("s*pl??tix*y", buffer); outcome[5] = (u32)good;
  return good && outcome[3] == 1 && outcome[4] == 0 ? 42 : 1;
}
