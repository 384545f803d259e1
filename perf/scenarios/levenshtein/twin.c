// Edit distances between words, and between two long texts: bytes of strings, a row of integers.
enum { WORDS = 16, LONGEST = 800 };

typedef struct Text {
  const char *bytes;
  int length;
} Text;

#define TEXT(literal)                                                                                        \
  { literal, sizeof(literal) - 1 }

static const Text words[WORDS] = {
    TEXT("kitten"),
    TEXT("sitting"),
    TEXT("saturday"),
    TEXT("sunday"),
    TEXT("rosettacode"),
    TEXT("raisethysword"),
    TEXT("intention"),
    TEXT("execution"),
    TEXT("flaw"),
    TEXT("lawn"),
    TEXT(""),
    TEXT("a"),
    TEXT("distance"),
    TEXT("instance"),
    TEXT("\xc3\xa9migr\xc3\xa9"),
    TEXT("emigrant"),
};

static char store[2][LONGEST];
static int row[LONGEST + 1];

static int least(int a, int b) {
  return a < b ? a : b;
}

static int distance(Text a, Text b) {
  for (int j = 0; j <= b.length; j++) {
    row[j] = j;
  }
  for (int i = 0; i < a.length; i++) {
    int diagonal = row[0];
    row[0] = i + 1;
    for (int j = 0; j < b.length; j++) {
      int above = row[j + 1];
      int change = a.bytes[i] == b.bytes[j] ? diagonal : diagonal + 1;
      row[j + 1] = least(change, least(above, row[j]) + 1);
      diagonal = above;
    }
  }
  return row[b.length];
}

static Text text(char *bytes, int seed, int count) {
  int state = seed;
  for (int i = 0; i < count; i++) {
    state = (state * 1103 + 12345) % 65536;
    bytes[i] = (char)('a' + state / 64 % 26);
  }
  return (Text){bytes, count};
}

int voyd_main(void) {
  int sum = 0;
  for (int i = 0; i < WORDS; i++) {
    for (int j = 0; j < WORDS; j++) {
      sum = (sum * 7 + distance(words[i], words[j])) % 1000003;
    }
  }
  return sum * 1000 + distance(text(store[0], 1, 700), text(store[1], 77, 800));
}
