import type { IDataObject } from 'n8n-workflow';
import { pathSegment } from '../../domain/resourceUrl';
import { defineOperation, type Item, type Operation } from '../../operations/defineOperation';
import type { ApiRequest } from '../../transport/client';
import { idField } from './fields';

/** Builds the request that gets one resource of a collection by its ID. */
export const resourceById =
	(collection: string) =>
	(id: string): ApiRequest => ({ method: 'GET', path: `${collection}/${pathSegment(id)}` });

interface GetById {
	/** The resource, as the label of its ID names it. */
	resource: string;
	/** Stored name of the parameter with the ID. */
	parameter: string;
	action: string;
	description: string;
	request(id: string): ApiRequest;
	/** Makes the simplified item from the body; that of a payment by default. */
	simplify?(body: IDataObject | undefined): Item;
}

/** The operation Get: looks a resource up by its ID. */
export function getById({
	resource,
	parameter,
	action,
	description,
	request,
	simplify,
}: GetById): Operation {
	return defineOperation({
		value: 'get',
		name: 'Get',
		action,
		description,
		effect: 'read',
		fields: [idField(resource, parameter)],
		request: (params) => request(String(params[parameter])),
		...(simplify !== undefined && {
			items: ({ response: { body }, simplify: isSimplified }) => [
				isSimplified ? simplify(body) : { ...body },
			],
		}),
	});
}
