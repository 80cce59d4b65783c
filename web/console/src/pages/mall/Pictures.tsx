import { ArrowLeftOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons"
import { App, Button, Upload } from "antd"
import { useState } from "react"
import { items } from "../../api/mall"
import { asApiError } from "../../api/problem"
import { useLanguage } from "../../i18n"
import { tellOf } from "../../parts/Problem"

const MOST = 9
const MOST_BYTES = 1024 * 1024
const TYPES = ["image/png", "image/jpeg", "image/webp"]

/** The pictures of an item, the first of which is the one on the shelf. */
export function Pictures({ value = [], onChange, disabled, id }: {
  value?: string[]
  onChange?: (value: string[]) => void
  disabled?: boolean
  id?: string
}) {
  const speech = useLanguage()
  const { t } = speech
  const { message } = App.useApp()
  const [busy, setBusy] = useState(false)
  const take = async (file: File) => {
    if (!TYPES.includes(file.type)) return void message.error(t("pictures.type"))
    if (file.size > MOST_BYTES) return void message.error(t("pictures.large"))
    setBusy(true)
    try {
      const { url } = await items.picture(file)
      onChange?.([...value.filter((one) => one !== url), url])
    } catch (error) {
      void message.error(tellOf(asApiError(error), speech).title)
    } finally {
      setBusy(false)
    }
  }
  const forward = (at: number) => {
    const next = [...value]
    next.splice(at - 1, 0, ...next.splice(at, 1))
    onChange?.(next)
  }
  return (
    <div className="pictures" id={id}>
      {value.map((url, at) => (
        <figure key={url}>
          <img src={url} alt={t("pictures.nth", { n: at + 1 })} />
          {!disabled && (
            <figcaption>
              {at > 0 && <Button size="small" type="text" icon={<ArrowLeftOutlined />} aria-label={t("pictures.forward", { n: at + 1 })} onClick={() => forward(at)} />}
              <Button size="small" type="text" danger icon={<DeleteOutlined />} aria-label={t("pictures.remove", { n: at + 1 })} onClick={() => onChange?.(value.filter((one) => one !== url))} />
            </figcaption>
          )}
        </figure>
      ))}
      {!disabled && value.length < MOST && (
        <Upload
          accept={TYPES.join(",")}
          showUploadList={false}
          beforeUpload={(file) => {
            void take(file)
            return false
          }}
        >
          <Button icon={<PlusOutlined />} loading={busy}>{t("pictures.add")}</Button>
        </Upload>
      )}
    </div>
  )
}
