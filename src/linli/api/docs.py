"""x"""

from litestar import Router

routes = Router("/docs", route_handlers=[])
