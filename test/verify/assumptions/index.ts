import type { Assumption } from '../assumption';
import { creationAssumptions } from './creations';
import { deliveryAssumptions } from './deliveries';
import { errorAssumptions } from './errors';
import { linkAssumptions } from './links';
import { paymentAssumptions } from './payments';
import { pollAssumptions } from './polls';
import { subscriptionAssumptions } from './subscriptions';
import { expiryAssumptions, tokenAssumptions } from './tokens';
import { transportAssumptions } from './transport';
import { valueAssumptions } from './values';

/**
 * Every assumption, in the order in which they are tried. Tokens come first, because the rest of the run uses a
 * token that is issued after them. Subscriptions come before the payment that they report.
 */
export const ASSUMPTIONS: readonly Assumption[] = [
	...tokenAssumptions,
	...transportAssumptions,
	...errorAssumptions,
	...valueAssumptions,
	...pollAssumptions,
	...linkAssumptions,
	...subscriptionAssumptions,
	...paymentAssumptions,
	...creationAssumptions,
	...deliveryAssumptions,
	...expiryAssumptions,
];
