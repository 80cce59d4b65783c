import { Button, Select } from "antd"
import { useNavigate, useParams, useSearchParams } from "react-router-dom"
import { programme } from "../../api/calls"
import { useLanguage } from "../../i18n"
import { Facts, Id, Moment } from "../../parts/bits"
import { useLoad } from "../../parts/load"
import { Page, Panel, Show } from "../../parts/Page"
import type { Programme, Rule } from "../../rules/model"
import { useSure } from "../../parts/sure"
import { useMay } from "../../session/Session"
import { Changes } from "./Changes"
import { useDesk } from "./context"

/** One version: what it says, and how it differs from another. */
export function VersionPage() {
  const { t, name } = useLanguage()
  const may = useMay()
  const go = useNavigate()
  const desk = useDesk()
  const sure = useSure()
  const version = Number(useParams().version)
  const [search, setSearch] = useSearchParams()
  const from = Number(search.get("from")) || Math.max(1, version - 1)
  const found = useLoad((signal) => programme.version(version, signal), [version])
  const diff = useLoad(
    (signal) => (from === version ? Promise.resolve({ changes: [] }) : programme.diff(version, from, signal)),
    [version, from],
  )
  const others = Array.from({ length: desk.live?.version ?? version }, (_one, at) => at + 1).filter((n) => n !== version)
  const restore = () => {
    desk.begin(found.data?.document as Programme | undefined)
    go("/rules")
  }
  return (
    <Page
      title={t("versions.number", { version })}
      back={{ to: "/rules/versions", text: t("rules.tab.versions") }}
      acts={
        may("edit.rules") && found.data ? (
          <Button
            onClick={() => sure({ title: t(desk.draft ? "versions.restore.replaces" : "versions.restore.sure"), ok: t("versions.restore"), work: restore })}
          >
            {t("versions.restore")}
          </Button>
        ) : null
      }
    >
      <Show of={found} rows={3}>
        {(one) => (
          <Panel>
            <Facts
              columns={3}
              items={[
                [t("versions.published"), <Moment at={one.published_at} />],
                [t("versions.by"), one.published_by],
                [
                  t("versions.effective"),
                  one.effective_from.startsWith("1970") ? t("versions.always") : <Moment at={one.effective_from} />,
                ],
                [t("versions.note"), one.note || null],
              ]}
            />
          </Panel>
        )}
      </Show>
      {others.length > 0 && (
        <Panel
          title={t("diff.title")}
          extra={
            <Select
              aria-label={t("diff.from")}
              value={from}
              onChange={(value: number) => setSearch({ from: String(value) }, { replace: true })}
              options={others.toReversed().map((value) => ({ value, label: t("diff.against", { version: value }) }))}
            />
          }
        >
          <Show of={diff}>{({ changes }) => <Changes changes={changes} />}</Show>
        </Panel>
      )}
      <Panel title={t("versions.says")}>
        <Show of={found}>
          {(one) => {
            const said = new Map((one.sentences ?? []).map((sentence) => [sentence.rule, sentence]))
            return (
              <ul className="says">
                {((one.document.rules ?? []) as Rule[]).map((rule) => (
                  <li key={rule.id}>
                    <b>{name(rule.name)}</b> <Id>{rule.id}</Id>
                    <p>{said.has(rule.id) ? name(said.get(rule.id) as { zh: string; en: string }) : t("rules.no_sentence")}</p>
                  </li>
                ))}
              </ul>
            )
          }}
        </Show>
      </Panel>
    </Page>
  )
}
