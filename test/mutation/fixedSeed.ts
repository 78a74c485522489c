import fc from 'fast-check';

fc.configureGlobal({ seed: 20, numRuns: 100 });
