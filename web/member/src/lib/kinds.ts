import type { IconName } from '@/design/icons';

/** The picture of a kind of movement; kinds to come have the plain list's. */
const ICONS: Record<string, IconName> = {
  settle: 'sprout',
  spend: 'basket',
  capture: 'basket',
  hold: 'clock',
  release: 'undo',
  refund: 'undo',
  reverse: 'undo',
  repay: 'undo',
  expire: 'hourglass',
  adjust: 'pen',
};

export function iconOf(kind: string): IconName {
  return ICONS[kind] ?? 'list';
}
