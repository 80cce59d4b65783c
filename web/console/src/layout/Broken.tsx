import { Button, Result } from "antd"
import { Component, type ReactNode } from "react"
import { useLanguage } from "../i18n"

function Told() {
  const { t } = useLanguage()
  return (
    <Result
      status="error"
      title={t("broken.title")}
      subTitle={t("broken.text")}
      extra={
        <Button type="primary" onClick={() => location.reload()}>
          {t("broken.reload")}
        </Button>
      }
    />
  )
}

type Props = { at: string; children: ReactNode }

/** A page that fails (or whose script is gone after an update) leaves the rest standing; another address begins anew. */
export class Broken extends Component<Props, { failed: boolean }> {
  state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  componentDidUpdate(before: Props) {
    if (this.state.failed && before.at !== this.props.at) this.setState({ failed: false })
  }

  render() {
    return this.state.failed ? <Told /> : this.props.children
  }
}
