import { theme as antd, type ThemeConfig } from "antd"

/** The colours of the house: warm greys, persimmon for what one may press, leaf for what went well. */
export type Palette = {
  ground: string; card: string; sunken: string; line: string; ink: string; inkSoft: string; inkFaint: string
  persimmon: string; persimmonSoft: string; leaf: string; leafSoft: string; amber: string; amberSoft: string
  brick: string; brickSoft: string; sky: string; plum: string; honey: string; shade: string
}

export const LIGHT: Palette = {
  ground: "#f6f4f0", card: "#ffffff", sunken: "#faf8f5", line: "#e8e3dc", ink: "#2a2622", inkSoft: "#665e56",
  inkFaint: "#776e65", persimmon: "#b94218", persimmonSoft: "#fdefe7", leaf: "#3b7a4b", leafSoft: "#e9f3ea",
  amber: "#94620a", amberSoft: "#fbf1dc", brick: "#b3261e", brickSoft: "#fbe9e7", sky: "#3f6f96", plum: "#7d5a86", honey: "#dba544",
  shade: "0 1px 2px rgb(60 40 20 / 4%), 0 4px 16px rgb(60 40 20 / 4%)",
}

export const DARK: Palette = {
  ground: "#151311", card: "#1f1c19", sunken: "#1a1715", line: "#38332e", ink: "#efeae4", inkSoft: "#b5aca2",
  inkFaint: "#988f85", persimmon: "#ee8257", persimmonSoft: "#3a2319", leaf: "#7fbf8e", leafSoft: "#1e2f22",
  amber: "#dfae57", amberSoft: "#352a15", brick: "#f08a80", brickSoft: "#3b1f1c", sky: "#86b3d8", plum: "#c39bcc", honey: "#d9ab5a",
  shade: "0 1px 2px rgb(0 0 0 / 30%)",
}

export const FONT =
  '-apple-system, BlinkMacSystemFont, "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif'
export const MONO = 'ui-monospace, "SF Mono", "Cascadia Mono", "Noto Sans Mono CJK SC", Menlo, Consolas, monospace'

/** antd's tokens for a palette. */
export function themeOf(p: Palette, dark: boolean): ThemeConfig {
  return {
    algorithm: dark ? antd.darkAlgorithm : antd.defaultAlgorithm,
    cssVar: { key: "linli" },
    hashed: false,
    token: {
      colorPrimary: dark ? "#d9673a" : p.persimmon, colorSuccess: p.leaf, colorWarning: p.amber, colorError: p.brick,
      colorInfo: p.sky, colorLink: p.persimmon, colorLinkHover: p.persimmon, colorTextBase: p.ink,
      colorBgBase: p.card, colorBgLayout: p.ground, colorBgContainer: p.card, colorBgElevated: p.card,
      colorBorder: dark ? "#4a443d" : "#d8d1c8", colorBorderSecondary: p.line, colorText: p.ink,
      colorTextSecondary: p.inkSoft, colorTextTertiary: p.inkSoft, colorTextDescription: p.inkSoft,
      colorTextPlaceholder: p.inkFaint, colorTextHeading: p.ink, colorTextDisabled: p.inkFaint,
      colorSuccessBg: p.leafSoft, colorWarningBg: p.amberSoft, colorErrorBg: p.brickSoft, colorInfoBg: p.sunken,
      colorSuccessBorder: p.line, colorWarningBorder: p.line, colorErrorBorder: p.line, colorInfoBorder: p.line, borderRadius: 8, borderRadiusLG: 12,
      borderRadiusSM: 6, fontFamily: FONT, fontFamilyCode: MONO, fontSize: 14, controlHeight: 34, wireframe: false,
      motionDurationMid: "0.14s", motionDurationSlow: "0.2s",
    },
    components: {
      Table: {
        headerBg: p.sunken, headerColor: p.inkSoft, headerSplitColor: "transparent", rowHoverBg: p.sunken,
        cellPaddingBlock: 11, cellPaddingBlockSM: 8, borderColor: p.line, headerBorderRadius: 0,
      },
      Menu: {
        itemBg: "transparent", itemSelectedBg: p.persimmonSoft, itemSelectedColor: p.persimmon, itemHeight: 36,
        itemBorderRadius: 8, itemMarginInline: 10, activeBarBorderWidth: 0, itemColor: p.inkSoft,
      },
      Layout: { siderBg: p.ground, headerBg: p.ground, bodyBg: p.ground },
      Card: { headerFontSize: 15, headerHeight: 50 },
      Tabs: { horizontalMargin: "0 0 16px 0" },
      Form: { itemMarginBottom: 18, verticalLabelPadding: "0 0 5px" },
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none" },
      Statistic: { contentFontSize: 26 },
      Segmented: { itemSelectedBg: p.card, trackBg: dark ? "#2a2622" : "#ece8e1" },
      Alert: { withDescriptionPadding: "14px 16px" },
    },
  }
}

/** The palette as CSS variables, for what antd does not draw. */
export function cssVariables(p: Palette): Record<string, string> {
  return Object.fromEntries(
    Object.entries(p).map(([name, value]) => [`--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`, value]),
  )
}
