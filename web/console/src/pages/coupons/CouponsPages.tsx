import { Route, Routes } from "react-router-dom"
import { useLanguage } from "../../i18n"
import { Page } from "../../parts/Page"
import { LinkTabs } from "../../parts/Tabs"
import { useMay } from "../../session/Session"
import MissingPage from "../MissingPage"
import { CouponsList } from "./CouponsTable"
import { IssuePage } from "./IssuePage"
import { IssuesList } from "./IssuesList"
import { NewTemplatePage, TemplatePage } from "./TemplatePage"
import { TemplatesList } from "./TemplatesList"

function Tabbed() {
  const { t } = useLanguage()
  return (
    <Page title={t("nav.coupons")} note={t("coupons.note")}>
      <LinkTabs
        label={t("nav.coupons")}
        tabs={[
          { to: "/coupons", text: t("coupons.tab.templates") },
          { to: "/coupons/issues", text: t("coupons.tab.issues") },
          { to: "/coupons/all", text: t("coupons.tab.all") },
        ]}
      />
      <Routes>
        <Route path="/" element={<TemplatesList />} />
        <Route path="issues" element={<IssuesList />} />
        <Route path="all" element={<CouponsList />} />
        <Route path="*" element={<MissingPage />} />
      </Routes>
    </Page>
  )
}

/** Coupons: templates, giving them to many, and what was given. */
export default function CouponsPages() {
  const may = useMay()
  return (
    <Routes>
      <Route path="templates/new" element={may("write.coupons") ? <NewTemplatePage /> : <MissingPage forbidden />} />
      <Route path="templates/:template" element={<TemplatePage />} />
      <Route path="issues/:issue" element={<IssuePage />} />
      <Route path="*" element={<Tabbed />} />
    </Routes>
  )
}
