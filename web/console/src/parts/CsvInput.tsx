import { UploadOutlined } from "@ant-design/icons"
import { Form, Input, Upload } from "antd"
import { useLanguage } from "../i18n"
import { useFormats } from "../i18n/format"

/** A CSV: a file, or pasted text (the form's field `text`). The parent holds the file. */
export function CsvInput({ file, setFile, example, help, optional }: {
  file: File | null
  setFile: (file: File | null) => void
  /** The first lines of one, to write by. */
  example: string
  help: string
  optional?: boolean
}) {
  const { t } = useLanguage()
  const { number } = useFormats()
  return (
    <>
      <Form.Item label={t("corrections.file")} extra={help}>
        <Upload.Dragger
          accept=".csv,text/csv"
          maxCount={1}
          beforeUpload={(chosen) => {
            setFile(chosen)
            return false
          }}
          onRemove={() => setFile(null)}
          fileList={file ? [{ uid: "1", name: `${file.name} · ${number(Math.ceil(file.size / 1024))} KB` }] : []}
        >
          <p><UploadOutlined /> {t("corrections.drop")}</p>
        </Upload.Dragger>
      </Form.Item>
      {!file && (
        <Form.Item
          name="text"
          label={t("corrections.paste")}
          rules={optional ? [] : [{ required: true, whitespace: true, message: t("corrections.missing") }]}
        >
          <Input.TextArea className="mono" rows={5} placeholder={example} spellCheck={false} />
        </Form.Item>
      )}
    </>
  )
}
