// A rigid body that turns: products of matrices and vectors that are values.
typedef struct Vec3 {
  double x, y, z;
} Vec3;

typedef struct Mat3 {
  Vec3 a, b, c;
} Mat3;

static Vec3 vec3(double x, double y, double z) {
  return (Vec3){x, y, z};
}

static Vec3 add(Vec3 v, Vec3 w) {
  return vec3(v.x + w.x, v.y + w.y, v.z + w.z);
}

static Vec3 sub(Vec3 v, Vec3 w) {
  return vec3(v.x - w.x, v.y - w.y, v.z - w.z);
}

static Vec3 scaled(Vec3 v, double factor) {
  return vec3(v.x * factor, v.y * factor, v.z * factor);
}

static double dot(Vec3 v, Vec3 w) {
  return v.x * w.x + v.y * w.y + v.z * w.z;
}

static Vec3 cross(Vec3 v, Vec3 w) {
  return vec3(v.y * w.z - v.z * w.y, v.z * w.x - v.x * w.z, v.x * w.y - v.y * w.x);
}

static double length(Vec3 v) {
  return __builtin_sqrt(dot(v, v));
}

static Vec3 unit(Vec3 v) {
  return scaled(v, 1.0 / length(v));
}

static Mat3 identity(void) {
  return (Mat3){{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
}

static Mat3 turn(Vec3 axis, double angle) {
  double sine = angle - angle * angle * angle / 6.0;
  double cosine = 1.0 - angle * angle / 2.0;
  Vec3 u = scaled(axis, 1.0 - cosine);
  return (Mat3){
      add(scaled(axis, u.x), vec3(cosine, 0.0 - sine * axis.z, sine * axis.y)),
      add(scaled(axis, u.y), vec3(sine * axis.z, cosine, 0.0 - sine * axis.x)),
      add(scaled(axis, u.z), vec3(0.0 - sine * axis.y, sine * axis.x, cosine)),
  };
}

static Mat3 transposed(Mat3 m) {
  return (Mat3){{m.a.x, m.b.x, m.c.x}, {m.a.y, m.b.y, m.c.y}, {m.a.z, m.b.z, m.c.z}};
}

static Vec3 apply(Mat3 m, Vec3 v) {
  return vec3(dot(m.a, v), dot(m.b, v), dot(m.c, v));
}

static Mat3 product(Mat3 m, Mat3 n) {
  Mat3 t = transposed(n);
  return (Mat3){apply(t, m.a), apply(t, m.b), apply(t, m.c)};
}

static Mat3 sum(Mat3 m, Mat3 n) {
  return (Mat3){add(m.a, n.a), add(m.b, n.b), add(m.c, n.c)};
}

static Mat3 scaled_matrix(Mat3 m, double factor) {
  return (Mat3){scaled(m.a, factor), scaled(m.b, factor), scaled(m.c, factor)};
}

static double determinant(Mat3 m) {
  return dot(m.a, cross(m.b, m.c));
}

static Mat3 straightened(Mat3 m) {
  Vec3 a = unit(m.a);
  Vec3 b = unit(sub(m.b, scaled(a, dot(a, m.b))));
  return (Mat3){a, b, cross(a, b)};
}

double voyd_main(void) {
  Mat3 attitude = identity();
  Mat3 drift = scaled_matrix(identity(), 0.0);
  Vec3 point = vec3(1, 2, 3);
  double angle = 0.001;
  for (int step = 0; step < 200000; step++) {
    Vec3 axis = unit(add(apply(attitude, vec3(0.2, 0.3, 0.9)), vec3(0.1, 0.0, 0.2)));
    attitude = product(turn(axis, angle), attitude);
    if (step % 16 == 0) {
      attitude = straightened(attitude);
    }
    drift = scaled_matrix(sum(drift, attitude), 0.5);
    point = scaled(apply(attitude, point), 2.0 / (1.0 + length(point)));
    angle = angle > 0.02 ? 0.001 : angle + 0.00001;
  }
  return determinant(drift) + point.x + dot(transposed(attitude).b, point);
}
