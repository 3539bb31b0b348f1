"""What Alembic runs: our tables, the engine that `upgrade` was given."""

from alembic import context

from sync_server.store.schema import metadata

with context.config.attributes["engine"].execution_options(writes=True).connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
