import { Button, Empty, Skeleton, Table, type TableColumnsType } from "antd"
import type { Key, MouseEvent, ReactNode } from "react"
import { useLanguage } from "../i18n"
import { useFormats } from "../i18n/format"
import { ProblemBox } from "./Problem"
import type { List } from "./load"
import { useNarrow } from "./narrow"

type Props<T> = {
  list: List<T>
  columns: TableColumnsType<T>
  rowKey: (item: T) => Key
  /** How an item looks on a narrow screen; without it the table scrolls in its frame. */
  card?: (item: T) => ReactNode
  onOpen?: (item: T) => void
  empty?: ReactNode
  /** The least width of the table before it scrolls. */
  width?: number
  label: string
}

/** A list page by page: a table, or cards where the screen is narrow. */
export function ListTable<T extends object>({ list, columns, rowKey, card, onOpen, empty, width = 720, label }: Props<T>) {
  const narrow = useNarrow()
  const { t } = useLanguage()
  const { number } = useFormats()
  const nothing = empty ?? t("list.empty")
  if (list.first) {
    if (list.error) return <ProblemBox error={list.error} retry={list.reload} />
    return <Skeleton className="panel-skeleton" active title={false} paragraph={{ rows: 8 }} />
  }
  const open =
    onOpen &&
    ((item: T) => ({
      className: "openable",
      onClick: (event: MouseEvent<HTMLElement>) => {
        // A link within the row has gone there already: once more, and "back" would lead to the same page.
        if (!(event.target as Element).closest("a[href]")) onOpen(item)
      },
    }))
  return (
    <div aria-busy={list.loading}>
      {list.error && <ProblemBox error={list.error} retry={list.reload} />}
      {narrow && card ? (
        list.items.length ? (
          <ul className="cards" aria-label={label}>
            {list.items.map((item) => (
              <li key={rowKey(item)}>{card(item)}</li>
            ))}
          </ul>
        ) : (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={nothing} />
        )
      ) : (
        <Table<T>
          aria-label={label}
          size="middle"
          columns={columns}
          dataSource={list.items}
          rowKey={rowKey}
          pagination={false}
          // Nothing to read is nothing to scroll: a frame that scrolls wants something in it to be reached by keys.
          scroll={list.items.length ? { x: width } : undefined}
          onRow={open}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={nothing} /> }}
        />
      )}
      {(list.items.length > 0 || list.more) && (
        <div className="list-foot">
          <span>{t(list.more ? "list.shown_more" : "list.shown", { n: number(list.items.length) })}</span>
          {list.more && (
            <Button loading={list.loading} onClick={list.loadMore}>
              {t("list.more")}
            </Button>
          )}
        </div>
      )}
    </div>
  )
}
