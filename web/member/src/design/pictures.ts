/** Drawn pictures: the neighbours' faces, the awning, and what empty pages show. They hold on light and dark paper. */
import mark from '../static/mark.svg?raw';
import { svgUrl } from './icons';
import { palette } from './tokens';

const drawn = import.meta.glob<string>('../../../shared/faces/face-*.svg', { query: '?raw', import: 'default', eager: true });
/** The app's mark. */
export const MARK_URL = svgUrl(mark);
/** The mark again, as it is drawn. */
export const MARK_SVG = mark;
const FACES = new Map(Object.entries(drawn).map(([path, svg]) => [/face-\d+/.exec(path)?.[0] ?? '', { svg, url: svgUrl(svg) }]));

/** The face that a member chose; those without one get a neighbour of their own, always the same. */
function faceOf(avatar: string | null, memberId: string): { svg: string; url: string } | undefined {
  const chosen = avatar ? FACES.get(avatar) : undefined;
  if (chosen) return chosen;
  let sum = 0;
  for (const letter of memberId) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return FACES.get(`face-${(sum % 12) + 1}`);
}
export function faceUrl(avatar: string | null, memberId: string): string {
  return faceOf(avatar, memberId)?.url ?? 'none';
}
export function faceSvg(avatar: string | null, memberId: string): string {
  return faceOf(avatar, memberId)?.svg ?? '';
}

/** The grocer's awning: one stripe of each colour, scalloped below; repeats sideways. */
export function awningUrl(dark: boolean): string {
  const { 'awning-a': a, 'awning-b': b } = palette(dark);
  return svgUrl(
    `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 56 44' preserveAspectRatio='none'><path d='M0 0H28V30A14 14 0 0 1 0 30Z' fill='${a}'/><path d='M28 0H56V30A14 14 0 0 1 28 30Z' fill='${b}'/><path d='M0 0H56V4H0Z' fill='#5b2a0e' opacity='.14'/></svg>`,
  );
}

const HEAD = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 200 150' fill='none' stroke-linecap='round' stroke-linejoin='round'>";
const GROUND = "<ellipse cx='100' cy='134' rx='74' ry='8' fill='#A8926F' opacity='.22'/>";
const PERSIMMON = (x: number, y: number, r: number) =>
  `<circle cx='${x}' cy='${y}' r='${r}' fill='#E2743A'/><circle cx='${x - r * 0.35}' cy='${y - r * 0.3}' r='${r * 0.26}' fill='#F3A271'/><path d='M${x - r * 0.6} ${y - r * 0.75}Q${x} ${y - r * 1.35} ${x + r * 0.6} ${y - r * 0.75}Q${x} ${y - r * 0.45} ${x - r * 0.6} ${y - r * 0.75}Z' fill='#5E9C4E'/>`;

