import { createRoot } from "react-dom/client"
import { BrowserRouter } from "react-router-dom"
import { Console } from "./Console"
import { kept, load, Speaking } from "./i18n"
import "./theme/console.css"
import { Look } from "./theme/Look"
import { nonceOfPage, signStyles } from "./theme/nonce"

signStyles(nonceOfPage())

function start() {
  createRoot(document.getElementById("root") as HTMLElement).render(
    <Speaking>
      <Look>
        <BrowserRouter basename="/console">
          <Console />
        </BrowserRouter>
      </Look>
    </Speaking>,
  )
}

void load(kept()).catch(() => undefined).then(start)
