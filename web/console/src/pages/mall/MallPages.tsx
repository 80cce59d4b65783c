import { Route, Routes } from "react-router-dom"
import { useLanguage } from "../../i18n"
import { Page } from "../../parts/Page"
import { LinkTabs } from "../../parts/Tabs"
import { useMay } from "../../session/Session"
import MissingPage from "../MissingPage"
import { CostsPage } from "./CostsPage"
import { ImportPage } from "./ImportPage"
import { ImportsList } from "./ImportsList"
import { ItemPage, NewItemPage } from "./ItemPage"
import { ItemsList } from "./ItemsList"
import { OrdersList } from "./OrdersList"
import { ShelfPage } from "./ShelfPage"

function Tabbed() {
  const { t } = useLanguage()
  return (
    <Page title={t("nav.mall")} note={t("mall.note")}>
      <LinkTabs
        label={t("nav.mall")}
        tabs={[
          { to: "/mall", text: t("mall.tab.items") },
          { to: "/mall/shelf", text: t("mall.tab.shelf") },
          { to: "/mall/orders", text: t("mall.tab.orders") },
          { to: "/mall/imports", text: t("mall.tab.imports") },
          { to: "/mall/costs", text: t("mall.tab.costs") },
        ]}
      />
      <Routes>
        <Route path="/" element={<ItemsList />} />
        <Route path="shelf" element={<ShelfPage />} />
        <Route path="orders" element={<OrdersList />} />
        <Route path="imports" element={<ImportsList />} />
        <Route path="costs" element={<CostsPage />} />
        <Route path="*" element={<MissingPage />} />
      </Routes>
    </Page>
  )
}

/** The points mall: what is on the shelf, what was ordered, and what it cost. */
export default function MallPages() {
  const may = useMay()
  return (
    <Routes>
      <Route path="items/new" element={may("write.mall") ? <NewItemPage /> : <MissingPage forbidden />} />
      <Route path="items/:item" element={<ItemPage />} />
      <Route path="imports/:import" element={<ImportPage />} />
      <Route path="*" element={<Tabbed />} />
    </Routes>
  )
}
