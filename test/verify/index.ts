/**
 * What verify.mjs uses. One file, because a TypeScript module that an ES module imports and one that another
 * TypeScript module imports are two instances, with different error classes.
 */
export { CannotRunError } from './assumption';
export { HELP, OPTION_TYPES, readOptions, SECRETS, UsageError } from './options';
export { exitCodeFor, jsonReport, table } from './report';
export { runCheck } from './runCheck';
