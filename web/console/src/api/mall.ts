// The points mall: items and their stock, imports of them, orders, and what redemptions cost.
import type { Import, ImportLines, Imports, MallCosts, MallItem, MallItems, NewItem, Picture, PlacedItems, ShopOrder, ShopOrders, StockMoves } from "../../../shared/api/schema"
import { request } from "./client"

const id = encodeURIComponent
type Page = { cursor?: string; limit?: number; signal?: AbortSignal }

export type { CostOfDay, CostOfItem, MallCosts, MallItem, PlacedItem, ShopOrder, StockMove } from "../../../shared/api/schema"
export type { Import as ItemImport, ImportLineView as ImportLine } from "../../../shared/api/schema"
export type ItemTerms = Omit<NewItem, "total">
export type ItemState = MallItem["state"]
export type ItemKind = MallItem["kind"]
export type Sourcing = MallItem["sourcing"]
export type OrderState = ShopOrder["state"]
export const ITEM_KINDS: ItemKind[] = ["goods", "coupon", "leader_material", "training"]
export const SOURCINGS: Sourcing[] = ["standard", "near_expiry", "sponsored", "high_margin"]

export const items = {
  list: ({ signal, ...query }: Page & { state?: string; kind?: string; category?: string; q?: string }) =>
    request<MallItems>("GET", "/v1/mall/items", { query, signal }),
  get: (item: string, signal?: AbortSignal) => request<MallItem>("GET", `/v1/mall/items/${id(item)}`, { signal }),
  add: (terms: ItemTerms, total: number | null) => request<MallItem>("POST", "/v1/mall/items", { body: { ...terms, total } }),
  edit: (item: string, revision: number, terms: ItemTerms) =>
    request<MallItem>("PUT", `/v1/mall/items/${id(item)}`, { body: { ...terms, revision } }),
  act: (item: string, act: "list" | "delist") => request<MallItem>("POST", `/v1/mall/items/${id(item)}/${act}`),
  stock: (item: string, change: number, reason: string) =>
    request<MallItem>("POST", `/v1/mall/items/${id(item)}/stock`, { body: { change, reason } }),
  moves: (item: string, { signal, ...query }: Page) =>
    request<StockMoves>("GET", `/v1/mall/items/${id(item)}/stock-moves`, { query, signal }),
  picture: (file: File) => request<Picture>("POST", "/v1/mall/pictures", { text: { type: file.type, body: file } }),
}

export const shelf = {
  list: ({ signal, ...query }: Page) => request<PlacedItems>("GET", "/v1/mall/shelf", { query, signal }),
}

export const imports = {
  list: ({ signal, ...query }: Page) => request<Imports>("GET", "/v1/mall/imports", { query, signal }),
  get: (one: string, signal?: AbortSignal) => request<Import>("GET", `/v1/mall/imports/${id(one)}`, { signal }),
  lines: (one: string, { signal, ...query }: Page & { act?: string }) =>
    request<ImportLines>("GET", `/v1/mall/imports/${id(one)}/lines`, { query, signal }),
  upload: (file: Blob | string, key: string) =>
    request<Import>("POST", "/v1/mall/imports", { text: { type: "text/csv", body: file }, key }),
  act: (one: string, act: "apply" | "cancel") => request<Import>("POST", `/v1/mall/imports/${id(one)}/${act}`),
}

export const orders = {
  list: ({ signal, ...query }: Page & { state?: string; member_id?: string; item_id?: string; community_id?: string }) =>
    request<ShopOrders>("GET", "/v1/mall/orders", { query, signal }),
  get: (order: string, signal?: AbortSignal) => request<ShopOrder>("GET", `/v1/mall/orders/${id(order)}`, { signal }),
  ready: (order: string) => request<ShopOrder>("POST", `/v1/mall/orders/${id(order)}/ready`),
  collect: (order: string, code: string) =>
    request<ShopOrder>("POST", `/v1/mall/orders/${id(order)}/collect`, { body: { code } }),
  /** Hands out whatever the code is of. */
  collectBy: (code: string) => request<ShopOrder>("POST", "/v1/mall/collect", { body: { code } }),
  undo: (order: string, how: "cancel" | "refund", reason: string) =>
    request<ShopOrder>("POST", `/v1/mall/orders/${id(order)}/${how}`, { body: { reason } }),
}

export const costs = {
  of: (from: string, to: string, signal?: AbortSignal) =>
    request<MallCosts>("GET", "/v1/mall/costs", { query: { from, to }, signal }),
}
