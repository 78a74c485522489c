/** Builds and packs this package, unless that was done from these very sources. */

import { packPackage } from './install.mjs';

await packPackage();
