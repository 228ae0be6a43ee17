"""When an outlet is due, when its stories are visited again, and who claims its runs."""
