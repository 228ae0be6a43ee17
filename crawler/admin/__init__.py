"""Care of a database: backup, restore, migrations, checks."""
