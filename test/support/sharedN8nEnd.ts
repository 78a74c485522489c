import { stopSharedN8n } from './sharedN8n';

/** Jest calls this once after the last e2e file. */
export default stopSharedN8n;
