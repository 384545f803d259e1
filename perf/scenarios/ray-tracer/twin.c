// A path tracer: shapes and materials as structures with functions, a hit as a structure on the stack. The
// result is a hash of the picture.
#include <stdbool.h>

typedef struct Vec3 {
  double x, y, z;
} Vec3;

typedef struct Ray {
  Vec3 origin, direction;
} Ray;

typedef struct Material Material;

typedef struct Hit {
  double distance;
  Vec3 point, normal;
  bool outside;
  const Material *material;
} Hit;

typedef struct Scattered {
  Ray ray;
  Vec3 filter;
} Scattered;

struct Material {
  bool (*scatter)(const Material *self, Ray ray, const Hit *hit, Scattered *result);
  Vec3 (*emitted)(const Material *self, Vec3 point);
  const struct Texture *texture;
  Vec3 colour;
  double roughness, index;
};

typedef struct Texture Texture;
struct Texture {
  Vec3 (*colour_at)(const Texture *self, Vec3 point);
  const Texture *even, *odd;
  Vec3 colour;
  double size;
};

typedef struct Box3 {
  Vec3 low, high;
} Box3;

typedef struct Shape Shape;
struct Shape {
  bool (*met)(const Shape *self, Ray ray, double near, double far, Hit *result);
  Box3 bounds;
  const Material *material;
  Vec3 centre, side, other_side, normal; // the centre is also a triangle's corner
  double radius;                         // or height of a floor
  Shape *members[16];
  int count;
};

// Vectors.

static Vec3 vec3(double x, double y, double z) {
  return (Vec3){x, y, z};
}

static Vec3 add(Vec3 v, Vec3 w) {
  return vec3(v.x + w.x, v.y + w.y, v.z + w.z);
}

static Vec3 sub(Vec3 v, Vec3 w) {
  return vec3(v.x - w.x, v.y - w.y, v.z - w.z);
}

static Vec3 negative(Vec3 v) {
  return vec3(0.0 - v.x, 0.0 - v.y, 0.0 - v.z);
}

static Vec3 scaled(Vec3 v, double factor) {
  return vec3(v.x * factor, v.y * factor, v.z * factor);
}

static Vec3 filtered(Vec3 v, Vec3 w) {
  return vec3(v.x * w.x, v.y * w.y, v.z * w.z);
}

static Vec3 divided(Vec3 v, double divisor) {
  return scaled(v, 1.0 / divisor);
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
  return divided(v, length(v));
}

static Vec3 reflected(Vec3 v, Vec3 normal) {
  return sub(v, scaled(normal, 2.0 * dot(v, normal)));
}

static Vec3 blend(Vec3 from, Vec3 to, double share) {
  return add(scaled(from, 1.0 - share), scaled(to, share));
}

// Random numbers.

static int state;

static double number(void) {
  state = (state * 1103 + 12345) % 1048576;
  return (double)state / 1048576.0;
}

static double between(double low, double high) {
  return low + (high - low) * number();
}

static Vec3 in_ball(void) {
  Vec3 point = vec3(1, 1, 1);
  while (dot(point, point) >= 1.0) {
    double x = between(-1, 1);
    double y = between(-1, 1);
    double z = between(-1, 1);
    point = vec3(x, y, z);
  }
  return point;
}

// Rays and hits.

static Vec3 ray_at(Ray ray, double distance) {
  return add(ray.origin, scaled(ray.direction, distance));
}

static bool hit(Ray ray, double distance, Vec3 outward, const Material *material, Hit *result) {
  bool outside = dot(ray.direction, outward) < 0.0;
  *result = (Hit){distance, ray_at(ray, distance), outside ? outward : negative(outward), outside, material};
  return true;
}

// Materials.

static Vec3 plain_colour(const Texture *self, Vec3 point) {
  (void)point;
  return self->colour;
}

static bool is_even(double cell) {
  return cell - __builtin_floor(cell / 2.0) * 2.0 < 0.5;
}

static Vec3 chequered_colour(const Texture *self, Vec3 point) {
  double cell = __builtin_floor(point.x / self->size) + __builtin_floor(point.y / self->size) +
                __builtin_floor(point.z / self->size);
  const Texture *texture = is_even(cell) ? self->even : self->odd;
  return texture->colour_at(texture, point);
}

static bool scatter_matte(const Material *self, Ray ray, const Hit *hit, Scattered *result) {
  (void)ray;
  Vec3 direction = add(hit->normal, unit(in_ball()));
  Vec3 safe = dot(direction, direction) < 0.00000001 ? hit->normal : direction;
  *result = (Scattered){{hit->point, unit(safe)}, self->texture->colour_at(self->texture, hit->point)};
  return true;
}

