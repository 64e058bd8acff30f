import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { URL } from 'node:url';
import { refusal } from './refusal.js';

/** The names of this machine. A web page that makes its own domain resolve to 127.0.0.1 sends another `Host`. */
const LOCAL = ['localhost', '127.0.0.1', '[::1]'];

/** Why a request is refused: it was not meant for this machine, comes from a web page elsewhere, or lacks the token. */
export function refusalOf({ host, origin, authorization }: IncomingHttpHeaders, token: string | undefined): Response | undefined {
  if (host === undefined || !isLocal(`http://${host}`)) return refusal(403, -32_000, `Forbidden: the header Host is ${host ?? 'missing'}`);
  // Programs other than browsers send no Origin.
  if (origin !== undefined && !isLocal(origin)) return refusal(403, -32_000, `Forbidden: the header Origin is ${origin}`);
  if (token !== undefined && !isToken(authorization, token)) {
    return refusal(401, -32_000, 'Unauthorized: send the token as "Authorization: Bearer …"', { 'WWW-Authenticate': 'Bearer' });
  }
  return undefined;
}

function isLocal(url: string): boolean {
  return URL.canParse(url) && LOCAL.includes(new URL(url).hostname);
}

/** Takes the same time for every wrong token. */
function isToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest();
