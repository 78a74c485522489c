import { accountItem } from '../../domain/account';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { additionalFields, email, nickname } from '../shared/fields';
import { getById, resourceById } from '../shared/getById';
import { recipientBody, recipientFields } from '../shared/recipient';

const path = '/api/v2/external_recipients';

/** People and businesses that money is sent to (docs/kopokopo-api.md#external-recipients). */
export const externalRecipient: Resource = {
	name: 'External Recipient',
	value: 'externalRecipient',
	operations: [
		defineOperation({
			value: 'create',
			name: 'Create',
			action: 'Create external recipient',
			description: 'Register a person or a business that you send money to',
			effect: 'create',
			fields: [...recipientFields, additionalFields([email, nickname])],
			request(params) {
				const { email: address, nickname: name } = params.additionalFields;
				const { type, details } = recipientBody({ ...params, email: address });
				return {
					method: 'POST',
					path,
					body: { type, external_recipient: { ...details, nickname: name } },
				};
			},
			summary: ({ recipientType: type }) => ({ recipientType: type }),
		}),
		getById({
			resource: 'External Recipient',
			parameter: 'externalRecipientId',
			action: 'Get external recipient',
			description: 'Look up a recipient and see whether it is approved',
			request: resourceById(path),
			simplify: accountItem,
		}),
	],
};
