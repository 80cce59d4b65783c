import { Button } from "antd"
import { useState } from "react"
import { useNavigate, useParams } from "react-router-dom"
import { type Campaign, campaigns } from "../../api/lottery"
import { useLanguage } from "../../i18n"
import { useLive } from "../../live/Live"
import { useAct } from "../../parts/act"
import { AskReason } from "../../parts/AskReason"
import { Facts, Moment, State } from "../../parts/bits"
import { useCalm, useLoad } from "../../parts/load"
import { Page, Panel, Show } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useSure } from "../../parts/sure"
import { useMay } from "../../session/Session"
import { Editor } from "./Editor"
import { FiguresPanel } from "./FiguresPanel"
import { PrizeTable } from "./PrizeTable"
import { Entries, Figures, Proof } from "./Running"

const CALM_MS = 5_000

function Acts({ campaign: one, reload }: { campaign: Campaign; reload: () => void }) {
  const { t } = useLanguage()
  const go = useNavigate()
  const sure = useSure()
  const [stopping, setStopping] = useState(false)
  const act = useAct(async (what: "publish" | "reveal" | "remove") => {
    if (what === "remove") {
      await campaigns.remove(one.campaign_id)
      go("/lottery")
    } else {
      await campaigns.act(one.campaign_id, what)
      reload()
    }
  })
  const ask = (what: "publish" | "reveal" | "remove") =>
    sure({
      title: t(`lottery.${what}.sure`), text: what === "publish" ? t("lottery.publish.text") : undefined, ok: t(`lottery.${what}`),
      danger: what === "remove", work: () => act.run(what),
    })
  const revealable = one.state === "ended" || (one.state === "stopped" && !one.seed)
  return (
    <>
      {one.state === "draft" && <Button danger onClick={() => ask("remove")}>{t("lottery.remove")}</Button>}
      {one.state === "draft" && <Button type="primary" loading={act.doing} disabled={one.faults.length > 0} onClick={() => ask("publish")}>{t("lottery.publish")}</Button>}
      {one.state === "published" && <Button danger onClick={() => setStopping(true)}>{t("lottery.stop")}</Button>}
      {revealable && <Button type="primary" loading={act.doing} onClick={() => ask("reveal")}>{t("lottery.reveal")}</Button>}
      <AskReason
        open={stopping}
        danger
        title={t("lottery.stop")}
        text={t("lottery.stop.text")}
        ok={t("lottery.stop")}
        done={t("lottery.stop.done")}
        work={({ reason }) => campaigns.stop(one.campaign_id, reason)}
        close={(done) => {
          setStopping(false)
          if (done) reload()
        }}
      />
      {act.error && <ProblemBox error={act.error} />}
    </>
  )
}

/** What was published, and cannot be changed. */
function Terms({ campaign: one }: { campaign: Campaign }) {
  const { t, name } = useLanguage()
  const often = (n: number | null) => (n === null ? t("limit.event") : t("lottery.times", { n }))
  const minimum = one.prizes.find((prize) => prize.prize_id === one.minimum_prize_id)
  return (
    <Panel title={t("lottery.part.what")}>
      <Facts
        columns={3}
        items={[
          [t("lottery.starts_at"), <Moment at={one.starts_at} />],
          [t("lottery.ends_at"), <Moment at={one.ends_at} />],
          [t("lottery.draws_a_day"), often(one.draws_a_day)],
          [t("lottery.draws_a_member"), often(one.draws_a_member)],
          [t("lottery.minimum_prize_id"), minimum && name(minimum.name)],
          [t("lottery.guarantee_every"), one.guarantee_every && t("lottery.times", { n: one.guarantee_every })],
          [t("lottery.published_by"), one.published_by && <>{one.published_by} · <Moment at={one.published_at} /></>],
          [t("lottery.rules"), one.rules && name(one.rules)],
        ]}
      />
    </Panel>
  )
}

/** One campaign: a draft that is written, or what came of one that was published. */
export function CampaignPage() {
  const { t, name } = useLanguage()
  const may = useMay()
  const { pulse, tick, businessOn } = useLive()
  const id = useParams().campaign ?? ""
  const turn = useCalm((pulse?.events_total ?? 0) + tick, CALM_MS)
  const found = useLoad((signal) => campaigns.get(id, signal), [id, turn])
  const one = found.data
  return (
    <Page
      title={one ? name(one.title) : t("lottery.campaign")}
      note={one && <><State group="lottery_state" code={one.state} /> {one.created_by} · <Moment at={one.created_at} /></>}
      back={{ to: "/lottery", text: t("nav.lottery") }}
      acts={one && may("write.lottery") ? <Acts campaign={one} reload={found.reload} /> : null}
    >
      <Show of={found} rows={10}>
        {(campaign) =>
          campaign.state === "draft" ? (
            <Editor key={campaign.revision} campaign={campaign} on={businessOn ?? ""} reload={found.reload} />
          ) : (
            <>
              <Figures campaign={campaign} />
              <PrizeTable campaign={campaign} />
              <FiguresPanel campaign={campaign.campaign_id} draws={campaign.draws} />
              <Proof campaign={campaign} />
              <Terms campaign={campaign} />
              <Entries campaign={campaign} />
            </>
          )
        }
      </Show>
    </Page>
  )
}

/** A campaign to be. Its dates begin tomorrow, so today must be known. */
export function NewCampaignPage() {
  const { t } = useLanguage()
  const { businessOn } = useLive()
  return (
    <Page title={t("lottery.new")} back={{ to: "/lottery", text: t("nav.lottery") }}>
      {businessOn && <Editor campaign={null} on={businessOn} reload={() => null} />}
    </Page>
  )
}
