import { Route, Routes } from "react-router-dom"
import { useMay } from "../../session/Session"
import MissingPage from "../MissingPage"
import { CampaignPage, NewCampaignPage } from "./CampaignPage"
import { CampaignsPage } from "./CampaignsPage"

/** Lotteries whose draws can be verified. */
export default function LotteryPages() {
  const may = useMay()
  return (
    <Routes>
      <Route path="/" element={<CampaignsPage />} />
      <Route path="new" element={may("write.lottery") ? <NewCampaignPage /> : <MissingPage forbidden />} />
      <Route path=":campaign" element={<CampaignPage />} />
    </Routes>
  )
}
