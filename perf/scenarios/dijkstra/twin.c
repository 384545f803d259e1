// Shortest ways from one node to all others of a graph of 100,000 edges: a binary heap, arrays of integers.
enum { NODES = 20000, DEGREE = 5, EDGES = NODES * DEGREE };

typedef struct Visit {
  int node, distance;
} Visit;

static int starts[NODES + 1], targets[EDGES], lengths[EDGES], best[NODES];
static Visit heap[EDGES];
static int count, state;

static int below(int limit) {
  state = (state * 1103 + 12345) % 1048576;
  return state / 4 % limit;
}

static void push(Visit item) {
  int place = count++;
  while (place > 0) {
    int parent = (place - 1) / 2;
    if (!(item.distance < heap[parent].distance)) {
      break;
    }
    heap[place] = heap[parent];
    place = parent;
  }
  heap[place] = item;
}

static Visit pop(void) {
  Visit first = heap[0], item = heap[--count];
  int place = 0, child = 1;
  while (child < count) {
    if (child + 1 < count && heap[child + 1].distance < heap[child].distance) {
      child++;
    }
    if (!(heap[child].distance < item.distance)) {
      break;
    }
    heap[place] = heap[child];
    place = child;
    child = 2 * place + 1;
  }
  heap[place] = item;
  return first;
}

int voyd_main(void) {
  int edges = 0;
  state = 42;
  for (int node = 0; node < NODES; node++) {
    starts[node] = edges;
    targets[edges] = (node + 1) % NODES;
    lengths[edges++] = 900;
    for (int i = 1; i < DEGREE; i++) {
      targets[edges] = below(NODES);
      lengths[edges++] = 1 + below(1000);
    }
    best[node] = 2147483647;
  }
  starts[NODES] = edges;
  best[0] = 0;
  push((Visit){0, 0});
  while (count > 0) {
    Visit visit = pop();
    if (visit.distance == best[visit.node]) {
      for (int edge = starts[visit.node]; edge < starts[visit.node + 1]; edge++) {
        int distance = visit.distance + lengths[edge];
        if (distance < best[targets[edge]]) {
          best[targets[edge]] = distance;
          push((Visit){targets[edge], distance});
        }
      }
    }
  }
  int sum = 0;
  for (int node = 0; node < NODES; node++) {
    sum = (sum * 3 + best[node]) % 1000003;
  }
  return sum;
}
