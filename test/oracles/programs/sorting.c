/* Three sorting algorithms on the same pseudo-random words must agree; the checksum depends on every position. */
typedef unsigned int u32;
u32 outcome[64];
static u32 seed = 12345;
static u32 next_word(void) { seed = seed * 1664525u + 1013904223u; return seed >> 8; }
#define N 200
static u32 a[N], b[N], c[N];

static void insertion(u32 *v, int n) {
  for (int i = 1; i < n; i++) {
    u32 x = v[i];
    int j = i - 1;
    while (j >= 0 && v[j] > x) { v[j + 1] = v[j]; j--; }
    v[j + 1] = x;
  }
}

static void sift(u32 *v, int root, int n) {
  for (;;) {
    int child = 2 * root + 1;
    if (child >= n) return;
    if (child + 1 < n && v[child + 1] > v[child]) child++;
    if (v[root] >= v[child]) return;
    u32 t = v[root]; v[root] = v[child]; v[child] = t;
    root = child;
  }
}

static void heap(u32 *v, int n) {
  for (int i = n / 2 - 1; i >= 0; i--) sift(v, i, n);
  for (int end = n - 1; end > 0; end--) {
    u32 t = v[0]; v[0] = v[end]; v[end] = t;
    sift(v, 0, end);
  }
}

static void quick(u32 *v, int low, int high) {
  while (low < high) {
    u32 pivot = v[(low + high) >> 1];
    int i = low, j = high;
    while (i <= j) {
      while (v[i] < pivot) i++;
      while (v[j] > pivot) j--;
      if (i <= j) { u32 t = v[i]; v[i] = v[j]; v[j] = t; i++; j--; }
    }
    if (j - low < high - i) { quick(v, low, j); low = i; } else { quick(v, i, high); high = j; }
  }
}

int start(void) {
  for (int i = 0; i < N; i++) a[i] = b[i] = c[i] = next_word();
  insertion(a, N);
  heap(b, N);
  quick(c, 0, N - 1);
  u32 sum = 0;
  int equal = 1;
  for (int i = 0; i < N; i++) {
    if (a[i] != b[i] || b[i] != c[i]) equal = 0;
    sum = sum * 31u + a[i];
  }
  outcome[0] = sum; outcome[1] = (u32)equal; outcome[2] = a[0]; outcome[3] = a[N - 1];
  return equal ? 42 : 1;
}
