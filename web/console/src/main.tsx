import { createRoot } from "react-dom/client"
import { BrowserRouter } from "react-router-dom"
import { Console } from "./Console"
import { Speaking } from "./i18n"
import "./theme/console.css"
import { Look } from "./theme/Look"
import { nonceOfPage, signStyles } from "./theme/nonce"

signStyles(nonceOfPage())

createRoot(document.getElementById("root") as HTMLElement).render(
  <Speaking>
    <Look>
      <BrowserRouter basename="/console">
        <Console />
      </BrowserRouter>
    </Look>
  </Speaking>,
)
