/** Drawn goods, for what has no picture of its own. Which one is guessed from the name; they hold on light and dark. */
import { svgUrl } from './icons';
import known from './wares.json';

const WARES = {
  tissue: `<path d='M44 50C42 30 54 38 56 24C66 20 62 36 72 32C80 30 78 44 76 50Z' fill='#FFFDF8' stroke='#E3D3BA' stroke-width='2'/><path d='M20 50H100V96A6 6 0 0 1 94 102H26A6 6 0 0 1 20 96Z' fill='#7DB3BF'/><path d='M20 50H100V60H20Z' fill='#5E97A4'/><ellipse cx='60' cy='51' rx='24' ry='5' fill='#3F7482'/><path d='M44 51C44 46 76 46 76 51Z' fill='#FFFDF8'/><path d='M60 72C52 62 42 68 48 77C51 82 57 85 60 88C63 85 69 82 72 77C78 68 68 62 60 72Z' fill='#FBE6D0'/>`,
  eggs: `<path d='M20 72C20 50 27 38 36 38S52 50 52 72ZM44 72C44 46 51 32 60 32S76 46 76 72ZM68 72C68 50 75 38 84 38S100 50 100 72Z' fill='#F3CFA0' stroke='#DDB27A' stroke-width='2'/><path d='M29 60C29 52 32 47 35 46M53 56C53 48 56 42 59 41M77 60C77 52 80 47 83 46' stroke='#FFF3E0' stroke-width='4'/><path d='M12 66H108L100 98A6 6 0 0 1 94 102H26A6 6 0 0 1 20 98Z' fill='#B98A52'/><path d='M12 66H108L106 74H14Z' fill='#8C5A2E'/><path d='M40 80V94M60 80V94M80 80V94' stroke='#8C5A2E' stroke-width='4'/>`,
  rice: `<path d='M36 36C24 58 24 88 32 102H88C96 88 96 58 84 36Z' fill='#EFD9AE'/><path d='M40 20H80L84 36H36Z' fill='#DDBE86'/><path d='M34 34H86' stroke='#C0561F' stroke-width='6'/><path d='M60 90V56M60 66C52 66 48 60 48 54C56 54 60 60 60 66ZM60 66C68 66 72 60 72 54C64 54 60 60 60 66ZM60 78C52 78 48 72 48 66C56 66 60 72 60 78ZM60 78C68 78 72 72 72 66C64 66 60 72 60 78Z' fill='#D9A52E' stroke='#B8862B' stroke-width='2'/><path d='M60 56C57 51 57 47 60 43C63 47 63 51 60 56Z' fill='#D9A52E'/>`,
  bottle: `<path d='M52 18H68V36C68 44 80 48 80 60V98A6 6 0 0 1 74 104H46A6 6 0 0 1 40 98V60C40 48 52 44 52 36Z' fill='#7A3B1B'/><rect x='50' y='12' width='20' height='12' rx='3' fill='#C0392B'/><path d='M40 66H80V92H40Z' fill='#FBE6D0'/><path d='M46 74H74M46 82H66' stroke='#B8430F' stroke-width='4'/><path d='M47 60C48 52 55 49 56 42' stroke='#A5623A' stroke-width='4'/>`,
  milk: `<path d='M40 44L48 22H76L84 44V98A5 5 0 0 1 79 103H45A5 5 0 0 1 40 98Z' fill='#FFFDF8'/><path d='M40 44L48 22H76L84 44Z' fill='#8FC1DB'/><rect x='46' y='14' width='32' height='10' rx='3' fill='#6BA6C5'/><path d='M40 74C50 66 58 82 68 74C76 68 80 72 84 74V98A5 5 0 0 1 79 103H45A5 5 0 0 1 40 98Z' fill='#8FC1DB'/><path d='M56 56A6 6 0 1 1 68 56A6 6 0 1 1 56 56Z' fill='#5B3A1E'/>`,
  greens: `<path d='M60 76C40 70 28 52 34 30C42 30 48 36 50 42C50 30 54 22 62 18C68 24 70 32 70 40C74 34 80 30 88 32C90 52 80 70 60 76Z' fill='#5E9C4E'/><path d='M60 74C52 60 48 50 46 40M60 74V34M60 74C70 60 74 52 78 44' stroke='#3F7F45' stroke-width='3'/><path d='M48 70H72L68 100C66 106 54 106 52 100Z' fill='#F2F4E4'/><path d='M56 76L58 98M64 76L62 98' stroke='#D5DDBE' stroke-width='3'/><path d='M44 84H76' stroke='#C0561F' stroke-width='6'/>`,
  fruit: `<circle cx='42' cy='74' r='26' fill='#E2743A'/><circle cx='34' cy='64' r='6' fill='#F3A271'/><circle cx='80' cy='78' r='22' fill='#E8893F'/><circle cx='73' cy='70' r='5' fill='#F6B384'/><path d='M30 52Q42 38 54 52Q42 60 30 52ZM70 60Q80 50 90 60Q80 66 70 60Z' fill='#5E9C4E'/><path d='M42 50V40C50 28 62 28 70 34C64 44 52 48 42 44' stroke='#8C5A2E' stroke-width='3' fill='#6BA85B'/>`,
  tomato: `<path d='M60 38C88 30 106 48 104 70C102 92 84 106 60 106S18 92 16 70C14 48 32 30 60 38Z' fill='#D9482B'/><ellipse cx='38' cy='60' rx='8' ry='11' fill='#EE7E62'/><path d='M60 42L44 50L48 38L34 34L50 30L58 18L64 30L84 30L72 39L78 50Z' fill='#4B8A50'/><path d='M60 34V18' stroke='#3F7F45' stroke-width='5'/>`,
  noodles: `<path d='M22 58H98C98 84 82 102 60 102S22 84 22 58Z' fill='#C0561F'/><path d='M28 66H92M36 80H84' stroke='#DB6A2C' stroke-width='4'/><path d='M30 58C30 44 42 50 44 40M44 58C44 42 56 50 56 36M58 58C60 42 70 48 70 38M74 58C74 46 86 50 86 42' stroke='#F2CF86' stroke-width='6'/><path d='M66 54L100 18M74 56L106 26' stroke='#8C5A2E' stroke-width='4'/>`,
  bread: `<path d='M22 60C14 52 18 34 34 34H86C102 34 106 52 98 60V92A6 6 0 0 1 92 98H28A6 6 0 0 1 22 92Z' fill='#C9884A'/><path d='M30 60C24 52 28 42 38 42H82C92 42 96 52 90 60V86A4 4 0 0 1 86 90H34A4 4 0 0 1 30 86Z' fill='#F3D6A4'/><path d='M46 56L52 68M60 56L66 68M74 56L80 68' stroke='#C9884A' stroke-width='4'/>`,
  soap: `<path d='M38 46H82V96A8 8 0 0 1 74 104H46A8 8 0 0 1 38 96Z' fill='#6BA85B'/><path d='M54 34H66V46H54Z' fill='#3F7F45'/><path d='M46 26H76C80 26 82 30 80 34H46Z' fill='#3F7F45'/><path d='M46 60H74V86H46Z' fill='#F2F7EC'/><path d='M54 80C52 70 58 64 68 66C68 76 62 82 54 80Z' fill='#6BA85B'/><circle cx='92' cy='30' r='6' fill='#BFDDE2'/><circle cx='100' cy='46' r='4' fill='#BFDDE2'/><circle cx='88' cy='14' r='4' fill='#BFDDE2'/>`,
  cup: `<path d='M84 54H92C104 54 104 82 88 82H82' stroke='#B8430F' stroke-width='7'/><path d='M26 46H86V80C86 94 78 102 66 102H46C34 102 26 94 26 80Z' fill='#DB6A2C'/><path d='M26 46H86V56H26Z' fill='#C0561F'/><path d='M56 72C48 64 40 70 44 78C46 82 52 84 56 88C60 84 66 82 68 78C72 70 64 64 56 72Z' fill='#FBE6D0'/><path d='M42 36C38 30 46 26 42 18M56 36C52 30 60 26 56 18M70 36C66 30 74 26 70 18' stroke='#C9B79C' stroke-width='4'/>`,
  towel: `<path d='M22 62C22 50 34 44 46 44H98V88C98 96 92 100 86 100H34C26 100 22 94 22 86Z' fill='#7DB3BF'/><path d='M22 62C22 74 34 74 42 70C50 66 50 56 42 54C36 52 32 58 36 62' stroke='#5E97A4' stroke-width='5'/><path d='M50 82H98M50 90H98' stroke='#FBE6D0' stroke-width='4'/><path d='M46 34H92V44H46C40 44 40 34 46 34Z' fill='#F3A271'/>`,
  umbrella: `<path d='M14 62C16 34 36 18 60 18S104 34 106 62C98 54 88 54 82 62C76 54 66 54 60 62C54 54 44 54 38 62C32 54 22 54 14 62Z' fill='#DB6A2C'/><path d='M38 62C38 42 48 26 60 18C72 26 82 42 82 62C76 54 66 54 60 62C54 54 44 54 38 62Z' fill='#F6C79C'/><path d='M60 58V94C60 104 76 104 76 94' stroke='#8C5A2E' stroke-width='5'/>`,
  bag: `<path d='M42 44C42 16 78 16 78 44' stroke='#3F7F45' stroke-width='6'/><path d='M24 40H96L102 98A6 6 0 0 1 96 104H24A6 6 0 0 1 18 98Z' fill='#5E9C4E'/><path d='M24 40H96L97 50H23Z' fill='#4B8A50'/><path d='M60 66C50 56 40 64 46 73C49 78 56 82 60 86C64 82 71 78 74 73C80 64 70 56 60 66Z' fill='#F2F7EC'/>`,
  banner: `<path d='M60 18V104M40 104H80' stroke='#8C5A2E' stroke-width='5'/><path d='M28 22H92V84L60 94L28 84Z' fill='#DB6A2C'/><path d='M28 22H92V34H28Z' fill='#C0561F'/><path d='M42 50H78M42 62H70' stroke='#FBE6D0' stroke-width='6'/><circle cx='60' cy='14' r='5' fill='#D9A52E'/>`,
  book: `<path d='M60 36C48 26 32 24 16 28V92C32 88 48 90 60 100C72 90 88 88 104 92V28C88 24 72 26 60 36Z' fill='#FFFDF8'/><path d='M60 36C48 26 32 24 16 28V34C32 30 48 32 60 42C72 32 88 30 104 34V28C88 24 72 26 60 36Z' fill='#7DB3BF'/><path d='M60 38V98' stroke='#C9B79C' stroke-width='3'/><path d='M26 50C36 48 44 50 52 54M26 64C36 62 44 64 52 68M94 50C84 48 76 50 68 54M94 64C84 62 76 64 68 68' stroke='#C9B79C' stroke-width='3'/><path d='M78 24L84 22V46L78 42L72 48V26Z' fill='#C0561F'/>`,
  free: `<path d='M34 18H86V98L77 92L69 100L60 92L51 100L43 92L34 98Z' fill='#FFFDF8' stroke='#E3D3BA' stroke-width='2'/><path d='M44 34H76M44 44H66' stroke='#C9B79C' stroke-width='4'/><circle cx='60' cy='68' r='18' fill='#DB6A2C'/><path d='M60 56L64 64L72 65L66 71L68 79L60 75L52 79L54 71L48 65L56 64Z' fill='#FBE6D0'/>`,
  gift: `<path d='M24 58H96V98A5 5 0 0 1 91 103H29A5 5 0 0 1 24 98Z' fill='#DB6A2C'/><rect x='18' y='42' width='84' height='20' rx='5' fill='#E88A52'/><path d='M52 42H68V103H52Z' fill='#F6D365'/><path d='M60 42C40 44 32 34 38 24C46 14 58 24 60 42C62 24 74 14 82 24C88 34 80 44 60 42Z' fill='#F6D365'/><path d='M60 42C48 40 42 34 45 29C50 26 57 32 60 42C63 32 70 26 75 29C78 34 72 40 60 42Z' fill='#D9A52E'/>`,
  ticket: `<path d='M14 36H106V54A8 8 0 0 0 106 70V90H14V70A8 8 0 0 0 14 54Z' fill='#DB6A2C'/><path d='M20 42H100M20 84H100' stroke='#E88A52' stroke-width='3'/><path d='M76 40V46M76 52V58M76 64V70M76 76V84' stroke='#FBE6D0' stroke-width='3'/><path d='M34 48L46 62L58 48M46 62V80M36 64H56M36 72H56' stroke='#FFF6EA' stroke-width='5'/><path d='M90 54V74' stroke='#FBE6D0' stroke-width='4'/>`,
  points: `<ellipse cx='42' cy='92' rx='26' ry='9' fill='#B8862B'/><ellipse cx='42' cy='86' rx='26' ry='9' fill='#E8B93C'/><ellipse cx='42' cy='76' rx='26' ry='9' fill='#B8862B'/><ellipse cx='42' cy='70' rx='26' ry='9' fill='#F0C95A'/><circle cx='76' cy='56' r='28' fill='#E2743A'/><circle cx='66' cy='46' r='7' fill='#F3A271'/><path d='M60 32Q76 16 92 32Q76 44 60 32Z' fill='#5E9C4E'/><path d='M76 30V20' stroke='#8C5A2E' stroke-width='4'/>`,
  nothing: `<path d='M24 58H84C84 82 74 98 54 98S24 82 24 58Z' fill='#FFFDF8' stroke='#E3D3BA' stroke-width='2'/><path d='M84 62H90C102 62 100 82 80 82' stroke='#E3D3BA' stroke-width='5'/><ellipse cx='54' cy='59' rx='29' ry='6' fill='#A9B86B'/><path d='M48 60C46 52 52 46 62 48C62 56 56 61 48 60Z' fill='#5E9C4E'/><ellipse cx='54' cy='104' rx='36' ry='5' fill='#C99A5F'/><path d='M44 42C40 36 48 32 44 24M60 38C56 32 64 28 60 20' stroke='#C9B79C' stroke-width='4'/>`,
  goods: `<path d='M20 46L60 30L100 46V88L60 106L20 88Z' fill='#C99A5F'/><path d='M20 46L60 62L100 46L60 30Z' fill='#E3BE88'/><path d='M60 62V106L100 88V46Z' fill='#B98A52'/><path d='M40 38L80 54V66L72 62L66 64V50L28 42Z' fill='#F4E6CC'/>`,
} as const;
export type Ware = keyof typeof WARES;

