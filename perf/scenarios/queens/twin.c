// In how many ways queens stand on a board without attacking each other: the columns taken so far in an
// array.
static int columns[16];
static int count, weights;

static int distance(int a, int b) {
  return a < b ? b - a : a - b;
}

static int is_free(int row, int column) {
  for (int other = row - 1; other >= 0; other--) {
    if (columns[other] == column || distance(columns[other], column) == row - other) {
      return 0;
    }
  }
  return 1;
}

static void solve(int size, int row, int weight) {
  if (row == size) {
    count++;
    weights = (weights * 3 + weight) % 10007;
    return;
  }
  for (int column = 0; column < size; column++) {
    if (is_free(row, column)) {
      columns[row] = column;
      solve(size, row + 1, weight + row * column);
    }
  }
}

int voyd_main(void) {
  int sum = 0;
  for (int size = 4; size < 10; size++) {
    count = weights = 0;
    solve(size, 0, 0);
    sum = (sum * 5 + count * 10007 + weights) % 1000003;
  }
  return sum;
}
