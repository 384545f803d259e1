// Insertions into and look-ups in a persistent red-black tree. Memory is never given back: the floor for what
// allocation can cost, not a collector.
typedef struct Node Node;
struct Node {
  int red;
  int key, value;
  const Node *left, *right;
};

static Node store[1 << 20];
static int used;

static const Node *node(int red, const Node *left, int key, int value, const Node *right) {
  Node *n = &store[used++];
  *n = (Node){red, key, value, left, right};
  return n;
}

static int is_red(const Node *n) {
  return n && n->red;
}

static const Node *over(const Node *a, const Node *x, const Node *b, const Node *y, const Node *c,
                        const Node *z, const Node *d) {
  const Node *left = node(0, a, x->key, x->value, b);
  const Node *right = node(0, c, z->key, z->value, d);
  return node(1, left, y->key, y->value, right);
}

static const Node *with_left(const Node *n, const Node *left) {
  if (!n->red && is_red(left)) {
    const Node *y = left;
    if (is_red(y->left)) {
      const Node *x = y->left;
      return over(x->left, x, x->right, y, y->right, n, n->right);
    }
    if (is_red(y->right)) {
      const Node *x = y->right;
      return over(y->left, y, x->left, x, x->right, n, n->right);
    }
  }
  return node(n->red, left, n->key, n->value, n->right);
}

static const Node *with_right(const Node *n, const Node *right) {
  if (!n->red && is_red(right)) {
    const Node *y = right;
    if (is_red(y->right)) {
      const Node *x = y->right;
      return over(n->left, n, y->left, y, x->left, x, x->right);
    }
    if (is_red(y->left)) {
      const Node *x = y->left;
      return over(n->left, n, x->left, x, x->right, y, y->right);
    }
  }
  return node(n->red, n->left, n->key, n->value, right);
}

static const Node *placed(const Node *n, int key, int value) {
  if (!n) {
    return node(1, 0, key, value, 0);
  }
  if (key < n->key) {
    return with_left(n, placed(n->left, key, value));
  }
  if (key > n->key) {
    return with_right(n, placed(n->right, key, value));
  }
  return node(n->red, n->left, key, value, n->right);
}

static const Node *inserted(const Node *tree, int key, int value) {
  const Node *n = placed(tree, key, value);
  return node(0, n->left, n->key, n->value, n->right);
}

static int found(const Node *n, int key) {
  while (n && n->key != key) {
    n = key < n->key ? n->left : n->right;
  }
  return n ? n->value : -1;
}

static int black_height(const Node *n) {
  if (!n) {
    return 0;
  }
  int left = black_height(n->left), right = black_height(n->right);
  if (left < 0 || left != right || (n->red && (is_red(n->left) || is_red(n->right)))) {
    return -1;
  }
  return n->red ? left : left + 1;
}

static int sum, place;

static void each_number(const Node *n) {
  if (n) {
    each_number(n->left);
    place++;
    sum = (sum + n->key * (place % 7) + n->value) % 1000003;
    each_number(n->right);
  }
}

static void each_version(const Node *n) {
  if (n) {
    each_version(n->left);
    sum = (sum * 5 + n->key / 16 * 3 + n->key % 16 + n->value / 16 + n->value % 16 * 7) % 1000003;
    each_version(n->right);
  }
}

static const Node *built(int count) {
  used = 0;
  const Node *tree = 0;
  for (int step = 0; step < count; step++) {
    tree = inserted(tree, step * 20077 % 32768, step);
  }
  return tree;
}

int voyd_main(void) {
  const Node *tree = built(20000);
  sum = place = 0;
  for (int step = 0; step < 20000; step++) {
    sum = (sum * 3 + found(tree, step)) % 1000003;
  }
  each_number(tree);
  int result = sum * 100 + black_height(tree);
  tree = built(4000);
  sum = 0;
  each_version(tree);
  return result + sum + black_height(tree);
}
