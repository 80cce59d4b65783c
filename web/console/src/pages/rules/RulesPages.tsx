import { Route, Routes } from "react-router-dom"
import { programme as calls } from "../../api/calls"
import { ApiError } from "../../api/problem"
import { useLanguage } from "../../i18n"
import { useLoad } from "../../parts/load"
import { Page, Show } from "../../parts/Page"
import { LinkTabs } from "../../parts/Tabs"
import { useMay } from "../../session/Session"
import MissingPage from "../MissingPage"
import { RulesDesk, useDesk } from "./context"
import { BackTestPage } from "./BackTestPage"
import { BackTestsList } from "./BackTestsList"
import { DeductionPage } from "./DeductionPage"
import { DraftBar } from "./DraftBar"
import { DraftPage } from "./DraftPage"
import { DraftsList } from "./DraftsList"
import { EditRule } from "./EditRule"
import { PublishPage } from "./PublishPage"
import { RolloutPage } from "./RolloutPage"
import { RolloutsList } from "./RolloutsList"
import { RuleList } from "./RuleList"
import { SettingsForm } from "./SettingsForm"
import { TryPage } from "./TryPage"
import { VersionPage } from "./VersionPage"
import { VersionsList } from "./VersionsList"

const TABS = ["", "deduction", "settings", "try", "back-tests", "drafts", "rollouts", "versions"] as const

function Tabbed() {
  const { t, name } = useLanguage()
  const desk = useDesk()
  return (
    <Page
      title={desk.document.title ? name(desk.document.title) : t("nav.rules")}
      note={desk.live ? t("rules.note", { version: desk.live.version }) : t("rules.none")}
    >
      <DraftBar />
      <LinkTabs label={t("nav.rules")} tabs={TABS.map((key) => ({ to: key ? `/rules/${key}` : "/rules", text: t(`rules.tab.${key || "list"}` as const) }))} />
      <Routes>
        <Route path="/" element={<RuleList />} />
        <Route path="deduction" element={<DeductionPage />} />
        <Route path="settings" element={<SettingsForm />} />
        <Route path="try" element={<TryPage />} />
        <Route path="back-tests" element={<BackTestsList />} />
        <Route path="drafts" element={<DraftsList />} />
        <Route path="rollouts" element={<RolloutsList />} />
        <Route path="versions" element={<VersionsList />} />
        <Route path="*" element={<MissingPage />} />
      </Routes>
    </Page>
  )
}

export default function RulesPages() {
  const may = useMay()
  const live = useLoad(async (signal) => {
    try {
      return { version: await calls.live(signal) }
    } catch (error) {
      if (error instanceof ApiError && error.code === "no_programme") return { version: null }
      throw error
    }
  }, [])
  const forbidden = <MissingPage forbidden />
  return (
    <Show of={live}>
      {({ version }) => (
        <RulesDesk live={version} reloadLive={live.reload}>
          <Routes>
            <Route path="edit/:at" element={may("edit.rules") ? <EditRule /> : forbidden} />
            <Route path="publish" element={may("edit.rules") ? <PublishPage /> : forbidden} />
            <Route path="back-tests/:test" element={<BackTestPage />} />
            <Route path="drafts/:draft" element={<DraftPage />} />
            <Route path="rollouts/:version" element={<RolloutPage />} />
            <Route path="versions/:version" element={<VersionPage />} />
            <Route path="*" element={<Tabbed />} />
          </Routes>
        </RulesDesk>
      )}
    </Show>
  )
}
