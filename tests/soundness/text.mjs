// Program text as a tree of strings and marks. A mark says what its text is, so that a mutation can find places
// and put other text there; where everything stands is known once the tree is rendered.

/** A piece of text of a kind that mutations look for; `info` is what they need to know. */
export function mark(kind, info, ...parts) {
  return { kind, info, parts };
}

/** Parts with text between them. */
export function joined(parts, between) {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [between, part]));
}

/**
 * The text of a tree and its marks with their places: `{text, sites: [{mark, start, end, around}]}`, `around` the
 * site of the mark that holds this one. `replaced` is a mark whose text is `replacement` instead.
 */
export function render(tree, replaced = null, replacement = '') {
  let text = '';
  const sites = [];
  const walk = (part, around) => {
    if (typeof part === 'string') {
      text += part;
    } else if (Array.isArray(part)) {
      for (const inner of part) walk(inner, around);
    } else {
      const site = { mark: part, start: text.length, end: 0, around };
      sites.push(site);
      if (part === replaced) text += replacement;
      else walk(part.parts, site);
      site.end = text.length;
    }
  };
  walk(tree, null);
  return { text, sites };
}
