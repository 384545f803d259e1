// The largest singular value of a matrix, by ten steps of the power method: floating point over arrays.
enum { COUNT = 300 };

static double u[COUNT], v[COUNT], between[COUNT];

static double entry(int i, int j) {
  return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

static void times(const double *vector, double *result, int count) {
  for (int i = 0; i < count; i++) {
    double sum = 0;
    for (int j = 0; j < count; j++) {
      sum += entry(i, j) * vector[j];
    }
    result[i] = sum;
  }
}

static void transposed_times(const double *vector, double *result, int count) {
  for (int i = 0; i < count; i++) {
    double sum = 0;
    for (int j = 0; j < count; j++) {
      sum += entry(j, i) * vector[j];
    }
    result[i] = sum;
  }
}

double voyd_main(void) {
  for (int i = 0; i < COUNT; i++) {
    u[i] = 1.0;
  }
  for (int i = 0; i < 10; i++) {
    times(u, between, COUNT);
    transposed_times(between, v, COUNT);
    times(v, between, COUNT);
    transposed_times(between, u, COUNT);
  }
  double product = 0, square = 0;
  for (int i = 0; i < COUNT; i++) {
    product += u[i] * v[i];
    square += v[i] * v[i];
  }
  return __builtin_sqrt(product / square);
}
