import { useLanguage } from "../i18n"
import { Choices } from "../layout/Choices"
import { SignInForm } from "./SignInForm"

export function SignInPage() {
  const { t } = useLanguage()
  return (
    <main className="door">
      <section className="door-words" aria-hidden>
        <svg className="door-sign" viewBox="0 0 64 64" width={56} height={56}>
          <rect width="64" height="64" rx="16" />
          <path d="M12 33 32 16l20 17" />
          <circle cx="25" cy="42" r="6.5" />
          <circle cx="39" cy="42" r="6.5" />
        </svg>
        <p className="door-slogan">{t("sign_in.slogan")}</p>
        <p className="door-more">{t("sign_in.more")}</p>
        <svg className="door-roofs" viewBox="0 0 640 180" preserveAspectRatio="xMidYMax slice">
          <path d="M0 180V112l70-52 70 52v68zM150 180V84l84-62 84 62v96zM330 180v-60l62-46 62 46v60zM464 180V96l88-66 88 66v84z" />
          <g>
            <rect x="56" y="120" width="28" height="34" rx="4" />
            <rect x="196" y="96" width="28" height="36" rx="4" />
            <rect x="244" y="96" width="28" height="36" rx="4" />
            <rect x="378" y="128" width="28" height="30" rx="4" />
            <rect x="512" y="104" width="28" height="36" rx="4" />
            <rect x="562" y="104" width="28" height="36" rx="4" />
          </g>
        </svg>
      </section>
      <section className="door-form">
        <div className="door-choices">
          <Choices />
        </div>
        <div className="door-box">
          <h1>{t("sign_in.title")}</h1>
          <p>{t("sign_in.note")}</p>
          <SignInForm />
        </div>
      </section>
    </main>
  )
}
