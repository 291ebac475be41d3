"""Run by Alembic. The caller (``store.migrations``) brings the connection and owns its transaction."""

from alembic import context

from store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
    target_metadata=METADATA,
    # SQLite changes a table by making it anew.
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
