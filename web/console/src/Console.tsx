import { Button, Result, Spin } from "antd"
import { LiveProvider } from "./live/Live"
import { Shell } from "./layout/Shell"
import { useLanguage } from "./i18n"
import { tellOf } from "./parts/Problem"
import { SessionProvider, useDoor } from "./session/Session"
import { SignInAgain } from "./session/SignInAgain"
import { SignInPage } from "./session/SignInPage"

/** The door: who is not signed in sees the sign-in page, at whatever address. */
function Inside() {
  const { state, ask } = useDoor()
  const speech = useLanguage()
  if (state.at === "asking") return <Spin className="whole" size="large" />
  if (state.at === "out") return <SignInPage />
  if (state.at === "down") {
    const { title, detail } = tellOf(state.error, speech)
    return (
      <Result
        className="whole"
        status="warning"
        title={title}
        subTitle={detail}
        extra={
          <Button type="primary" onClick={ask}>
            {speech.t("act.retry")}
          </Button>
        }
      />
    )
  }
  return (
    <LiveProvider key={state.session.user.user_id}>
      <Shell />
      {state.expired && <SignInAgain name={state.session.user.name} />}
    </LiveProvider>
  )
}

export function Console() {
  return (
    <SessionProvider>
      <Inside />
    </SessionProvider>
  )
}
