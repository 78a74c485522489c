'use strict';

const fc = require('fast-check');

/**
 * Property tests try the same inputs in every run, so that a run fails because the code has changed and never
 * by chance, and a mutant is killed either always or never. With `PROPERTY_SEED=random` they try other inputs; fast-check prints the seed of a failure.
 */
const { PROPERTY_SEED = '20' } = process.env;

if (PROPERTY_SEED !== 'random') fc.configureGlobal({ seed: Number(PROPERTY_SEED) });
