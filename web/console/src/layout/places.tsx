import {
  AuditOutlined, BarChartOutlined, BellOutlined, ClockCircleOutlined, DiffOutlined, FilterOutlined, GiftOutlined, PercentageOutlined, ReadOutlined,
  SafetyOutlined, ShopOutlined, TagOutlined, TeamOutlined, ThunderboltOutlined, WalletOutlined,
} from "@ant-design/icons"
import type { ReactNode } from "react"
import type { Key } from "../i18n"
import type { Act } from "../session/permissions"

export type Place = { at: string; text: Key; icon: ReactNode; act: Act }

/** The menu: places that belong together stand under one word. */
export const GROUPS: { text: Key | null; places: Place[] }[] = [
  {
    text: null,
    places: [
      { at: "/", text: "nav.dashboard", icon: <BarChartOutlined />, act: "see.dashboard" },
      { at: "/members", text: "nav.members", icon: <TeamOutlined />, act: "see.members" },
      { at: "/events", text: "nav.events", icon: <ThunderboltOutlined />, act: "see.events" },
    ],
  },
  {
    text: "nav.group.earn",
    places: [
      { at: "/rules", text: "nav.rules", icon: <ReadOutlined />, act: "see.rules" },
      { at: "/budget", text: "nav.budget", icon: <WalletOutlined />, act: "see.dashboard" },
    ],
  },
  {
    text: "nav.group.spend",
    places: [
      { at: "/deductions", text: "nav.deductions", icon: <PercentageOutlined />, act: "see.spending" },
      { at: "/mall", text: "nav.mall", icon: <ShopOutlined />, act: "see.spending" },
      { at: "/coupons", text: "nav.coupons", icon: <TagOutlined />, act: "see.spending" },
      { at: "/lottery", text: "nav.lottery", icon: <GiftOutlined />, act: "see.spending" },
    ],
  },
  {
    text: "nav.group.books",
    places: [
      { at: "/runs", text: "nav.runs", icon: <ClockCircleOutlined />, act: "see.runs" },
      { at: "/notices", text: "nav.notices", icon: <BellOutlined />, act: "see.runs" },
      { at: "/screening", text: "nav.screening", icon: <FilterOutlined />, act: "see.runs" },
      { at: "/corrections", text: "nav.corrections", icon: <DiffOutlined />, act: "see.corrections" },
    ],
  },
  {
    text: "nav.group.house",
    places: [
      { at: "/acts", text: "nav.acts", icon: <AuditOutlined />, act: "see.acts" },
      { at: "/users", text: "nav.users", icon: <SafetyOutlined />, act: "see.users" },
    ],
  },
]

const ALL = GROUPS.flatMap((group) => group.places)

/** Which place an address belongs to. */
export const placeOf = (pathname: string) =>
  ALL.findLast((place) => pathname === place.at || pathname.startsWith(`${place.at}/`))?.at ?? "/"
