// Many short-lived trees beside a long-lived one. A bump allocator that is set back after each tree: the
// floor for what allocation can cost, not a collector.
typedef struct Tree Tree;
struct Tree {
  Tree *left, *right;
};

enum { LOWEST = 4, HIGHEST = 14 };

static Tree store[1 << 18];
static int used;

static Tree *grown(int depth) {
  Tree *tree = &store[used++];
  if (depth == 0) {
    tree->left = tree->right = 0;
  } else {
    tree->left = grown(depth - 1);
    tree->right = grown(depth - 1);
  }
  return tree;
}

static int count(const Tree *tree) {
  return tree->left ? 1 + count(tree->left) + count(tree->right) : 1;
}

int voyd_main(void) {
  used = 0;
  Tree *long_lived = grown(HIGHEST);
  int mark = used;
  int sum = count(grown(HIGHEST + 1));
  for (int depth = LOWEST; depth <= HIGHEST; depth += 2) {
    int trees = 1 << (HIGHEST - depth + LOWEST);
    int check = 0;
    for (int i = 0; i < trees; i++) {
      used = mark;
      check += count(grown(depth));
    }
    sum = (sum * 31 + check) % 1000003;
  }
  return sum + count(long_lived);
}