static bool scatter_metal(const Material *self, Ray ray, const Hit *hit, Scattered *result) {
  Vec3 direction = add(reflected(ray.direction, hit->normal), scaled(in_ball(), self->roughness));
  if (!(dot(direction, hit->normal) > 0.0)) {
    return false;
  }
  *result = (Scattered){{hit->point, unit(direction)}, self->colour};
  return true;
}

static double mirrored_share(double cosine, double ratio) {
  double base = (1.0 - ratio) / (1.0 + ratio);
  double head_on = base * base;
  double x = 1.0 - cosine;
  return head_on + (1.0 - head_on) * x * x * x * x * x;
}

static Vec3 refracted(Vec3 direction, Vec3 normal, double cosine, double ratio) {
  Vec3 across = scaled(add(direction, scaled(normal, cosine)), ratio);
  double along = __builtin_sqrt(1.0 - dot(across, across));
  return sub(across, scaled(normal, along));
}

static bool scatter_glass(const Material *self, Ray ray, const Hit *hit, Scattered *result) {
  double ratio = hit->outside ? 1.0 / self->index : self->index;
  double facing = 0.0 - dot(ray.direction, hit->normal);
  double cosine = facing > 1.0 ? 1.0 : facing;
  double sine = __builtin_sqrt(1.0 - cosine * cosine);
  bool mirrors = ratio * sine > 1.0 || mirrored_share(cosine, ratio) > number();
  Vec3 direction =
      mirrors ? reflected(ray.direction, hit->normal) : refracted(ray.direction, hit->normal, cosine, ratio);
  *result = (Scattered){{hit->point, unit(direction)}, vec3(1, 1, 1)};
  return true;
}

static bool scatter_lamp(const Material *self, Ray ray, const Hit *hit, Scattered *result) {
  (void)self, (void)ray, (void)hit, (void)result;
  return false;
}

static Vec3 no_light(const Material *self, Vec3 point) {
  (void)self, (void)point;
  return vec3(0, 0, 0);
}

static Vec3 lamp_light(const Material *self, Vec3 point) {
  (void)point;
  return self->colour;
}

// Storage that is set back at each call.

static Material materials[64];
static Texture textures[64];
static Shape shapes[128];
static int material_count, texture_count, shape_count;

static const Texture *plain(double red, double green, double blue) {
  Texture *texture = &textures[texture_count++];
  *texture = (Texture){.colour_at = plain_colour, .colour = vec3(red, green, blue)};
  return texture;
}

static const Texture *chequered(const Texture *even, const Texture *odd, double size) {
  Texture *texture = &textures[texture_count++];
  *texture = (Texture){.colour_at = chequered_colour, .even = even, .odd = odd, .size = size};
  return texture;
}

static const Material *material(Material value) {
  materials[material_count] = value;
  return &materials[material_count++];
}

static const Material *matte(const Texture *texture) {
  return material((Material){.scatter = scatter_matte, .emitted = no_light, .texture = texture});
}

static const Material *metal(Vec3 colour, double roughness) {
  return material(
      (Material){.scatter = scatter_metal, .emitted = no_light, .colour = colour, .roughness = roughness});
}

static const Material *glass(double index) {
  return material((Material){.scatter = scatter_glass, .emitted = no_light, .index = index});
}

static const Material *lamp(Vec3 colour) {
  return material((Material){.scatter = scatter_lamp, .emitted = lamp_light, .colour = colour});
}

// Shapes.

static double smaller(double a, double b) {
  return a < b ? a : b;
}

static double larger(double a, double b) {
  return a > b ? a : b;
}

static Box3 united(Box3 a, Box3 b) {
  return (Box3){
      {smaller(a.low.x, b.low.x), smaller(a.low.y, b.low.y), smaller(a.low.z, b.low.z)},
      {larger(a.high.x, b.high.x), larger(a.high.y, b.high.y), larger(a.high.z, b.high.z)},
  };
}

static bool box_met(Box3 box, Ray ray, double near, double far) {
  double ax = (box.low.x - ray.origin.x) / ray.direction.x;
  double bx = (box.high.x - ray.origin.x) / ray.direction.x;
  double ay = (box.low.y - ray.origin.y) / ray.direction.y;
  double by = (box.high.y - ray.origin.y) / ray.direction.y;
  double az = (box.low.z - ray.origin.z) / ray.direction.z;
  double bz = (box.high.z - ray.origin.z) / ray.direction.z;
  double enter = larger(larger(larger(near, smaller(ax, bx)), smaller(ay, by)), smaller(az, bz));
  double leave = smaller(smaller(smaller(far, larger(ax, bx)), larger(ay, by)), larger(az, bz));
  return enter <= leave;
}

