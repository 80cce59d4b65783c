import { Skeleton } from "antd"
import { lazy, Suspense } from "react"
import { Navigate, Route, Routes, useLocation } from "react-router-dom"
import type { Act } from "../session/permissions"
import { useMay } from "../session/Session"
import { Broken } from "./Broken"

const DashboardPage = lazy(() => import("../pages/dashboard/DashboardPage"))
const RulesPages = lazy(() => import("../pages/rules/RulesPages"))
const MembersPage = lazy(() => import("../pages/members/MembersPage"))
const MemberPage = lazy(() => import("../pages/members/MemberPage"))
const EventsPage = lazy(() => import("../pages/events/EventsPage"))
const EventPage = lazy(() => import("../pages/events/EventPage"))
const ParkedPage = lazy(() => import("../pages/events/ParkedPage"))
const RunsPage = lazy(() => import("../pages/runs/RunsPage"))
const DeductionsPage = lazy(() => import("../pages/deductions/DeductionsPage"))
const LotteryPages = lazy(() => import("../pages/lottery/LotteryPages"))
const MallPages = lazy(() => import("../pages/mall/MallPages"))
const CouponsPages = lazy(() => import("../pages/coupons/CouponsPages"))
const NoticesPage = lazy(() => import("../pages/notices/NoticesPage"))
const CorrectionsPage = lazy(() => import("../pages/corrections/CorrectionsPage"))
const CorrectionPage = lazy(() => import("../pages/corrections/CorrectionPage"))
const BudgetPage = lazy(() => import("../pages/budget/BudgetPage"))
const CutsPage = lazy(() => import("../pages/screening/CutsPage"))
const ActsPage = lazy(() => import("../pages/acts/ActsPage"))
const UsersPage = lazy(() => import("../pages/users/UsersPage"))
const PasswordPage = lazy(() => import("../pages/users/PasswordPage"))
const MissingPage = lazy(() => import("../pages/MissingPage"))

/** What stands at each address, for those who may see it. */
export function Pages() {
  const { pathname } = useLocation()
  const may = useMay()
  const guard = (act: Act, page: React.ReactNode) => (may(act) ? page : <MissingPage forbidden />)
  return (
    <Broken at={pathname}>
      <Suspense fallback={<Skeleton className="page" active paragraph={{ rows: 8 }} />}>
        <Routes>
          <Route path="/" element={may("see.dashboard") ? <DashboardPage /> : <Navigate to="/events" replace />} />
          <Route path="/rules/*" element={guard("see.rules", <RulesPages />)} />
          <Route path="/members" element={guard("see.members", <MembersPage />)} />
          <Route path="/members/:member" element={guard("see.members", <MemberPage />)} />
          <Route path="/events" element={guard("see.events", <EventsPage />)} />
          <Route path="/events/one" element={guard("see.events", <EventPage />)} />
          <Route path="/events/parked" element={guard("see.events", <ParkedPage />)} />
          <Route path="/deductions" element={guard("see.spending", <DeductionsPage />)} />
          <Route path="/lottery/*" element={guard("see.spending", <LotteryPages />)} />
          <Route path="/mall/*" element={guard("see.spending", <MallPages />)} />
          <Route path="/coupons/*" element={guard("see.spending", <CouponsPages />)} />
          <Route path="/runs" element={guard("see.runs", <RunsPage />)} />
          <Route path="/notices" element={guard("see.runs", <NoticesPage />)} />
          <Route path="/budget" element={guard("see.dashboard", <BudgetPage />)} />
          <Route path="/screening" element={guard("see.runs", <CutsPage />)} />
          <Route path="/corrections" element={guard("see.corrections", <CorrectionsPage />)} />
          <Route path="/corrections/:correction" element={guard("see.corrections", <CorrectionPage />)} />
          <Route path="/acts" element={guard("see.acts", <ActsPage />)} />
          <Route path="/users" element={guard("see.users", <UsersPage />)} />
          <Route path="/password" element={<PasswordPage />} />
          <Route path="*" element={<MissingPage />} />
        </Routes>
      </Suspense>
    </Broken>
  )
}
