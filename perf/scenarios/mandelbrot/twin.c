// Points of a 400 by 400 grid whose orbit stays bounded for 100 steps.
static int stays(double cx, double cy) {
  double x = 0, y = 0;
  for (int step = 0; step < 100; step++) {
    double x2 = x * x, y2 = y * y;
    if (x2 + y2 > 4) {
      return 0;
    }
    y = 2 * x * y + cy;
    x = x2 - y2 + cx;
  }
  return 1;
}

int voyd_main(void) {
  int inside = 0;
  double cy = -1.5;
  for (int row = 0; row < 400; row++) {
    double cx = -2;
    for (int column = 0; column < 400; column++) {
      if (stays(cx, cy)) {
        inside++;
      }
      cx += 0.0075;
    }
    cy += 0.0075;
  }
  return inside;
}
