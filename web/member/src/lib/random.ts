/** Random letters of this device: for keys of calls, and for what a member puts into a draw. */

/** `bytes` random bytes, as hexadecimal. */
export function randomHex(bytes: number): string {
  const found = new Uint8Array(bytes);
  if (typeof crypto !== 'undefined') crypto.getRandomValues(found);
  // A mini-program has no such source that answers at once. Nobody need fail to guess these: they only must differ,
  // and must not be chosen by the server.
  else for (let at = 0; at < bytes; at += 1) found[at] = Math.floor(Math.random() * 256);
  return [...found].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
