/** The members' app at a glance: paper, persimmons and leaves. The only place for colours, sizes, space, radius, motion. */

const LIGHT = {
  paper: '#FBF7EF',
  backdrop: '#F1E9DB',
  card: '#FFFFFF',
  sunken: '#F5EEE2',
  raised: '#FFFFFF',
  line: '#E8DDCC',
  ink: '#2A241E',
  'ink-2': '#5A5046',
  'ink-3': '#70655A',
  persimmon: '#B8430F',
  'persimmon-soft': '#FDEBDD',
  action: '#C04A12',
  'on-action': '#FFFFFF',
  leaf: '#33703A',
  'leaf-soft': '#E7F2E3',
  'leaf-solid': '#3F7F45',
  honey: '#7F5200',
  'honey-soft': '#FBEFD0',
  veil: 'rgba(42, 30, 18, 0.48)',
  shadow: '0 1px 2px rgba(88, 60, 30, 0.06), 0 8px 24px rgba(88, 60, 30, 0.07)',
  'awning-a': '#DB6A2C',
  'awning-b': '#FBE4CC',
};
export type Palette = typeof LIGHT;
export type Tone = Exclude<keyof Palette, 'veil' | 'shadow'>;

const DARK: Palette = {
  paper: '#1B1815',
  backdrop: '#141210',
  card: '#26221D',
  sunken: '#312B25',
  raised: '#433A31',
  line: '#3F382F',
  ink: '#F6F0E7',
  'ink-2': '#D3C9BC',
  'ink-3': '#B2A697',
  persimmon: '#FFA26B',
  'persimmon-soft': '#40291B',
  action: '#BF4D19',
  'on-action': '#FFFFFF',
  leaf: '#9CD195',
  'leaf-soft': '#26361F',
  'leaf-solid': '#427D48',
  honey: '#F2C868',
  'honey-soft': '#3C301A',
  veil: 'rgba(0, 0, 0, 0.62)',
  shadow: '0 1px 2px rgba(0, 0, 0, 0.3), 0 8px 24px rgba(0, 0, 0, 0.25)',
  'awning-a': '#A94D1C',
  'awning-b': '#3B2F25',
};

/** px at normal size; large type is a quarter more, the great figure a little less than that. */
const TYPE = { xs: 14, s: 15, m: 17, l: 20, xl: 24, figure: 34, hero: 56 };
const LARGE = 1.25;
const LARGE_FIGURES = 1.12;
const SPACE = { 1: 4, 2: 8, 3: 12, 4: 16, 5: 20, 6: 24, 8: 32, 10: 40 };
const RADIUS = { s: 10, m: 16, l: 24, full: 999 };
const MOTION = { quick: '140ms', calm: '280ms', ease: 'cubic-bezier(0.2, 0.8, 0.2, 1)' };
/** The least that a finger should have to hit. */
export const TOUCH_PX = 48;

export function palette(dark: boolean): Palette {
  return dark ? DARK : LIGHT;
}

export function typePx(step: keyof typeof TYPE, large: boolean): number {
  const factor = !large ? 1 : step === 'hero' || step === 'figure' ? LARGE_FIGURES : LARGE;
  return Math.round(TYPE[step] * factor * 100) / 100;
}

/** Every token as a CSS custom property, as text for a `style` attribute. */
export function themeVars(dark: boolean, large: boolean): string {
  const found: [string, string][] = Object.entries(palette(dark));
  for (const step of Object.keys(TYPE) as (keyof typeof TYPE)[]) found.push([`t-${step}`, `${typePx(step, large)}px`]);
  for (const [step, px] of Object.entries(SPACE)) found.push([`s-${step}`, `${px}px`]);
  for (const [step, px] of Object.entries(RADIUS)) found.push([`r-${step}`, `${px}px`]);
  for (const [name, value] of Object.entries(MOTION)) found.push([`m-${name}`, value]);
  found.push(['touch', `${TOUCH_PX}px`]);
  return found.map(([name, value]) => `--${name}:${value}`).join(';');
}
