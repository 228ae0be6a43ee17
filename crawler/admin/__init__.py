"""Care of the whole database: backup, restore, migrations, checks."""
