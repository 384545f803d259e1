// What generated programs are made of: the features that every program has, and those of which each has some.

import { arrays } from './arrays.mjs';
import { closures } from './closures.mjs';
import { collections } from './collections.mjs';
import { effects } from './effects.mjs';
import { functions } from './functions.mjs';
import { generics } from './generics.mjs';
import { lets } from './lets.mjs';
import { matches } from './matches.mjs';
import { numbers } from './numbers.mjs';
import { objects } from './objects.mjs';
import { parameters } from './parameters.mjs';
import { records } from './records.mjs';
import { traits } from './traits.mjs';
import { traps } from './traps.mjs';
import { words } from './words.mjs';

export const ALWAYS = [numbers, functions, objects];
export const CHOSEN = [
  words, generics, traits, closures, matches, records, parameters, collections, arrays, effects, lets, traps,
];
