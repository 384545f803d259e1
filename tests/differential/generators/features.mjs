// What generated programs are made of: the features that every program has, and those of which each has some.

import { functions } from './functions.mjs';
import { numbers } from './numbers.mjs';
import { objects } from './objects.mjs';
import { traits } from './traits.mjs';

export const ALWAYS = [numbers, functions, objects];
export const CHOSEN = [traits];
