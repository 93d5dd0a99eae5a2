"""vacancy readings

Revision: 0004
After: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vacancy_reading",
        sa.Column("vacancy_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reading", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vacancy_id"], ["vacancy.id"], name=op.f("fk_vacancy_reading_vacancy_id_vacancy")
        ),
        sa.PrimaryKeyConstraint("vacancy_id", name=op.f("pk_vacancy_reading")),
    )


def downgrade() -> None:
    op.drop_table("vacancy_reading")
