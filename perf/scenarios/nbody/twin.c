// The Jovian planets, 100,000 steps of a symplectic integrator; the result is the energy of the system.
typedef struct Body {
  double x, y, z, vx, vy, vz, mass;
} Body;

enum { BODIES = 5 };

static const double SOLAR_MASS = 39.47841760435743;
static const double DAYS = 365.24;
static Body bodies[BODIES];

static Body body(double x, double y, double z, double vx, double vy, double vz, double mass) {
  return (Body){x, y, z, vx * DAYS, vy * DAYS, vz * DAYS, mass * SOLAR_MASS};
}

static void pull(Body *a, Body *b, double dt) {
  double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
  double d2 = dx * dx + dy * dy + dz * dz;
  double mag = dt / (d2 * __builtin_sqrt(d2));
  a->vx -= dx * b->mass * mag;
  a->vy -= dy * b->mass * mag;
  a->vz -= dz * b->mass * mag;
  b->vx += dx * a->mass * mag;
  b->vy += dy * a->mass * mag;
  b->vz += dz * a->mass * mag;
}

static void drift(Body *a, double dt) {
  a->x += dt * a->vx;
  a->y += dt * a->vy;
  a->z += dt * a->vz;
}

static double kinetic(const Body *a) {
  return 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
}

static double potential(const Body *a, const Body *b) {
  double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
  return a->mass * b->mass / __builtin_sqrt(dx * dx + dy * dy + dz * dz);
}

double voyd_main(void) {
  bodies[0] = body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0);
  bodies[1] = body(4.84143144246472090, -1.16032004402742839, -0.103622044471123109, 0.00166007664274403694,
                   0.00769901118419740425, -0.0000690460016972063023, 0.000954791938424326609);
  bodies[2] = body(8.34336671824457987, 4.12479856412430479, -0.403523417114321381, -0.00276742510726411059,
                   0.00499852801234917238, 0.0000230417297573763929, 0.000285885980666130812);
  bodies[3] = body(12.8943695621391310, -15.1111514016986312, -0.223307578892655734, 0.00296460137564761618,
                   0.00237847173959480950, -0.0000296589568540237556, 0.0000436624404335156298);
  bodies[4] = body(15.3796971148509165, -25.9193146099879641, 0.179258772950371181, 0.00268067772490389322,
                   0.00162824170038242295, -0.0000951592254519715870, 0.0000515138902046611451);
  double px = 0, py = 0, pz = 0;
  for (int i = 0; i < BODIES; i++) {
    px += bodies[i].vx * bodies[i].mass;
    py += bodies[i].vy * bodies[i].mass;
    pz += bodies[i].vz * bodies[i].mass;
  }
  bodies[0].vx = 0.0 - px / SOLAR_MASS;
  bodies[0].vy = 0.0 - py / SOLAR_MASS;
  bodies[0].vz = 0.0 - pz / SOLAR_MASS;
  for (int step = 0; step < 100000; step++) {
    for (int i = 0; i < BODIES; i++) {
      for (int j = i + 1; j < BODIES; j++) {
        pull(&bodies[i], &bodies[j], 0.01);
      }
    }
    for (int i = 0; i < BODIES; i++) {
      drift(&bodies[i], 0.01);
    }
  }
  double energy = 0;
  for (int i = 0; i < BODIES; i++) {
    energy += kinetic(&bodies[i]);
  }
  for (int i = 0; i < BODIES; i++) {
    for (int j = i + 1; j < BODIES; j++) {
      energy -= potential(&bodies[i], &bodies[j]);
    }
  }
  return energy;
}
