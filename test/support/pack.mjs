/** Builds and packs this package, unless it has already been packed from the same sources. */

import { packPackage } from './install.mjs';

await packPackage();