static bool sphere_met(const Shape *self, Ray ray, double near, double far, Hit *result) {
  Vec3 to_ray = sub(ray.origin, self->centre);
  double half = dot(to_ray, ray.direction);
  double rest = dot(to_ray, to_ray) - self->radius * self->radius;
  double inside = half * half - rest;
  if (inside < 0.0) {
    return false;
  }
  double root = __builtin_sqrt(inside);
  double first = 0.0 - half - root;
  double distance = first > near ? first : 0.0 - half + root;
  if (distance <= near || distance >= far) {
    return false;
  }
  return hit(ray, distance, divided(sub(ray_at(ray, distance), self->centre), self->radius), self->material,
             result);
}

static bool floor_met(const Shape *self, Ray ray, double near, double far, Hit *result) {
  double distance = (self->radius - ray.origin.y) / ray.direction.y;
  return distance > near && distance < far && hit(ray, distance, vec3(0, 1, 0), self->material, result);
}

static bool triangle_met(const Shape *self, Ray ray, double near, double far, Hit *result) {
  Vec3 p = cross(ray.direction, self->other_side);
  double determinant = dot(self->side, p);
  if (determinant > -0.000001 && determinant < 0.000001) {
    return false;
  }
  double inverse = 1.0 / determinant;
  Vec3 from_corner = sub(ray.origin, self->centre);
  double u = dot(from_corner, p) * inverse;
  if (u < 0.0 || u > 1.0) {
    return false;
  }
  Vec3 q = cross(from_corner, self->side);
  double v = dot(ray.direction, q) * inverse;
  if (v < 0.0 || u + v > 1.0) {
    return false;
  }
  double distance = dot(self->other_side, q) * inverse;
  return distance > near && distance < far && hit(ray, distance, self->normal, self->material, result);
}

static bool group_met(const Shape *self, Ray ray, double near, double far, Hit *result) {
  if (!box_met(self->bounds, ray, near, far)) {
    return false;
  }
  bool any = false;
  for (int i = 0; i < self->count; i++) {
    if (self->members[i]->met(self->members[i], ray, near, far, result)) {
      far = result->distance;
      any = true;
    }
  }
  return any;
}

static Shape *shape(Shape value) {
  shapes[shape_count] = value;
  return &shapes[shape_count++];
}

static Shape *sphere(Vec3 centre, double radius, const Material *material) {
  Vec3 around = vec3(radius, radius, radius);
  return shape((Shape){.met = sphere_met,
                       .bounds = {sub(centre, around), add(centre, around)},
                       .material = material,
                       .centre = centre,
                       .radius = radius});
}

static Shape *floor_at(double height, const Material *material) {
  return shape((Shape){.met = floor_met,
                       .bounds = {vec3(-1000, height, -1000), vec3(1000, height, 1000)},
                       .material = material,
                       .radius = height});
}

static Shape *triangle(Vec3 a, Vec3 b, Vec3 c, const Material *material) {
  Vec3 side = sub(b, a), other_side = sub(c, a);
  Vec3 second = add(a, side), third = add(a, other_side);
  return shape((Shape){.met = triangle_met,
                       .bounds = united(united((Box3){a, a}, (Box3){second, second}), (Box3){third, third}),
                       .material = material,
                       .centre = a,
                       .side = side,
                       .other_side = other_side,
                       .normal = unit(cross(side, other_side))});
}

static Shape *group(Shape **members, int count) {
  Shape *result = shape((Shape){.met = group_met, .bounds = members[0]->bounds, .count = count});
  for (int i = 0; i < count; i++) {
    result->members[i] = members[i];
    result->bounds = united(result->bounds, members[i]->bounds);
  }
  return result;
}

// The scene.

static const Material *some_material(void) {
  double choice = number();
  double red = number();
  double green = number();
  double blue = number();
  if (choice < 0.6) {
    return matte(plain(red, green, blue));
  }
  if (choice < 0.85) {
    return metal(blend(vec3(1, 1, 1), vec3(red, green, blue), 0.5), 0.3 * red);
  }
  return glass(1.5);
}

static Shape *balls(int row) {
  Shape *members[7];
  for (int column = -3; column < 4; column++) {
    double x = (double)column + between(-0.3, 0.3);
    double z = (double)row + between(-0.3, 0.3);
    members[column + 3] = sphere(vec3(x, 0.2, z), 0.2, some_material());
  }
  return group(members, 7);
}

