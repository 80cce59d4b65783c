// Draws the twelve neighbours, face-1.svg … face-12.svg: `node draw.mjs`. Flat shapes, no text, no outside reference.
import { writeFileSync } from 'node:fs';

const INK = '#3A2A22';
const circle = (x, y, r, fill, more = '') => `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}" ${more}/>`;
const path = (d, fill, more = '') => `<path d="${d}" fill="${fill}" ${more}/>`;
const stroke = (d, color, width = 2) =>
  `<path d="${d}" fill="none" stroke="${color}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;

// Each hair: [behind the head, before the forehead].
const HAIR = {
  bob: (c) => [
    path('M24 50C22 26 36 19 50 19S78 26 76 50C76 60 78 66 74 71H26C22 66 24 60 24 50Z', c),
    path('M29 46C29 30 40 26 50 26C46 34 38 40 29 46ZM50 26C60 26 71 31 71 47C63 42 55 36 50 26Z', c),
  ],
  perm: (c) => [
    [[30, 36, 11], [40, 26, 11], [52, 23, 12], [63, 28, 11], [71, 38, 10], [73, 50, 8], [27, 48, 9], [28, 58, 7], [73, 60, 7]]
      .map(([x, y, r]) => circle(x, y, r, c))
      .join(''),
    [[36, 34, 7], [45, 30, 7], [55, 30, 7], [64, 35, 7]].map(([x, y, r]) => circle(x, y, r, c)).join(''),
  ],
  bun: (c) => [
    circle(50, 17, 9, c) + path('M27 50C25 30 38 22 50 22S75 30 73 50L71 58H29Z', c),
    path('M29 47C30 31 40 27 50 27S70 31 71 47C66 38 58 34 50 34S34 38 29 47Z', c),
  ],
  short: (c) => [
    path('M27 50C25 28 37 21 50 21S75 28 73 50L70 52H30Z', c),
    path('M29 46C28 28 40 24 52 24C64 24 72 31 71 46C68 40 66 37 62 35C52 39 40 38 34 36C31 39 30 42 29 46Z', c),
  ],
  crew: (c) => [
    path('M28 47C27 29 38 23 50 23S73 29 72 47Z', c),
    path('M29 44C29 31 39 27 50 27S71 31 71 44C66 37 58 35 50 35S34 37 29 44Z', c),
  ],
  sides: (c) => [path('M26 46C24 54 27 62 31 64V42ZM74 46C76 54 73 62 69 64V42Z', c), ''],
  long: (c) => [
    path('M23 52C20 26 36 18 50 18S80 26 77 52C78 66 82 76 78 86H22C18 76 22 66 23 52Z', c),
    path('M29 50C28 32 38 26 46 25C44 36 36 44 29 50ZM46 25C58 23 72 30 71 50C62 46 52 38 46 25Z', c),
  ],
  pony: (c) => [
    path('M66 24C80 20 88 32 85 46C83 56 78 60 80 68C70 64 70 50 70 40Z', c) + path('M27 50C25 29 37 21 50 21S75 29 73 50L70 55H30Z', c),
    path('M29 47C29 31 40 26 50 26S71 31 71 47C69 38 60 33 52 32C44 33 33 38 29 47Z', c),
  ],
  pigtails: (c) => [
    path('M27 40C15 38 10 48 13 60C20 62 26 56 29 48ZM73 40C85 38 90 48 87 60C80 62 74 56 71 48Z', c) +
      path('M27 50C25 28 38 21 50 21S75 28 73 50Z', c),
    path('M29 46C29 30 40 26 50 26S71 30 71 46C68 42 66 41 64 41C54 42 44 42 36 41C33 41 31 43 29 46Z', c),
  ],
  curly: (c) => [
    [[33, 34, 9], [43, 26, 9], [54, 25, 9], [64, 31, 9], [70, 40, 6], [30, 42, 6]].map(([x, y, r]) => circle(x, y, r, c)).join(''),
    [[38, 32, 6], [47, 30, 6], [56, 30, 6], [63, 34, 5]].map(([x, y, r]) => circle(x, y, r, c)).join(''),
  ],
};
const GLASSES = `${stroke('M46 51H54M33 49L29 47M67 49L71 47', INK, 1.8)}<g fill="#fff" fill-opacity=".28" stroke="${INK}" stroke-width="1.8"><circle cx="40" cy="51" r="6.6"/><circle cx="60" cy="51" r="6.6"/></g>`;
const EXTRA = {
  glasses: () => GLASSES,
  cap: (c) => path('M27 41C27 25 39 18 50 18S73 25 73 41C66 36 34 36 27 41Z', c) + path('M25 41C33 34 67 34 75 41C80 43 80 46 76 46C66 40 34 40 24 46C20 46 20 43 25 41Z', c, 'opacity=".82"'),
  straw: () =>
    path('M32 36C32 22 40 17 50 17S68 22 68 36Z', '#E3BE73') +
    path('M32 32H68V37H32Z', '#B8430F') +
    '<ellipse cx="50" cy="38" rx="33" ry="5.4" fill="#EBCB86"/>',
  scarf: (c) => path('M24 52C22 26 37 18 50 18S78 26 76 52C74 40 64 33 50 33S26 40 24 52Z', c) + circle(37, 29, 2, '#fff', 'opacity=".7"') + circle(50, 25, 2, '#fff', 'opacity=".7"') + circle(63, 29, 2, '#fff', 'opacity=".7"'),
  beard: () => path('M31 57C32 72 41 77 50 77S68 72 69 57C66 63 60 62 50 62S34 63 31 57Z', '#E9E4DC'),
  flower: () => [[68, 29], [74, 33], [72, 39], [65, 39], [62, 33]].map(([x, y]) => circle(x, y, 4, '#F2A0A8')).join('') + circle(68.5, 34.5, 3, '#F6D365'),
  leaf: () => path('M50 24C50 16 57 12 64 13C64 20 58 25 50 24Z', '#5E9C4E') + stroke('M50 26C50 22 51 19 54 17', '#3F7F45', 1.6),
};

function draw({ ground, skin, hair, hairColor, shirt, collar, extra = [], extraColor, eyes = 'open', mouth = 'smile', brow = INK }) {
  const [behind, before] = HAIR[hair](hairColor);
  const blush = '#E8795A';
  const look =
    eyes === 'happy'
      ? stroke('M36.5 52Q40 48 43.5 52M56.5 52Q60 48 63.5 52', INK, 2.2)
      : circle(40, 51, 2.5, INK) + circle(60, 51, 2.5, INK) + circle(40.9, 50.1, 0.8, '#fff') + circle(60.9, 50.1, 0.8, '#fff');
  const says = {
    smile: stroke('M43 62Q50 68 57 62', INK, 2.2),
    grin: path('M42 61H58C58 68 54 70.500 50 70.500S42 68 42 61Z', '#8C2F1B') + path('M44 61H56V63.600H44Z', '#fff'),
    small: stroke('M46 63Q50 66 54 63', INK, 2.2),
  }[mouth];
  const wears = extra.map((name) => EXTRA[name](extraColor));
  const onHead = extra.includes('beard') ? wears.splice(extra.indexOf('beard'), 1).join('') : '';
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">',
    '<clipPath id="c"><circle cx="50" cy="50" r="50"/></clipPath><g clip-path="url(#c)">',
    `<rect width="100" height="100" fill="${ground}"/>`,
    behind,
    path('M12 104C13 84 30 78 50 78S87 84 88 104Z', shirt),
    path('M42 66H58V79C58 84 42 84 42 79Z', skin) + path('M42 71C46 75 54 75 58 71V74C54 79 46 79 42 74Z', INK, 'opacity=".1"'),
    collar ? path('M42 78L50 88L58 78L63 81L52 95H48L37 81Z', collar) : '',
    circle(29.500, 53, 4.5, skin) + circle(70.500, 53, 4.5, skin),
    '<ellipse cx="50" cy="50" rx="21" ry="23.500" fill="' + skin + '"/>',
    circle(36, 59, 4, blush, 'opacity=".28"') + circle(64, 59, 4, blush, 'opacity=".28"'),
    onHead,
    stroke('M36 44.500Q40 42.500 43.500 44M56.500 44Q60 42.500 64 44.500', brow, 1.8),
    look,
    stroke('M50 53Q48 57 51 57.500', INK, 1.5).replace('/>', ' opacity=".55"/>'),
    says,
    before,
    ...wears,
    '</g></svg>',
  ].join('');
}

const S = ['#F7D3B0', '#EFC19A', '#E3AE84', '#F9DEC3'];
const neighbours = [
  { ground: '#F6C9A0', skin: S[0], hair: 'perm', hairColor: '#4A3329', shirt: '#3F7F45', collar: '#E7F2E3', mouth: 'grin' },
  { ground: '#CFE3C4', skin: S[1], hair: 'short', hairColor: '#2B211C', shirt: '#C9531F', collar: '#FDEBDD' },
  { ground: '#F9DFA6', skin: S[0], hair: 'bun', hairColor: '#B9B2AA', brow: '#8B837B', shirt: '#7C5A86', eyes: 'happy', extra: ['glasses'] },
  { ground: '#C9DDE3', skin: S[2], hair: 'sides', hairColor: '#D8D2CA', brow: '#A59D94', shirt: '#51707A', collar: '#E9EFF0', extra: ['glasses'], eyes: 'happy' },
  { ground: '#F3C6BC', skin: S[3], hair: 'bob', hairColor: '#33241E', shirt: '#E0A43A', mouth: 'small' },
  { ground: '#DCE8C2', skin: S[2], hair: 'crew', hairColor: '#221A16', shirt: '#5E7F3A', extra: ['straw'], mouth: 'grin' },
  { ground: '#E9D8C4', skin: S[0], hair: 'long', hairColor: '#5B3A2A', shirt: '#B8573A', extra: ['flower'], eyes: 'happy' },
  { ground: '#CBE1D6', skin: S[1], hair: 'crew', hairColor: '#2A201B', shirt: '#2F6F62', collar: '#FFF6EA', extra: ['cap'], extraColor: '#C9531F' },
  { ground: '#F8D9B8', skin: S[3], hair: 'pigtails', hairColor: '#2E211B', shirt: '#D9605A', mouth: 'grin', extra: ['leaf'] },
  { ground: '#E2D6EA', skin: S[0], hair: 'pony', hairColor: '#3A2820', shirt: '#4F6FA0', collar: '#F1EFE9' },
  { ground: '#F5D58C', skin: S[1], hair: 'sides', hairColor: '#E9E4DC', brow: '#B8B0A6', shirt: '#7A4A2A', extra: ['beard'], eyes: 'happy', mouth: 'small' },
  { ground: '#D3DFEA', skin: S[2], hair: 'curly', hairColor: '#3B2A20', shirt: '#D58A35', extra: ['scarf'], extraColor: '#B8430F' },
];
neighbours.forEach((neighbour, index) => {
  writeFileSync(new URL(`face-${index + 1}.svg`, import.meta.url), `${draw(neighbour)}\n`);
});
