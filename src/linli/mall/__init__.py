"""The points mall: items, their stock and limits, and the orders that members make for points, or points and cash.

Owns `mall_*`. Promises: no piece is sold twice (whoever orders, gives or takes back holds the item's stock); what an
order cost and showed is frozen with it; a pickup code is one order's for ever; pieces set aside for a cause are nobody
else's.
"""

from linli.mall.checks import TermsFault, faults_of
from linli.mall.decide import NOTHING_USED, Buyer, Used, left_for, may_become, may_cancel, obstacles
from linli.mall.imports import (
    Import,
    ImportNotFound,
    ImportOver,
    ImportStale,
    ImportState,
    apply_import,
    cancel_import,
    get_import,
    import_lines,
    imports,
    make_import,
)
from linli.mall.items import (
    add_item,
    change_total,
    edit_item,
    get_item,
    items,
    items_by_id,
    items_by_sku,
    listed,
    lock_stocks,
    move_item,
    stock_moves,
)
from linli.mall.order_types import (
    MOST_AT_ONCE,
    CodeUnknown,
    OfMallOrder,
    Order,
    OrderEvent,
    OrderInState,
    OrderNotFound,
    OrderState,
    StockUse,
)
from linli.mall.orders import (
    CostLine,
    StockChange,
    add_orders,
    change_stock,
    costs,
    get_order,
    lock_order,
    move_order,
    of_code,
    orders,
    orders_of,
    owner_of,
    unpaid,
    used,
)
from linli.mall.pictures import MOST_BYTES as MOST_PICTURE_BYTES
from linli.mall.pictures import (
    PictureNotFound,
    PictureTooLarge,
    PictureUnreadable,
    add_picture,
    get_picture,
    look_at,
)
from linli.mall.reading import ImportAct, ImportFault, ImportLine, TooManyItems, read_csv
from linli.mall.reserve import Gift, give, release, reserve
from linli.mall.shelf import score
from linli.mall.types import (
    MOST_PIECES,
    Item,
    ItemChanged,
    ItemEnded,
    ItemFaulty,
    ItemForTiers,
    ItemKind,
    ItemLimitReached,
    ItemNotFound,
    ItemNotInCity,
    ItemNotListed,
    ItemNotYet,
    ItemState,
    ItemTerms,
    Limit,
    ReservationUsedUp,
    SkuTaken,
    Sourcing,
    Stock,
    StockBelowZero,
    StockExhausted,
    StockMove,
    Words,
)

__all__ = [
    "MOST_AT_ONCE", "MOST_PICTURE_BYTES", "MOST_PIECES", "NOTHING_USED", "Buyer", "CodeUnknown", "CostLine", "Gift",
    "Import", "ImportAct", "ImportFault", "ImportLine", "ImportNotFound", "ImportOver", "ImportStale", "ImportState",
    "Item", "ItemChanged", "ItemEnded", "ItemFaulty", "ItemForTiers", "ItemKind", "ItemLimitReached", "ItemNotFound",
    "ItemNotInCity", "ItemNotListed", "ItemNotYet", "ItemState", "ItemTerms", "Limit", "OfMallOrder", "Order",
    "OrderEvent", "OrderInState", "OrderNotFound", "OrderState", "PictureNotFound", "PictureTooLarge",
    "PictureUnreadable", "ReservationUsedUp", "SkuTaken", "Sourcing", "Stock", "StockBelowZero", "StockChange",
    "StockExhausted", "StockMove", "StockUse", "TermsFault", "TooManyItems", "Used", "Words", "add_item", "add_orders",
    "add_picture", "apply_import", "cancel_import", "change_stock", "change_total", "costs", "edit_item", "faults_of",
    "get_import", "get_item", "get_order", "get_picture", "give", "import_lines", "imports", "items", "items_by_id",
    "items_by_sku", "left_for", "listed", "lock_order", "lock_stocks", "look_at", "make_import", "may_become",
    "may_cancel", "move_item", "move_order", "obstacles", "of_code", "orders", "orders_of", "owner_of", "read_csv",
    "release", "reserve", "score", "stock_moves", "unpaid", "used",
]  # fmt: skip