const ART = {
  /** Nothing yet: a basket that waits, one persimmon beside it. */
  basket: `<path d='M62 70C64 34 136 34 138 70' stroke='#B98A52' stroke-width='6'/><path d='M46 70H154L142 130H58Z' fill='#DDB27A'/><path d='M50 88H150M54 106H146' stroke='#B98A52' stroke-width='3'/><path d='M74 72L80 128M100 72V128M126 72L120 128' stroke='#B98A52' stroke-width='3'/><rect x='40' y='64' width='120' height='12' rx='6' fill='#C99A5F'/>${PERSIMMON(172, 120, 14)}`,
  /** No messages: a cat asleep on the letter box. */
  letters: `<rect x='58' y='74' width='84' height='56' rx='10' fill='#5E9C4E'/><path d='M58 84A10 10 0 0 1 68 74H132A10 10 0 0 1 142 84V92H58Z' fill='#4B8A50'/><rect x='78' y='102' width='44' height='6' rx='3' fill='#2E5C34'/><path d='M66 74C62 52 84 46 100 50C122 44 140 56 136 74Z' fill='#E2A45C'/><path d='M72 56L68 40L82 50ZM92 50L100 38L102 54Z' fill='#E2A45C'/><path d='M76 62Q79 65 82 62M90 62Q93 65 96 62M84 67Q86 69 88 67' stroke='#5b3a1e' stroke-width='2'/><path d='M118 52Q120 60 114 66M128 56Q130 64 124 70' stroke='#C07F36' stroke-width='3'/><path d='M134 74C150 78 154 66 146 60' stroke='#E2A45C' stroke-width='8'/><path d='M112 34H122L112 44H122M130 20H138L130 28H138' stroke='#A8926F' stroke-width='2.500'/>`,
  /** The API or the network is away: the shop's shutter is down. */
  shutter: `<rect x='44' y='44' width='112' height='90' fill='#E9D8BC'/><path d='M56 66H144V134H56Z' fill='#B7AFA4'/><path d='M56 78H144M56 90H144M56 102H144M56 114H144' stroke='#9B9287' stroke-width='3'/><path d='M36 34H164L172 58H28Z' fill='#DB6A2C'/><path d='M28 58A12 12 0 0 0 52 58ZM76 58A12 12 0 0 0 100 58ZM124 58A12 12 0 0 0 148 58Z' fill='#DB6A2C'/><path d='M52 58A12 12 0 0 0 76 58ZM100 58A12 12 0 0 0 124 58ZM148 58A12 12 0 0 0 172 58Z' fill='#FBE6D0'/><path d='M60 34L55 58H76L78 34ZM101 34V58H124L120 34ZM141 34L148 58H172L164 34Z' fill='#FBE6D0' opacity='.9'/><rect x='82' y='92' width='36' height='20' rx='4' fill='#FFF6EA'/><path d='M90 102H110' stroke='#B8430F' stroke-width='3'/>`,
  /** The sign-in lapsed: a door left ajar, its key beside. */
  door: `<path d='M64 26H136V132H64Z' fill='#C99A5F'/><path d='M72 34H128V132H72Z' fill='#3B2A20'/><path d='M72 34L112 44V138L72 132Z' fill='#DB6A2C'/><path d='M80 50L104 55V78L80 76ZM80 88L104 89V116L80 114Z' fill='#C0561F'/><circle cx='106' cy='88' r='3.500' fill='#F6D365'/><circle cx='158' cy='96' r='11' stroke='#D9A52E' stroke-width='5'/><path d='M158 107V132M158 122H167M158 130H165' stroke='#D9A52E' stroke-width='5'/><path d='M40 134V112M40 120C34 120 28 114 28 106C36 106 40 112 40 118C40 108 46 102 54 102C54 112 48 118 40 120' fill='#5E9C4E' stroke='#4B8A50' stroke-width='3'/>`,
  /** A friend's reward: a basket handed over the fence, with a ribbon. */
  invite: `<path d='M30 96H170V132H30Z' fill='#E9D8BC'/><path d='M38 84V132M58 84V132M78 84V132M98 84V132M118 84V132M138 84V132M158 84V132' stroke='#C99A5F' stroke-width='10'/><path d='M30 104H170M30 120H170' stroke='#B98A52' stroke-width='5'/><path d='M74 62C76 30 124 30 126 62' stroke='#B98A52' stroke-width='6'/><path d='M62 62H138L130 106H70Z' fill='#DDB27A'/><path d='M66 76H134M69 92H131' stroke='#B98A52' stroke-width='3'/><rect x='56' y='56' width='88' height='11' rx='5.5' fill='#C99A5F'/>${PERSIMMON(82, 48, 13)}${PERSIMMON(104, 44, 14)}${PERSIMMON(124, 50, 11)}<path d='M100 84C90 74 80 78 84 86C86 92 96 90 100 84C104 90 114 92 116 86C120 78 110 74 100 84Z' fill='#C0561F'/><path d='M100 84L94 100M100 84L106 100' stroke='#C0561F' stroke-width='4'/><path d='M24 130V106M24 114C18 114 14 108 14 102C20 102 24 108 24 112C24 102 30 98 36 98C36 106 32 112 24 114' fill='#5E9C4E' stroke='#4B8A50' stroke-width='3'/><path d='M178 130V110M178 118C172 118 168 112 168 106C174 106 178 112 178 116C178 106 184 102 190 102C190 110 186 116 178 118' fill='#5E9C4E' stroke='#4B8A50' stroke-width='3'/>`,
  /** Welcome: the shop is open. */
  shop: `<rect x='44' y='44' width='112' height='90' fill='#FFF3E0'/><rect x='56' y='70' width='42' height='40' rx='3' fill='#BFDDE2'/><path d='M77 70V110M56 90H98' stroke='#FFF6EA' stroke-width='3'/><path d='M110 70H144V134H110Z' fill='#8C5A2E'/><circle cx='138' cy='102' r='3' fill='#F6D365'/><path d='M36 30H164L172 56H28Z' fill='#DB6A2C'/><path d='M60 30L54 56H76L79 30ZM100 30V56H124L121 30ZM142 30L148 56H172L164 30Z' fill='#FBE6D0'/><path d='M28 56A12 12 0 0 0 52 56ZM76 56A12 12 0 0 0 100 56ZM124 56A12 12 0 0 0 148 56Z' fill='#DB6A2C'/><path d='M52 56A12 12 0 0 0 76 56ZM100 56A12 12 0 0 0 124 56ZM148 56A12 12 0 0 0 172 56Z' fill='#FBE6D0'/><path d='M46 116H108L104 134H50Z' fill='#C99A5F'/>${PERSIMMON(60, 112, 9)}${PERSIMMON(78, 110, 10)}${PERSIMMON(95, 113, 8)}<path d='M160 134V108M160 118C154 118 150 112 150 106C156 106 160 112 160 116C160 106 166 102 172 102C172 110 168 116 160 118' fill='#5E9C4E' stroke='#4B8A50' stroke-width='3'/>`,
} as const;
export type ArtName = keyof typeof ART;

export function artSvg(name: ArtName): string {
  return `${HEAD}${GROUND}${ART[name]}</svg>`;
}
export function artUrl(name: ArtName): string {
  return svgUrl(artSvg(name));
}

/** The stamp of a day that was checked in: a persimmon with its leaf. */
export const STAMP_URL = svgUrl(`<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 100'>${PERSIMMON(50, 56, 38)}</svg>`);
/** One falling leaf of the check-in's celebration. */
export const LEAF_URL = svgUrl(
  "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><path d='M4 20C3 10 10 3 21 3C21 14 14 21 4 20Z' fill='#6BA85B'/><path d='M4 20L15 9' stroke='#3F7F45' stroke-width='1.500'/></svg>",
);
/** Persimmons on a branch, for the corner of the balance. */
export const BRANCH_URL = svgUrl(
  `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 120 110' fill='none' stroke-linecap='round'><path d='M120 14C96 14 76 22 58 34' stroke='#8C5A2E' stroke-width='4'/><path d='M96 17C92 4 100 -2 110 2C112 10 106 16 96 17ZM72 26C60 22 58 10 66 4C76 8 78 18 72 26Z' fill='#6BA85B'/><path d='M88 20V40M62 32V50' stroke='#8C5A2E' stroke-width='3'/>${PERSIMMON(88, 60, 20)}${PERSIMMON(58, 68, 17)}</svg>`,
);
