// Particles in a box around a centre that pulls: an array of structures.
typedef struct Point {
  double x, y;
} Point;

typedef struct Particle {
  Point at, speed;
  int bounces;
} Particle;

enum { COUNT = 1000 };

static Particle all[COUNT];

static Point add(Point a, Point b) {
  return (Point){a.x + b.x, a.y + b.y};
}

static Point scaled(Point p, double factor) {
  return (Point){p.x * factor, p.y * factor};
}

static int outside(double x) {
  return x < 0.0 || x > 1.0;
}

static Particle moved(Particle self, double time) {
  Particle next = self;
  next.at = add(self.at, scaled(self.speed, time));
  if (outside(next.at.x)) {
    next.speed.x = 0.0 - next.speed.x;
    next.bounces++;
  }
  if (outside(next.at.y)) {
    next.speed.y = 0.0 - next.speed.y;
    next.bounces++;
  }
  return next;
}

static Particle pulled(Particle self, Point toward, double time) {
  double dx = toward.x - self.at.x;
  double dy = toward.y - self.at.y;
  double pull = time / (0.1 + dx * dx + dy * dy);
  return (Particle){self.at, add(self.speed, scaled((Point){dx, dy}, pull)), self.bounces};
}

double voyd_main(void) {
  for (int i = 0; i < COUNT; i++) {
    double phase = (double)i / (double)COUNT;
    all[i] = (Particle){{phase, phase * phase}, {0.5 - phase, 0.3 * phase}, 0};
  }
  for (int step = 0; step < 500; step++) {
    for (int i = 0; i < COUNT; i++) {
      all[i] = moved(pulled(all[i], (Point){0.5, 0.4}, 0.002), 0.002);
    }
  }
  double energy = 0;
  int bounces = 0;
  Point middle = {0, 0};
  for (int i = 0; i < COUNT; i++) {
    energy = energy + all[i].speed.x * all[i].speed.x + all[i].speed.y * all[i].speed.y;
    bounces += all[i].bounces;
    middle = add(middle, all[i].at);
  }
  middle = scaled(middle, 1.0 / (double)COUNT);
  return energy + (double)bounces * 1000.0 + middle.x + middle.y;
}
