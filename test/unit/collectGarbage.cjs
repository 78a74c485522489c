'use strict';

const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

// V8 offers its garbage collector only to contexts that are created after this.
setFlagsFromString('--expose-gc');

/** Collects garbage now, so that a test can see what is still referenced. */
module.exports = runInNewContext('gc');
