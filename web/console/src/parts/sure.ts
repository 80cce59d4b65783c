import { App } from "antd"
import { useCallback } from "react"
import { useLanguage } from "../i18n"

type Question = { title: string; text?: string; ok?: string; danger?: boolean; work: () => unknown }

/**
 * Asks before it is done. A dialogue, not a bubble at the button: on a phone a bubble stands half outside of the screen.
 * What `work` gives is waited for.
 */
export function useSure() {
  const { modal } = App.useApp()
  const { t } = useLanguage()
  return useCallback(
    ({ title, text, ok, danger, work }: Question) =>
      void modal.confirm({
        title, content: text, okText: ok ?? t("yes"), okButtonProps: { danger }, onOk: async () => void (await work()),
      }),
    [modal, t],
  )
}
