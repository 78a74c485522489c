import type { IDataObject } from 'n8n-workflow';
import { parseSwitch } from '../parsers/switch';

/** The switches among the trigger's Options: their labels, and their values if they were not added. */
const SWITCHES = {
	darajaPayload: { label: 'Daraja Payload', byDefault: false },
	ignoreDuplicates: { label: 'Ignore Duplicates', byDefault: true },
	includeHeaders: { label: 'Include Headers', byDefault: false },
	simplify: { label: 'Simplify', byDefault: true },
} as const;

type TriggerSwitch = keyof typeof SWITCHES;

function parse(name: TriggerSwitch, raw: unknown): boolean {
	const { label, byDefault } = SWITCHES[name];
	return parseSwitch(raw ?? byDefault, { label });
}

/** Checks the switches among the trigger's Options. @throws InvalidParameterError that names the option */
export function checkSwitches(options: IDataObject): void {
	for (const name of Object.keys(SWITCHES) as TriggerSwitch[]) parse(name, options[name]);
}

/**
 * Whether a switch is on, for a trigger that is active. Never throws: a value that is neither true nor false
 * stops the activation, and counts as the default afterwards.
 * @param raw the value of the parameter; undefined if the option was not added
 */
export function isSwitchedOn(name: TriggerSwitch, raw: unknown): boolean {
	try {
		return parse(name, raw);
	} catch {
		return SWITCHES[name].byDefault;
	}
}
