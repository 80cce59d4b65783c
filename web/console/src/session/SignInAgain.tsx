import { Button, Modal } from "antd"
import { useLanguage } from "../i18n"
import { useDoor } from "./Session"
import { SignInForm } from "./SignInForm"

/** Over whatever is being done when the session ends: afterwards it goes on as if nothing had happened. */
export function SignInAgain({ name }: { name: string }) {
  const { t } = useLanguage()
  const { giveUp } = useDoor()
  return (
    <Modal
      open
      title={t("again.title")}
      footer={null}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      zIndex={3000}
      width={400}
      // The name stands: what is to be typed is the password.
      afterOpenChange={() => document.getElementById("sign-in-again_password")?.focus()}
    >
      <p className="ask-text">{t("again.text")}</p>
      <SignInForm name={name} />
      <Button type="text" block className="again-other" onClick={giveUp}>
        {t("again.other")}
      </Button>
    </Modal>
  )
}
