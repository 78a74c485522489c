/**
 * The ID in a resource URL: its last path segment, decoded. Host and path before it are ignored, because
 * those in samples are not reliable (docs/kopokopo-api.md#resource-ids). Also accepts a bare ID.
 * Undefined if the segment is empty or consists of dots.
 */
export function idFromLocation(location: string): string | undefined {
	const path = location.trim().replace(/[?#][\s\S]*/, '');
	const withoutHost = path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
	const segment = withoutHost
		.split('/')
		.filter((part) => part !== '')
		.pop();
	if (segment === undefined) return undefined;
	const id = decodeSegment(segment);
	// Only dots would be resolved as a relative path, encoded or not, and address another resource.
	return /^\.+$/.test(id) ? undefined : id;
}

function decodeSegment(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		return segment;
	}
}

/** An ID as a path segment. A lone surrogate, which JSON can hold and a path cannot, becomes U+FFFD. */
export function pathSegment(id: string): string {
	return encodeURIComponent(id.replace(/\p{Surrogate}/gu, '\ufffd'));
}
