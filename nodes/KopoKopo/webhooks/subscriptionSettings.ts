import type { ReadParameter } from '../operations/parameters';
import { parseTills } from '../parsers/till';
import { isSwitchedOn } from './triggerSwitches';

/** The trigger's parameters that decide what is subscribed. */
export interface SubscriptionSettings {
	events: string[];
	registration: string;
	scope: string;
	/** Empty if the scope is not `till`, and if the tills are invalid, which prevents the activation. */
	tills: string[];
	darajaPayload: boolean;
}

/** The tills of scope `till`; otherwise none. @throws InvalidParameterError */
export const parseScopeTills = (read: ReadParameter): string[] =>
	read('scope', 'company') === 'till'
		? parseTills(read('tillNumber', ''), { label: 'Till Number' })
		: [];

/** The tills of scope `till`, for an active trigger: no tills if they are invalid. Never throws. */
function tillsOrNone(read: ReadParameter): string[] {
	try {
		return parseScopeTills(read);
	} catch {
		return [];
	}
}

/** Reads the settings from the node's parameters. */
export function subscriptionSettings(read: ReadParameter): SubscriptionSettings {
	return {
		events: read('triggerOn', []) as string[],
		registration: String(read('registration', 'automatic')),
		scope: String(read('scope', 'company')),
		tills: tillsOrNone(read),
		darajaPayload: isSwitchedOn('darajaPayload', read('options.darajaPayload', null)),
	};
}
