"""What alembic runs around the revisions: they are plain SQL, each in a transaction of its own."""

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("run the migrations with linli (linli.kit.migrate), which holds the lock they need")

context.configure(connection=connection, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
