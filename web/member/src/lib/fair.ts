/**
 * Whether a draw was drawn as promised, reckoned on this device: the server is believed nothing but what it had
 * published before. The scheme is told by the server's `lottery/wheel.py`:
 *
 *   message = "linli.lottery.v1", campaign, member's digest, draw number, nonce, attempt: joined by line feeds
 *   ticket  = the first 48 bits of HMAC-SHA256(seed, message), modulo a million; the next attempt where they lie in the
 *             last, incomplete million
 *
 * By @noble/hashes and not by the browser's own WebCrypto: a mini-program has none, and a page that is not served over
 * TLS has none either. The tests hold it against WebCrypto.
 */
import { hmac } from '@noble/hashes/hmac';
import { sha256 } from '@noble/hashes/sha2';

import type { Campaign, Draw } from '@/api';

const MILLION = 1_000_000;
const TICKETS = 2 ** 48 - (2 ** 48 % MILLION);

/** What a hexadecimal text stands for; null where it is none. */
export function bytesOf(hex: string): Uint8Array | null {
  if (hex.length % 2 || !/^[0-9a-f]*$/i.test(hex)) return null;
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16));
}
function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
/** UTF-8; a mini-program has no TextEncoder. */
function utf8(text: string): Uint8Array {
  const found: number[] = [];
  for (const part of encodeURIComponent(text).match(/%..|./g) ?? []) found.push(part.length > 1 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0));
  return Uint8Array.from(found);
}

/** SHA-256 of the seed: what was published before anybody drew. */
export function commitment(seed: Uint8Array): string {
  return hexOf(sha256(seed));
}

/** 0 … 999,999. */
export function ticketOf(seed: Uint8Array, campaign: string, member: string, number: number, nonce: string): number {
  for (let attempt = 0; ; attempt += 1) {
    const message = ['linli.lottery.v1', campaign, member, number, nonce, attempt].join('\n');
    const found = hmac(sha256, seed, utf8(message)).slice(0, 6).reduce((sum, byte) => sum * 256 + byte, 0);
    if (found < TICKETS) return found % MILLION;
  }
}

type Odds = { prize_id: string; odds_ppm: number };
/** The prize that a ticket falls on, and the tickets that it has, both ends included. */
export function spanOf<Prize extends Odds>(prizes: Prize[], ticket: number): { prize: Prize; from: number; to: number } | null {
  let from = 0;
  for (const prize of prizes) {
    const to = from + prize.odds_ppm - 1;
    if (ticket >= from && ticket <= to) return { prize, from, to };
    from = to + 1;
  }
  return null;
}

/** `later`: the seed is not published yet. `seed`: it has another hash than the one of before. `ticket`, `prize`: not
 * what the seed says. `ok`: all agrees. */
export type Verdict = 'later' | 'seed' | 'ticket' | 'prize' | 'ok';

/** Of a draw, whether it agrees with what was published: seed, ticket, odds, and what is given instead. */
export function verdictOf(campaign: Campaign, draw: Draw): Verdict {
  const seed = campaign.seed === null ? null : bytesOf(campaign.seed);
  if (campaign.seed === null) return 'later';
  if (!seed || commitment(seed) !== campaign.seed_hash) return 'seed';
  const ticket = ticketOf(seed, campaign.campaign_id, draw.member, draw.number, draw.nonce);
  if (ticket !== draw.ticket) return 'ticket';
  if (spanOf(campaign.prizes, ticket)?.prize.prize_id !== draw.drawn_id) return 'prize';
  if (draw.why === 'odds') return draw.prize.prize_id === draw.drawn_id ? 'ok' : 'prize';
  if (draw.why === 'guarantee' && (!campaign.guarantee_every || draw.number % campaign.guarantee_every)) return 'prize';
  return draw.prize.prize_id === campaign.minimum_prize_id ? 'ok' : 'prize';
}