const WORDS = Object.entries(known) as [Ware, string[]][];
const OF_KIND: Record<string, Ware> = { coupon: 'ticket', leader_material: 'banner', training: 'book', points: 'points', nothing: 'nothing' };

/** What an item or a prize is shown as: by its name as far as that tells, else by its kind. */
export function wareOf(kind: string, ...names: string[]): Ware {
  const plain = OF_KIND[kind];
  if (plain === 'points' || plain === 'nothing' || plain === 'ticket') return names.some((name) => has('free', name)) ? 'free' : plain;
  // The longest word that fits tells most: 面包 is bread, though 面 alone would be flour.
  let found: Ware | undefined;
  let length = 0;
  for (const [ware, words] of WORDS) {
    for (const word of words) {
      if (word.length > length && names.some((name) => name.toLowerCase().includes(word))) [found, length] = [ware, word.length];
    }
  }
  return found ?? plain ?? 'goods';
}
function has(ware: Ware, name: string): boolean {
  return (WORDS.find(([one]) => one === ware)?.[1] ?? []).some((word) => name.toLowerCase().includes(word));
}

export function wareSvg(ware: Ware): string {
  return `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 120 120' fill='none' stroke-linecap='round' stroke-linejoin='round'>${WARES[ware]}</svg>`;
}
export function wareUrl(ware: Ware): string {
  return svgUrl(wareSvg(ware));
}
export const ALL_WARES = Object.keys(WARES) as Ware[];
