import type { IDataObject } from 'n8n-workflow';
import { parseWholeAmount } from '../../parsers/amount';
import { joinMetadata } from '../../parsers/metadata';
import { amountField } from './fields';

/**
 * The amount of a payout or a settlement.
 * @param maximum the largest amount, in KES
 */
export const amountToSend = (maximum?: number) =>
	amountField('How much to send, in whole Kenyan shillings (KES)', (raw, context) =>
		parseWholeAmount(raw, context, maximum),
	);

/** What every payout and settlement can have, whatever its destinations. */
export interface PayoutParams {
	additionalFields: {
		sourceTillNumber?: string | undefined;
		metadata?: IDataObject | undefined;
		metadataJson?: IDataObject | undefined;
	};
}

/** The fields of the item for a payout or a settlement that Kopo Kopo has accepted. */
export const requestedPayout = (params: Partial<PayoutParams>, more: IDataObject = {}) => ({
	currency: 'KES',
	tillNumber: params.additionalFields?.sourceTillNumber,
	...more,
	message: 'Kopo Kopo accepted the request. Nothing has been paid yet',
	metadata: joinMetadata(params.additionalFields ?? {}) ?? {},
});
