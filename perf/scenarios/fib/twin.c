// Naive recursion: the cost of a call.
static int fib(int n) {
  if (n < 2) {
    return n;
  }
  return fib(n - 1) + fib(n - 2);
}

int voyd_main(void) {
  return fib(32);
}
