"""Let customers order on account: a limit of what each may owe, what is left of it, what is owed, and since when."""