static Shape *pyramid(Vec3 centre, double size, const Material *material) {
  Vec3 a = add(centre, vec3(0.0 - size, 0.0, 0.0 - size));
  Vec3 b = add(centre, vec3(size, 0.0, 0.0 - size));
  Vec3 c = add(centre, vec3(size, 0.0, size));
  Vec3 d = add(centre, vec3(0.0 - size, 0.0, size));
  Vec3 top = add(centre, vec3(0.0, 1.5 * size, 0.0));
  Shape *members[] = {triangle(a, b, top, material), triangle(b, c, top, material),
                      triangle(c, d, top, material), triangle(d, a, top, material)};
  return group(members, 4);
}

typedef struct Camera {
  Vec3 place, corner, right, up, across, upward;
  double aperture;
} Camera;

static Camera camera(Vec3 place, Vec3 target, double height, double ratio, double aperture) {
  Vec3 way = sub(target, place);
  double focus = length(way);
  Vec3 forward = unit(way);
  Vec3 across = unit(cross(forward, vec3(0, 1, 0)));
  Vec3 upward = cross(across, forward);
  Vec3 right = scaled(across, height * ratio * focus);
  Vec3 up = scaled(upward, height * focus);
  Vec3 corner = sub(sub(add(place, way), scaled(right, 0.5)), scaled(up, 0.5));
  return (Camera){place, corner, right, up, across, upward, aperture};
}

static Ray camera_ray(const Camera *self, double x, double y) {
  Vec3 lens = scaled(in_ball(), self->aperture);
  Vec3 origin = add(add(self->place, scaled(self->across, lens.x)), scaled(self->upward, lens.y));
  Vec3 through = add(add(self->corner, scaled(self->right, x)), scaled(self->up, y));
  return (Ray){origin, unit(sub(through, origin))};
}

static Shape *scene(void) {
  material_count = texture_count = shape_count = 0;
  const Texture *ground = chequered(plain(0.2, 0.3, 0.1), plain(0.9, 0.9, 0.9), 0.8);
  Shape *content[10] = {
      floor_at(0, matte(ground)),
      sphere(vec3(0, 1, 0), 1, glass(1.5)),
      sphere(vec3(-2.2, 1, -1), 1, matte(plain(0.4, 0.2, 0.1))),
      sphere(vec3(2.2, 1, 0.5), 1, metal(vec3(0.7, 0.6, 0.5), 0)),
      sphere(vec3(0, 6, 1), 1.2, lamp(vec3(4, 4, 3.5))),
      pyramid(vec3(0.5, 0, 2.4), 0.7, metal(vec3(0.9, 0.8, 0.4), 0.1)),
  };
  for (int row = 1; row < 5; row++) {
    content[row + 5] = balls(row);
  }
  return group(content, 10);
}

// The picture.

enum { WIDTH = 48, HEIGHT = 32, SAMPLES = 4, BOUNCES = 8 };

static Vec3 light(const Shape *world, Ray ray, int depth) {
  if (depth == 0) {
    return vec3(0, 0, 0);
  }
  Hit found;
  if (!world->met(world, ray, 0.001, 1000000.0, &found)) {
    return scaled(blend(vec3(1, 1, 1), vec3(0.5, 0.7, 1), 0.5 * (ray.direction.y + 1.0)), 0.6);
  }
  Vec3 own = found.material->emitted(found.material, found.point);
  Scattered next;
  if (!found.material->scatter(found.material, ray, &found, &next)) {
    return own;
  }
  return add(own, filtered(next.filter, light(world, next.ray, depth - 1)));
}

static int steps(double brightness) {
  int step = 0;
  double root = __builtin_sqrt(brightness);
  while ((double)(step + 1) <= root * 256.0 && step < 255) {
    step++;
  }
  return step;
}

int voyd_main(void) {
  state = 7;
  Shape *world = scene();
  Camera eye = camera(vec3(1, 1.8, 7.5), vec3(0, 0.8, 0), 0.55, (double)WIDTH / (double)HEIGHT, 0.02);
  int hash = 0;
  for (int row = 0; row < HEIGHT; row++) {
    for (int column = 0; column < WIDTH; column++) {
      Vec3 sum = vec3(0, 0, 0);
      for (int i = 0; i < SAMPLES; i++) {
        double x = ((double)column + number()) / (double)WIDTH;
        double y = ((double)row + number()) / (double)HEIGHT;
        sum = add(sum, light(world, camera_ray(&eye, x, y), BOUNCES));
      }
      Vec3 colour = divided(sum, (double)SAMPLES);
      hash = (hash * 31 + steps(colour.x)) % 1000003;
      hash = (hash * 31 + steps(colour.y)) % 1000003;
      hash = (hash * 31 + steps(colour.z)) % 1000003;
    }
  }
  return hash;
}
