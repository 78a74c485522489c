import { accountItem } from '../../domain/account';
import { recipientBody, recipientFields } from '../shared/recipient';
import { additionalFields, email } from '../shared/fields';
import { getById, resourceById } from '../shared/getById';
import { defineOperation, type Resource } from '../../operations/defineOperation';
import { markLegacy } from './legacy';

const path = '/api/v1/pay_recipients';

/** External recipients under their v1 name (docs/kopokopo-api.md#external-recipients). */
export const payRecipientV1: Resource = {
	name: 'Pay Recipient (Legacy)',
	value: 'payRecipientV1',
	apiVersion: 'v1',
	operations: [
		markLegacy(
			defineOperation({
				value: 'create',
				name: 'Create',
				action: 'Create pay recipient',
				description: 'Register a person or a business that you pay',
				effect: 'create',
				fields: [...recipientFields, additionalFields([email])],
				request(params) {
					const { type, details } = recipientBody({
						...params,
						email: params.additionalFields.email,
					});
					return { method: 'POST', path, body: { type, pay_recipient: details } };
				},
				summary: ({ recipientType }) => ({ recipientType }),
			}),
		),
		markLegacy(
			getById({
				resource: 'Pay Recipient',
				parameter: 'payRecipientId',
				action: 'Get pay recipient',
				description: 'Look up a pay recipient and see whether it is approved',
				request: resourceById(path),
				simplify: accountItem,
			}),
		),
	],
};
